"""The story's days are working days, and what is due today can still be done."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from noroshi.sample.replay import TOKYO, Chapter, Days, replay


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)  # the 24th is a Tuesday


@pytest.mark.parametrize(
    ("now", "zero"),
    [(at(24, 14), 24), (at(24, 9, 30), 23), (at(24, 2), 23), (at(22, 12), 20), (at(23, 8), 20)],
)
def test_the_newest_day_of_the_story_is_one_that_has_begun(now: datetime, zero: int) -> None:
    assert Days(now).zero == date(2026, 11, zero)
    assert Days(now).lately(1.0) <= now


def test_weekends_are_left_out() -> None:
    day = Days(at(24, 14))
    assert day.back(2, "09:30") == at(20, 9, 30)
    assert day.ahead(4) == date(2026, 11, 30)


def test_in_the_evening_what_is_due_next_is_due_tomorrow() -> None:
    assert Days(at(24, 17)).ahead(0) == date(2026, 11, 24)
    assert Days(at(24, 17, 45)).ahead(0) == date(2026, 11, 25)


def test_a_month_is_reported_once_its_report_is_due() -> None:
    first, last, issued = Days(at(24, 14)).month()
    assert (first, last) == (date(2026, 10, 1), date(2026, 10, 31))
    assert issued < at(24, 14)
    early, _, _ = Days(at(2, 9)).month()
    assert early == date(2026, 9, 1)


def test_at_every_hour_of_a_year_the_days_stand_in_their_order() -> None:
    for hour in range(0, 366 * 24, 7):
        now = datetime(2026, 1, 1, 0, 5, tzinfo=TOKYO) + timedelta(hours=hour)
        day = Days(now)
        moments = [day.back(2), day.back(1, "18:50"), day.lately(0.05), day.lately(0.7), now]
        assert moments == sorted(moments)
        assert now < day.until(0) <= day.until(1, "12:00")
        first, last, issued = day.month()
        assert first <= last < issued.date() <= now.date()


def test_chapters_are_told_in_the_order_of_their_moments(db: None) -> None:
    steps: list[str] = []

    def chapter(name: str, *hours: int) -> Chapter:
        for hour in hours:
            yield at(24, hour)
            steps.append(f"{name}{hour}")

    replay([chapter("a", 9, 12), chapter("b", 10, 11)], now=at(24, 14))
    assert steps == ["a9", "b10", "b11", "a12"]


def test_a_chapter_that_goes_back_in_time_is_a_fault(db: None) -> None:
    def chapter() -> Chapter:
        yield at(24, 12)
        yield at(24, 11)

    with pytest.raises(ValueError, match="does not follow"):
        replay([chapter()], now=at(24, 14))
