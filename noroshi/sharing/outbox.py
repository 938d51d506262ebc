"""Areas post, one place sends (ADR 0004).

``post`` writes rows in the action's own transaction; ``exchange.mail`` delivers them minutes
later and asks the policy again, so that what was taken back in between does not leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from noroshi.core import clock, jobs
from noroshi.directory.models import Person
from noroshi.sharing import links, policy, register, system
from noroshi.sharing.channels import Channel, Passage, passage
from noroshi.sharing.models import EntryState, Label, OutboxEntry, Release

DELIVER = "noroshi.exchange.mail.jobs.deliver"
MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell people.

    ``kind`` is ``<thing>.<event>``; ``template`` the path of the text template without ``.txt``,
    rendered in each reader's language with ``context`` (JSON values only) when the channel table
    lets the content through; otherwise the one notice without content is sent. ``path`` is the
    page to open. ``link_purpose`` makes a link for each person that works without signing in, at
    ``link_path`` with ``{secret}`` in it.
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

    Must be called inside the transaction of the action; raises ``RuntimeError`` otherwise.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("outbox.post: outside a transaction")
    entries = []
    for person in policy.readers_of(label) if to is None else to:
        link = None
        if notice.link_purpose:
            link = links.issue(
                purpose=notice.link_purpose,
                thing_kind=notice.thing_kind,
                thing_id=notice.thing_id,
                person=person,
                days=notice.link_days,
            )
        entry = OutboxEntry.objects.create(
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
        jobs.enqueue(DELIVER, entry.public_id)
        entries.append(entry)
    return entries


def waiting(entry_id: str) -> OutboxEntry | None:
    """The entry locked for delivery, or ``None`` when it is done already. For ``exchange`` only."""
    return (
        system.rows(OutboxEntry, "delivery acts for nobody and asks the policy itself")
        .select_for_update(of=("self",))
        .select_related("person", "label", "label__owner", "link", "release")
        .filter(public_id=entry_id, state=EntryState.QUEUED)
        .first()
    )


def passage_now(entry: OutboxEntry, channel: Channel) -> Passage:
    """What may leave for this person by this channel now; ``NEVER`` when they may not read."""
    if not policy.readers_of(entry.label).filter(pk=entry.person_id).exists():
        return Passage.NEVER
    return passage(entry.label.sensitivity, channel)


def finish(entry: OutboxEntry, state: EntryState, fault: str = "") -> None:
    """Note how a delivery ended, here and in the release register."""
    entry.state = state
    entry.done_at = clock.now()
    entry.fault = fault[:300]
    entry.save(update_fields=["state", "done_at", "fault", "attempts"])
    if entry.release is not None:
        register.receipt(entry.release, entry.person_id, state)
