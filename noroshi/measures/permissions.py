"""The right to each step with an instruction; ``states`` says whether it is its time."""

from __future__ import annotations

from noroshi.core.errors import Forbidden, Refused, gettext_noop
from noroshi.core.rules import Rule, rule
from noroshi.directory.models import Role
from noroshi.directory.viewer import Viewer
from noroshi.measures.models import Instruction
from noroshi.measures.states import State


@rule(gettext_noop("Only the team's CSIRT or security manager may do this."))
def may_instruct(viewer: Viewer, team_id: int) -> bool:
    """Instructing, verifying, sending back, moving the day: the CSIRT and the manager."""
    return viewer.has_role(team_id, Role.CSIRT, Role.MANAGER)


@Rule
def may_follow_up(viewer: Viewer, instruction: Instruction) -> None:
    """Send back, move the day, mail the link again: whoever may instruct in its team."""
    may_instruct.check(viewer, instruction.team_id)


@rule(gettext_noop("Only the operators named in the instruction may answer it."))
def may_answer(viewer: Viewer, operator_ids: frozenset[int]) -> bool:
    """Answering is for the operators whom the instruction names, and for nobody on their behalf."""
    return viewer.person_id is not None and viewer.person_id in operator_ids


@Rule
def may_change(viewer: Viewer, instruction: Instruction) -> None:
    """Instructing again and withdrawing: the CSIRT's, until the operator says it cannot be done."""
    may_instruct.check(viewer, instruction.team_id)
    if instruction.state == State.CANNOT and not viewer.has_role(instruction.team_id, Role.MANAGER):
        raise Forbidden(
            gettext_noop("The operator cannot carry this out; only the security manager decides.")
        )


@Rule
def may_verify(viewer: Viewer, instruction: Instruction) -> None:
    """Another person than whoever did the work; a program is no person."""
    may_instruct.check(viewer, instruction.team_id)
    if viewer.person_id is None:
        raise Forbidden(gettext_noop("A team's token cannot verify work; a person does."))
    if viewer.person_id == instruction.done_by_id:
        raise Refused(gettext_noop("You did this work yourself. Another person verifies it."))


def may_list(viewer: Viewer) -> bool:
    """The list is offered to the readers of a team's work, and to operators."""
    return bool(viewer.reading_team_ids) or viewer.is_anywhere(Role.OPERATOR)
