"""Running teams: for security managers their own, for technical administrators all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from noroshi.core.errors import NotFound
from noroshi.core.paging import cursor_of, page_of
from noroshi.core.rules import Rule
from noroshi.directory import actions, permissions, queries
from noroshi.directory.forms import (
    CircleForm,
    CircleTeamsForm,
    InviteForm,
    NothingForm,
    OrganisationForm,
    RolesForm,
    StandingForm,
    TeamForm,
)
from noroshi.directory.models import Invitation, Organisation, Person, PersonState, Role, Team
from noroshi.directory.request import Request, page, posted
from noroshi.directory.viewer import Viewer
from noroshi.ui.components import pager_for, status, when
from noroshi.ui.shapes import Choice, Column, Menu, Row, Table, TableRow, Text

BOTH = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to a person: the action, who may, when it fits, and what the page says."""

    act: Callable[..., None]
    may: Rule[[Viewer, Team, Person]]
    fits: tuple[str, ...]
    title: Any
    verb: Any
    done: Any


STEPS = {
    "suspend": Step(
        actions.suspend_person,
        permissions.may_stop,
        fits=(PersonState.ACTIVE,),
        title=gettext_lazy("Suspend %(name)s"),
        verb=gettext_lazy("Suspend"),
        done=gettext_lazy("%(name)s is suspended. Every session and token has ended."),
    ),
    "reinstate": Step(
        actions.reinstate_person,
        permissions.may_stop,
        fits=(PersonState.SUSPENDED,),
        title=gettext_lazy("Reinstate %(name)s"),
        verb=gettext_lazy("Reinstate"),
        done=gettext_lazy("%(name)s can sign in again."),
    ),
    "leave": Step(
        actions.leave,
        permissions.may_remove,
        fits=(PersonState.ACTIVE, PersonState.SUSPENDED),
        title=gettext_lazy("Let %(name)s leave the team"),
        verb=gettext_lazy("Let leave"),
        done=gettext_lazy("%(name)s has left the team."),
    ),
}


# ---- people of a team ------------------------------------------------------------------


@page
@require_safe
def people(request: Request, team_id: str) -> HttpResponse:
    """Everybody in a team, and the invitations that are open."""
    team = queries.team_for(request.viewer, team_id)
    states = [PersonState.ACTIVE, PersonState.SUSPENDED]
    menus = [Menu("state", _("State"), [Choice(s.value, s.label) for s in states])]
    rows = queries.people_of(request.viewer, team)
    if chosen := request.GET.getlist("state"):
        rows = rows.filter(state__in=chosen)
    at = page_of(rows, ("name",), **cursor_of(request.GET))
    invitations = list(queries.invitations_for(request.viewer, team))
    context = {
        "team": team,
        "menus": menus,
        "pages": pager_for(at, request.GET),
        "table": _table(team, at.rows),
        "invited": [_invited(team, invitation) for invitation in invitations],
    }
    return render(request, "directory/people.html", context)


@page
@require_http_methods(BOTH)
def invite(request: Request, team_id: str) -> HttpResponse:
    """Invite somebody by mail. The answer does not tell whether the address has an account."""
    team = queries.team_for(request.viewer, team_id)
    permissions.may_run_team.check(request.viewer, team)
    form = InviteForm(posted(request), roles=_giveable(request.viewer, team))
    if form.is_valid():
        actions.invite(**form.cleaned_data, team=team, by=request.viewer)
        messages.success(request, _("An invitation is on its way to %(mail)s.") % form.cleaned_data)
        return redirect("directory:people", team.public_id)
    return render(request, "directory/invite.html", {"team": team, "form": form})


