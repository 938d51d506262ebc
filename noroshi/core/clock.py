"""The one place that knows what time it is, so that tests can hold it still."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return timezone.now()


def today() -> date:
    """Today's date in the reader's time zone (the active one)."""
    return timezone.localdate()
