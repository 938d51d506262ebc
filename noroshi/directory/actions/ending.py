"""The end of access, in the transaction that decides it (rule 8)."""

from __future__ import annotations

from django.db.models import F, Q

from noroshi.core import clock
from noroshi.directory.models import ApiToken, Invitation, Person


def locked(person: Person) -> Person:
    """The person as they are now, held until the transaction ends."""
    # Not against whoever only refers to the person: a release does, and holds the history already.
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def end_access(person: Person) -> None:
    """End every session and token of a person, and the invitations that they sent (rule 8)."""
    Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    end_tokens(Q(made_by=person) | Q(person=person))
    end_invitations(Q(invited_by=person))


def end_invitations(condition: Q) -> None:
    """Take back those of these invitations that nobody has used."""
    Invitation.objects.filter(condition, used_at=None, revoked_at=None).update(
        revoked_at=clock.now()
    )


def end_tokens(condition: Q) -> None:
    """End those of these tokens that have not ended."""
    ApiToken.objects.filter(condition, revoked_at=None).update(revoked_at=clock.now())
