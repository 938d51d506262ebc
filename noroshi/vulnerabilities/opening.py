"""Matches become work: certain ones open an assessment, uncertain ones wait for a yes or no.

Nobody acts here but Noroshi, so history says so; the people's steps are ``assessing`` and
``answering``. Everything may run twice: what is there already stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Q, QuerySet

from noroshi.core import clock, history, jobs
from noroshi.core.history import SYSTEM
from noroshi.directory.models import Membership, Person, Team
from noroshi.measures import jobs as measures
from noroshi.measures.states import State as MeasureState
from noroshi.sharing import labelling, search
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.labels import State as LabelState
from noroshi.sharing.models import Label
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import found as matches
from noroshi.vulnerabilities.found import Found, Names, is_certain
from noroshi.vulnerabilities.models import (
    Advisory,
    Alias,
    AssessedSystem,
    Assessment,
    CloseReason,
    How,
    Match,
)
from noroshi.vulnerabilities.reopening import (
    Because,
    comes_back,
    propose_anew,
    verified_against,
    version_of,
)
from noroshi.vulnerabilities.similarity import CERTAIN
from noroshi.vulnerabilities.states import COUNTED, NEXT, Certainty, State

Key: TypeAlias = "tuple[int, str, str]"  # team, namespace, id of the vulnerability

AFTER_CLOSING = "noroshi.measures.jobs.close"
VERIFY_BY_INVENTORY = "noroshi.measures.jobs.verify_by_inventory"
_VERIFIED = {MeasureState.VERIFIED, MeasureState.CLOSED}
_REPORTED = _VERIFIED | {MeasureState.DONE}
_TOLD = 5  # reasons kept with one step
_SETTLED = (State.CLOSED, State.NOT_AFFECTED, State.ACCEPTED)


@transaction.atomic
def open_for_advisory(advisory: Advisory) -> None:
    """Open and extend assessments for what an advisory matches, and leave out what it dropped."""
    with as_system("matching opens work in every team that may read the advisory"):
        found = list(matches.of_advisory(advisory.pk))
        _open(found)
        _leave_out(advisory, found)


def open_for_systems(system_ids: Collection[int]) -> None:
    """Open and extend assessments for what some systems hold now, and verify what they lost."""
    with as_system("matching opens work in the team whose systems changed"):
        ordered = sorted(set(system_ids))
        for start in range(0, len(ordered), 50):
            some = ordered[start : start + 50]
            with transaction.atomic():
                found = list(matches.of_systems(some))
                _open(found)
                _verify_by_inventory(some, found)


# ---- opening -------------------------------------------------------------------------


def _open(found: Iterable[Found]) -> None:
    by_key: dict[Key, list[Found]] = defaultdict(list)
    for one in found:
        by_key[one.team_id, *one.key].append(one)
    if not by_key:
        return
    held = _held(by_key)
    parts = _parts(row.pk for row in held.values())
    said = _said(by_key)
    for key, group in sorted(by_key.items()):
        row = held.get(key)
        known = parts.get(row.pk, {}) if row else {}
        _open_one(key, row, known, _best(group, said), _by_component(group))


def _held(keys: Collection[Key]) -> dict[Key, Assessment]:
    rows = Assessment.objects.select_for_update(of=("self",)).filter(
        team_id__in={team for team, _, _ in keys}, key__in={key for _, _, key in keys}
    )
    return {
        (row.team_id, row.namespace, row.key): row
        for row in rows
        if (row.team_id, row.namespace, row.key) in keys
    }


def _parts(assessment_ids: Iterable[int]) -> dict[int, dict[int, AssessedSystem]]:
    found: dict[int, dict[int, AssessedSystem]] = defaultdict(dict)
    for part in AssessedSystem.objects.filter(assessment_id__in=list(assessment_ids)):
        found[part.assessment_id][part.component_id] = part
    return found


def _said(by_key: dict[Key, list[Found]]) -> dict[tuple[int, Names], bool]:
    """What people of these teams said about pairs of names."""
    rows = Alias.objects.filter(
        team_id__in={team for team, _, _ in by_key},
        advised_name__in={one.names.advised_name for group in by_key.values() for one in group},
    )
    return {
        (
            row.team_id,
            Names(row.advised_vendor, row.advised_name, row.installed_vendor, row.installed_name),
        ): row.same
        for row in rows
    }


def _by_component(group: Iterable[Found]) -> dict[int, list[Found]]:
    found: dict[int, list[Found]] = defaultdict(list)
    for one in group:
        found[one.component_id].append(one)
    return found


def _best(
    group: list[Found], said: dict[tuple[int, Names], bool]
) -> dict[int, tuple[Found, str, Certainty]]:
    """For each component the surest match with how and how certain; refused names are left out."""
    best: dict[int, tuple[Found, str, Certainty]] = {}
    for one in group:
        how, certainty = one.how, Certainty.CERTAIN if is_certain(one) else Certainty.WAITING
        if one.confidence < CERTAIN:
            answer = said.get((one.team_id, one.names))
            if answer is False:
                continue
            if answer and not one.doubt:
                how, certainty = How.ALIAS, Certainty.CERTAIN
        rank = (certainty == Certainty.CERTAIN, one.confidence)
        known = best.get(one.component_id)
        if known is None or rank > (known[2] == Certainty.CERTAIN, known[0].confidence):
            best[one.component_id] = one, how, certainty
    return best


def _open_one(
    key: Key,
    row: Assessment | None,
    known: dict[int, AssessedSystem],
    best: dict[int, tuple[Found, str, Certainty]],
    matched: dict[int, list[Found]],
) -> None:
    new = {pk: one for pk, one in best.items() if pk not in known}
    surer = {
        pk: one
        for pk, one in best.items()
        if pk in known and known[pk].certainty == Certainty.WAITING and one[2] == Certainty.CERTAIN
    }
    again = {pk: one for pk, one in best.items() if pk in known and _was_left_out(known[pk])}
    because = {
        pk: why
        for pk, now in matched.items()
        if pk in best and pk in known and known[pk].verified_at is not None
        for why in [comes_back(known[pk], now)]
        if why is not None
    }
    back = [known[pk] for pk in because]
    for one, _how, _certainty in again.values():
        named = {"reason": "named", "advisory": one.range["advisory__tracking_id"]}
        because[one.component_id] = named
    if not best or (row is not None and not new and not surer and not again and not back):
        return
    is_new = row is None
    row = row or _new_assessment(key, best)
    made = AssessedSystem.objects.bulk_create(
        AssessedSystem(
            assessment=row,
            system_id=one.component["system_id"],
            component_id=pk,
            exposure=one.component["system__exposure"],
            **_told(one, how, certainty),
        )
        for pk, (one, how, certainty) in new.items()
    )
    for pk, told in surer.items():
        _update(known[pk], **_told(*told))
    for pk, told in again.items():
        _update(known[pk], found_at=clock.now(), **_told(*told))
    for part in back:
        _update(
            part, verified_at=None, verified_by_sbom=False, verified_against={},
            found_at=clock.now(), **_told_again(*best[part.component_id]),
        )  # fmt: skip
    _raise_severity(row, best)
    came = [*made, *(known[pk] for pk in (*surer, *again)), *back]
    names = {best[part.component_id][0].component["system__name"] for part in came}
    _step(row, came, sorted(names), list(because.values()), is_new=is_new)


def _was_left_out(part: AssessedSystem) -> bool:
    """Did an advisory drop it (see ``_leave_out``)? What a person said is not ours stays so."""
    return part.certainty == Certainty.NO and part.answered_at is None


def _told(one: Found, how: str, certainty: Certainty) -> dict[str, Any]:
    return {
        "advisory_id": one.range["advisory_id"],
        "why": dict(one.why(how)),
        "how": how,
        "confidence": CERTAIN if how == How.ALIAS else one.confidence,
        "certainty": certainty,
    }


def _told_again(one: Found, how: str, _certainty: Certainty) -> dict[str, Any]:
    """Why it is affected now; how sure we are was settled before, and by a person perhaps."""
    return {"advisory_id": one.range["advisory_id"], "why": dict(one.why(how))}


def _update(part: AssessedSystem, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(part, name, value)
    part.save(update_fields=[name.removesuffix("_id") for name in changes])


def _new_assessment(key: Key, best: dict[int, tuple[Found, str, Certainty]]) -> Assessment:
    first = next(iter(best.values()))[0]
    team_id, namespace, name = key
    title = first.range["vulnerability__title"] or first.range["advisory__title"]
    row = Assessment(
        team_id=team_id,
        label=_label(team_id, first),
        namespace=namespace,
        key=name,
        title=title[:1000],
        state=State.WAITING_MATCH,
    )
    row.save(force_insert=True)
    search.put(
        kind="assessment", thing_id=row.public_id, label=row.label, title=row.title, sub=row.key,
        path=f"/vulnerabilities/{row.public_id}", text=row.key,
    )  # fmt: skip
    return row


def _label(team_id: int, first: Found) -> Label:
    """The team's own; of a RED advisory, the people of the team whom it names and nobody else."""
    team = Team.objects.get(pk=team_id)
    if not first.is_red:
        return labelling.own_label(team)
    label = Label.objects.get(pk=first.range["advisory__label_id"])
    inside = Membership.objects.filter(team=team).values("person_id")
    named = Person.objects.filter(pk__in=label.named_ids()).filter(pk__in=inside)
    return labelling.draft_label(team, Sensitivity.RED, named=named, state=LabelState.RELEASED)


