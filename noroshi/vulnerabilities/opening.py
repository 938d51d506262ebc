"""Matches become work: certain ones open an assessment, uncertain ones wait for a yes or no.

Nobody acts here but Noroshi, so history says so; the people's steps are ``assessing`` and
``answering``. Everything may run twice: what is there already stays as it is.

One vulnerability's row is locked after the end of the history, here and by people: receiving an
advisory holds the history first, and who came in the other order would wait for it in a ring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.history import SYSTEM
from noroshi.directory.models import Membership, Person, Team
from noroshi.sharing import labelling, search
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.labels import State as LabelState
from noroshi.sharing.models import Label
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import matches
from noroshi.vulnerabilities.closing import drop_unnamed, update_part, verify_by_inventory
from noroshi.vulnerabilities.matches import MatchedComponent, NamePair, is_certain
from noroshi.vulnerabilities.models import (
    Advisory,
    Alias,
    AssessedSystem,
    Assessment,
    MatchMethod,
)
from noroshi.vulnerabilities.reopening import (
    ReopenReason,
    comes_back,
    propose_anew,
)
from noroshi.vulnerabilities.similarity import CERTAIN
from noroshi.vulnerabilities.states import COUNTED, SETTLED, Certainty, State

Key: TypeAlias = "tuple[int, str, str]"  # team, namespace, id of the vulnerability

_TOLD = 5  # reasons kept with one step


@transaction.atomic
def open_for_advisory(advisory: Advisory) -> None:
    """Open and extend assessments for what an advisory matches, and leave out what it dropped."""
    with as_system("matching opens work in every team that may read the advisory"):
        found = list(matches.matches_of_advisory(advisory.pk))
        history.lock_end()
        _open(found)
        drop_unnamed(advisory, found)


def open_for_systems(system_ids: Collection[int]) -> None:
    """Open and extend assessments for what some systems hold now, and verify what they lost."""
    with as_system("matching opens work in the team whose systems changed"):
        ordered = sorted(set(system_ids))
        for start in range(0, len(ordered), 50):
            some = ordered[start : start + 50]
            with transaction.atomic():
                found = list(matches.matches_of_systems(some))
                history.lock_end()
                _open(found)
                verify_by_inventory(some, found)


# ---- opening -------------------------------------------------------------------------


def _open(found: Iterable[MatchedComponent]) -> None:
    by_key: dict[Key, list[MatchedComponent]] = defaultdict(list)
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


def _said(by_key: dict[Key, list[MatchedComponent]]) -> dict[tuple[int, NamePair], bool]:
    """What people of these teams said about pairs of names."""
    rows = Alias.objects.filter(
        team_id__in={team for team, _, _ in by_key},
        advisory_name__in={one.names.advisory_name for group in by_key.values() for one in group},
    )
    return {
        (
            row.team_id,
            NamePair(
                row.advisory_vendor, row.advisory_name, row.installed_vendor, row.installed_name
            ),
        ): row.same
        for row in rows
    }


def _by_component(group: Iterable[MatchedComponent]) -> dict[int, list[MatchedComponent]]:
    found: dict[int, list[MatchedComponent]] = defaultdict(list)
    for one in group:
        found[one.component_id].append(one)
    return found


def _best(
    group: list[MatchedComponent], said: dict[tuple[int, NamePair], bool]
) -> dict[int, tuple[MatchedComponent, str, Certainty]]:
    """For each component the surest match with how and how certain; refused names are left out."""
    best: dict[int, tuple[MatchedComponent, str, Certainty]] = {}
    for one in group:
        how, certainty = one.how, Certainty.CERTAIN if is_certain(one) else Certainty.WAITING
        if one.confidence < CERTAIN:
            answer = said.get((one.team_id, one.names))
            if answer is False:
                continue
            if answer and not one.doubt:
                how, certainty = MatchMethod.ALIAS, Certainty.CERTAIN
        rank = (certainty == Certainty.CERTAIN, one.confidence)
        known = best.get(one.component_id)
        if known is None or rank > (known[2] == Certainty.CERTAIN, known[0].confidence):
            best[one.component_id] = one, how, certainty
    return best


def _open_one(
    key: Key,
    row: Assessment | None,
    known: dict[int, AssessedSystem],
    best: dict[int, tuple[MatchedComponent, str, Certainty]],
    matched: dict[int, list[MatchedComponent]],
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
        update_part(known[pk], found_at=clock.now(), **_told(*told))
    for pk, told in again.items():
        update_part(known[pk], found_at=clock.now(), **_told(*told))
    for part in back:
        update_part(
            part, verified_at=None, verified_by_sbom=False, verified_against={},
            found_at=clock.now(), **_told_again(*best[part.component_id]),
        )  # fmt: skip
    _raise_severity(row, best)
    came = [*made, *(known[pk] for pk in (*surer, *again)), *back]
    names = {best[part.component_id][0].component["system__name"] for part in came}
    row.needs_answer = any(
        part.certainty == Certainty.WAITING and part.verified_at is None
        for part in (*known.values(), *made)
    )
    _step(row, came, sorted(names), list(because.values()), is_new=is_new)


def _was_left_out(part: AssessedSystem) -> bool:
    """Did an advisory drop it (see ``leave_out``)? What a person said is not ours stays so."""
    return part.certainty == Certainty.NO and part.answered_at is None


def _told(one: MatchedComponent, how: str, certainty: Certainty) -> dict[str, Any]:
    return {
        "advisory_id": one.range["advisory_id"],
        "why": dict(one.why(how)),
        "how": how,
        "confidence": CERTAIN if how == MatchMethod.ALIAS else one.confidence,
        "certainty": certainty,
    }


def _told_again(one: MatchedComponent, how: str, _certainty: Certainty) -> dict[str, Any]:
    """Why it is affected now; how sure we are was settled before, and by a person perhaps."""
    return {"advisory_id": one.range["advisory_id"], "why": dict(one.why(how))}


def _new_assessment(
    key: Key, best: dict[int, tuple[MatchedComponent, str, Certainty]]
) -> Assessment:
    first = next(iter(best.values()))[0]
    team_id, namespace, name = key
    # Some publishers give a vulnerability its number as its title; the advisory's says more.
    own = first.range["vulnerability__title"]
    title = own if own and own != name else first.range["advisory__title"]
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


def _label(team_id: int, first: MatchedComponent) -> Label:
    """The team's own; of a RED advisory, the people of the team whom it names and nobody else."""
    team = Team.objects.get(pk=team_id)
    if not first.is_red:
        return labelling.own_label(team)
    label = Label.objects.get(pk=first.range["advisory__label_id"])
    inside = Membership.objects.filter(team=team).values("person_id")
    named = Person.objects.filter(pk__in=label.named_ids()).filter(pk__in=inside)
    return labelling.draft_label(team, Sensitivity.RED, named=named, state=LabelState.RELEASED)


