"""Changing the directory: people come by invitation, and leave at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.errors import Malformed, NotFound, Refused, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory import permissions, tokens
from noroshi.directory.models import (
    ApiToken,
    Circle,
    CircleTeam,
    Invitation,
    Membership,
    Organisation,
    Person,
    PersonState,
    Role,
    Scope,
    Standing,
    Team,
)
from noroshi.directory.viewer import Viewer

INVITATION_DAYS = 14


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret on its only way out: ``secret`` is shown or mailed once and kept nowhere."""

    public_id: str
    secret: str


@transaction.atomic
def open_organisation(*, name: str, name_en: str = "", by: Actor) -> Organisation:
    """Add an organisation."""
    organisation = Organisation.objects.create(name=name, name_en=name_en)
    history.record(
        "directory.open_organisation",
        "organisation",
        organisation.public_id,
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
    history.record("directory.open_team", "team", team.public_id, by=by, after={"name": name})
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
    person = Person.objects.filter(mail__iexact=mail).first()
    if person is None:
        person = Person(mail=mail.lower(), name=name, name_en=name_en, language=language)
        person.set_password(password)
        person.save()
    for role in sorted(roles):
        Membership.objects.get_or_create(person=person, team=team, role=role)
    history.record(
        "directory.add_person", "person", person.public_id, by=by,
        after={"team": team.public_id, "roles": sorted(roles)},
    )  # fmt: skip
    return person


@transaction.atomic
def set_roles(*, person: Person, team: Team, roles: Iterable[str], by: Viewer) -> None:
    """Make ``roles`` the person's roles in the team; each change must be one's to make."""
    wanted, held = set(roles), set(_roles_in(person, team))
    for role in wanted ^ held:
        permissions.check_may_give(by, team, role)
    if person.pk == by.person_id and not permissions.may_run_site(by):
        permissions.check_may_change_person(by, team, person)
    Membership.objects.filter(person=person, team=team, role__in=held - wanted).delete()
    for role in sorted(wanted - held):
        Membership.objects.create(person=person, team=team, role=role)
    history.record(
        "directory.set_roles", "person", person.public_id, by=by,
        before={"roles": sorted(held)}, after={"roles": sorted(wanted), "team": team.public_id},
    )  # fmt: skip


@transaction.atomic
def suspend_person(*, person: Person, team: Team, by: Viewer) -> None:
    """Stop a person: every session and token ends with this transaction."""
    permissions.check_may_change_person(by, team, person)
    _stop(person, PersonState.SUSPENDED, "directory.suspend_person", by)


@transaction.atomic
def reinstate_person(*, person: Person, team: Team, by: Viewer) -> None:
    """Let a suspended person in again; old sessions and tokens stay ended."""
    permissions.check_may_change_person(by, team, person)
    if person.state != PersonState.SUSPENDED:
        raise Refused(gettext_noop("Only a suspended person can be reinstated."))
    Person.objects.filter(pk=person.pk).update(state=PersonState.ACTIVE)
    person.state = PersonState.ACTIVE
    history.record("directory.reinstate_person", "person", person.public_id, by=by)


@transaction.atomic
def leave(*, person: Person, team: Team, by: Viewer) -> None:
    """The person leaves the team; with the last team, Noroshi as a whole."""
    permissions.check_may_change_person(by, team, person)
    Membership.objects.filter(person=person, team=team).delete()
    if person.memberships.exists():
        Person.objects.filter(pk=person.pk).update(session_epoch=person.session_epoch + 1)
        history.record(
            "directory.leave", "person", person.public_id, by=by, after={"team": team.public_id}
        )
    else:
        _stop(person, PersonState.LEFT, "directory.leave", by)


@transaction.atomic
def set_standing(*, team: Team, standing: str, by: Viewer) -> None:
    """Suspend a team, let it in again, or see it off; from now on its people read accordingly."""
    permissions.check_may_run_site(by)
    before = team.standing
    team.standing = standing
    team.save(update_fields=["standing"])
    if standing == Standing.LEFT:
        ApiToken.objects.filter(team=team, revoked_at=None).update(revoked_at=clock.now())
    history.record(
        "directory.set_standing", "team", team.public_id, by=by,
        before={"standing": before}, after={"standing": standing},
    )  # fmt: skip


@transaction.atomic
def open_circle(
    *, name: str, teams: Iterable[Team], name_en: str = "", purpose: str = "", by: Actor
) -> Circle:
    """Draw a circle of trust around some teams."""
    circle = Circle.objects.create(name=name, name_en=name_en, purpose=purpose)
    for team in teams:
        CircleTeam.objects.create(circle=circle, team=team)
    history.record("directory.open_circle", "circle", circle.public_id, by=by, after={"name": name})
    return circle


@transaction.atomic
def set_circle_teams(*, circle: Circle, teams: Iterable[Team], by: Viewer) -> None:
    """Make ``teams`` the circle's teams."""
    permissions.check_may_run_site(by)
    wanted = {team.pk: team for team in teams}
    before = set(circle.seats.values_list("team_id", flat=True))
    circle.seats.exclude(team_id__in=wanted).delete()
    for pk in wanted.keys() - before:
        CircleTeam.objects.create(circle=circle, team=wanted[pk])
    history.record(
        "directory.set_circle_teams", "circle", circle.public_id, by=by,
        after={"teams": sorted(team.public_id for team in wanted.values())},
    )  # fmt: skip


@transaction.atomic
def invite(
    *, team: Team, mail: str, role: str, name: str = "", language: str = "ja", by: Viewer
) -> Issued:
    """Offer somebody a role; the caller mails the secret, which works once within 14 days."""
    permissions.check_may_give(by, team, role)
    return _invite(
        team=team, mail=mail, role=role, name=name, language=language, by=by, inviter=by.person_id
    )


@transaction.atomic
def invite_from_console(
    *, team: Team, mail: str, role: str, name: str = "", language: str = "ja"
) -> Issued:
    """The first administrator comes from the command line, whoever can run it (rule 16)."""
    return _invite(
        team=team,
        mail=mail,
        role=role,
        name=name,
        language=language,
        by=history.SYSTEM,
        inviter=None,
    )


@transaction.atomic
def accept_invitation(*, secret: str, name: str, password: str) -> Person:
    """Turn an invitation into a person who can sign in.

    Somebody who has an account already keeps name and password and only gains the role:
    a mailed link must not become a way to change another's password.
    """
    invitation = (
        Invitation.objects.select_for_update().filter(token_hash=tokens.hash_of(secret)).first()
    )
    if invitation is None:
        raise NotFound
    if invitation.used_at or invitation.revoked_at or invitation.expires_at <= clock.now():
        raise Refused(
            gettext_noop("This invitation has been used or has expired. Ask for a new one.")
        )
    person = Person.objects.filter(mail__iexact=invitation.mail).first()
    if person is None:
        person = Person(mail=invitation.mail.lower(), name=name, language=invitation.language)
    elif person.state != PersonState.ACTIVE:
        raise Refused(gettext_noop("This account is stopped. Ask your security manager."))
    if not person.has_usable_password():
        person.name = name or person.name
        person.set_password(password)
    person.save()
    Membership.objects.get_or_create(person=person, team=invitation.team, role=invitation.role)
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    history.record(
        "directory.accept_invitation", "person", person.public_id, by=history.SYSTEM,
        after={"team": invitation.team.public_id, "role": invitation.role},
    )  # fmt: skip
    return person


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: Viewer) -> None:
    """Take an unused invitation back."""
    permissions.check_may_run_team(by, invitation.team)
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    history.record("directory.revoke_invitation", "invitation", invitation.public_id, by=by)


