"""Teams, circles and organisations: those that a viewer may know of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from noroshi.core import lookup
from noroshi.core.errors import NotFound
from noroshi.directory import permissions
from noroshi.directory.models import Circle, Organisation, Role, Standing, Team
from noroshi.directory.viewer import Viewer


def teams_for(viewer: Viewer) -> QuerySet[Team]:
    """Every team to a member or administrator; to anybody else the own teams."""
    teams = Team.objects.select_related("organisation").exclude(standing=Standing.LEFT)
    if permissions.may_run_site(viewer) or viewer.is_member or viewer.is_anywhere(Role.SECRETARIAT):
        return teams
    return teams.filter(pk__in=viewer.team_ids)


def team_for(viewer: Viewer, public_id: str) -> Team:
    """The team, or ``NotFound``."""
    return lookup.get_or_not_found(teams_for(viewer).filter(public_id=public_id))


def any_team_for(viewer: Viewer, public_id: str) -> Team:
    """The team, also one that has left, to an administrator: it may come back."""
    permissions.may_run_site.check(viewer)
    return lookup.get_or_not_found(
        Team.objects.select_related("organisation").filter(public_id=public_id)
    )


def own_teams(viewer: Viewer) -> QuerySet[Team]:
    """The teams the viewer is in."""
    return Team.objects.select_related("organisation").filter(pk__in=viewer.team_ids)


def managed_teams(viewer: Viewer) -> QuerySet[Team]:
    """The teams whose security manager the viewer is."""
    managed = [pk for pk, roles in viewer.roles.items() if Role.MANAGER in roles]
    return Team.objects.filter(pk__in=managed)


def find_teams(
    viewer: Viewer, *, words: str = "", standings: Sequence[str] = (), mine: bool = False
) -> QuerySet[Team]:
    """The teams that the viewer may know of, by name or organisation, standing, or one's own.

    An administrator also gets those that have left, by asking for that standing.
    """
    teams = own_teams(viewer) if mine else teams_for(viewer)
    if Standing.LEFT in standings and permissions.may_run_site(viewer):
        teams = Team.objects.select_related("organisation")
    if words:
        teams = teams.filter(
            Q(name__icontains=words)
            | Q(name_en__icontains=words)
            | Q(slug__icontains=words)
            | Q(organisation__name__icontains=words)
            | Q(organisation__name_en__icontains=words)
        )
    return teams.filter(standing__in=standings) if standings else teams


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


def circles_of(viewer: Viewer, team: Team) -> QuerySet[Circle]:
    """The circles of a team that this viewer may know of."""
    return circles_for(viewer).filter(pk__in=team.seats.values("circle_id"))


def teams_in(viewer: Viewer, circle: Circle) -> QuerySet[Team]:
    """The teams of a circle that the viewer may see."""
    return teams_for(viewer).filter(pk__in=circle.seats.values("team_id"))


def circles_with_sizes(viewer: Viewer) -> QuerySet[Circle]:
    """The viewer's circles, each with ``size``: how many teams it has."""
    return circles_for(viewer).annotate(
        size=Count("seats", filter=~Q(seats__team__standing=Standing.LEFT))
    )


def organisations_for(viewer: Viewer) -> QuerySet[Organisation]:
    """Every organisation with its number of teams, to an administrator."""
    permissions.may_run_site.check(viewer)
    return Organisation.objects.annotate(size=Count("teams"))


def organisation_for(viewer: Viewer, public_id: str) -> Organisation:
    """The organisation, or ``NotFound``."""
    organisation = organisations_for(viewer).filter(public_id=public_id).first()
    if organisation is None:
        raise NotFound
    return organisation


def association() -> dict[str, QuerySet[Any]]:
    """The teams and circles that there are, whoever asks, as ``counts_of`` takes them.

    With no circle and no second team there is no association, and its menus lead nowhere.
    """
    return {
        "teams of the association": Team.objects.exclude(standing=Standing.LEFT),
        "circles of the association": Circle.objects.all(),
    }


def is_association(counts: Mapping[str, int]) -> bool:
    """Is there an association, by these counts of ``association``?"""
    teams, circles = (counts[name] for name in association())
    return teams > 1 or circles > 0
