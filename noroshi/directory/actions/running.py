"""Organisations, teams, their people and roles, circles: what managers and administrators change."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from noroshi.core import history
from noroshi.core.errors import Malformed, Refused, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory import permissions
from noroshi.directory.actions.ending import end_access, end_invitations, end_tokens, locked
from noroshi.directory.areas import publish
from noroshi.directory.events import TEAM_READS_MORE
from noroshi.directory.models import (
    Circle,
    CircleTeam,
    Membership,
    Organisation,
    Person,
    PersonState,
    Role,
    Standing,
    Team,
)
from noroshi.directory.viewer import Viewer


@transaction.atomic
def open_organisation(*, name: str, name_en: str = "", by: Actor) -> Organisation:
    """Add an organisation."""
    permissions.may_open.check(by)
    organisation = Organisation.objects.create(name=name, name_en=name_en)
    history.record(
        "directory.open_organisation",
        organisation,
        by=by,
        after={"name": name},
    )
    return organisation


@transaction.atomic
def open_team(
    *,
    organisation: Organisation,
    name: str,
    slug: str,
    name_en: str = "",
    mail: str = "",
    is_member: bool = True,
    by: Actor,
) -> Team:
    """Add a team to an organisation."""
    permissions.may_open.check(by)
    if Team.objects.filter(slug=slug).exists():
        raise Refused(
            gettext_noop("A team with the short name %(slug)s is there already."), slug=slug
        )
    team = Team.objects.create(
        organisation=organisation,
        name=name,
        name_en=name_en,
        slug=slug,
        mail=mail,
        is_member=is_member,
    )
    history.record("directory.open_team", team, by=by, after={"name": name})
    return team


@transaction.atomic
def add_person(
    *,
    mail: str,
    name: str,
    team: Team,
    roles: Iterable[str],
    name_en: str = "",
    language: str = "ja",
    password: str | None = None,
    by: Actor,
) -> Person:
    """Add a person to a team, or give one who is known by this address more roles there."""
    permissions.may_open.check(by)
    person = Person.objects.filter(mail__iexact=mail).first()
    if person is None:
        person = Person(mail=mail.lower(), name=name, name_en=name_en, language=language)
        person.set_password(password)
        person.save()
    for role in sorted(roles):
        Membership.objects.get_or_create(person=person, team=team, role=role)
    added = {"team": team.public_id, "roles": sorted(roles)}
    history.record("directory.add_person", person, by=by, after=added)
    return person


@transaction.atomic
def set_roles(*, person: Person, team: Team, roles: Iterable[str], by: Viewer) -> None:
    """Make ``roles`` the person's roles in the team; each change must be one's to make.

    Nobody changes their own, not even an administrator: they could else read what they only keep
    running (rule 6). Who stops being manager loses the team's tokens that they made.
    """
    person = locked(person)
    permissions.may_change_roles.check(by, team, person)
    new_roles, old_roles = set(roles), set(_roles_in(person, team))
    if not new_roles <= set(Role.values):
        raise Malformed("roles", gettext_noop("Choose from the roles that there are."))
    if not new_roles:
        raise Refused(
            gettext_noop("A person in a team has at least one role. Let the person leave instead.")
        )
    for role in sorted(new_roles ^ old_roles):
        permissions.may_give.check(by, team, role)
    Membership.objects.filter(person=person, team=team, role__in=old_roles - new_roles).delete()
    for role in sorted(new_roles - old_roles):
        Membership.objects.create(person=person, team=team, role=role)
    if Role.MANAGER in old_roles - new_roles:
        end_tokens(Q(made_by=person, team=team))
    history.record(
        "directory.set_roles",
        person,
        by=by,
        before={"roles": sorted(old_roles)},
        after={"roles": sorted(new_roles), "team": team.public_id},
    )


@transaction.atomic
def suspend_person(*, person: Person, team: Team, by: Viewer) -> None:
    """Stop a person: every session and token ends with this transaction."""
    person = locked(person)
    permissions.may_stop.check(by, team, person)
    if person.state != PersonState.ACTIVE:
        raise Refused(gettext_noop("Only an active person can be suspended."))
    _stop(person, PersonState.SUSPENDED, "directory.suspend_person", by)


@transaction.atomic
def reinstate_person(*, person: Person, team: Team, by: Viewer) -> None:
    """Let a suspended person in again; old sessions and tokens stay ended."""
    person = locked(person)
    permissions.may_stop.check(by, team, person)
    if person.state != PersonState.SUSPENDED:
        raise Refused(gettext_noop("Only a suspended person can be reinstated."))
    person.state = PersonState.ACTIVE
    person.save(update_fields=["state"])
    history.record("directory.reinstate_person", person, by=by)


@transaction.atomic
def leave(*, person: Person, team: Team, by: Viewer) -> None:
    """The person leaves the team; with the last team, Noroshi as a whole.

    Every session and token ends either way: a token made in this team would go on elsewhere.
    An invitation that still waits for the person does not bring them back.
    """
    person = locked(person)
    permissions.may_remove.check(by, team, person)
    Membership.objects.filter(person=person, team=team).delete()
    end_invitations(Q(team=team, mail__iexact=person.mail))
    if person.memberships.exists():
        end_access(person)
        history.record("directory.leave", person, by=by, after={"team": team.public_id})
    else:
        _stop(person, PersonState.LEFT, "directory.leave", by)


@transaction.atomic
def set_standing(*, team: Team, standing: str, by: Viewer) -> None:
    """Suspend a team, let it in again, or see it off; from now on its people read accordingly."""
    permissions.may_run_site.check(by)
    team = Team.objects.select_for_update(no_key=True).get(pk=team.pk)  # as in ``locked``
    before = team.standing
    if standing not in Standing.values or standing == before:
        raise Refused(gettext_noop("Choose another standing than the one it has."))
    team.standing = standing
    team.save(update_fields=["standing"])
    if standing == Standing.LEFT:
        end_tokens(Q(team=team))
    if standing == Standing.ACTIVE:
        publish(TEAM_READS_MORE, team.public_id)
    history.record(
        "directory.set_standing",
        team,
        by=by,
        before={"standing": before},
        after={"standing": standing},
    )


@transaction.atomic
def open_circle(
    *, name: str, teams: Iterable[Team], name_en: str = "", purpose: str = "", by: Actor
) -> Circle:
    """Draw a circle of trust around some teams."""
    permissions.may_open.check(by)
    circle = Circle.objects.create(name=name, name_en=name_en, purpose=purpose)
    for team in teams:
        CircleTeam.objects.create(circle=circle, team=team)
    history.record("directory.open_circle", circle, by=by, after={"name": name})
    return circle


@transaction.atomic
def set_circle_teams(*, circle: Circle, teams: Iterable[Team], by: Viewer) -> None:
    """Make ``teams`` the circle's teams."""
    permissions.may_run_site.check(by)
    new_teams = {team.pk: team for team in teams}
    before = set(circle.seats.values_list("team_id", flat=True))
    circle.seats.exclude(team_id__in=new_teams).delete()
    for pk in new_teams.keys() - before:
        CircleTeam.objects.create(circle=circle, team=new_teams[pk])
        publish(TEAM_READS_MORE, new_teams[pk].public_id)
    numbers = sorted(team.public_id for team in new_teams.values())
    history.record("directory.set_circle_teams", circle, by=by, after={"teams": numbers})


def _roles_in(person: Person, team: Team) -> list[str]:
    return list(person.memberships.filter(team=team).values_list("role", flat=True))


def _stop(person: Person, state: str, action: str, by: Viewer) -> None:
    before = person.state
    person.state = state
    person.save(update_fields=["state"])
    end_access(person)
    history.record(action, person, by=by, before={"state": before}, after={"state": state})
