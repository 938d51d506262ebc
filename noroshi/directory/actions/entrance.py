"""The way in: invitations, a first password, a new one, and what is noted at the door."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from noroshi.core import clock, history
from noroshi.core.errors import Forbidden, Malformed, Refused, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory import letters, permissions, queries, tokens
from noroshi.directory.actions.ending import end_tokens, locked
from noroshi.directory.actions.own import LANGUAGES, Issued
from noroshi.directory.models import (
    Invitation,
    LetterKind,
    Membership,
    Person,
    PersonState,
    Role,
    Team,
)
from noroshi.directory.viewer import Viewer, viewer_for

INVITATION_DAYS = 14


@transaction.atomic
def invite(
    *, team: Team, mail: str, role: str, name: str = "", language: str = "ja", by: Viewer
) -> Issued:
    """Offer somebody a role by a mailed link, which works once within 14 days.

    The answer is the same whether the address has an account or not (rule 11).
    """
    permissions.may_give.check(by, team, role)
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
def revoke_invitation(*, invitation: Invitation, by: Viewer) -> None:
    """Take an unused invitation back."""
    permissions.may_run_team.check(by, invitation.team)
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("team")
        .get(pk=invitation.pk)
    )
    queries.check_open(invitation)
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    history.record("directory.revoke_invitation", invitation, by=by)


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
    # As in ``locked``: a release, which holds the history already, only refers to people.
    known = Person.objects.select_for_update(no_key=True).filter(mail__iexact=invitation.mail)
    person = known.first()
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
    joined = {"team": invitation.team.public_id, "role": invitation.role}
    history.record("directory.accept_invitation", person, by=viewer_for(person), after=joined)
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
    person = locked(queries.person_of_password_link(secret))
    queries.person_of_password_link(secret)  # again, now that the row is locked
    person.set_password(password)
    person.save(update_fields=["password"])
    end_tokens(Q(person=person))
    history.record("directory.set_password_by_link", person, by=viewer_for(person))
    letters.post(LetterKind.CHANGED, person.mail, person=person, what="password_changed")
    return person


@transaction.atomic
def note_account_change(*, person: Person, what: str) -> None:
    """Record a change of password, key or code and mail a notice to its person.

    A new password also ends the person's own API tokens: who changes it may have lost them too.
    """
    if what == "password_changed":
        end_tokens(Q(person=person))
    history.record(f"directory.{what}", person, by=viewer_for(person))
    letters.post(LetterKind.CHANGED, person.mail, person=person, what=what)


@transaction.atomic
def note_sign_in(*, person: Person) -> None:
    """Record that somebody signed in."""
    history.record("directory.sign_in", person, by=viewer_for(person))


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
    offer = {"team": team.public_id, "role": role}
    history.record("directory.invite", invitation, by=by, after=offer)
    return Issued(invitation.public_id, secret), invitation


def _check_address(mail: str) -> None:
    try:
        validate_email(mail)
    except ValidationError:
        raise Malformed("mail", gettext_noop("This is not a mail address.")) from None
