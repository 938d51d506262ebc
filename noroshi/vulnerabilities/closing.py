"""Work ends: what the inventory or an advisory no longer shows affected, and what was verified.

Runs inside ``as_system`` like ``opening``, unless a person's step closes (``answering``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import Q, QuerySet

from noroshi.core import clock, history, jobs
from noroshi.core.history import SYSTEM
from noroshi.measures import jobs as measures
from noroshi.measures import system_queries
from noroshi.measures.states import State as MeasureState
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import matching
from noroshi.vulnerabilities.matches import MatchedComponent
from noroshi.vulnerabilities.models import (
    Advisory,
    AssessedSystem,
    Assessment,
    CloseReason,
    Match,
)
from noroshi.vulnerabilities.reopening import verified_against, version_of
from noroshi.vulnerabilities.states import COUNTED, NEXT, Certainty, State

# By system, see ``measures.system_queries.standing_on``.
InstructionStates: TypeAlias = dict[str, list[tuple[datetime, str]]]
_VERIFIED = {MeasureState.VERIFIED, MeasureState.CLOSED}
_REPORTED = _VERIFIED | {MeasureState.DONE}


def verify_by_inventory(system_ids: Collection[int], found: Iterable[MatchedComponent]) -> None:
    """A component that is gone, or in a version outside every range: the work on it is done."""
    still = {(one.team_id, *one.key, one.component_id) for one in found}
    done: dict[int, list[AssessedSystem]] = defaultdict(list)
    for part in _told_still(_unnamed(Q(system_id__in=system_ids), still)):
        update_affected(
            part, verified_at=clock.now(), verified_by_sbom=True,
            verified_against={"version": version_of(part), "ranges": {}},
        )  # fmt: skip
        done[part.assessment_id].append(part)
    for parts in done.values():
        _tell_and_close(parts, "verify_by_inventory", CloseReason.SBOM)


def drop_unnamed(advisory: Advisory, found: Iterable[MatchedComponent]) -> None:
    """What a withdrawn or newer advisory no longer names, and nobody else does."""
    still = {(one.team_id, *one.key, one.component_id) for one in found}
    dropped: dict[int, list[AssessedSystem]] = defaultdict(list)
    for part in _told_still(_unnamed(Q(advisory=advisory), still)):
        other = _named_elsewhere(part)
        if other is not None:
            update_affected(part, advisory_id=other)
        else:
            update_affected(
                part, certainty=Certainty.NO
            )  # nobody answered it, see ``_was_left_out``
            dropped[part.assessment_id].append(part)
    for parts in dropped.values():
        _tell_and_close(parts, "leave_out", CloseReason.WITHDRAWN)


def _unnamed(condition: Q, still: Collection[tuple[int, str, str, int]]) -> list[AssessedSystem]:
    """Parts with work left that nothing names any more, as far as their team may read."""
    return [
        part
        for part in _waiting_parts(condition).select_related("assessment__label", "advisory__label")
        for of in [part.assessment]
        if (of.team_id, of.namespace, of.key, part.component_id) not in still
    ]


def _told_still(parts: Collection[AssessedSystem]) -> list[AssessedSystem]:
    """Of these, the parts of which the silence says something: the others stay as they are.

    A team that left the circle or is suspended no longer reads what opened the work, nor does the
    whole team what became TLP:RED since. Nothing is found then, and nothing is fixed by that.
    """
    wanted: dict[int, set[int]] = defaultdict(set)
    for part in parts:
        if part.advisory_id is not None:
            wanted[part.assessment.team_id].add(part.advisory_id)
    read = {
        team: matching.readable_advisories(team, advisories) for team, advisories in wanted.items()
    }
    return [
        part
        for part in parts
        if part.advisory is None
        or part.component.gone_at is not None
        or (
            part.advisory_id in read[part.assessment.team_id]
            and (part.advisory.label.sensitivity == Sensitivity.RED) == part.assessment.is_red
        )
    ]


def _named_elsewhere(part: AssessedSystem) -> int | None:
    """Another advisory that names the component for the same vulnerability, to the same readers:
    what is TLP:RED opens work of its own."""
    of = part.assessment
    red = Q(affected_range__advisory__label__sensitivity=Sensitivity.RED)
    others = Match.objects.filter(
        red if of.is_red else ~red,
        affected_range__vulnerability__key=of.key, component_id=part.component_id,
    )  # fmt: skip
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
        f"vulnerabilities.{action}", row, by=SYSTEM,
        after={"systems": _names(parts)},
    )  # fmt: skip
    if row.needs_answer:
        row.needs_answer = has_open_question(row)
        row.save(update_fields=["needs_answer"])
    _verify_instructions(row, parts)
    if not close_if_done(row, reason, by=SYSTEM):
        _say_who_moves(row, system_queries.standing_on(row.public_id))


def has_open_question(row: Assessment) -> bool:
    """Does a component of a locked assessment wait for a yes or no?"""
    with as_system("somebody is asked about what waits, whoever answered last"):
        return row.systems.filter(certainty=Certainty.WAITING, verified_at=None).exists()


def _verify_instructions(row: Assessment, parts: list[AssessedSystem]) -> None:
    """What an operator reported done and the inventory shows needs no other pair of eyes."""
    done = {part.system.public_id for part in parts if part.verified_by_sbom}
    open_still = _waiting_parts(Q(assessment=row)).values_list("system__public_id", flat=True)
    for instruction in system_queries.unfinished_on(row.public_id, done - set(open_still)):
        jobs.enqueue(jobs.path_of(measures.verify_by_inventory), instruction)


def follow_measures(row: Assessment) -> None:
    """Verified measures verify their systems, and the state says who moves next. ``row`` is locked."""
    given = system_queries.standing_on(row.public_id)
    waiting = _waiting_parts(Q(assessment=row, certainty__in=COUNTED))
    parts = [part for part in waiting if _ends_in(part, given, _VERIFIED, _VERIFIED)]
    known = verified_against(row, parts)
    for part in parts:
        update_affected(part, verified_at=clock.now(), verified_against=known[part.component_id])
    if parts:
        history.record(
            "vulnerabilities.verify", row, by=SYSTEM,
            after={"systems": _names(parts)},
        )  # fmt: skip
    if not close_if_done(row, CloseReason.VERIFIED, by=SYSTEM):
        _say_who_moves(row, given)


def _ends_in(
    part: AssessedSystem,
    given: InstructionStates,
    wanted: Collection[str],
    allowed: Collection[str],
) -> bool:
    """Are all instructions on the part's system in an ``allowed`` state, and is one in a ``wanted``
    one that was given when the part was known? An older one says nothing of what came since."""
    on = given.get(part.system.public_id, [])
    return all(state in allowed for _, state in on) and any(
        state in wanted for at, state in on if at >= part.known_at
    )


def _say_who_moves(row: Assessment, given: InstructionStates) -> None:
    """To verify when every system left was reported done; else it is with the operators."""
    left = list(_waiting_parts(Q(assessment=row, certainty__in=COUNTED)))
    reported = bool(left) and all(
        _ends_in(part, given, {MeasureState.DONE}, _REPORTED) for part in left
    )
    then = State.VERIFYING if reported else State.INSTRUCTED
    if row.state not in (State.INSTRUCTED, State.VERIFYING) or row.state == then:
        return
    before, row.state = row.state, then
    row.updated_at = clock.now()
    row.save(update_fields=["state", "updated_at"])
    history.record(
        "vulnerabilities.to_verify" if reported else "vulnerabilities.to_carry_out",
        row, by=SYSTEM,
        before={"state": before}, after={"state": then},
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
        "vulnerabilities.close", row, by=by,
        before={"state": before}, after={"state": row.state, "reason": reason},
    )  # fmt: skip
    jobs.enqueue(jobs.path_of(measures.close), row.public_id)
    return True


def _names(parts: Iterable[AssessedSystem]) -> list[str]:
    return sorted({part.system.name for part in parts})


def update_affected(part: AssessedSystem, **changes: Any) -> None:
    """Write ``changes`` to a part of a locked assessment, and nothing else of it."""
    for name, value in changes.items():
        setattr(part, name, value)
    part.save(update_fields=[name.removesuffix("_id") for name in changes])
