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

# Where a vulnerability is: team, namespace and id of the vulnerability, component.
Place: TypeAlias = tuple[int, str, str, int]
# By system, see ``measures.system_queries.standing_on``.
InstructionStates: TypeAlias = dict[str, list[tuple[datetime, str]]]
_VERIFIED = {MeasureState.VERIFIED, MeasureState.CLOSED}
_REPORTED = _VERIFIED | {MeasureState.DONE}


def verify_by_inventory(system_ids: Collection[int], matched: Iterable[MatchedComponent]) -> None:
    """Verify each component that is gone, or in a version outside every range."""
    still = _places_of(matched)
    done: dict[int, list[AssessedSystem]] = defaultdict(list)
    for affected in _with_readable_advisory(_unnamed(Q(system_id__in=system_ids), still)):
        update_affected(
            affected,
            verified_at=clock.now(),
            verified_by_sbom=True,
            verified_against={"version": version_of(affected), "ranges": {}},
        )
        done[affected.assessment_id].append(affected)
    for affected_systems in done.values():
        _record_and_close(affected_systems, "verify_by_inventory", CloseReason.SBOM)


def drop_unnamed(advisory: Advisory, matched: Iterable[MatchedComponent]) -> None:
    """Leave out what a withdrawn or newer advisory no longer names, and no other one does."""
    still = _places_of(matched)
    dropped: dict[int, list[AssessedSystem]] = defaultdict(list)
    for affected in _with_readable_advisory(_unnamed(Q(advisory=advisory), still)):
        other = _named_elsewhere(affected)
        if other is not None:
            update_affected(affected, advisory_id=other)
        else:
            update_affected(
                affected, certainty=Certainty.NO
            )  # nobody answered it, see ``_was_left_out``
            dropped[affected.assessment_id].append(affected)
    for affected_systems in dropped.values():
        _record_and_close(affected_systems, "leave_out", CloseReason.WITHDRAWN)


def _places_of(matched: Iterable[MatchedComponent]) -> set[Place]:
    return {(match.team_id, *match.key, match.component_id) for match in matched}


def _place_of(affected: AssessedSystem) -> Place:
    row = affected.assessment
    return row.team_id, row.namespace, row.key, affected.component_id


def _unnamed(condition: Q, still: Collection[Place]) -> list[AssessedSystem]:
    """The systems with work left that nothing names any more, as far as their team may read."""
    return [
        affected
        for affected in _unfinished(condition).select_related(
            "assessment__label", "advisory__label"
        )
        if _place_of(affected) not in still
    ]


def _with_readable_advisory(affected_systems: Collection[AssessedSystem]) -> list[AssessedSystem]:
    """Those whose team still reads the advisory that named them; the others stay as they are.

    A team that left the circle or is suspended no longer reads what opened the work, nor does the
    whole team what became TLP:RED since. Then nothing matches, but nothing is fixed by that.
    """
    advisories_by_team: dict[int, set[int]] = defaultdict(set)
    for affected in affected_systems:
        if affected.advisory_id is not None:
            advisories_by_team[affected.assessment.team_id].add(affected.advisory_id)
    readable = {
        team: matching.readable_advisories(team, advisories)
        for team, advisories in advisories_by_team.items()
    }
    return [
        affected
        for affected in affected_systems
        if affected.advisory is None
        or affected.component.gone_at is not None
        or (
            affected.advisory_id in readable[affected.assessment.team_id]
            and (affected.advisory.label.sensitivity == Sensitivity.RED)
            == affected.assessment.is_red
        )
    ]


def _named_elsewhere(affected: AssessedSystem) -> int | None:
    """Another advisory that names the component for the same vulnerability, to the same readers.

    What is TLP:RED opens work of its own.
    """
    assessment = affected.assessment
    red = Q(affected_range__advisory__label__sensitivity=Sensitivity.RED)
    others = Match.objects.filter(
        red if assessment.is_red else ~red,
        affected_range__vulnerability__key=assessment.key,
        component_id=affected.component_id,
    )
    if assessment.namespace:
        others = others.filter(affected_range__advisory__namespace=assessment.namespace)
    return others.values_list("affected_range__advisory_id", flat=True).first()


def _unfinished(condition: Q) -> QuerySet[AssessedSystem]:
    return (
        AssessedSystem.objects.filter(condition, verified_at=None)
        .exclude(certainty=Certainty.NO)
        .select_related("assessment", "system", "component")
        .order_by("assessment_id", "pk")
    )


