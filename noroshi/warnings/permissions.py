"""Who may write, release and withdraw warnings. Who sees them is in ``sharing.policy``."""

from __future__ import annotations

from noroshi.core.errors import Forbidden, gettext_noop
from noroshi.core.rules import Rule, rule
from noroshi.directory.models import Role, Scope, Standing
from noroshi.directory.viewer import Viewer
from noroshi.warnings.models import Warning

WRITERS = (Role.CSIRT, Role.MANAGER)


@rule(gettext_noop("Only the team's incident handlers and security managers write warnings."))
def may_draft(viewer: Viewer, team_id: int) -> bool:
    """The team's CSIRT and its security managers write."""
    return viewer.may(Scope.WRITE) and viewer.has_role(team_id, *WRITERS)


@Rule
def may_release(viewer: Viewer, warning: Warning) -> None:
    """Those who write also release, as long as their team takes part."""
    if warning.team.standing == Standing.SUSPENDED:
        raise Forbidden(
            gettext_noop("Your team's part is suspended; until it ends nothing can be released.")
        )
    if not (
        viewer.may(Scope.SHARE)
        and viewer.has_role(warning.team_id, *WRITERS)
        and warning.team_id in viewer.good_team_ids
    ):
        raise Forbidden(
            gettext_noop(
                "Only the team's incident handlers and security managers release warnings."
            )
        )


@rule(gettext_noop("Only the team's incident handlers and security managers withdraw warnings."))
def may_withdraw(viewer: Viewer, warning: Warning) -> bool:
    """A suspended team may still take back what it released."""
    return viewer.may(Scope.SHARE) and viewer.has_role(warning.team_id, *WRITERS)


def may_list(viewer: Viewer) -> bool:
    """Everybody in a team is offered the list."""
    return bool(viewer.team_ids)
