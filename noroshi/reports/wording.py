"""Days, periods and names in the reader's language; the same on the page, in the PDF and in mail.

Unlike ``ui.times`` nothing here depends on today: a report reads the same a year later.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from noroshi.reports.models import Report
from noroshi.ui.times import MONTHS, japanese


def title(report: Report) -> str:
    """The author's title, or one made of the period."""
    if report.title:
        return report.title
    return _("Report for %(period)s") % {"period": period(report.from_on, report.to_on)}


def period(start: date, end: date) -> str:
    """``2026年11月``, ``2026年7月〜9月``, ``2026年11月1日〜24日``."""
    if start.day == 1 and (end + timedelta(days=1)).day == 1:
        return _months(start, end)
    if start == end:
        return day(start)
    if japanese():
        if (start.year, start.month) == (end.year, end.month):
            return f"{day(start)}〜{end.day}日"
        if start.year == end.year:
            return f"{day(start)}〜{end.month}月{end.day}日"
        return f"{day(start)}〜{day(end)}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end)}"
    return f"{day(start)} – {day(end)}"


def _months(start: date, end: date) -> str:
    if (start.year, start.month) == (end.year, end.month):
        return month(start)
    if japanese() and start.year == end.year:
        return f"{month(start)}〜{end.month}月"
    return f"{month(start)}〜{month(end)}" if japanese() else f"{month(start)} – {month(end)}"


def month(at: date) -> str:
    """``2026年11月``, ``November 2026``."""
    if japanese():
        return f"{at.year}年{at.month}月"
    return f"{calendar.month_name[at.month]} {at.year}"


def day(at: date | str) -> str:
    """``2026年11月24日``, ``24 Nov 2026``; text is an ISO date."""
    at = date.fromisoformat(at) if isinstance(at, str) else at
    if japanese():
        return f"{at.year}年{at.month}月{at.day}日"
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def short_day(at: date | str) -> str:
    """``11/24``, ``24 Nov``, for the axis of the chart."""
    at = date.fromisoformat(at) if isinstance(at, str) else at
    return f"{at.month}/{at.day}" if japanese() else f"{at.day} {MONTHS[at.month - 1]}"


def moment(at: datetime | str) -> str:
    """``2026年11月24日 14:10`` in the reader's zone; text is an ISO moment."""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    local = timezone.localtime(at)
    joint = " " if japanese() else ", "
    return f"{day(local.date())}{joint}{local:%H:%M}"


def name(names: dict[str, str]) -> str:
    """A frozen name in the reader's language."""
    return names["ja" if japanese() else "en"]


def joined(words: list[str]) -> str:
    """Names in a row, with commas."""
    return ("、" if japanese() else ", ").join(words)


def number(value: Any) -> str:
    """``3`` and ``3.5``."""
    return f"{value:g}"