def _record_and_close(
    affected_systems: list[AssessedSystem], action: str, reason: CloseReason
) -> None:
    """Write one history row for systems of one assessment, and close it when no other is left."""
    row = Assessment.objects.select_for_update(of=("self",)).get(
        pk=affected_systems[0].assessment_id
    )
    history.record(
        f"vulnerabilities.{action}", row, by=SYSTEM, after={"systems": _names(affected_systems)}
    )
    if row.needs_answer:
        row.needs_answer = has_open_question(row)
        row.save(update_fields=["needs_answer"])
    _verify_instructions(row, affected_systems)
    if not close_if_done(row, reason, by=SYSTEM):
        _follow_reports(row, system_queries.standing_on(row.public_id))


def has_open_question(row: Assessment) -> bool:
    """Whether a component of a locked assessment waits for a yes or no."""
    with as_system("somebody is asked about what waits, whoever answered last"):
        return row.systems.filter(certainty=Certainty.WAITING, verified_at=None).exists()


def _verify_instructions(row: Assessment, affected_systems: list[AssessedSystem]) -> None:
    """Verify what an operator reported done and the inventory shows: nobody has to look again."""
    done = {affected.system.public_id for affected in affected_systems if affected.verified_by_sbom}
    open_still = _unfinished(Q(assessment=row)).values_list("system__public_id", flat=True)
    for instruction in system_queries.unfinished_on(row.public_id, done - set(open_still)):
        jobs.enqueue(jobs.path_of(measures.verify_by_inventory), instruction)


def follow_measures(row: Assessment) -> None:
    """Verify the systems whose measures are verified, and set the state. ``row`` is locked."""
    instructions = system_queries.standing_on(row.public_id)
    waiting = _unfinished(Q(assessment=row, certainty__in=COUNTED))
    affected_systems = [
        affected for affected in waiting if _ends_in(affected, instructions, _VERIFIED, _VERIFIED)
    ]
    known = verified_against(row, affected_systems)
    for affected in affected_systems:
        update_affected(
            affected, verified_at=clock.now(), verified_against=known[affected.component_id]
        )
    if affected_systems:
        history.record(
            "vulnerabilities.verify", row, by=SYSTEM, after={"systems": _names(affected_systems)}
        )
    if not close_if_done(row, CloseReason.VERIFIED, by=SYSTEM):
        _follow_reports(row, instructions)


def _ends_in(
    affected: AssessedSystem,
    instructions: InstructionStates,
    finished: Collection[str],
    allowed: Collection[str],
) -> bool:
    """Whether all instructions on the system are in an ``allowed`` state, and one is ``finished``.

    That one was given when the system was known to be affected: an older one says nothing of
    what came since.
    """
    states = instructions.get(affected.system.public_id, [])
    return all(state in allowed for _, state in states) and any(
        state in finished for at, state in states if at >= affected.known_at
    )


def _follow_reports(row: Assessment, instructions: InstructionStates) -> None:
    """Set it to be verified when every system left was reported done, else to be carried out."""
    left = list(_unfinished(Q(assessment=row, certainty__in=COUNTED)))
    reported = bool(left) and all(
        _ends_in(affected, instructions, {MeasureState.DONE}, _REPORTED) for affected in left
    )
    then = State.VERIFYING if reported else State.INSTRUCTED
    if row.state not in (State.INSTRUCTED, State.VERIFYING) or row.state == then:
        return
    before, row.state = row.state, then
    row.updated_at = clock.now()
    row.save(update_fields=["state", "updated_at"])
    history.record(
        "vulnerabilities.to_verify" if reported else "vulnerabilities.to_carry_out",
        row,
        by=SYSTEM,
        before={"state": before},
        after={"state": then},
    )


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
        "vulnerabilities.close",
        row,
        by=by,
        before={"state": before},
        after={"state": row.state, "reason": reason},
    )
    jobs.enqueue(jobs.path_of(measures.close), row.public_id)
    return True


def _names(affected_systems: Iterable[AssessedSystem]) -> list[str]:
    return sorted({affected.system.name for affected in affected_systems})


def update_affected(affected: AssessedSystem, **changes: Any) -> None:
    """Write ``changes`` to a system of a locked assessment, and no other field of it."""
    for name, value in changes.items():
        setattr(affected, name, value)
    affected.save(update_fields=[name.removesuffix("_id") for name in changes])
