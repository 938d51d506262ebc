"""One vulnerability in one team: what its page shows, and the steps that its viewer may take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from noroshi.core import history, lookup
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.measures import queries as measures
from noroshi.measures.queries import Instruction
from noroshi.measures.states import State as MeasureState
from noroshi.sharing.cache import cached
from noroshi.vulnerabilities import permissions
from noroshi.vulnerabilities.models import AffectedRange, AssessedSystem, Assessment, Vulnerability
from noroshi.vulnerabilities.proposals import Facts
from noroshi.vulnerabilities.states import COUNTED, NEXT, Certainty, State

# In the history of instructions: the assessment's own history has rows for the same.
_REPEATED = ("measures.instruct", "measures.close", "sharing.revoke_links")


def assessment_for(viewer: Viewer, public_id: str) -> Assessment:
    """The assessment, or ``NotFound``, which also means: not for this reader."""
    return lookup.get_or_not_found(
        Assessment.objects.visible_to(viewer)
        .select_related("team", "label", "assessed_by", "decided_by")
        .filter(public_id=public_id)
    )


@dataclass(frozen=True, slots=True)
class AssessmentDetail:
    """All that the page of one vulnerability shows besides the assessment itself; to be read only."""

    affected_systems: list[AssessedSystem]
    instructions: list[Instruction]
    sources: list[Vulnerability]
    ranges: list[AffectedRange]
    history: list[Any]


def detail_of(viewer: Viewer, assessment: Assessment) -> AssessmentDetail:
    """The detail of an assessment that the viewer has just been allowed to see."""

    def find() -> AssessmentDetail:
        instructions = instructions_on(viewer, assessment)
        sources = sources_of(viewer, assessment)
        return AssessmentDetail(
            affected_systems=systems_of(viewer, assessment),
            instructions=instructions,
            sources=sources,
            ranges=ranges_of(viewer, sources),
            history=timeline_of(assessment, instructions),
        )

    return cached(viewer, ("vulnerabilities.whole", assessment.pk), find)


def systems_of(viewer: Viewer, assessment: Assessment) -> list[AssessedSystem]:
    """The systems it touches: certain and confirmed ones, then those that wait, then refused ones."""
    order = [Certainty.CERTAIN, Certainty.YES, Certainty.WAITING, Certainty.NO]
    rows = (
        AssessedSystem.objects.visible_to(viewer)
        .filter(assessment=assessment)
        .select_related("system", "component")
        .prefetch_related(Prefetch("system__owners", Person.objects.order_by("name")))
    )

    def place(row: AssessedSystem) -> tuple[int, str, str, int]:
        certainty = order.index(Certainty(row.certainty))
        return certainty, row.system.name, row.component.name, row.pk

    return sorted(rows, key=place)


def instructions_on(viewer: Viewer, assessment: Assessment) -> list[Instruction]:
    """The instructions to operators about it, nearest due time first."""
    filters = measures.Filters(subject_id=assessment.public_id)
    return list(measures.instructions_for(viewer, filters)[:500])


def instructed_system_ids(
    affected_systems: Iterable[AssessedSystem], instructions: Iterable[Instruction]
) -> set[str]:
    """The systems (public ids) whose operators have been instructed on all that is left to do."""
    last: dict[str, datetime] = {}
    for instruction in instructions:
        if instruction.state != MeasureState.WITHDRAWN:
            before = last.get(instruction.system_id, instruction.instructed_at)
            last[instruction.system_id] = max(instruction.instructed_at, before)
    later = {
        affected.system.public_id
        for affected in affected_systems
        if is_unfinished(affected)
        and affected.known_at > last.get(affected.system.public_id, affected.known_at)
    }
    return last.keys() - later


def sources_of(viewer: Viewer, assessment: Assessment) -> list[Vulnerability]:
    """The entries of every visible advisory that names it, newest advisory first."""
    rows = Vulnerability.objects.visible_to(viewer).filter(
        key=assessment.key, advisory__withdrawn=False
    )
    if assessment.namespace:
        rows = rows.filter(advisory__namespace=assessment.namespace)
    return list(
        rows.select_related("advisory", "advisory__label").order_by(
            "-advisory__updated_at", "-advisory_id"
        )[:20]
    )


def ranges_of(viewer: Viewer, sources: list[Vulnerability]) -> list[AffectedRange]:
    """The versions that the advisories name, as written; at most 200, affected first."""
    return list(
        AffectedRange.objects.visible_to(viewer)
        .filter(vulnerability__in=[source.pk for source in sources])
        .order_by("status", "name", "pk")[:200]
    )


def facts_of(sources: list[Vulnerability]) -> list[Facts]:
    """The facts from which the decision tables propose."""
    return [
        Facts(
            scores=tuple(source.scores),
            in_kev=source.kev_added_on is not None,
            exploitation=source.ssvc_exploitation,
            automatable=source.ssvc_automatable,
            technical_impact=source.ssvc_technical_impact,
        )
        for source in sources
    ]


def timeline_of(assessment: Assessment, instructions: Iterable[Instruction]) -> list[Any]:
    """The history of an assessment and of the instructions on it, newest first.

    The caller has been allowed to see them all.
    """
    rows = history.rows_of("assessment", assessment.public_id)
    rows |= history.rows_of("instruction", *(instruction.public_id for instruction in instructions))
    return list(rows.exclude(action__in=_REPEATED).order_by("-number")[:200])


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that this viewer may take with this assessment now."""

    work: bool
    assess: bool
    decide: bool
    instruct: bool
    reconsider: bool
    report: bool


def steps_for(viewer: Viewer, assessment: Assessment) -> Steps:
    """The steps that this viewer may take now: permission and state together."""
    works = permissions.may_work(viewer, assessment)
    state = State(assessment.state)
    return Steps(
        work=works,
        assess=works and (State.TO_DECIDE in NEXT[state] or state == State.TO_DECIDE),
        decide=permissions.may_decide(viewer, assessment) and state == State.TO_DECIDE,
        instruct=works and state in (State.INSTRUCTED, State.VERIFYING),
        reconsider=works and State.TO_ASSESS in NEXT[state] and state != State.WAITING_MATCH,
        report=works and assessment.reported_at is None and assessment.decided_at is not None,
    )


def next_step(
    viewer: Viewer,
    assessment: Assessment,
    steps: Steps,
    affected_systems: Iterable[AssessedSystem],
    instructions: Iterable[Instruction],
) -> str:
    """The step that waits for this viewer, which the page shows first; empty where none does."""
    match assessment.state:
        case State.WAITING_MATCH:
            return "match" if steps.work else ""
        case State.TO_ASSESS:
            return "assess" if steps.work else ""
        case State.TO_DECIDE:
            own = "own" if viewer.person_id == assessment.assessed_by_id else ""
            return "decide" if steps.decide else own
    if steps.instruct and not _is_fully_instructed(affected_systems, instructions):
        return "instruct"
    if steps.work and assessment.state == State.VERIFYING:
        return "verify"
    return "report" if steps.report and assessment.state == State.CLOSED else ""


def is_unfinished(affected: AssessedSystem) -> bool:
    """Whether there is work left on it."""
    return affected.certainty in COUNTED and affected.verified_at is None


def _is_fully_instructed(
    affected_systems: Iterable[AssessedSystem], instructions: Iterable[Instruction]
) -> bool:
    rows = list(affected_systems)
    instructed = instructed_system_ids(rows, instructions)
    return {row.system.public_id for row in rows if is_unfinished(row)} <= instructed
