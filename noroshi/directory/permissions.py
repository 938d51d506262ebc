"""Who may change whom. Nobody changes a person of higher rank or takes rights for themselves (rule 6)."""

from __future__ import annotations

from noroshi.core import history
from noroshi.core.errors import Forbidden, gettext_noop
from noroshi.core.history import Actor
from noroshi.core.rules import Rule, rule
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.viewer import Viewer

SITE_ROLES = frozenset({Role.ADMIN, Role.SECRETARIAT})


@rule(gettext_noop("Only a technical administrator may do this."))
def may_run_site(viewer: Viewer) -> bool:
    """Technical administration: organisations, teams, circles, everybody's accounts."""
    return viewer.scopes is None and viewer.is_anywhere(Role.ADMIN)


@rule(gettext_noop("Only the team's security manager or an administrator may do this."))
def may_run_team(viewer: Viewer, team: Team) -> bool:
    """Invite, suspend and give roles inside one team."""
    return may_run_site(viewer) or (
        viewer.scopes is None and viewer.has_role(team.pk, Role.MANAGER)
    )


@Rule
def may_give(viewer: Viewer, team: Team, role: str) -> None:
    """A team's manager gives every role but that of administrator and secretariat."""
    may_run_team.check(viewer, team)
    if role in SITE_ROLES and not may_run_site(viewer):
        raise Forbidden(gettext_noop("Only a technical administrator gives this role."))


@Rule
def may_open(actor: Actor) -> None:
    """Open organisations, teams and circles: Noroshi itself (console, sample) or an administrator."""
    if actor is not history.SYSTEM:
        if not isinstance(actor, Viewer):
            raise Forbidden(gettext_noop("Only a technical administrator may do this."))
        may_run_site.check(actor)


@Rule
def may_change_roles(viewer: Viewer, team: Team, person: Person) -> None:
    """Never one's own, and never those of somebody of higher rank (rule 6)."""
    may_run_team.check(viewer, team)
    if person.pk == viewer.person_id:
        raise Forbidden(gettext_noop("You cannot do this to yourself; ask a colleague."))
    if not may_run_site(viewer) and _roles_of(person) & SITE_ROLES:
        raise Forbidden(gettext_noop("Only a technical administrator may do this."))


@Rule
def may_remove(viewer: Viewer, team: Team, person: Person) -> None:
    """Take somebody out of one team; their roles in other teams are not touched."""
    may_change_roles.check(viewer, team, person)


@Rule
def may_stop(viewer: Viewer, team: Team, person: Person) -> None:
    """Suspending ends a person's work in every team, so all of them must be one's to run."""
    may_change_roles.check(viewer, team, person)
    managed = [pk for pk, roles in viewer.roles.items() if Role.MANAGER in roles]
    if not may_run_site(viewer) and person.memberships.exclude(team_id__in=managed).exists():
        raise Forbidden(
            gettext_noop("This person works in other teams too. Ask a technical administrator.")
        )


def _roles_of(person: Person) -> set[str]:
    return {membership.role for membership in person.memberships.all()}
