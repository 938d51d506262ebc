"""Changing the directory: people come by invitation, and leave at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q

from noroshi.core import clock, history, jobs
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory import letters, permissions, queries, tokens
from noroshi.directory.models import (
    ApiToken,
    Circle,
    CircleTeam,
    Invitation,
    LetterKind,
    Membership,
    Organisation,
    Person,
    PersonState,
    Role,
    Scope,
    Standing,
    Team,
    Theme,
)
from noroshi.directory.viewer import Viewer, viewer_for

# A team that may read more meets what is there already. By name: the area stands above this one.
REMATCH = "noroshi.vulnerabilities.jobs.rematch_team"
INVITATION_DAYS = 14
LANGUAGES = ("ja", "en")
LAST_USE_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret on its only way out: ``secret`` is shown or mailed once and kept nowhere."""

    public_id: str
    secret: str


@transaction.atomic
def open_organisation(*, name: str, name_en: str = "", by: Actor) -> Organisation:
    """Add an organisation."""
    permissions.check_may_open(by)
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
    permissions.check_may_open(by)
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
    permissions.check_may_open(by)
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
    """Make ``roles`` the person's roles in the team; each change must be one's to make.

    Nobody changes his own, not even an administrator: he could else read what he only keeps
    running (rule 6). Who stops being manager loses the team's tokens that he made.
    """
    person = _locked(person)
    permissions.check_may_change_roles(by, team, person)
    wanted, held = set(roles), set(_roles_in(person, team))
    if not wanted <= set(Role.values):
        raise Malformed("roles", gettext_noop("Choose from the roles that there are."))
    if not wanted:
        raise Refused(
            gettext_noop("A person in a team has at least one role. Let the person leave instead.")
        )
    for role in sorted(wanted ^ held):
        permissions.check_may_give(by, team, role)
    Membership.objects.filter(person=person, team=team, role__in=held - wanted).delete()
    for role in sorted(wanted - held):
        Membership.objects.create(person=person, team=team, role=role)
    if Role.MANAGER in held - wanted:
        _end_tokens(Q(made_by=person, team=team))
    history.record(
        "directory.set_roles", "person", person.public_id, by=by,
        before={"roles": sorted(held)}, after={"roles": sorted(wanted), "team": team.public_id},
    )  # fmt: skip


@transaction.atomic
def suspend_person(*, person: Person, team: Team, by: Viewer) -> None:
    """Stop a person: every session and token ends with this transaction."""
    person = _locked(person)
    permissions.check_may_stop(by, team, person)
    if person.state != PersonState.ACTIVE:
        raise Refused(gettext_noop("Only an active person can be suspended."))
    _stop(person, PersonState.SUSPENDED, "directory.suspend_person", by)


@transaction.atomic
def reinstate_person(*, person: Person, team: Team, by: Viewer) -> None:
    """Let a suspended person in again; old sessions and tokens stay ended."""
    person = _locked(person)
    permissions.check_may_stop(by, team, person)
    if person.state != PersonState.SUSPENDED:
        raise Refused(gettext_noop("Only a suspended person can be reinstated."))
    person.state = PersonState.ACTIVE
    person.save(update_fields=["state"])
    history.record("directory.reinstate_person", "person", person.public_id, by=by)


@transaction.atomic
def leave(*, person: Person, team: Team, by: Viewer) -> None:
    """The person leaves the team; with the last team, Noroshi as a whole.

    Every session and token ends either way: a token made in this team would go on elsewhere.
    An invitation that still waits for the person does not bring them back.
    """
    person = _locked(person)
    permissions.check_may_remove(by, team, person)
    Membership.objects.filter(person=person, team=team).delete()
    _revoke(Q(team=team, mail__iexact=person.mail))
    if person.memberships.exists():
        _end_access(person)
        history.record(
            "directory.leave", "person", person.public_id, by=by, after={"team": team.public_id}
        )
    else:
        _stop(person, PersonState.LEFT, "directory.leave", by)


