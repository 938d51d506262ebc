"""The people's steps: say whether a match is ours, assess, decide, instruct, report.

Each is one transaction on the locked row; of two people who act at once the second is refused.
The proposals of the tables are stored together with the analyst's choice and its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from noroshi.core import clock, history
from noroshi.core.errors import Malformed, Refused, gettext_noop
from noroshi.directory.models import Person, Role
from noroshi.directory.queries import people_in
from noroshi.directory.viewer import Viewer
from noroshi.formats import ssvc
from noroshi.measures import actions as measures
from noroshi.measures.models import Instruction
from noroshi.sharing import outbox
from noroshi.sharing.audience import Audience, audience_if
from noroshi.sharing.labels import Sensitivity
from noroshi.vulnerabilities import permissions, proposals, reopening
from noroshi.vulnerabilities.locking import locked_assessment
from noroshi.vulnerabilities.models import AssessedSystem, Assessment
from noroshi.vulnerabilities.states import (
    DECIDED,
    Certainty,
    Decision,
    Priority,
    State,
    check_step,
)

DIFFERS = gettext_noop("Priority or due date differ from what the tables propose: say why.")
ACCEPT_UNTIL = gettext_noop("Choose the day until which the risk is accepted; it lies ahead.")
NO_OPERATOR = gettext_noop("%(system)s has no operator; choose one.")


@dataclass(frozen=True, slots=True)
class Choice:
    """The analyst's word at each decision point, and the priority and date chosen in the end."""

    exploitation: str
    exposure: str
    automatable: str
    human_impact: str
    technical_impact: str
    in_kev: bool
    priority: str
    due_on: date
    reason: str = ""
    text: str = ""


@transaction.atomic
def assess(*, assessment: Assessment, choice: Choice, by: Viewer) -> Assessment:
    """Record the assessment and put it before the security manager.

    A priority or a date other than proposed needs a reason. May be done again until the manager
    has decided; whoever assesses last is the one who cannot decide.
    """
    row = locked_assessment(assessment.pk, by)
    permissions.may_assess.check(by, row)
    if by.person_id is None:
        raise Refused(gettext_noop("A person assesses, not a team's token."))
    inputs = _checked_inputs(choice)
    proposed = proposals.propose(inputs, timezone.localdate(row.counts_from))
    if differs(choice.priority, choice.due_on, proposed) and not choice.reason.strip():
        raise Malformed("reason", DIFFERS)
    before = _summary(row)
    row.inputs = inputs.as_json()
    row.proposals = proposed
    row.priority = choice.priority
    row.due_at = proposals.end_of_day(choice.due_on)
    row.choice_reason = choice.reason.strip()
    row.assessment_text = choice.text.strip()
    row.assessed_by_id = by.person_id
    row.assessed_at = clock.now()
    row.decided_by = row.decided_at = None
    row.state = State.TO_DECIDE
    _save(row)
    history.record(
        "vulnerabilities.assess",
        row,
        by=by,
        before=before,
        after=_summary(row),
    )
    _tell("to_decide", row, _managers(row, except_for=by.person_id))
    return row


@transaction.atomic
def decide(
    *,
    assessment: Assessment,
    decision: str,
    text: str,
    accept_until: date | None = None,
    by: Viewer,
) -> Assessment:
    """The security manager's decision: apply measures, accept until a date, or not affected.

    Never by the person who assessed (also a constraint in the database).
    """
    row = locked_assessment(assessment.pk, by)
    permissions.may_decide_now.check(by, row)
    if decision not in Decision.values:
        raise Malformed("decision", gettext_noop("Choose what you decide."))
    if not text.strip():
        raise Malformed(
            "text", gettext_noop("Say why in one sentence; the executives' report shows it.")
        )
    if decision == Decision.ACCEPT and not lies_ahead(accept_until):
        raise Malformed("accept_until", ACCEPT_UNTIL)
    before = _summary(row)
    row.decision = decision
    row.decision_text = text.strip()
    row.accept_until = accept_until if decision == Decision.ACCEPT else None
    row.decided_by_id = by.person_id
    row.decided_at = clock.now()
    row.state = DECIDED[Decision(decision)]
    _save(row)
    history.record(
        "vulnerabilities.decide",
        row,
        by=by,
        before=before,
        after=_summary(row),
    )
    _tell("decided", row, [person for person in [row.assessed_by] if person is not None])
    return row


