"""Delivering what areas posted. The policy is asked again here, minutes after the posting.

The SMTP conversation stands outside any transaction: a slow server must not hold the
database's write lock. The entry is held meanwhile, so a second job leaves it alone; a crash in
between sends the same Message-ID once more rather than never.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from noroshi.core import clock
from noroshi.core.errors import NoroshiError, Refused, Unavailable
from noroshi.directory import letters
from noroshi.exchange.mail.letters import Letter, letter_for
from noroshi.exchange.mail.sending import send
from noroshi.sharing import outbox
from noroshi.sharing.channels import MAIL, Passage
from noroshi.sharing.models import EntryState, Link, OutboxEntry

logger = logging.getLogger(__name__)

HOLD = timedelta(minutes=12)  # longer than a job may run
FIRST_PAUSE = timedelta(minutes=5)  # doubled after each failed attempt
LONGEST_PAUSE = timedelta(hours=1)
LETTER_ATTEMPTS: int = settings.Q_CLUSTER["max_attempts"]  # the queue brings them again


def deliver(entry_id: str) -> None:
    """Deliver one entry, or note why not. Run twice, it sends once."""
    taken = _take(entry_id)
    if taken is None:
        return
    entry, letter = taken
    try:
        send(letter)
    except Refused as refused:
        _finish(entry, EntryState.FAILED, refused)
    except Unavailable as down:
        _put_off(entry, down)
    else:
        _finish(entry, EntryState.SENT)


def deliver_waiting() -> None:
    """Try again what was not taken, and what lost its job."""
    for entry_id in outbox.overdue():
        try:
            deliver(entry_id)
        except Exception:  # a fault of ours in one mail keeps no other one waiting
            logger.exception("%s could not be delivered", entry_id)


def deliver_letter(letter_id: str) -> None:
    """Deliver one mail about an account; the queue brings it again while the server is down."""
    written = _written(letter_id)
    if written is None:
        return
    host = urlsplit(settings.NOROSHI_URL).hostname or "localhost"
    fault: NoroshiError | None = None
    try:
        send(
            Letter(
                to_name="",
                to_address=written.to,
                subject=written.subject,
                body=written.body,
                message_id=f"<{letter_id}@{host}>",
            )
        )
    except (Refused, Unavailable) as error:
        fault = error
    tries = _note(letter_id, fault)
    if isinstance(fault, Unavailable) and fault.retry and tries < LETTER_ATTEMPTS:
        raise fault


@transaction.atomic
def _written(letter_id: str) -> letters.Message | None:
    """What the letter says now; one that is for nobody any more is forgotten."""
    letter = letters.waiting(letter_id)
    if letter is None:
        return None
    written = letters.message_of(letter)
    if written is None:
        letters.mark_sent(letter)
    return written


@transaction.atomic
def _note(letter_id: str, fault: NoroshiError | None) -> int:
    """Forget a letter that left, keep one that did not; returns how often it was tried."""
    letter = letters.waiting(letter_id)
    if letter is None:
        return LETTER_ATTEMPTS
    if fault is None:
        letters.mark_sent(letter)
        return LETTER_ATTEMPTS
    letters.mark_failed(letter, str(fault))
    return letter.attempts


@transaction.atomic
def _take(entry_id: str) -> tuple[OutboxEntry, Letter] | None:
    """The entry, held, and its letter as the policy allows it now; ``None`` when nothing leaves."""
    entry = outbox.waiting(entry_id)
    if entry is None:
        return None
    if entry.attempts >= outbox.MAX_ATTEMPTS:  # the last attempt crashed
        outbox.finish(entry, EntryState.FAILED, entry.fault)
        return None
    passed = outbox.passage_now(entry, MAIL)
    if passed is Passage.NEVER or (entry.link is not None and _is_over(entry.link)):
        outbox.finish(entry, EntryState.WITHHELD)
        return None
    entry.attempts += 1
    try:
        letter = letter_for(entry, passed)
    except Refused as refused:
        outbox.finish(entry, EntryState.FAILED, str(refused))
        return None
    outbox.hold(entry, clock.now() + HOLD, entry.fault)
    return entry, letter


def _is_over(link: Link) -> bool:
    """Nobody is mailed a link that was taken back or has run out while it waited."""
    return link.revoked_at is not None or link.expires_at <= clock.now()


def _put_off(entry: OutboxEntry, down: Unavailable) -> None:
    if not down.retry or entry.attempts >= outbox.MAX_ATTEMPTS:
        _finish(entry, EntryState.FAILED, down)
    else:
        with transaction.atomic():
            outbox.hold(entry, _next_try(entry.attempts), str(down))


def _next_try(attempts: int) -> datetime:
    return clock.now() + min(FIRST_PAUSE * int(2 ** min(attempts - 1, 8)), LONGEST_PAUSE)


@transaction.atomic
def _finish(entry: OutboxEntry, state: EntryState, fault: NoroshiError | None = None) -> None:
    outbox.finish(entry, state, str(fault or ""))
