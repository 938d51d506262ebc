"""The only place that asks what time it is, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_fixed_now: ContextVar[datetime | None] = ContextVar("fixed_now", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _fixed_now.get() or timezone.now()


def today() -> date:
    """Today's date in the reader's time zone (the active one)."""
    return timezone.localdate(now())


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Let it be ``moment`` inside the block: the sample's story is loaded after it happened."""
    token = _fixed_now.set(moment)
    try:
        yield
    finally:
        _fixed_now.reset(token)
