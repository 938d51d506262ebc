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
    found = queries.find_teams(
        request.viewer,
        words=request.GET.get("q", ""),
        standings=request.GET.getlist("standing"),
        mine=mine,
    )
    part = page_of(found, ("name",), **cursor_of(request.GET))
    context = {"menus": menus, "tabs": _views(request, mine=mine), "pages": pager_for(part, request.GET), "found": part.rows,
               "table": _team_table(part.rows), "runs_site": runs_site}  # fmt: skip
    return render(request, "directory/teams.html", context)


@page
@require_safe
def team(request: Request, team_id: str) -> HttpResponse:
    """A team's card: who they are, whom to reach, which circles we share."""
    found = queries.team_for(request.viewer, team_id)
    context = {
        "team": found,
        "facts": _facts(found),
        "contacts": [_contact(p) for p in queries.contacts_of(request.viewer, found)],
        "circles": [_circle(c) for c in queries.circles_of(request.viewer, found)],
        "runs_team": permissions.may_run_team(request.viewer, found),
        "runs_site": permissions.may_run_site(request.viewer),
    }
    return render(request, "directory/team.html", context)


@page
@require_safe
def person(request: Request, person_id: str) -> HttpResponse:
    """A person's card: how to reach them, and what they are in which team."""
    found = queries.person_for(request.viewer, person_id)
    roles = queries.roles_of(request.viewer, found)
    facts = [
        Fact(_("Mail"), found.mail),
        Fact(_("Number"), found.public_id, mono=True),
        *(Fact(str(team), _role_words(held)) for team, held in roles.items()),
    ]
    return render(request, "directory/person.html", {"person": found, "facts": facts})


@page
@require_safe
def circles(request: Request) -> HttpResponse:
    """The circles of trust that the viewer's teams are in."""
    part = page_of(queries.circles_with_sizes(request.viewer), ("name",), **cursor_of(request.GET))
    table = Table(
        caption=_("Circles of trust"),
        columns=[Column(_("Circle")), Column(_("Purpose")), Column(_("Teams"), number=True)],
        rows=[
            TableRow(str(c), (c.purpose, getattr(c, "size", 0)), url=_url("circle", c.public_id))
            for c in part.rows
        ],
    )
    context = {"table": table, "pages": pager_for(part, request.GET), "found": part.rows,
               "runs_site": permissions.may_run_site(request.viewer)}  # fmt: skip
    return render(request, "directory/circles.html", context)


@page
@require_safe
def circle(request: Request, circle_id: str) -> HttpResponse:
    """A circle and its teams."""
    found = queries.circle_for(request.viewer, circle_id)
    members = list(queries.teams_in(request.viewer, found))
    context = {"circle": found, "table": _team_table(members), "count": len(members),
               "runs_site": permissions.may_run_site(request.viewer)}  # fmt: skip
    return render(request, "directory/circle.html", context)


def _views(request: Request, *, mine: bool) -> list[View]:
    return [
        View(_("All teams"), with_query(request.GET, view="all"), current=not mine),
        View(_("My teams"), with_query(request.GET, view="mine"), current=mine),
    ]


def _team_table(found: list[Team]) -> Table:
    return Table(
        caption=_("Teams"),
        columns=[Column(_("Team")), Column(_("Organisation")), Column(_("Standing"))],
        rows=[
            TableRow(
                str(team), (str(team.organisation), standing(team)),
                # Who has left has no card any more, only the way back.
                url=_url("standing" if team.standing == Standing.LEFT else "team", team.public_id),
                sub=team.mail,
            )
            for team in found
        ],
    )  # fmt: skip


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
    held = {membership.role for membership in getattr(person, "roles_here", ())}
    return Row(str(person), _url("person", person.public_id), meta=(_role_words(held), person.mail))


def _circle(circle: Circle) -> Row:
    return Row(str(circle), _url("circle", circle.public_id), meta=(circle.purpose,))


def _role_words(held: set[str]) -> str:
    return ", ".join(str(role.label) for role in Role if role in held)


def _url(name: str, *args: str) -> str:
    return reverse(f"directory:{name}", args=args)
