"""The one place that knows what time it is, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _told.get() or timezone.now()


def today() -> date:
    """Today's date in the reader's time zone (the active one)."""
    return timezone.localdate(now())


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Let it be ``moment`` inside the block: for the sample, whose story is past when it is told."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)