@transaction.atomic
def reconsider(*, assessment: Assessment, reason: str, by: Viewer) -> Assessment:
    """Back to assessment: the manager asks for more, or something changed after the decision."""
    row = locked_assessment(assessment.pk, by)
    permissions.may_work.check(by, row)
    check_step(row.state, State.TO_ASSESS)
    if not reason.strip():
        raise Malformed("reason", gettext_noop("Say what should be looked at again."))
    before = _summary(row)
    proposed = reopening.propose_anew(row) if row.state == State.CLOSED else {}
    row.state = State.TO_ASSESS
    row.closed_at, row.close_reason = None, ""
    _save(row)
    history.record(
        "vulnerabilities.reconsider",
        row,
        by=by,
        before=before,
        after={**_summary(row), **proposed, "reason": reason.strip()},
    )
    _tell(
        "reconsider",
        row,
        [
            person
            for person in [row.assessed_by]
            if person is not None and person.pk != by.person_id
        ],
        note=reason.strip(),
    )
    return row


@transaction.atomic
def instruct(
    *,
    assessment: Assessment,
    systems: Iterable[AssessedSystem],
    kind: str,
    text: str,
    due_on: date,
    wanted_version: str = "",
    operators: dict[int, list[Person]] | None = None,
    attachments: Sequence[measures.Upload] = (),
    by: Viewer,
) -> list[Instruction]:
    """Write one instruction for each affected system, to its operators or to ``operators``."""
    # Long because an order has many fields, which are named on their way in and out.
    row = locked_assessment(assessment.pk, by)
    permissions.may_instruct.check(by, row)
    subject = measures.Subject("assessment", row.public_id, row.title, row.key)
    made = []
    for system_id, affected_systems in _by_system(systems).items():
        system = affected_systems[0].system
        instruction = measures.instruct(
            team=row.team,
            subject=subject,
            system=system,
            order=measures.Order(
                kind=kind,
                text=text,
                due_at=proposals.end_of_day(due_on),
                why=row.decision_text,
                current_version=_versions(affected_systems),
                wanted_version=wanted_version,
                attachments=attachments,
            ),
            operators=_operators_for(system, (operators or {}).get(system_id), by),
            manager=row.decided_by,
            red_readers=red_readers(row),
            by=by,
        )
        made.append(instruction)
    if not made:
        raise Malformed("systems", gettext_noop("Choose at least one system."))
    ids = [instruction.public_id for instruction in made]
    history.record("vulnerabilities.instruct", row, by=by, after={"instructions": ids})
    return made


@transaction.atomic
def mark_reported(*, assessment: Assessment, by: Viewer) -> Assessment:
    """Note that it was reported to those who had to know."""
    row = locked_assessment(assessment.pk, by)
    permissions.may_work.check(by, row)
    if row.state in (State.WAITING_MATCH, State.TO_ASSESS, State.TO_DECIDE):
        raise Refused(gettext_noop("A report follows the decision."))
    if row.reported_at is not None:
        raise Refused(gettext_noop("This was reported already."))
    row.reported_at = clock.now()
    _save(row)
    history.record("vulnerabilities.mark_reported", row, by=by)
    return row


def proposal_for(
    assessment: Assessment, facts: Iterable[proposals.Facts], systems: Iterable[AssessedSystem]
) -> tuple[proposals.Inputs, dict[str, Any]]:
    """The proposal of the tables as of now, with which the form starts."""
    counted = [affected.system for affected in systems if affected.certainty != Certainty.NO]
    inputs = proposals.inputs_from(
        facts,
        [system.exposure for system in counted],
        [system.criticality for system in counted],
    )
    return inputs, proposals.propose(inputs, timezone.localdate(assessment.counts_from))


