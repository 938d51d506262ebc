"""Who may change whom. Nobody changes a person of higher rank or lends himself rights (rule 6)."""

from __future__ import annotations

from collections.abc import Callable

from noroshi.core import history
from noroshi.core.errors import Forbidden, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.viewer import Viewer

SITE_ROLES = frozenset({Role.ADMIN, Role.SECRETARIAT})


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
    return may_run_team(viewer, team) and role not in SITE_ROLES


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


def check_may_open(actor: Actor) -> None:
    """Open organisations, teams and circles: Noroshi itself (console, sample) or an administrator."""
    if actor is not history.SYSTEM:
        if not isinstance(actor, Viewer):
            raise Forbidden(gettext_noop("Only a technical administrator may do this."))
        check_may_run_site(actor)


def check_may_change_roles(viewer: Viewer, team: Team, person: Person) -> None:
    """Never one's own, and never those of somebody of higher rank (rule 6)."""
    check_may_run_team(viewer, team)
    if person.pk == viewer.person_id:
        raise Forbidden(gettext_noop("You cannot do this to yourself; ask a colleague."))
    if not may_run_site(viewer) and _held(person) & SITE_ROLES:
        raise Forbidden(gettext_noop("Only a technical administrator may do this."))


def check_may_remove(viewer: Viewer, team: Team, person: Person) -> None:
    """Take somebody out of one team; what he is in other teams is not touched."""
    check_may_change_roles(viewer, team, person)


def check_may_stop(viewer: Viewer, team: Team, person: Person) -> None:
    """Suspending ends a person's work in every team, so all of them must be one's to run."""
    check_may_change_roles(viewer, team, person)
    managed = [pk for pk, roles in viewer.roles.items() if Role.MANAGER in roles]
    if not may_run_site(viewer) and person.memberships.exclude(team_id__in=managed).exists():
        raise Forbidden(
            gettext_noop("This person works in other teams too. Ask a technical administrator.")
        )


def may(
    check: Callable[[Viewer, Team, Person], None], viewer: Viewer, team: Team, person: Person
) -> bool:
    """Would ``check`` let it pass? For pages that offer a step only to those who may take it."""
    try:
        check(viewer, team, person)
    except Forbidden:
        return False
    return True


def _held(person: Person) -> set[str]:
    return {membership.role for membership in person.memberships.all()}
