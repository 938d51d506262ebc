"""The right to change the inventory: CSIRT and manager; operators set versions of their own."""

from __future__ import annotations

from noroshi.core.errors import gettext_noop
from noroshi.core.rules import rule
from noroshi.directory.models import Role, Scope
from noroshi.directory.viewer import Viewer

_NOT_EDITOR = gettext_noop("Only the team's CSIRT and its security manager change the inventory.")


@rule(_NOT_EDITOR)
def may_edit(viewer: Viewer, team_id: int) -> bool:
    """Systems, components and imports of this team."""
    return viewer.may(Scope.WRITE) and viewer.has_role(team_id, Role.CSIRT, Role.MANAGER)


@rule(_NOT_EDITOR)
def may_edit_somewhere(viewer: Viewer) -> bool:
    """The inventory of any team at all."""
    return bool(editable_team_ids(viewer))


@rule(gettext_noop("Only the team's CSIRT and the system's operators set a version."))
def may_set_version(viewer: Viewer, team_id: int) -> bool:
    """The version of a component that the viewer sees: operators see only their own systems."""
    return may_edit(viewer, team_id) or (
        viewer.may(Scope.WRITE) and viewer.has_role(team_id, Role.OPERATOR)
    )


def editable_team_ids(viewer: Viewer) -> frozenset[int]:
    """The teams whose inventory the viewer may change."""
    return frozenset(team_id for team_id in viewer.team_ids if may_edit(viewer, team_id))


def may_list(viewer: Viewer) -> bool:
    """The list is offered to the readers of a team's work, and to operators."""
    return bool(viewer.reading_team_ids) or viewer.is_anywhere(Role.OPERATOR)