@transaction.atomic
def issue_token(
    *, name: str, scopes: Iterable[str], days: int, team: Team | None = None, by: Viewer
) -> Issued:
    """Issue an API token with one's own rights, or a team's when ``team`` is given."""
    if by.scopes is not None or by.person_id is None:
        raise Refused(gettext_noop("A token cannot make another token."))
    if team is not None:
        permissions.check_may_run_team(by, team)
        if not by.has_role(team.pk, Role.MANAGER):
            raise Refused(gettext_noop("Only the team's security manager issues a team token."))
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope.values):
        raise Malformed(
            "scopes",
            gettext_noop("Choose at least one of: %(known)s."),
            known=", ".join(Scope.values),
        )
    if not 1 <= days <= 366:
        raise Malformed("days", gettext_noop("A token is valid for 1 to 366 days."))
    secret = tokens.new_secret("noroshi")
    token = ApiToken.objects.create(
        name=name,
        token_hash=tokens.hash_of(secret),
        person_id=None if team else by.person_id,
        team=team,
        made_by_id=by.person_id,
        scopes=wanted,
        expires_at=clock.now() + timedelta(days=days),
    )
    history.record(
        "directory.issue_token",
        "token",
        token.public_id,
        by=by,
        after={"name": name, "scopes": wanted},
    )
    return Issued(token.public_id, secret)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Viewer) -> None:
    """End a token now."""
    own = token.made_by_id == by.person_id or token.person_id == by.person_id
    if not own:
        if token.team is None:
            raise NotFound
        permissions.check_may_run_team(by, token.team)
    token.revoked_at = clock.now()
    token.save(update_fields=["revoked_at"])
    history.record("directory.revoke_token", "token", token.public_id, by=by)


@transaction.atomic
def change_own_settings(*, language: str, time_zone: str, theme: str, by: Viewer) -> None:
    """Language, time zone and theme of the person who asks."""
    Person.objects.filter(pk=by.person_id).update(
        language=language, time_zone=time_zone, theme=theme
    )
    history.record(
        "directory.change_own_settings", "person", by.public_id, by=by,
        after={"language": language, "time_zone": time_zone, "theme": theme},
    )  # fmt: skip


def _invite(
    *, team: Team, mail: str, role: str, name: str, language: str, by: Actor, inviter: int | None
) -> Issued:
    secret = tokens.new_secret("invite")
    invitation = Invitation.objects.create(
        team=team,
        mail=mail.lower(),
        name=name,
        role=role,
        language=language,
        token_hash=tokens.hash_of(secret),
        invited_by_id=inviter,
        expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
    )
    history.record(
        "directory.invite", "invitation", invitation.public_id, by=by,
        after={"team": team.public_id, "role": role},
    )  # fmt: skip
    return Issued(invitation.public_id, secret)


def _roles_in(person: Person, team: Team) -> list[str]:
    return list(person.memberships.filter(team=team).values_list("role", flat=True))


def _stop(person: Person, state: str, action: str, by: Viewer) -> None:
    before = person.state
    person.state = state
    person.session_epoch += 1
    person.save(update_fields=["state", "session_epoch"])
    ApiToken.objects.filter(made_by=person, revoked_at=None).update(revoked_at=clock.now())
    history.record(
        action, "person", person.public_id, by=by, before={"state": before}, after={"state": state}
    )
