"""Who may write, release and answer. Seeing is asked elsewhere (``sharing.policy``)."""

from __future__ import annotations

from noroshi.core.errors import Forbidden, gettext_noop
from noroshi.directory.models import Role, Scope, Standing, Team
from noroshi.directory.viewer import Viewer
from noroshi.warnings.models import Warning

WRITERS = (Role.CSIRT, Role.MANAGER)


def may_draft(viewer: Viewer, team_id: int) -> bool:
    """The team's CSIRT and its security manager write."""
    return viewer.may(Scope.WRITE) and viewer.has_role(team_id, *WRITERS)


def may_release(viewer: Viewer, warning: Warning) -> bool:
    """They release and withdraw too, as long as their team takes part."""
    return (
        viewer.may(Scope.SHARE)
        and viewer.has_role(warning.team_id, *WRITERS)
        and warning.team_id in viewer.good_team_ids
    )


def check_may_draft(viewer: Viewer, team: Team) -> None:
    if not may_draft(viewer, team.pk):
        raise Forbidden(
            gettext_noop("Only the team's incident handlers and security managers write warnings.")
        )


def check_may_release(viewer: Viewer, warning: Warning) -> None:
    if warning.team.standing == Standing.SUSPENDED:
        raise Forbidden(
            gettext_noop("Your team's part is suspended; until it ends nothing can be released.")
        )
    if not may_release(viewer, warning):
        raise Forbidden(
            gettext_noop(
                "Only the team's incident handlers and security managers release warnings."
            )
        )


def may_withdraw(viewer: Viewer, warning: Warning) -> bool:
    """A suspended team may still take back what it said."""
    return viewer.may(Scope.SHARE) and viewer.has_role(warning.team_id, *WRITERS)


def check_may_withdraw(viewer: Viewer, warning: Warning) -> None:
    if not may_withdraw(viewer, warning):
        raise Forbidden(
            gettext_noop(
                "Only the team's incident handlers and security managers withdraw warnings."
            )
        )