def name_too(advisory: Advisory, person_id: int) -> None:
    """A person who now reads a RED advisory also reads the work that it opened in the own team."""
    rows = Assessment.objects.filter(
        pk__in=AssessedSystem.objects.filter(advisory=advisory).values("assessment_id"),
        team_id=advisory.team_id,
        label__sensitivity=Sensitivity.RED,
    )
    for row in rows.select_related("label"):
        named = Person.objects.filter(pk__in=[*row.label.named_ids(), person_id])
        labelling.name(row.label, named)


def _raise_severity(row: Assessment, best: dict[int, tuple[Found, str, Certainty]]) -> None:
    """The highest score that any source gives, and whether it is known to be exploited."""
    for one, _how, _certainty in best.values():
        scores = one.range["vulnerability__scores"]
        base = scores[0]["base"] if scores else None
        if base is not None and (row.base_score is None or base > row.base_score):
            row.base_score = base
            row.severity = one.range["vulnerability__severity"]
        row.kev_added_on = row.kev_added_on or one.range["vulnerability__kev_added_on"]


def _step(
    row: Assessment,
    came: list[AssessedSystem],
    names: list[str],
    because: list[Because],
    *,
    is_new: bool,
) -> None:
    before = State(row.state)
    counted = any(part.certainty in COUNTED for part in came)
    asked = any(part.certainty == Certainty.WAITING for part in came)
    if counted and before in (*_SETTLED, State.WAITING_MATCH):
        row.state = State.TO_ASSESS
    elif asked and before == State.CLOSED:
        row.state = State.WAITING_MATCH
    elif counted and before == State.VERIFYING:
        row.state = State.INSTRUCTED
    reopened = before in _SETTLED and row.state != before
    after: dict[str, Any] = {"state": row.state, "systems": names, "because": because[:_TOLD]}
    if reopened:
        row.closed_at, row.close_reason = None, ""
        after |= propose_anew(row)
    row.updated_at = clock.now()
    row.save()
    action = "open" if is_new else "reopen" if reopened else "extend"
    history.record(
        f"vulnerabilities.{action}", "assessment", row.public_id, by=SYSTEM,
        before=None if is_new else {"state": before}, after=after,
    )  # fmt: skip


