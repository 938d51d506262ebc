"""Who may do what with an instruction. Whether it may be done now stands in ``states``."""

from __future__ import annotations

from noroshi.core.errors import Forbidden, Refused, gettext_noop
from noroshi.directory.models import Role, Team
from noroshi.directory.viewer import Viewer
from noroshi.measures.models import Instruction
from noroshi.measures.states import State


def may_instruct(viewer: Viewer, team_id: int) -> bool:
    """Instructing, verifying, sending back, moving the day: the CSIRT and the manager."""
    return viewer.has_role(team_id, Role.CSIRT, Role.MANAGER)


def may_answer(viewer: Viewer, operator_ids: frozenset[int]) -> bool:
    """Answering is for the operators whom the instruction names, and for nobody on their behalf."""
    return viewer.person_id is not None and viewer.person_id in operator_ids


def may_decide(viewer: Viewer, instruction: Instruction) -> bool:
    """What to do with work that cannot be done is the security manager's decision."""
    return viewer.has_role(instruction.team_id, Role.MANAGER)


def may_change(viewer: Viewer, instruction: Instruction) -> bool:
    """Instructing again and withdrawing: the CSIRT's, until the operator says it cannot be done."""
    if instruction.state == State.CANNOT:
        return may_decide(viewer, instruction)
    return may_instruct(viewer, instruction.team_id)


def may_verify(viewer: Viewer, instruction: Instruction) -> bool:
    """Another person than the one who did it; a program is no person."""
    return (
        may_instruct(viewer, instruction.team_id)
        and viewer.person_id is not None
        and viewer.person_id != instruction.done_by_id
    )


def check_may_instruct(viewer: Viewer, team: Team) -> None:
    if not may_instruct(viewer, team.pk):
        raise Forbidden(gettext_noop("Only the team's CSIRT or security manager may do this."))


def check_may_answer(viewer: Viewer, operator_ids: frozenset[int]) -> None:
    if not may_answer(viewer, operator_ids):
        raise Forbidden(gettext_noop("Only the operators named in the instruction may answer it."))


def check_may_change(viewer: Viewer, instruction: Instruction) -> None:
    check_may_instruct(viewer, instruction.team)
    if not may_change(viewer, instruction):
        raise Forbidden(
            gettext_noop("The operator cannot carry this out; only the security manager decides.")
        )


def check_may_verify(viewer: Viewer, instruction: Instruction) -> None:
    check_may_instruct(viewer, instruction.team)
    if viewer.person_id is None:
        raise Forbidden(gettext_noop("A team's token cannot verify work; a person does."))
    if viewer.person_id == instruction.done_by_id:
        raise Refused(gettext_noop("You did this work yourself. Another person verifies it."))
