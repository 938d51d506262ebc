"""Writing, reading and checking the chain.

A row's hash covers its number, its content and the hash of the row before, so a changed row,
a removed row and a cut-off end are each noticed and named (ADR 0005).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from django.db import connection
from django.db.models import QuerySet

from noroshi.core import clock

GENESIS = "0" * 64

_known_end: ContextVar[list[str] | None] = ContextVar("known_end", default=None)


class Actor(Protocol):
    """Whoever acts: a person, a team's token, or Noroshi itself."""

    @property
    def actor_id(self) -> str: ...

    @property
    def actor_name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _System:
    actor_id: str = "system"
    actor_name: str = "Noroshi"


SYSTEM: Actor = _System()


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the chain does not hold: row ``number`` and what is wrong with it."""

    number: int
    what: str


def record(
    action: str,
    thing: Any,
    *,
    by: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one row, inside the transaction of the action that it records.

    ``action`` is ``<area>.<verb>``; ``thing`` is a row with a ``public_id``, or a kind and an id
    where the row is not at hand. Raises ``RuntimeError`` outside a transaction, because a row
    could then outlive its action.
    """
    from noroshi.core.history.models import HistoryHead, HistoryRow

    kind, thing_id = thing if isinstance(thing, tuple) else (kind_of(thing), thing.public_id)
    head = _locked_head()
    row = HistoryRow(
        number=head.count + 1,
        at=clock.now(),
        actor=by.actor_id,
        actor_name=by.actor_name[:200],
        action=action,
        thing_kind=kind,
        thing_id=thing_id,
        before=before,
        after=after,
        previous_hash=head.row_hash or GENESIS,
    )
    row.row_hash = _hash(row)
    row.save(force_insert=True)
    HistoryHead.objects.filter(id=1).update(count=row.number, row_hash=row.row_hash)


def kind_of(thing: Any) -> str:
    """The recorded kind of a row: its model's name in lower case, or its model's ``history_kind``."""
    return str(getattr(thing, "history_kind", thing._meta.model_name))


def lock_end() -> None:
    """Let no action end before this transaction does: what it reads from now on stays so.

    Whatever changes who reads writes a row too, so it stands wholly before or wholly after.
    """
    _locked_head()


def _locked_head() -> Any:
    from noroshi.core.history.models import HistoryHead

    if not connection.in_atomic_block:
        raise RuntimeError("history: outside a transaction")
    head = HistoryHead.objects.select_for_update().filter(id=1).first()
    if head is None:
        HistoryHead.objects.get_or_create(id=1, defaults={"row_hash": GENESIS})
        head = HistoryHead.objects.select_for_update().get(id=1)
    return head


def end() -> str:
    """The hash at the end of the chain, empty before the first row.

    Every action moves it, so it stands for the state of the whole instance.
    """
    known = _known_end.get()
    if known:
        return known[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_hash FROM core_historyhead WHERE id = 1")
        row = cursor.fetchone()
    row_hash = str(row[0]) if row else ""
    if known is not None:
        known.append(row_hash)
    return row_hash


@contextmanager
def reading() -> Iterator[None]:
    """While something is only read, ``end`` reads the database once: a whole page is of one state."""
    token = _known_end.set([])
    try:
        yield
    finally:
        _known_end.reset(token)


def rows_of(kind: str, *thing_ids: str) -> QuerySet[Any]:
    """The rows of things, oldest first. The caller has already been allowed to see the things."""
    from noroshi.core.history.models import HistoryRow

    return HistoryRow.objects.filter(thing_kind=kind, thing_id__in=thing_ids).order_by("number")


def verify() -> Iterator[Fault]:
    """Every fault of the chain, in order; nothing when it holds.

    Nobody waits for it: rows that others write meanwhile stand behind the head that was read
    first and are compared with the row before them alone.
    """
    from noroshi.core.history.models import HistoryHead, HistoryRow

    head = HistoryHead.objects.filter(id=1).first()
    count, named = (head.count, head.row_hash) if head else (0, GENESIS)
    expected, previous = 1, GENESIS
    for row in HistoryRow.objects.order_by("number").iterator(chunk_size=2000):
        while expected < row.number:
            yield Fault(expected, "missing")
            expected += 1
            previous = row.previous_hash
        if row.previous_hash != previous:
            yield Fault(row.number, "does not follow the row before it")
        if row.row_hash != _hash(row):
            yield Fault(row.number, "changed")
        if row.number == count and row.row_hash != named:
            yield Fault(count, "is not the row that the head of the chain names")
        expected, previous = row.number + 1, row.row_hash
    for number in range(expected, count + 1):
        yield Fault(number, "missing")
    now = HistoryHead.objects.filter(id=1).first()
    if expected > (now.count if now else 0) + 1:
        yield Fault((now.count if now else 0) + 1, "was added behind the head of the chain")


def _hash(row: Any) -> str:
    """SHA-256 over the row's fields as one JSON array, keys sorted, times in UTC microseconds."""
    fields = [
        row.number,
        int(row.at.timestamp() * 1_000_000),
        row.actor,
        row.actor_name,
        row.action,
        row.thing_kind,
        row.thing_id,
        row.before,
        row.after,
        row.previous_hash,
    ]
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).hexdigest()
