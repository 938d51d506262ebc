"""People: those whom a viewer may know, those in a team, and the viewer themselves."""

from __future__ import annotations

from copy import copy

from allauth.mfa.models import Authenticator
from django.db.models import Prefetch, Q, QuerySet

from noroshi.core import lookup
from noroshi.core.errors import NotFound
from noroshi.directory import permissions
from noroshi.directory.models import Membership, Person, PersonState, Role, Team
from noroshi.directory.queries.teams import teams_for
from noroshi.directory.viewer import Viewer


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
    return lookup.get_or_not_found(people_for(viewer).filter(public_id=public_id))


def people_in(team: Team, *roles: Role) -> QuerySet[Person]:
    """Active people of the team in one of ``roles`` (in any role, without ``roles``), each once."""
    rows = team.memberships.filter(role__in=roles) if roles else team.memberships.all()
    return Person.objects.filter(state=PersonState.ACTIVE, pk__in=rows.values("person_id"))


def people_of(viewer: Viewer, team: Team) -> QuerySet[Person]:
    """Everybody in a team with all roles, to those who run it."""
    permissions.may_run_team.check(viewer, team)
    return Person.objects.filter(pk__in=team.memberships.values("person_id")).prefetch_related(
        "memberships"
    )


def person_in(viewer: Viewer, team: Team, public_id: str) -> Person:
    """Somebody in a team that the viewer runs, or ``NotFound``."""
    person = people_of(viewer, team).filter(public_id=public_id).first()
    if person is None:
        raise NotFound
    return person


def contacts_of(viewer: Viewer, team: Team) -> QuerySet[Person]:
    """The people of a team whom this viewer may know, with their roles in it."""
    return (
        people_for(viewer)
        .filter(state=PersonState.ACTIVE, pk__in=team.memberships.values("person_id"))
        .prefetch_related(Prefetch("memberships", team.memberships.all(), to_attr="roles_here"))
    )


def roles_of(viewer: Viewer, person: Person) -> dict[Team, set[str]]:
    """The roles of a person in the teams that the viewer may know of."""
    roles: dict[Team, set[str]] = {}
    rows = person.memberships.filter(team__in=teams_for(viewer)).select_related("team")
    for membership in rows.order_by("team__name", "team_id"):
        roles.setdefault(membership.team, set()).add(membership.role)
    return roles


def is_last_team(person: Person, team: Team) -> bool:
    """Would leaving this team mean leaving Noroshi?"""
    return all(membership.team_id == team.pk for membership in person.memberships.all())


def person_with_address(address: str) -> Person | None:
    """The active person with this address, for an identity provider that has verified it."""
    if not address:
        return None
    return Person.objects.filter(mail__iexact=address, state=PersonState.ACTIVE).first()


def own_settings(viewer: Viewer) -> dict[str, str]:
    """Language, time zone and theme of the viewer."""
    person = Person.objects.filter(public_id=viewer.public_id).get()
    return {"language": person.language, "time_zone": person.time_zone, "theme": person.theme}


def recovery_codes_of(viewer: Viewer) -> list[str]:
    """The recovery codes that the viewer has not used yet, or ``NotFound`` when there are none."""
    codes = Authenticator.objects.filter(
        user_id=viewer.person_id, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    if codes is None:
        raise NotFound
    return list(codes.wrap().get_unused_codes())


def sample_people() -> QuerySet[Person]:
    """The invented people of the sample: their addresses end in ``.example``, as no real one can."""
    return (
        Person.objects.filter(state=PersonState.ACTIVE, mail__endswith=".example")
        .prefetch_related(Prefetch("memberships", Membership.objects.select_related("team")))
        .order_by("pk")
    )


def sample_teams() -> dict[str, list[Person]]:
    """The sample people by team, each once per team, with ``roles_there`` in words' order."""
    teams: dict[str, list[Person]] = {}
    order = list(Role)
    for person in sample_people():
        roles_by_team: dict[str, list[Role]] = {}
        for membership in person.memberships.all():
            roles_by_team.setdefault(str(membership.team), []).append(Role(membership.role))
        for team, roles in roles_by_team.items():
            member = copy(person)
            member.roles_there = sorted(roles, key=order.index)  # type: ignore[attr-defined]  # for the page
            teams.setdefault(team, []).append(member)
    return teams