# ---- what is no longer affected ------------------------------------------------------


def _verify_by_inventory(system_ids: Collection[int], found: Iterable[Found]) -> None:
    """A component that is gone, or in a version outside every range: the work on it is done."""
    still = {(one.team_id, *one.key, one.component_id) for one in found}
    done: dict[int, list[AssessedSystem]] = defaultdict(list)
    for part in _waiting_parts(Q(system_id__in=system_ids)):
        of = part.assessment
        if (of.team_id, of.namespace, of.key, part.component_id) not in still:
            _update(
                part, verified_at=clock.now(), verified_by_sbom=True,
                verified_against={"version": version_of(part), "ranges": {}},
            )  # fmt: skip
            done[part.assessment_id].append(part)
    for parts in done.values():
        _tell_and_close(parts, "verify_by_inventory", CloseReason.SBOM)


def _leave_out(advisory: Advisory, found: Iterable[Found]) -> None:
    """What a withdrawn or newer advisory no longer names, and nobody else does."""
    still = {(one.team_id, *one.key, one.component_id) for one in found}
    dropped: dict[int, list[AssessedSystem]] = defaultdict(list)
    for part in _waiting_parts(Q(advisory=advisory)):
        of = part.assessment
        if (of.team_id, of.namespace, of.key, part.component_id) in still:
            continue
        other = _named_elsewhere(part)
        if other is not None:
            _update(part, advisory_id=other)
        else:
            _update(part, certainty=Certainty.NO)  # nobody answered it, see ``_was_left_out``
            dropped[part.assessment_id].append(part)
    for parts in dropped.values():
        _tell_and_close(parts, "leave_out", CloseReason.WITHDRAWN)


def _named_elsewhere(part: AssessedSystem) -> int | None:
    """Another advisory that names the component for the same vulnerability."""
    of = part.assessment
    others = Match.objects.filter(
        affected_range__vulnerability__key=of.key, component_id=part.component_id
    )
    if of.namespace:
        others = others.filter(affected_range__advisory__namespace=of.namespace)
    return others.values_list("affected_range__advisory_id", flat=True).first()