def name_reader_of_work(advisory: Advisory, person_id: int) -> None:
    """A person who now reads a RED advisory also reads the work that it opened in the own team."""
    rows = Assessment.objects.filter(
        pk__in=AssessedSystem.objects.filter(advisory=advisory).values("assessment_id"),
        team_id=advisory.team_id,
        label__sensitivity=Sensitivity.RED,
    )
    for row in rows.select_related("label"):
        named = Person.objects.filter(pk__in=[*row.label.named_ids(), person_id])
        labelling.name(row.label, named)


def _raise_severity(
    row: Assessment, best: dict[int, tuple[MatchedComponent, str, Certainty]]
) -> None:
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
    because: list[ReopenReason],
    *,
    is_new: bool,
) -> None:
    before = State(row.state)
    counted = any(part.certainty in COUNTED for part in came)
    asked = any(part.certainty == Certainty.WAITING for part in came)
    if counted and before in (*SETTLED, State.WAITING_MATCH):
        row.state = State.TO_ASSESS
    elif asked and before == State.CLOSED:
        row.state = State.WAITING_MATCH
    elif counted and before == State.VERIFYING:
        row.state = State.INSTRUCTED
    reopened = before in SETTLED and row.state != before
    after: dict[str, Any] = {"state": row.state, "systems": names, "because": because[:_TOLD]}
    if reopened:
        row.closed_at, row.close_reason = None, ""
        after |= propose_anew(row)
    row.updated_at = clock.now()
    row.save()
    action = "open" if is_new else "reopen" if reopened else "extend"
    history.record(
        f"vulnerabilities.{action}", row, by=SYSTEM,
        before=None if is_new else {"state": before}, after=after,
    )  # fmt: skip