@page
@require_http_methods(BOTH)
def take_back(request: Request, team_id: str, invitation_id: str) -> HttpResponse:
    """Take an invitation back that nobody has used yet."""
    team = queries.team_for(request.viewer, team_id)
    invitation = queries.invitation_for(request.viewer, team, invitation_id)
    form = NothingForm(posted(request))
    if form.is_valid():
        actions.revoke_invitation(invitation=invitation, by=request.viewer)
        messages.success(request, _("The invitation is taken back. Its link opens nothing now."))
        return redirect("directory:people", team.public_id)
    return render(request, "directory/take_back.html", {"team": team, "invitation": invitation})


@page
@require_http_methods(BOTH)
def roles(request: Request, team_id: str, person_id: str) -> HttpResponse:
    """A person in a team: the roles there, and what else may be done."""
    team = queries.team_for(request.viewer, team_id)
    person = queries.person_in(request.viewer, team, person_id)
    current = {m.role for m in person.memberships.all() if m.team_id == team.pk}
    giveable = _giveable(request.viewer, team)
    form = RolesForm(posted(request), roles=giveable, initial={"roles": sorted(current)})
    if form.is_valid():
        not_in_form = current - set(giveable)
        roles = {*form.cleaned_data["roles"], *not_in_form}
        actions.set_roles(person=person, team=team, roles=roles, by=request.viewer)
        messages.success(request, _("The roles are changed from now on."))
        return redirect("directory:people", team.public_id)
    context = {
        "team": team,
        "person": person,
        "form": form,
        "steps": _steps(request.viewer, team, person),
        "may_change": permissions.may_change_roles(request.viewer, team, person),
        "state": _state(person),
    }
    return render(request, "directory/roles.html", context)


@page
@require_http_methods(BOTH)
def step(request: Request, team_id: str, person_id: str, name: str) -> HttpResponse:
    """Suspend, reinstate or let leave, after a page that says what happens to whom."""
    if name not in STEPS:
        raise NotFound
    doing = STEPS[name]
    team = queries.team_for(request.viewer, team_id)
    person = queries.person_in(request.viewer, team, person_id)
    doing.may.check(request.viewer, team, person)
    form, words = NothingForm(posted(request)), {"name": str(person)}
    if form.is_valid():
        doing.act(person=person, team=team, by=request.viewer)
        messages.success(request, doing.done % words)
        return redirect("directory:people", team.public_id)
    context = {
        "team": team,
        "person": person,
        "name": name,
        "verb": doing.verb,
        "title": doing.title % words,
        "last": queries.is_last_team(person, team),
    }
    return render(request, "directory/step.html", context)


# ---- organisations, teams and circles, for administrators ------------------------------


@page
@require_http_methods(BOTH)
def standing(request: Request, team_id: str) -> HttpResponse:
    """Suspend a team, let it in again, or see it off."""
    team = queries.any_team_for(request.viewer, team_id)
    form = StandingForm(posted(request), initial={"standing": team.standing})
    if form.is_valid():
        actions.set_standing(team=team, **form.cleaned_data, by=request.viewer)
        messages.success(request, _("The standing of %(team)s is changed.") % {"team": team})
        return redirect("directory:teams")
    return render(request, "directory/standing.html", {"team": team, "form": form})


@page
@require_safe
def organisations(request: Request) -> HttpResponse:
    """Every organisation, for administrators."""
    at = page_of(queries.organisations_for(request.viewer), ("name",), **cursor_of(request.GET))
    context = {"rows": [_organisation(o) for o in at.rows], "pages": pager_for(at, request.GET)}
    return render(request, "directory/organisations.html", context)


@page
@require_http_methods(BOTH)
def new_organisation(request: Request) -> HttpResponse:
    """Add an organisation."""
    permissions.may_run_site.check(request.viewer)
    form = OrganisationForm(posted(request))
    if form.is_valid():
        made = actions.open_organisation(**form.cleaned_data, by=request.viewer)
        messages.success(request, _("%(name)s is added. Now add its team.") % {"name": made})
        return redirect("directory:new-team", made.public_id)
    return render(request, "directory/new_organisation.html", {"form": form})


