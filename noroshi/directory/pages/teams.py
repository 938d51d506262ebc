"""The directory for everybody in it: teams, their contact people, circles of trust."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from noroshi.core.paging import cursor_of, page_of
from noroshi.directory import permissions, queries
from noroshi.directory.models import Circle, Person, Role, Standing, Team
from noroshi.directory.request import Request, page
from noroshi.ui.components import pager_for, status, tag, with_query
from noroshi.ui.shapes import Choice, Column, Fact, Menu, Row, Table, TableRow, Text, View


@page
@require_safe
def teams(request: Request) -> HttpResponse:
    """Every team that the viewer may know of."""
    runs_site = permissions.may_run_site(request.viewer)
    offered = [s for s in Standing if runs_site or s != Standing.LEFT]
    menus = [Menu("standing", _("Standing"), [Choice(s.value, s.label) for s in offered])]
    mine = request.GET.get("view") == "mine"
    rows = queries.find_teams(
        request.viewer,
        words=request.GET.get("q", ""),
        standings=request.GET.getlist("standing"),
        mine=mine,
    )
    at = page_of(rows, ("name",), **cursor_of(request.GET))
    context = {
        "menus": menus,
        "tabs": _views(request, mine=mine),
        "pages": pager_for(at, request.GET),
        "found": at.rows,
        "table": _team_table(at.rows),
        "runs_site": runs_site,
    }
    return render(request, "directory/teams.html", context)


@page
@require_safe
def team(request: Request, team_id: str) -> HttpResponse:
    """A team's card: who they are, whom to reach, which circles we share."""
    team = queries.team_for(request.viewer, team_id)
    context = {
        "team": team,
        "facts": _facts(team),
        "contacts": [_contact(p) for p in queries.contacts_of(request.viewer, team)],
        "circles": [_circle(c) for c in queries.circles_of(request.viewer, team)],
        "runs_team": permissions.may_run_team(request.viewer, team),
        "runs_site": permissions.may_run_site(request.viewer),
    }
    return render(request, "directory/team.html", context)


@page
@require_safe
def person(request: Request, person_id: str) -> HttpResponse:
    """A person's card: how to reach them, and what they are in which team."""
    person = queries.person_for(request.viewer, person_id)
    roles_by_team = queries.roles_of(request.viewer, person)
    facts = [
        Fact(_("Mail"), person.mail),
        Fact(_("Number"), person.public_id, mono=True),
        *(Fact(str(team), _role_words(roles)) for team, roles in roles_by_team.items()),
    ]
    return render(request, "directory/person.html", {"person": person, "facts": facts})


@page
@require_safe
def circles(request: Request) -> HttpResponse:
    """The circles of trust that the viewer's teams are in."""
    at = page_of(queries.circles_with_sizes(request.viewer), ("name",), **cursor_of(request.GET))
    table = Table(
        caption=_("Circles of trust"),
        columns=[Column(_("Circle")), Column(_("Purpose")), Column(_("Teams"), number=True)],
        rows=[
            TableRow(str(c), (c.purpose, getattr(c, "size", 0)), url=_url("circle", c.public_id))
            for c in at.rows
        ],
    )
    context = {
        "table": table,
        "pages": pager_for(at, request.GET),
        "found": at.rows,
        "runs_site": permissions.may_run_site(request.viewer),
    }
    return render(request, "directory/circles.html", context)


@page
@require_safe
def circle(request: Request, circle_id: str) -> HttpResponse:
    """A circle and its teams."""
    circle = queries.circle_for(request.viewer, circle_id)
    members = list(queries.teams_in(request.viewer, circle))
    context = {
        "circle": circle,
        "table": _team_table(members),
        "count": len(members),
        "runs_site": permissions.may_run_site(request.viewer),
    }
    return render(request, "directory/circle.html", context)


def _views(request: Request, *, mine: bool) -> list[View]:
    return [
        View(_("All teams"), with_query(request.GET, view="all"), current=not mine),
        View(_("My teams"), with_query(request.GET, view="mine"), current=mine),
    ]


def _team_table(rows: list[Team]) -> Table:
    return Table(
        caption=_("Teams"),
        columns=[Column(_("Team")), Column(_("Organisation")), Column(_("Standing"))],
        rows=[
            TableRow(
                str(team),
                (str(team.organisation), standing(team)),
                # A team that has left has no card any more, only the way back.
                url=_url("standing" if team.standing == Standing.LEFT else "team", team.public_id),
                sub=team.mail,
            )
            for team in rows
        ],
    )


def standing(team: Team) -> Text:
    """Standing as shape and word; who is not a member of the association is said here too."""
    if team.standing != Standing.ACTIVE:
        return status(Standing(team.standing).label, "bar", "warn")
    return status(_("Member"), "done", "ok") if team.is_member else tag(_("Not a member"))


def _facts(team: Team) -> list[Fact]:
    return [
        Fact(_("Organisation"), str(team.organisation)),
        Fact(_("Standing"), standing(team)),
        Fact(_("Mail"), team.mail),
        Fact(_("Number"), team.public_id, mono=True),
    ]


def _contact(person: Person) -> Row:
    roles = {membership.role for membership in getattr(person, "roles_here", ())}
    return Row(
        str(person), _url("person", person.public_id), meta=(_role_words(roles), person.mail)
    )


def _circle(circle: Circle) -> Row:
    return Row(str(circle), _url("circle", circle.public_id), meta=(circle.purpose,))


def _role_words(roles: set[str]) -> str:
    return ", ".join(str(role.label) for role in Role if role in roles)


def _url(name: str, *args: str) -> str:
    return reverse(f"directory:{name}", args=args)
