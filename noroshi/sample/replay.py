"""Replays the sample's story: the real actions, in the order of their moments.

A chapter is a generator: it yields the moment of its next step, and the step runs with the clock
set to that moment. Chapters run next to each other, sorted by time, so the history is written as
it would have been. Mail that a step posts counts as sent minutes later: nothing of the past may
leave once the jobs run.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django_q.models import OrmQ

from noroshi.core import clock, jobs
from noroshi.directory import letters
from noroshi.directory.models import Letter
from noroshi.sharing import outbox
from noroshi.sharing.models import EntryState

TOKYO = ZoneInfo("Asia/Tokyo")
OPENS, CLOSES, DUE = time(9), time(18), time(18)
BEGUN = timedelta(minutes=90)  # a working day younger than this has nothing to show yet

Chapter = Iterator[datetime]


class Days:
    """Working days around the moment of loading; the last one that has begun is day 0."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(TOKYO)
        day = self.now.date()
        if self.now < _at(day, OPENS) + BEGUN or _is_weekend(day):
            day = _working(day, -1)
        self.zero = day

    def back(self, days: int, at: str = "10:00") -> datetime:
        """The moment so many working days before day 0, at a time; for day 0 see ``lately``."""
        return _at(self.past(days), time.fromisoformat(at))

    def lately(self, share: float) -> datetime:
        """A moment of day 0: 0 is its beginning, 1 its end or now, whichever came first."""
        start = _at(self.zero, OPENS)
        return start + (min(self.now, _at(self.zero, CLOSES)) - start) * share

    def past(self, days: int) -> date:
        """The date so many working days before day 0."""
        return _working(self.zero, -days)

    def ahead(self, days: int) -> date:
        """The date so many working days after the day of loading; 0 is the next day that is due.

        That is today as long as a person could still keep it.
        """
        today = self.now.date()
        if self.now > _at(today, DUE) - timedelta(minutes=30):
            today += timedelta(days=1)
        return _working(today, days) if days else today

    def until(self, days: int, at: str = "18:00") -> datetime:
        """``ahead`` as a moment."""
        return _at(self.ahead(days), time.fromisoformat(at))

    def month(self) -> tuple[date, date, datetime]:
        """The last month whose report is due: first and last day, and the moment of issuing."""
        first = self.now.date().replace(day=1)
        issued = _at(_working(first, 3), time(10, 30))
        if issued >= self.now:
            first = (first - timedelta(days=1)).replace(day=1)
            issued = _at(_working(first, 3), time(10, 30))
        last = first - timedelta(days=1)
        return last.replace(day=1), last, issued


def replay(chapters: Iterable[Chapter], *, now: datetime) -> None:
    """Run the chapters to their ends, in the order of their moments."""
    pending: list[tuple[datetime, int, Chapter]] = []
    for place, chapter in enumerate(chapters):
        _queue_next(pending, place, chapter)
    last = datetime.min.replace(tzinfo=TOKYO)
    while pending:
        moment, place, chapter = heapq.heappop(pending)
        if not last <= moment <= now:
            raise ValueError(f"{chapter}: {moment} does not follow {last}, or is to come")
        last = moment
        with clock.set_to(moment):
            _queue_next(pending, place, chapter)
        soon = min(moment + timedelta(seconds=40), now, *(row[0] for row in pending[:1]))
        with clock.set_to(soon):
            run_jobs()


def run_jobs() -> None:
    """Let the mails count as sent and the jobs run, until nothing waits.

    Mails first: the delivery of one that has left finds nothing to do. A job may post another,
    so only those that wait now are run before looking again.
    """
    while waiting := OrmQ.objects.count():
        _mark_sent()
        jobs.run_waiting(limit=waiting)


def _mark_sent() -> None:
    with clock.set_to(clock.now() + outbox.LOST_AFTER + timedelta(seconds=1)):
        waiting = outbox.overdue()
    for entry_id in waiting:
        if entry := outbox.waiting(entry_id):
            outbox.finish(entry, EntryState.SENT)
    for letter_id in Letter.objects.values_list("public_id", flat=True):
        if letter := letters.waiting(letter_id):
            letters.mark_sent(letter)


def _queue_next(pending: list[tuple[datetime, int, Chapter]], place: int, chapter: Chapter) -> None:
    moment = next(chapter, None)
    if moment is not None:
        heapq.heappush(pending, (moment, place, chapter))


def _working(day: date, days: int) -> date:
    """The day so many working days after (or, below zero, before) a day; weekends do not count."""
    step = 1 if days > 0 else -1
    for _ in range(abs(days)):
        day += timedelta(days=step)
        while _is_weekend(day):
            day += timedelta(days=step)
    return day


def _is_weekend(day: date) -> bool:
    return day.weekday() >= 5


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=TOKYO)
