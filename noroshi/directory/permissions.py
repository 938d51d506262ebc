"""Who may change whom. Nobody changes a person of higher rank or lends himself rights (rule 6)."""

from __future__ import annotations

from noroshi.core.errors import Forbidden, gettext_noop
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.viewer import Viewer


def may_run_site(viewer: Viewer) -> bool:
    """Technical administration: organisations, teams, circles, everybody's accounts."""
    return viewer.scopes is None and viewer.is_anywhere(Role.ADMIN)


def may_run_team(viewer: Viewer, team: Team) -> bool:
    """Invite, suspend and give roles inside one team."""
    return may_run_site(viewer) or (
        viewer.scopes is None and viewer.has_role(team.pk, Role.MANAGER)
    )


def may_give(viewer: Viewer, team: Team, role: str) -> bool:
    """A team's manager gives every role but that of administrator and secretariat."""
    if may_run_site(viewer):
        return True
    return may_run_team(viewer, team) and role not in {Role.ADMIN, Role.SECRETARIAT}


def check_may_run_site(viewer: Viewer) -> None:
    if not may_run_site(viewer):
        raise Forbidden(gettext_noop("Only a technical administrator may do this."))


def check_may_run_team(viewer: Viewer, team: Team) -> None:
    if not may_run_team(viewer, team):
        raise Forbidden(
            gettext_noop("Only the team's security manager or an administrator may do this.")
        )


def check_may_give(viewer: Viewer, team: Team, role: str) -> None:
    check_may_run_team(viewer, team)
    if not may_give(viewer, team, role):
        raise Forbidden(gettext_noop("Only a technical administrator gives this role."))


def check_may_change_person(viewer: Viewer, team: Team, person: Person) -> None:
    """Suspending or removing: never oneself, never an administrator unless one is one."""
    check_may_run_team(viewer, team)
    if person.pk == viewer.person_id:
        raise Forbidden(gettext_noop("You cannot do this to yourself; ask a colleague."))
    held = set(person.memberships.values_list("role", flat=True))
    if not may_run_site(viewer) and (
        held & {Role.ADMIN, Role.SECRETARIAT}
        or person.memberships.exclude(team_id__in=viewer.team_ids).exists()
    ):
        raise Forbidden(gettext_noop("Only a technical administrator may do this."))
