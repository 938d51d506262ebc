"""The token and its owner, and the teams, circles and people that it may know of."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from ninja import Query

from noroshi.api.operations import Call, Operations, list_response
from noroshi.api.references import reference_to
from noroshi.api.schemas import directory as shapes
from noroshi.api.schemas.shared import Id, ItemList, ListQuery
from noroshi.core.paging import page_of
from noroshi.directory import queries

area = Operations("Directory")


@area.reads("/me", shapes.Me)
def me(request: Call) -> dict[str, Any]:
    """Who this token is.

    A token carries a person's rights or, made by its security manager, a team's.
    """
    viewer, token = request.viewer, request.token
    return {
        "token": {
            "id": token.public_id,
            "name": token.name,
            "scopes": token.scopes,
            "expires_at": token.expires_at,
            "last_used_at": token.last_used_at,
        },
        "person": reference_to(token.person),
        "teams": [
            {"team": reference_to(team), "roles": sorted(viewer.roles[team.pk])}
            for team in queries.own_teams(viewer)
        ],
        "circles": [reference_to(circle) for circle in queries.circles_for(viewer)],
    }


@area.reads("/teams", ItemList[shapes.Team])
def list_teams(request: Call, query: Query[shapes.TeamsQuery]) -> HttpResponse:
    """Teams, by name."""
    teams = queries.find_teams(request.viewer, words=query.q, mine=query.mine)
    page = page_of(teams.select_related("organisation"), ("name",), **query.place)
    return list_response([_team(team) for team in page.rows], after=page.after, before=page.before)


@area.reads("/teams/{team_id}", shapes.Team)
def get_team(request: Call, team_id: Id) -> dict[str, Any]:
    """One team."""
    return _team(queries.team_for(request.viewer, team_id))


@area.reads("/circles", ItemList[shapes.Circle])
def list_circles(request: Call, query: Query[ListQuery]) -> HttpResponse:
    """The circles of trust that the token's teams are in, by name."""
    page = page_of(queries.circles_for(request.viewer), ("name",), **query.place)
    return list_response(
        [_circle(circle) for circle in page.rows], after=page.after, before=page.before
    )


@area.reads("/circles/{circle_id}", shapes.CircleWithTeams)
def get_circle(request: Call, circle_id: Id) -> dict[str, Any]:
    """One circle with its teams."""
    circle = queries.circle_for(request.viewer, circle_id)
    teams = queries.teams_in(request.viewer, circle).order_by("name", "pk")
    return {**_circle(circle), "teams": [reference_to(team) for team in teams]}


@area.reads("/people", ItemList[shapes.Person])
def list_people(request: Call, query: Query[shapes.PeopleQuery]) -> HttpResponse:
    """Colleagues, and the contacts of the teams in the token's circles, by name."""
    rows = queries.people_for(request.viewer)
    if query.team:
        rows = queries.contacts_of(request.viewer, queries.team_for(request.viewer, query.team))
    if query.q:
        rows = rows.filter(Q(name__icontains=query.q) | Q(name_en__icontains=query.q))
    page = page_of(rows, ("name",), **query.place)
    return list_response(
        [_person(person) for person in page.rows], after=page.after, before=page.before
    )


@area.reads("/people/{person_id}", shapes.PersonWithRoles)
def get_person(request: Call, person_id: Id) -> dict[str, Any]:
    """One person and what they are in the teams that the token may know of."""
    person = queries.person_for(request.viewer, person_id)
    roles_by_team = queries.roles_of(request.viewer, person)
    return {
        **_person(person),
        "teams": [
            {"team": reference_to(team), "roles": sorted(roles)}
            for team, roles in roles_by_team.items()
        ],
    }


def _team(team: Any) -> dict[str, Any]:
    return {
        "id": team.public_id,
        "name": team.name,
        "name_en": team.name_en,
        "organisation": reference_to(team.organisation),
        "mail": team.mail,
        "standing": team.standing,
        "is_member": team.is_member,
    }


def _circle(circle: Any) -> dict[str, Any]:
    return {
        "id": circle.public_id,
        "name": circle.name,
        "name_en": circle.name_en,
        "purpose": circle.purpose,
    }


def _person(person: Any) -> dict[str, Any]:
    return {"id": person.public_id, "name": person.name, "name_en": person.name_en}
