"""Mails about accounts: invitations, links to a new password, notices of a change.

``post`` writes a row in the action's transaction; ``exchange.mail`` delivers it. Secrets are made
when the text is written and stand in no row, and who is meant is asked again at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from noroshi.core import clock
from noroshi.directory import tokens
from noroshi.directory.areas import publish
from noroshi.directory.events import LETTER_POSTED
from noroshi.directory.models import (
    Invitation,
    Letter,
    LetterKind,
    Person,
    PersonState,
    Standing,
)

# What allauth tells of, by the last part of its template's name.
CHANGES = {
    "password_changed": _("Your password was changed."),
    "totp_activated": _("An authenticator app was set up for your account."),
    "totp_deactivated": _("The authenticator app was taken away from your account."),
    "webauthn_added": _("A passkey or security key was added to your account."),
    "webauthn_removed": _("A passkey or security key was removed from your account."),
    "recovery_codes_generated": _("New recovery codes were made; the old ones no longer work."),
    "account_connected": _("Your account was linked to the sign-in of your organisation."),
}


@dataclass(frozen=True, slots=True)
class Message:
    """A mail ready to be sent: one line of ``subject``, plain text ``body``, in ``language``."""

    to: str
    subject: str
    body: str
    language: str


def post(
    kind: LetterKind,
    address: str,
    *,
    person: Person | None = None,
    invitation: Invitation | None = None,
    what: str = "",
) -> Letter:
    """Queue a letter; must be called inside a transaction, raises ``RuntimeError`` otherwise."""
    if not connection.in_atomic_block:
        raise RuntimeError("letters.post: outside a transaction")
    letter = Letter.objects.create(
        kind=kind, address=address, person=person, invitation=invitation, what=what
    )
    publish(LETTER_POSTED, letter.public_id)
    return letter


def waiting(letter_id: str) -> Letter | None:
    """The letter locked for delivery, or ``None`` when it has left already."""
    return (
        Letter.objects.select_for_update(of=("self",))
        .select_related("person", "invitation__team", "invitation__invited_by")
        .filter(public_id=letter_id)
        .first()
    )


def message_of(letter: Letter) -> Message | None:
    """The mail as it is to leave now, or ``None`` when it is for nobody any more."""
    if letter.kind == LetterKind.INVITATION:
        return _invitation(letter)
    if letter.kind == LetterKind.NEW_PASSWORD:
        return _new_password(letter)
    return _changed(letter)


def mark_sent(letter: Letter) -> None:
    """The letter has left, or is for nobody: forget it."""
    letter.delete()


def mark_failed(letter: Letter, fault: str) -> None:
    """Note that sending did not work; the caller tries again later or gives up."""
    letter.attempts += 1
    letter.fault = fault[:300]
    letter.save(update_fields=["attempts", "fault"])


def _invitation(letter: Letter) -> Message | None:
    invitation = letter.invitation
    if (
        invitation is None
        or invitation.used_at
        or invitation.revoked_at
        or invitation.expires_at <= clock.now()
        or invitation.team.standing == Standing.LEFT
    ):
        return None
    secret = tokens.secret_of("invite", invitation.public_id)
    if tokens.hash_of(secret) != invitation.token_hash:
        return None  # the instance's key was changed since: the link would open nothing
    with translation.override(invitation.language):
        return _mail(
            invitation.mail,
            gettext("Invitation to %(team)s") % {"team": invitation.team},
            "invitation",
            invitation.language,
            invitation=invitation,
            url=_url("directory:invitation", secret),
        )


def _new_password(letter: Letter) -> Message | None:
    person = Person.objects.filter(mail__iexact=letter.address, state=PersonState.ACTIVE).first()
    if person is None or not person.has_usable_password():
        return None
    secret = f"{person.public_id}~{tokens.PasswordLinks().make_token(person)}"
    with translation.override(person.language):
        # to the stored address, never to the one that was typed
        return _mail(
            person.mail,
            gettext("A new password for %(site)s") % {"site": settings.NOROSHI_NAME},
            "new_password",
            person.language,
            url=_url("directory:new-password", secret),
            hours=settings.PASSWORD_RESET_TIMEOUT // 3600,
        )


def _changed(letter: Letter) -> Message | None:
    person = letter.person
    if person is None or letter.what not in CHANGES:
        return None
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        return _mail(
            person.mail,
            gettext("Your account at %(site)s was changed") % {"site": settings.NOROSHI_NAME},
            "changed",
            person.language,
            what=CHANGES[letter.what],
            at=letter.posted_at,
            url=_url("mfa_index"),
        )


def _mail(to: str, subject: str, template: str, language: str, **context: object) -> Message:
    body = render_to_string(
        f"directory/letters/{template}.txt", {**context, "site": settings.NOROSHI_NAME}
    )
    return Message(
        to=to, subject=" ".join(subject.split()), body=body.strip() + "\n", language=language
    )


def _url(name: str, *args: str) -> str:
    return f"{settings.NOROSHI_URL}{reverse(name, args=args)}"
