"""Areas post, one place sends (ADR 0004).

``post`` writes rows in the action's own transaction; ``exchange.mail`` delivers them minutes
later and asks the policy again, so that what was taken back in between does not leave.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from noroshi.core import clock
from noroshi.directory.areas import publish_many
from noroshi.directory.models import Person
from noroshi.sharing import links, policy, register, system
from noroshi.sharing.channels import Passage, passage
from noroshi.sharing.events import ENTRY_POSTED
from noroshi.sharing.models import EntryState, Label, Link, OutboxEntry, Release

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 75  # three days: a mail server may be down over a weekend
LOST_AFTER = timedelta(minutes=15)  # a job normally delivers within seconds


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell people.

    ``kind`` is ``<thing>.<event>``; ``template`` the path of the text template without ``.txt``,
    rendered in each reader's language with ``context`` (JSON values only) when the channel table
    lets the whole through; otherwise a mail of the frame's own, with at most the subject of the
    template. ``path`` is the page to open. ``link_purpose`` makes a link for each person that works
    without signing in, at ``link_path`` with ``{secret}`` in it.
    """

    kind: str
    thing_kind: str
    thing_id: str
    template: str
    path: str
    context: dict[str, Any] = field(default_factory=dict)
    link_purpose: str = ""
    link_path: str = ""
    link_days: int = 14


def post(
    notice: Notice,
    label: Label,
    *,
    to: Iterable[Person] | None = None,
    release: Release | None = None,
) -> list[OutboxEntry]:
    """Queue ``notice`` for ``to`` (everybody who may read ``label`` when ``None``).

    As many statements for a thousand people as for one. Must be called inside the transaction of
    the action; raises ``RuntimeError`` otherwise.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.post: outside a transaction")
    people = list(policy.readers_of(label) if to is None else to)
    entries = OutboxEntry.objects.bulk_create(
        OutboxEntry(
            kind=notice.kind,
            template=notice.template,
            thing_kind=notice.thing_kind,
            thing_id=notice.thing_id,
            context=notice.context,
            path=notice.link_path or notice.path,
            label=label,
            release=release,
            link=link,
            person=person,
        )
        for person, link in zip(people, _own_links(notice, people), strict=True)
    )
    publish_many(ENTRY_POSTED, [entry.public_id for entry in entries])
    return entries


def _own_links(notice: Notice, people: Sequence[Person]) -> Sequence[Link | None]:
    """A link for each of them, where the notice has one to act by."""
    if not notice.link_purpose:
        return [None] * len(people)
    return links.issue_many(
        purpose=notice.link_purpose,
        thing_kind=notice.thing_kind,
        thing_id=notice.thing_id,
        people=people,
        days=notice.link_days,
    )


def take_back(release: str) -> int:
    """Withhold what has not left yet of a release, by its public id; returns how many.

    Call inside the transaction of the action that takes the thing back.
    """
    entries = system.rows(OutboxEntry, "what is taken back leaves to nobody").filter(
        release__public_id=release, state=EntryState.QUEUED
    )
    waiting_now = list(entries.select_related("release").select_for_update(of=("self",)))
    for entry in waiting_now:
        finish(entry, EntryState.WITHHELD)
    return len(waiting_now)


def waiting(entry_id: str) -> OutboxEntry | None:
    """The entry locked for delivery; ``None`` when it is done, being sent, or waits for its next try.

    For ``exchange`` only.
    """
    return _due().select_for_update(of=("self",)).filter(public_id=entry_id).first()


def overdue() -> list[str]:
    """Ids of entries whose next try has come, and of those whose job was lost. For ``exchange``."""
    lost = Q(posted_at__lte=clock.now() - LOST_AFTER)
    entries = _due().filter(Q(attempts__gt=0) | lost).order_by("posted_at")
    return list(entries.values_list("public_id", flat=True))


def hold(entry: OutboxEntry, until: datetime, fault: str = "") -> None:
    """Nobody else tries before ``until``: while it is being sent, or after a failed attempt."""
    entry.not_before = until
    entry.fault = fault[:300]
    entry.save(update_fields=["not_before", "fault", "attempts"])


def _due() -> QuerySet[OutboxEntry]:
    return (
        system.rows(OutboxEntry, "delivery acts for nobody and asks the policy itself")
        .select_related("person", "label", "label__owner", "link", "release")
        .filter(Q(not_before=None) | Q(not_before__lte=clock.now()), state=EntryState.QUEUED)
    )


def passage_now(entry: OutboxEntry, channel: str) -> Passage:
    """How much may leave for this person by this channel now; ``NEVER`` if they may not read."""
    if not policy.readers_of(entry.label).filter(pk=entry.person_id).exists():
        return Passage.NEVER
    return passage(entry.label.sensitivity, channel)


def finish(entry: OutboxEntry, state: EntryState, fault: str = "") -> None:
    """Note how a delivery ended, here and in the release register; what is lost, in the log too."""
    if state == EntryState.FAILED:
        logger.error("%s was not delivered and is given up", entry.public_id)
    entry.state = state
    entry.done_at = clock.now()
    entry.fault = fault[:300]
    entry.save(update_fields=["state", "done_at", "fault", "attempts"])
    if entry.release is not None:
        register.receipt(entry.release, entry.person_id, state)