@transaction.atomic
def set_standing(*, team: Team, standing: str, by: Viewer) -> None:
    """Suspend a team, let it in again, or see it off; from now on its people read accordingly."""
    permissions.check_may_run_site(by)
    team = Team.objects.select_for_update(no_key=True).get(pk=team.pk)  # as in _locked
    before = team.standing
    if standing not in Standing.values or standing == before:
        raise Refused(gettext_noop("Choose another standing than the one it has."))
    team.standing = standing
    team.save(update_fields=["standing"])
    if standing == Standing.LEFT:
        _end_tokens(Q(team=team))
    if standing == Standing.ACTIVE:
        jobs.enqueue(REMATCH, team.public_id)
    history.record(
        "directory.set_standing", "team", team.public_id, by=by,
        before={"standing": before}, after={"standing": standing},
    )  # fmt: skip


@transaction.atomic
def open_circle(
    *, name: str, teams: Iterable[Team], name_en: str = "", purpose: str = "", by: Actor
) -> Circle:
    """Draw a circle of trust around some teams."""
    permissions.check_may_open(by)
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
        jobs.enqueue(REMATCH, wanted[pk].public_id)
    history.record(
        "directory.set_circle_teams", "circle", circle.public_id, by=by,
        after={"teams": sorted(team.public_id for team in wanted.values())},
    )  # fmt: skip


@transaction.atomic
def invite(
    *, team: Team, mail: str, role: str, name: str = "", language: str = "ja", by: Viewer
) -> Issued:
    """Offer somebody a role by a mailed link, which works once within 14 days.

    The answer is the same whether the address has an account or not (rule 11).
    """
    permissions.check_may_give(by, team, role)
    _check_address(mail)
    if Person.objects.filter(public_id=by.public_id, mail__iexact=mail).exists():
        raise Forbidden(gettext_noop("You cannot do this to yourself; ask a colleague."))
    issued, invitation = _invite(
        team=team, mail=mail, role=role, name=name, language=language, by=by, inviter=by.person_id
    )
    letters.post(LetterKind.INVITATION, invitation.mail, invitation=invitation)
    return issued


@transaction.atomic
def invite_from_console(
    *, team: Team, mail: str, role: str, name: str = "", language: str = "ja"
) -> Issued:
    """The first administrator comes from the command line, whoever can run it (rule 16)."""
    issued, _invitation = _invite(
        team=team,
        mail=mail,
        role=role,
        name=name,
        language=language,
        by=history.SYSTEM,
        inviter=None,
    )
    return issued


@transaction.atomic
def accept_invitation(
    *, secret: str, name: str = "", password: str = "", language: str = ""
) -> Person:
    """Turn an invitation into a person who can sign in.

    Somebody who has an account already keeps name and password and only gains the role:
    a mailed link must not become a way to change another's password. Who had left comes back so.
    """
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("team")
        .filter(token_hash=tokens.hash_of(secret))
        .first()
    )
    queries.check_open(invitation)
    assert invitation is not None  # noqa: S101  # check_open has raised otherwise
    person = Person.objects.select_for_update().filter(mail__iexact=invitation.mail).first()
    if person is None:
        person = Person(mail=invitation.mail.lower(), language=invitation.language)
        person.set_unusable_password()
    elif person.state == PersonState.SUSPENDED:
        raise Refused(gettext_noop("This account is stopped. Ask your security manager."))
    elif person.pk == invitation.invited_by_id:
        raise Forbidden(gettext_noop("You cannot do this to yourself; ask a colleague."))
    if not person.has_usable_password():
        if not password or not (name or person.name):
            raise Malformed("password", gettext_noop("A name and a password are needed."))
        person.name = name or person.name
        person.language = language or person.language
        person.set_password(password)
    person.state = PersonState.ACTIVE
    person.save()
    Membership.objects.get_or_create(person=person, team=invitation.team, role=invitation.role)
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    history.record(
        "directory.accept_invitation", "person", person.public_id, by=viewer_for(person),
        after={"team": invitation.team.public_id, "role": invitation.role},
    )  # fmt: skip
    return person


@transaction.atomic
def ask_for_new_password(*, mail: str) -> None:
    """Mail a link to a new password to whoever has this address, if anybody.

    The same steps for every address, and no history row: nobody has acted yet, and anybody who
    can reach the page could else fill the history.
    """
    letters.post(LetterKind.NEW_PASSWORD, mail.lower())


@transaction.atomic
def set_password_by_link(*, secret: str, password: str) -> Person:
    """Choose a new password by a mailed link; every session and own token ends, the link is used."""
    person = _locked(queries.person_of_password_link(secret))
    queries.person_of_password_link(secret)  # again, now that the row is locked
    person.set_password(password)
    person.save(update_fields=["password"])
    _end_tokens(Q(person=person))
    history.record(
        "directory.set_password_by_link", "person", person.public_id, by=viewer_for(person)
    )
    letters.post(LetterKind.CHANGED, person.mail, person=person, what="password_changed")
    return person