def owners_of(system: Any, by: Viewer) -> Iterable[Person]:
    """The operators of a system: the people whom its label names."""
    return people_in(system.team).filter(pk__in=system.label.named_ids())


def red_readers(row: Assessment) -> list[Person]:
    """The people whom a TLP:RED assessment names; of any other label none, its team reads it."""
    if row.label.sensitivity != Sensitivity.RED:
        return []
    return list(Person.objects.filter(pk__in=row.label.named_ids()).order_by("name", "pk"))


def readers_if_instructed(row: Assessment, operators: Iterable[Person]) -> Audience | None:
    """The people who would read instructions on a TLP:RED assessment, else ``None``."""
    named = red_readers(row)
    if not named:
        return None
    return audience_if(
        owner=row.team, sensitivity=Sensitivity.RED, circle=None, named=[*named, *operators]
    )


def _save(row: Assessment) -> None:
    row.updated_at = clock.now()
    row.save()


def _summary(row: Assessment) -> dict[str, Any]:
    return {
        "state": row.state,
        "priority": row.priority,
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "decision": row.decision,
        "text": row.decision_text,
        "found": row.assessment_text,
        "reason": row.choice_reason,
        "accept_until": row.accept_until.isoformat() if row.accept_until else None,
    }


def _checked_inputs(choice: Choice) -> proposals.Inputs:
    for name, known in (
        ("exploitation", ssvc.EXPLOITATION),
        ("exposure", ssvc.EXPOSURE),
        ("automatable", ssvc.AUTOMATABLE),
        ("human_impact", ssvc.HUMAN_IMPACT),
        ("technical_impact", ssvc.TECHNICAL_IMPACT),
        ("priority", tuple(Priority.values)),
    ):
        if getattr(choice, name) not in known:
            raise Malformed(name, gettext_noop("Choose one of the words of the table."))
    return proposals.Inputs(
        choice.exploitation,
        choice.exposure,
        choice.automatable,
        choice.human_impact,
        choice.technical_impact,
        choice.in_kev,
    )


def differs(priority: str, due_on: date, proposed: dict[str, Any]) -> bool:
    """Whether this is another priority or another day than the tables propose."""
    same = priority == proposed["deployer"]["priority"]
    return not same or due_on != proposals.due_on(proposed)


def lies_ahead(day: date | None) -> bool:
    """Whether a risk can be accepted until this day."""
    return day is not None and day > clock.today()


def _by_system(systems: Iterable[AssessedSystem]) -> dict[int, list[AssessedSystem]]:
    by_system: dict[int, list[AssessedSystem]] = {}
    for affected in systems:
        by_system.setdefault(affected.system_id, []).append(affected)
    return by_system


def _operators_for(system: Any, chosen: list[Person] | None, by: Viewer) -> list[Person]:
    people = chosen or list(owners_of(system, by))
    if not people:
        raise Malformed("systems", NO_OPERATOR, system=system.name)
    return people


def _versions(affected_systems: Iterable[AssessedSystem]) -> str:
    return ", ".join(sorted({affected.component.version for affected in affected_systems}))


def _managers(row: Assessment, *, except_for: int | None) -> list[Person]:
    return [person for person in people_in(row.team, Role.MANAGER) if person.pk != except_for]


def _tell(event: str, row: Assessment, people: Iterable[Person], note: str = "") -> None:
    outbox.post(
        outbox.Notice(
            kind=f"assessment.{event}",
            thing_kind="assessment",
            thing_id=row.public_id,
            template=f"vulnerabilities/mail/{event}",
            path=f"/vulnerabilities/{row.public_id}",
            context={
                "id": row.public_id,
                "key": row.key,
                "title": row.title,
                "priority": row.priority,
                "due_at": row.due_at.isoformat() if row.due_at else "",
                "decision": row.decision,
                "text": row.decision_text,
                "reason": row.choice_reason,
                "note": note,
            },
        ),
        row.label,
        to=people,
    )
