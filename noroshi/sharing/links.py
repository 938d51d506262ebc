"""Links that work without an account: one person, one purpose, one thing, until a moment."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from noroshi.core import clock, history, lookup
from noroshi.core.errors import NotFound, Refused, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.sharing.channels import MAIL, Passage, passage
from noroshi.sharing.models import Label, Link


def issue_many(
    *, purpose: str, thing_kind: str, thing_id: str, people: Iterable[Person], days: int
) -> list[Link]:
    """A link for each of these people, in their order; one statement.

    Its secret is :func:`secret_of`, never stored.
    """
    expires_at = clock.now() + timedelta(days=days)
    return Link.objects.bulk_create(
        Link(
            purpose=purpose,
            thing_kind=thing_kind,
            thing_id=thing_id,
            person=person,
            expires_at=expires_at,
        )
        for person in people
    )


def secret_of(link: Link) -> str:
    """``L-…~<hmac>``: what stands in the mail."""
    return f"{link.public_id}~{_mac(link)}"


def passage_behind(label: Label) -> Passage:
    """How much of a thing with this label the page behind a mailed link may show.

    As much as the mail itself may carry: whoever reads the mailbox has the link.
    """
    return passage(label.sensitivity, MAIL)


def may_show(label: Label) -> bool:
    """May the page behind a mailed link show the whole thing?"""
    return passage_behind(label) is Passage.WHOLE


def opened(secret: str, purpose: str) -> tuple[Link, Viewer]:
    """The link and the viewer of its person. Writes nothing (a GET, a mail scanner may open it).

    Raises ``NotFound`` for a secret that is not ours, ``Refused`` for one that is over or whose
    person no longer takes part.
    """
    link_id, _, mac = secret.partition("~")
    links = Link.objects.select_related("person")
    link = lookup.get_or_none(links.filter(public_id=link_id, purpose=purpose))
    if link is None or not hmac.compare_digest(mac.encode(), _mac(link).encode()):
        raise NotFound
    if link.revoked_at is not None or link.expires_at <= clock.now():
        raise Refused(
            gettext_noop(
                "This link has expired or was taken back. Ask the team that sent it for a new one."
            )
        )
    viewer = viewer_for(link.person)
    if not viewer.is_signed_in:
        raise Refused(gettext_noop("This link belongs to an account that is stopped."))
    return link, viewer


def used(link: Link, *, by: Viewer) -> None:
    """Note that the link was used to act; call inside the action's transaction."""
    Link.objects.filter(pk=link.pk).update(last_used_at=clock.now())
    history.record("sharing.use_link", link, by=by, after={"thing": link.thing_id})


@transaction.atomic
def revoke_for(thing_kind: str, thing_id: str, *, by: Actor) -> int:
    """Take back every open link to a thing; returns how many."""
    count = Link.objects.filter(thing_kind=thing_kind, thing_id=thing_id, revoked_at=None).update(
        revoked_at=clock.now()
    )
    if count:
        history.record(
            "sharing.revoke_links", (thing_kind, thing_id), by=by, after={"links": count}
        )
    return count


def _mac(link: Link) -> str:
    return salted_hmac(
        "noroshi.link", f"{link.public_id}|{link.purpose}|{link.thing_id}", algorithm="sha256"
    ).hexdigest()[:40]
