"""Whose token this is, and whom it may know of."""

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
            "id": token.public_id, "name": token.name, "scopes": token.scopes,
            "expires_at": token.expires_at, "last_used_at": token.last_used_at,
        },
        "person": reference_to(token.person),
        "teams": [
            {"team": reference_to(team), "roles": sorted(viewer.roles[team.pk])}
            for team in queries.own_teams(viewer)
        ],
        "circles": [reference_to(circle) for circle in queries.circles_for(viewer)],
    }  # fmt: skip


@area.reads("/teams", ItemList[shapes.Team])
def list_teams(request: Call, asked: Query[shapes.TeamsQuery]) -> HttpResponse:
    """Teams, by name."""
    found = queries.find_teams(request.viewer, words=asked.q, mine=asked.mine)
    part = page_of(found.select_related("organisation"), ("name",), **asked.place)
    return list_response([_team(team) for team in part.rows], after=part.after, before=part.before)


@area.reads("/teams/{team_id}", shapes.Team)
def get_team(request: Call, team_id: Id) -> dict[str, Any]:
    """One team."""
    return _team(queries.team_for(request.viewer, team_id))


@area.reads("/circles", ItemList[shapes.Circle])
def list_circles(request: Call, asked: Query[ListQuery]) -> HttpResponse:
    """The circles of trust that the token's teams are in, by name."""
    part = page_of(queries.circles_for(request.viewer), ("name",), **asked.place)
    return list_response(
        [_circle(circle) for circle in part.rows], after=part.after, before=part.before
    )


@area.reads("/circles/{circle_id}", shapes.CircleWithTeams)
def get_circle(request: Call, circle_id: Id) -> dict[str, Any]:
    """One circle with its teams."""
    circle = queries.circle_for(request.viewer, circle_id)
    teams = queries.teams_in(request.viewer, circle).order_by("name", "pk")
    return {**_circle(circle), "teams": [reference_to(team) for team in teams]}


@area.reads("/people", ItemList[shapes.Person])
def list_people(request: Call, asked: Query[shapes.PeopleQuery]) -> HttpResponse:
    """Colleagues, and the contacts of the teams in the token's circles, by name."""
    found = queries.people_for(request.viewer)
    if asked.team:
        found = queries.contacts_of(request.viewer, queries.team_for(request.viewer, asked.team))
    if asked.q:
        found = found.filter(Q(name__icontains=asked.q) | Q(name_en__icontains=asked.q))
    part = page_of(found, ("name",), **asked.place)
    return list_response(
        [_person(person) for person in part.rows], after=part.after, before=part.before
    )


@area.reads("/people/{person_id}", shapes.PersonWithRoles)
def get_person(request: Call, person_id: Id) -> dict[str, Any]:
    """One person and what they are in the teams that the token may know of."""
    person = queries.person_for(request.viewer, person_id)
    held = queries.roles_of(request.viewer, person)
    return {
        **_person(person),
        "teams": [
            {"team": reference_to(team), "roles": sorted(roles)} for team, roles in held.items()
        ],
    }


def _team(team: Any) -> dict[str, Any]:
    return {
        "id": team.public_id, "name": team.name, "name_en": team.name_en,
        "organisation": reference_to(team.organisation), "mail": team.mail, "standing": team.standing,
        "is_member": team.is_member,
    }  # fmt: skip


def _circle(circle: Any) -> dict[str, Any]:
    return {"id": circle.public_id, "name": circle.name, "name_en": circle.name_en,
            "purpose": circle.purpose}  # fmt: skip


def _person(person: Any) -> dict[str, Any]:
    return {"id": person.public_id, "name": person.name, "name_en": person.name_en}