@page
@require_http_methods(BOTH)
def new_team(request: Request, organisation_id: str) -> HttpResponse:
    """Add a team to an organisation."""
    organisation = queries.organisation_for(request.viewer, organisation_id)
    form = TeamForm(posted(request))
    if form.is_valid():
        made = actions.open_team(organisation=organisation, **form.cleaned_data, by=request.viewer)
        messages.success(request, _("%(name)s is added. Now invite its people.") % {"name": made})
        return redirect("directory:invite", made.public_id)
    return render(request, "directory/new_team.html", {"form": form, "organisation": organisation})


@page
@require_http_methods(BOTH)
def new_circle(request: Request) -> HttpResponse:
    """Draw a circle of trust."""
    permissions.may_run_site.check(request.viewer)
    form = CircleForm(posted(request), teams=queries.teams_for(request.viewer))
    if form.is_valid():
        made = actions.open_circle(**form.cleaned_data, by=request.viewer)
        messages.success(request, _("The circle %(name)s is drawn.") % {"name": made})
        return redirect("directory:circle", made.public_id)
    return render(request, "directory/new_circle.html", {"form": form})


@page
@require_http_methods(BOTH)
def circle_teams(request: Request, circle_id: str) -> HttpResponse:
    """Choose the teams of a circle."""
    permissions.may_run_site.check(request.viewer)
    circle = queries.circle_for(request.viewer, circle_id)
    current = [team.public_id for team in queries.teams_in(request.viewer, circle)]
    form = CircleTeamsForm(
        posted(request), teams=queries.teams_for(request.viewer), initial={"teams": current}
    )
    if form.is_valid():
        actions.set_circle_teams(circle=circle, **form.cleaned_data, by=request.viewer)
        messages.success(request, _("The teams of the circle are changed from now on."))
        return redirect("directory:circle", circle.public_id)
    return render(request, "directory/circle_teams.html", {"circle": circle, "form": form})


# ---- values for the pages -----------------------------------------------------------------------------


def _giveable(viewer: Viewer, team: Team) -> list[Role]:
    return [role for role in Role if permissions.may_give(viewer, team, role)]


def _steps(viewer: Viewer, team: Team, person: Person) -> list[tuple[str, Any]]:
    """The steps that fit this person's state and are the viewer's to take."""
    return [
        (name, doing.verb)
        for name, doing in STEPS.items()
        if person.state in doing.fits and doing.may(viewer, team, person)
    ]


def _table(team: Team, rows: list[Person]) -> Table:
    return Table(
        caption=_("People of %(team)s") % {"team": team},
        columns=[
            Column(_("Person")),
            Column(_("Roles")),
            Column(_("State")),
            Column(_("Last sign-in"), nowrap=True),
        ],
        rows=[
            TableRow(
                str(person),
                (
                    ", ".join(
                        str(Role(m.role).label)
                        for m in person.memberships.all()
                        if m.team_id == team.pk
                    ),
                    _state(person),
                    when(person.last_login) if person.last_login else _("never"),
                ),
                url=f"/teams/{team.public_id}/people/{person.public_id}",
                sub=person.mail,
            )
            for person in rows
        ],
    )


def _state(person: Person) -> Text:
    if person.state == PersonState.ACTIVE:
        return status(PersonState.ACTIVE.label, "done", "ok")
    return status(PersonState(person.state).label, "bar", "warn")


def _invited(team: Team, invitation: Invitation) -> Row:
    return Row(
        invitation.mail,
        f"/teams/{team.public_id}/invitations/{invitation.public_id}",
        meta=(invitation.name, Role(invitation.role).label, invitation.public_id),
        due=invitation.expires_at,
    )


def _organisation(organisation: Organisation) -> Row:
    return Row(
        str(organisation),
        f"/organisations/{organisation.public_id}/teams/new",
        meta=(
            organisation.public_id,
            _("Teams: %(count)d") % {"count": getattr(organisation, "size", 0)},
        ),
    )