@transaction.atomic
def note_account_change(*, person: Person, what: str) -> None:
    """Record a change of password, key or code and tell its person by mail.

    A new password also ends the person's own API tokens: who changes it may have lost them too.
    """
    if what == "password_changed":
        _end_tokens(Q(person=person))
    history.record(f"directory.{what}", "person", person.public_id, by=viewer_for(person))
    letters.post(LetterKind.CHANGED, person.mail, person=person, what=what)


@transaction.atomic
def note_sign_in(*, person: Person) -> None:
    """Record that somebody signed in."""
    history.record("directory.sign_in", "person", person.public_id, by=viewer_for(person))


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: Viewer) -> None:
    """Take an unused invitation back."""
    permissions.check_may_run_team(by, invitation.team)
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("team")
        .get(pk=invitation.pk)
    )
    queries.check_open(invitation)
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
    if by.person_id is None or by.person_id not in {token.made_by_id, token.person_id}:
        if token.team is None:
            raise NotFound
        permissions.check_may_run_team(by, token.team)
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
        raise Refused(gettext_noop("This token has ended already."))
    history.record("directory.revoke_token", "token", token.public_id, by=by)


def touch_token(token: ApiToken) -> None:
    """Note that a token was used, at most once a minute, so that reading stays reading."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - LAST_USE_STEP:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now


@transaction.atomic
def change_own_settings(*, language: str, time_zone: str, theme: str, by: Viewer) -> None:
    """Language, time zone and theme of the person who asks."""
    if language not in LANGUAGES or theme not in Theme.values:
        raise Malformed("language", gettext_noop("Choose from what is offered."))
    if time_zone not in available_timezones():
        raise Malformed("time_zone", gettext_noop("This time zone is not known."))
    Person.objects.filter(public_id=by.public_id).update(
        language=language, time_zone=time_zone, theme=theme
    )
    history.record(
        "directory.change_own_settings", "person", by.public_id, by=by,
        after={"language": language, "time_zone": time_zone, "theme": theme},
    )  # fmt: skip


def _invite(
    *, team: Team, mail: str, role: str, name: str, language: str, by: Actor, inviter: int | None
) -> tuple[Issued, Invitation]:
    _check_address(mail)
    if role not in Role.values or language not in LANGUAGES:
        raise Malformed("role", gettext_noop("Choose from what is offered."))
    invitation = Invitation(
        team=team,
        mail=mail.lower(),
        name=name,
        role=role,
        language=language,
        invited_by_id=inviter,
        expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
    )
    secret = tokens.secret_of("invite", invitation.public_id)
    invitation.token_hash = tokens.hash_of(secret)
    invitation.save()
    history.record(
        "directory.invite", "invitation", invitation.public_id, by=by,
        after={"team": team.public_id, "role": role},
    )  # fmt: skip
    return Issued(invitation.public_id, secret), invitation


def _check_address(mail: str) -> None:
    try:
        validate_email(mail)
    except ValidationError:
        raise Malformed("mail", gettext_noop("This is not a mail address.")) from None


def _locked(person: Person) -> Person:
    # Not against whoever only refers to the person: a release does, and holds the history already.
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _roles_in(person: Person, team: Team) -> list[str]:
    return list(person.memberships.filter(team=team).values_list("role", flat=True))


def _stop(person: Person, state: str, action: str, by: Viewer) -> None:
    before = person.state
    person.state = state
    person.save(update_fields=["state"])
    _end_access(person)
    history.record(
        action, "person", person.public_id, by=by, before={"state": before}, after={"state": state}
    )


def _end_access(person: Person) -> None:
    """End every session and token of a person, and the invitations that he sent (rule 8)."""
    Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    _end_tokens(Q(made_by=person) | Q(person=person))
    _revoke(Q(invited_by=person))


def _revoke(which: Q) -> None:
    Invitation.objects.filter(which, used_at=None, revoked_at=None).update(revoked_at=clock.now())


def _end_tokens(which: Q) -> None:
    ApiToken.objects.filter(which, revoked_at=None).update(revoked_at=clock.now())
