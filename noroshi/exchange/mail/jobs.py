"""Delivering what areas posted. The policy decides again here, minutes after the posting.

The SMTP conversation stands outside any transaction: a slow server must not hold the
database's write lock. The entry is on hold meanwhile, so a second job leaves it alone; a crash in
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
    """Deliver an entry, or record why not. Run twice, it sends once."""
    claimed = _claim(entry_id)
    if claimed is None:
        return
    entry, letter = claimed
    try:
        send(letter)
    except Refused as error:
        _finish(entry, EntryState.FAILED, error)
    except Unavailable as error:
        _put_off(entry, error)
    else:
        _finish(entry, EntryState.SENT)


def deliver_waiting() -> None:
    """Deliver again the entries that the server did not take, and those that lost their job."""
    for entry_id in outbox.overdue():
        try:
            deliver(entry_id)
        except Exception:  # a fault of ours in one mail must not delay the others
            logger.exception("%s could not be delivered", entry_id)


def deliver_letter(letter_id: str) -> None:
    """Deliver a mail about an account; the queue runs this again while the server is down."""
    message = _current_message(letter_id)
    if message is None:
        return
    host = urlsplit(settings.NOROSHI_URL).hostname or "localhost"
    fault: NoroshiError | None = None
    try:
        send(
            Letter(
                to_name="",
                to_address=message.to,
                subject=message.subject,
                body=message.body,
                message_id=f"<{letter_id}@{host}>",
            )
        )
    except (Refused, Unavailable) as error:
        fault = error
    tries = _record_attempt(letter_id, fault)
    if isinstance(fault, Unavailable) and fault.retry and tries < LETTER_ATTEMPTS:
        raise fault


@transaction.atomic
def _current_message(letter_id: str) -> letters.Message | None:
    """The mail as the letter reads now; a letter that is for nobody any more is deleted."""
    letter = letters.waiting(letter_id)
    if letter is None:
        return None
    message = letters.message_of(letter)
    if message is None:
        letters.mark_sent(letter)
    return message


@transaction.atomic
def _record_attempt(letter_id: str, fault: NoroshiError | None) -> int:
    """Delete a letter that left, keep one that did not; return how often it was tried."""
    letter = letters.waiting(letter_id)
    if letter is None:
        return LETTER_ATTEMPTS
    if fault is None:
        letters.mark_sent(letter)
        return LETTER_ATTEMPTS
    letters.mark_failed(letter, str(fault))
    return letter.attempts


@transaction.atomic
def _claim(entry_id: str) -> tuple[OutboxEntry, Letter] | None:
    """The entry, put on hold, and its letter as far as the policy allows; ``None`` for no mail."""
    entry = outbox.waiting(entry_id)
    if entry is None:
        return None
    if entry.attempts >= outbox.MAX_ATTEMPTS:  # the last attempt crashed
        outbox.finish(entry, EntryState.FAILED, entry.fault)
        return None
    passage = outbox.passage_now(entry, MAIL)
    if passage is Passage.NEVER or (entry.link is not None and _is_over(entry.link)):
        outbox.finish(entry, EntryState.WITHHELD)
        return None
    entry.attempts += 1
    try:
        letter = letter_for(entry, passage)
    except Refused as error:
        outbox.finish(entry, EntryState.FAILED, str(error))
        return None
    outbox.hold(entry, clock.now() + HOLD, entry.fault)
    return entry, letter


def _is_over(link: Link) -> bool:
    """Has the link been taken back, or run out, while the mail waited?"""
    return link.revoked_at is not None or link.expires_at <= clock.now()


def _put_off(entry: OutboxEntry, error: Unavailable) -> None:
    if not error.retry or entry.attempts >= outbox.MAX_ATTEMPTS:
        _finish(entry, EntryState.FAILED, error)
    else:
        with transaction.atomic():
            outbox.hold(entry, _next_try(entry.attempts), str(error))


def _next_try(attempts: int) -> datetime:
    return clock.now() + min(FIRST_PAUSE * int(2 ** min(attempts - 1, 8)), LONGEST_PAUSE)


@transaction.atomic
def _finish(entry: OutboxEntry, state: EntryState, fault: NoroshiError | None = None) -> None:
    outbox.finish(entry, state, str(fault or ""))