def _waiting_parts(condition: Q) -> QuerySet[AssessedSystem]:
    return (
        AssessedSystem.objects.filter(condition, verified_at=None)
        .exclude(certainty=Certainty.NO)
        .select_related("assessment", "system", "component")
        .order_by("assessment_id", "pk")
    )


def _tell_and_close(parts: list[AssessedSystem], action: str, reason: CloseReason) -> None:
    """One history row for the parts of one assessment; closed when nothing else is left of it."""
    row = Assessment.objects.select_for_update(of=("self",)).get(pk=parts[0].assessment_id)
    history.record(
        f"vulnerabilities.{action}", "assessment", row.public_id, by=SYSTEM,
        after={"systems": _names(parts)},
    )  # fmt: skip
    _verify_instructions(row, parts)
    if not close_if_done(row, reason, by=SYSTEM):
        _say_who_moves(row, measures.standing_on(row.public_id))


def _verify_instructions(row: Assessment, parts: list[AssessedSystem]) -> None:
    """What an operator reported done and the inventory shows needs no other pair of eyes."""
    done = {part.system.public_id for part in parts if part.verified_by_sbom}
    open_still = _waiting_parts(Q(assessment=row)).values_list("system__public_id", flat=True)
    for instruction in measures.unfinished_on(row.public_id, done - set(open_still)):
        jobs.enqueue(VERIFY_BY_INVENTORY, instruction)


def follow_measures(row: Assessment) -> None:
    """Verified measures verify their systems, and the state says who moves next. ``row`` is locked."""
    given = measures.standing_on(row.public_id)
    verified = {one for one, states in given.items() if states <= _VERIFIED}
    parts = list(
        _waiting_parts(Q(assessment=row, system__public_id__in=verified, certainty__in=COUNTED))
    )
    known = verified_against(row, parts)
    for part in parts:
        _update(part, verified_at=clock.now(), verified_against=known[part.component_id])
    if parts:
        history.record(
            "vulnerabilities.verify", "assessment", row.public_id, by=SYSTEM,
            after={"systems": _names(parts)},
        )  # fmt: skip
    if not close_if_done(row, CloseReason.VERIFIED, by=SYSTEM):
        _say_who_moves(row, given)


def _say_who_moves(row: Assessment, given: dict[str, set[str]]) -> None:
    """To verify when every system left was reported done; else it is with the operators."""
    left = _waiting_parts(Q(assessment=row, certainty__in=COUNTED))
    states = [given.get(one, set()) for one in left.values_list("system__public_id", flat=True)]
    reported = bool(states) and all(
        MeasureState.DONE in held and held <= _REPORTED for held in states
    )
    then = State.VERIFYING if reported else State.INSTRUCTED
    if row.state not in (State.INSTRUCTED, State.VERIFYING) or row.state == then:
        return
    before, row.state = row.state, then
    row.updated_at = clock.now()
    row.save(update_fields=["state", "updated_at"])
    history.record(
        "vulnerabilities.to_verify" if reported else "vulnerabilities.to_carry_out",
        "assessment", row.public_id, by=SYSTEM,
        before={"state": before}, after={"state": then},
    )  # fmt: skip


def end_acceptance(row: Assessment) -> None:
    """The day until which the risk was accepted is over: assess it again. ``row`` is locked."""
    row.state = State.TO_ASSESS
    proposed = propose_anew(row)
    row.updated_at = clock.now()
    row.save()
    history.record(
        "vulnerabilities.reopen", "assessment", row.public_id, by=SYSTEM,
        before={"state": State.ACCEPTED},
        after={"state": row.state, "because": [{"reason": "acceptance"}], **proposed},
    )  # fmt: skip


def close_if_done(row: Assessment, reason: CloseReason, *, by: history.Actor) -> bool:
    """Close a locked assessment of which no affected and no doubtful system is left."""
    with as_system("an assessment closes by what is left of it, whoever answered last"):
        left = row.systems.exclude(certainty=Certainty.NO).filter(verified_at=None).exists()
    if left or State.CLOSED not in NEXT[State(row.state)]:
        return False
    before = row.state
    row.state = State.CLOSED
    row.closed_at = row.updated_at = clock.now()
    row.close_reason = reason
    row.save(update_fields=["state", "closed_at", "close_reason", "updated_at"])
    history.record(
        "vulnerabilities.close", "assessment", row.public_id, by=by,
        before={"state": before}, after={"state": row.state, "reason": reason},
    )  # fmt: skip
    jobs.enqueue(AFTER_CLOSING, row.public_id)
    return True


def _names(parts: Iterable[AssessedSystem]) -> list[str]:
    return sorted({part.system.name for part in parts})
