"""Reading the directory. It names teams and people to members; contents stand elsewhere."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from noroshi.core import clock
from noroshi.core.errors import NotFound
from noroshi.directory import permissions, tokens
from noroshi.directory.models import (
    ApiToken,
    Circle,
    Invitation,
    Person,
    PersonState,
    Role,
    Standing,
    Team,
)
from noroshi.directory.viewer import Viewer


def teams_for(viewer: Viewer) -> QuerySet[Team]:
    """Every team to a member or administrator; to anybody else the own teams."""
    teams = Team.objects.select_related("organisation").exclude(standing=Standing.LEFT)
    if permissions.may_run_site(viewer) or viewer.is_member or viewer.is_anywhere(Role.SECRETARIAT):
        return teams
    return teams.filter(pk__in=viewer.team_ids)


def team_for(viewer: Viewer, public_id: str) -> Team:
    """The team, or ``NotFound``."""
    team = teams_for(viewer).filter(public_id=public_id).first()
    if team is None:
        raise NotFound
    return team


def own_teams(viewer: Viewer) -> QuerySet[Team]:
    """The teams the viewer is in."""
    return Team.objects.select_related("organisation").filter(pk__in=viewer.team_ids)


def circles_for(viewer: Viewer) -> QuerySet[Circle]:
    """The circles that the viewer's teams are in; every circle to an administrator."""
    if permissions.may_run_site(viewer):
        return Circle.objects.all()
    return Circle.objects.filter(pk__in=viewer.circle_ids)


def circle_for(viewer: Viewer, public_id: str) -> Circle:
    """The circle, or ``NotFound``."""
    circle = circles_for(viewer).filter(public_id=public_id).first()
    if circle is None:
        raise NotFound
    return circle


def people_for(viewer: Viewer) -> QuerySet[Person]:
    """Colleagues in the own teams, and contact people (CSIRT and manager) of the circles' teams."""
    people = Person.objects.exclude(state=PersonState.LEFT)
    if permissions.may_run_site(viewer):
        return people
    return people.filter(
        Q(pk__in=Person.objects.filter(memberships__team_id__in=viewer.team_ids).values("pk"))
        | Q(
            pk__in=Person.objects.filter(
                memberships__role__in=(Role.CSIRT, Role.MANAGER),
                memberships__team__seats__circle_id__in=viewer.circle_ids,
            ).values("pk")
        )
    )


def person_for(viewer: Viewer, public_id: str) -> Person:
    """The person, or ``NotFound``."""
    person = people_for(viewer).filter(public_id=public_id).first()
    if person is None:
        raise NotFound
    return person


def people_in(team: Team, *roles: Role) -> QuerySet[Person]:
    """Active people of the team in one of ``roles`` (any role when none is given), each once."""
    rows = team.memberships.filter(role__in=roles) if roles else team.memberships.all()
    return Person.objects.filter(state=PersonState.ACTIVE, pk__in=rows.values("person_id"))


def invitations_for(viewer: Viewer, team: Team) -> QuerySet[Invitation]:
    """Open invitations of a team, to those who run it."""
    permissions.check_may_run_team(viewer, team)
    return team.invitations.filter(used_at=None, revoked_at=None, expires_at__gt=clock.now())


def open_invitation(secret: str) -> Invitation:
    """The invitation of a mailed secret while it can be used, else ``NotFound``."""
    invitation = (
        Invitation.objects.select_related("team__organisation")
        .filter(
            token_hash=tokens.hash_of(secret),
            used_at=None,
            revoked_at=None,
            expires_at__gt=clock.now(),
        )
        .first()
    )
    if invitation is None:
        raise NotFound
    return invitation


def tokens_for(viewer: Viewer) -> QuerySet[ApiToken]:
    """The viewer's own tokens and those of teams that the viewer manages."""
    managed = [team for team, roles in viewer.roles.items() if Role.MANAGER in roles]
    return ApiToken.objects.select_related("team", "person").filter(
        Q(person_id=viewer.person_id) | Q(team_id__in=managed)
    )


def valid_token(secret: str) -> ApiToken | None:
    """The token of a secret while it is valid, else ``None``."""
    return (
        ApiToken.objects.select_related("person", "team", "made_by")
        .filter(token_hash=tokens.hash_of(secret), revoked_at=None, expires_at__gt=clock.now())
        .first()
    )
