"""Invitations and mailed links to a new password, by their secrets and for those who sent them."""

from __future__ import annotations

from django.db.models import QuerySet

from noroshi.core import clock
from noroshi.core.errors import NotFound, Refused, gettext_noop
from noroshi.directory import permissions, tokens
from noroshi.directory.models import Invitation, Person, PersonState, Standing, Team
from noroshi.directory.viewer import Viewer


def invitations_for(viewer: Viewer, team: Team) -> QuerySet[Invitation]:
    """Open invitations of a team, to those who run it."""
    permissions.may_run_team.check(viewer, team)
    return team.invitations.filter(used_at=None, revoked_at=None, expires_at__gt=clock.now())


def invitation_for(viewer: Viewer, team: Team, public_id: str) -> Invitation:
    """An open invitation of a team, or ``NotFound``."""
    invitation = invitations_for(viewer, team).filter(public_id=public_id).first()
    if invitation is None:
        raise NotFound
    return invitation


def open_invitation(secret: str) -> Invitation:
    """The invitation of a mailed secret; ``Refused`` when it is over, ``NotFound`` if not ours."""
    invitation = (
        Invitation.objects.select_related("team__organisation", "invited_by")
        .filter(token_hash=tokens.hash_of(secret))
        .first()
    )
    check_open(invitation)
    assert invitation is not None  # noqa: S101  # check_open has raised otherwise
    return invitation


def check_open(invitation: Invitation | None) -> None:
    """May this invitation still be used? Its ``team`` must have been read with it."""
    if invitation is None:
        raise NotFound
    if (
        invitation.used_at
        or invitation.revoked_at
        or invitation.expires_at <= clock.now()
        or invitation.team.standing == Standing.LEFT
    ):
        raise Refused(
            gettext_noop("This invitation has been used or has expired. Ask for a new one.")
        )


def has_account(invitation: Invitation) -> bool:
    """Has the invited address a password already? Asked only for the holder of the mailed link."""
    person = Person.objects.filter(mail__iexact=invitation.mail).first()
    return person is not None and person.has_usable_password()


def person_of_password_link(secret: str) -> Person:
    """Whose mailed link to a new password this is; ``Refused`` when it opens nothing (any more)."""
    public_id, _, token = secret.partition("~")
    person = Person.objects.filter(public_id=public_id, state=PersonState.ACTIVE).first()
    if person is None or not tokens.PasswordLinks().check_token(person, token):
        raise Refused(gettext_noop("This link has been used or has expired. Ask for a new one."))
    return person
