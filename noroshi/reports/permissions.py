"""Who may make and issue reports. Who reads them is in ``sharing.policy``."""

from __future__ import annotations

from noroshi.core.errors import gettext_noop
from noroshi.core.rules import rule
from noroshi.directory.models import Role, Scope
from noroshi.directory.viewer import Viewer

MAKERS = (Role.CSIRT, Role.MANAGER)


@rule(gettext_noop("Only the team's CSIRT or security manager makes reports."))
def may_make(viewer: Viewer, team_id: int) -> bool:
    """Make, issue and throw away: the CSIRT and the security manager, in person."""
    return (
        viewer.person_id is not None
        and viewer.may(Scope.WRITE)
        and viewer.has_role(team_id, *MAKERS)
    )


def makes_anywhere(viewer: Viewer) -> bool:
    """Is there a team for which this viewer makes reports?"""
    return any(may_make(viewer, team_id) for team_id in viewer.team_ids)


def may_list(viewer: Viewer) -> bool:
    """The readers of a team's work, and executives, are offered the list."""
    return bool(viewer.reading_team_ids) or viewer.is_anywhere(Role.EXECUTIVE)
