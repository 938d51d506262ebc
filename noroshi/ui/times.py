"""Times in words: absolute in the reader's zone and language, with how far away they are.

Written by hand instead of with date formats of the locale, because the words of a
deadline (late, soon) and the weekday in brackets must read the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from noroshi.core import clock
from noroshi.ui.shapes import Moment

SOON = timedelta(hours=12)
WEEKDAYS = "月火水木金土日"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Words:
    """``absolute`` and ``relative`` are sentence parts for people; ``iso`` is for machines."""

    iso: str
    absolute: str
    relative: str
    state: Literal["", "late", "soon"]


def japanese() -> bool:
    return (get_language() or "en").startswith("ja")


def local(moment: Moment) -> Moment:
    """The moment in the reader's zone; a plain date has none and stays."""
    return timezone.localtime(moment) if isinstance(moment, datetime) else moment


def day_words(day: date, *, heading: bool = False) -> str:
    """``11月24日（火）`` (with the year when it is another one), ``24 Nov 2026``."""
    return _day(day, clock.today(), heading=heading)


def absolute(moment: Moment) -> str:
    """``11月24日（火）14:10`` and ``24 Nov 2026, 14:10``; without the time for a date."""
    return _absolute(local(moment), clock.today())


def length(span: timedelta, *, exact: bool = False) -> str:
    """The span in its largest unit, with ``exact`` also the minutes: ``3 時間 50 分``, ``2 日``."""
    minutes = int(abs(span).total_seconds() // 60)
    if minutes >= 24 * 60:
        days = minutes // (24 * 60)
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    hours, rest = divmod(minutes, 60)
    if hours and rest and exact:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": minutes}


def describe(moment: Moment, *, due: bool = False, done: bool = False) -> Words:
    """The words for a moment; ``due`` makes it a deadline, ``done`` one that was met."""
    now = timezone.localtime(clock.now())
    today = now.date()
    if isinstance(moment, datetime):
        moment = moment.astimezone(now.tzinfo)
        iso, span = moment.isoformat(timespec="minutes"), moment - now
    else:
        iso, span = moment.isoformat(), moment - today
    days = (_day_of(moment) - today).days
    if not due or done:
        return Words(iso, _absolute(moment, today), "" if done else _ago(span, moment), "")
    words = _near(moment, today, days)
    if span < timedelta(0):
        late = max(abs(span), timedelta(minutes=1))
        return Words(iso, words, _("%(length)s late") % {"length": length(late)}, "late")
    if span < SOON or days == 0:
        return Words(iso, words, _left(span, moment), "soon")
    return Words(iso, words, _left(span, moment) if 1 < days <= 14 else "", "")


# The functions below take moments that are in the reader's zone, and the reader's day.


def _day(day: date, today: date, *, heading: bool = False) -> str:
    if japanese():
        year = "" if day.year == today.year else f"{day.year}年"
        return f"{year}{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
    words = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day:%A} {words}" if heading else words


def _absolute(moment: Moment, today: date) -> str:
    words = _day(_day_of(moment), today)
    if not isinstance(moment, datetime):
        return words
    return f"{words}{'' if japanese() else ', '}{moment.hour:02}:{moment.minute:02}"


def _near(moment: Moment, today: date, days: int) -> str:
    """As ``_absolute``, but with "today" and "tomorrow", as people speak of deadlines."""
    if days not in {0, 1}:
        return _absolute(moment, today)
    name = _("Tomorrow") if days else _("Today")
    return f"{name} {moment:%H:%M}" if isinstance(moment, datetime) else name


def _day_of(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _left(span: timedelta, moment: Moment) -> str:
    if not isinstance(moment, datetime) and not span:
        return _("due today")
    return _("%(length)s left") % {"length": length(span, exact=True)}


def _ago(span: timedelta, moment: Moment) -> str:
    if abs(span).days > 30 or (not isinstance(moment, datetime) and not span):
        return ""
    if abs(span) < timedelta(minutes=1):
        return _("just now")
    if span < timedelta(0):
        return _("%(length)s ago") % {"length": length(span)}
    return _("in %(length)s") % {"length": length(span)}
