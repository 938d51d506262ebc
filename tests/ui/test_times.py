"""Moments in both languages. It is Tuesday 24 November 2026, 14:10 in Tokyo."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from noroshi.core import clock
from noroshi.ui.components import when


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "|", html).strip("|").replace("||", "|")


def at(hours: float) -> datetime:
    return clock.now() + timedelta(hours=hours)


PLAIN = [
    (at, -2.65, "11月24日（火）11:31|2 時間前", "24 Nov 2026, 11:31|2 h ago"),
    (at, 0, "11月24日（火）14:10|たった今", "24 Nov 2026, 14:10|just now"),
    (at, -48, "11月22日（日）14:10|2 日前", "22 Nov 2026, 14:10|2 days ago"),
    (at, 24 * 3, "11月27日（金）14:10|3 日後", "27 Nov 2026, 14:10|in 3 days"),
    (at, -24 * 40, "10月15日（木）14:10", "15 Oct 2026, 14:10"),
    (at, -24 * 365, "2025年11月24日（月）14:10", "24 Nov 2025, 14:10"),
]
DUE = [
    (at, 50 / 60, "今日 15:00|あと 50 分", "Today 15:00|50 min left", "soon"),
    (at, 3 + 50 / 60, "今日 18:00|あと 3 時間 50 分", "Today 18:00|3 h 50 min left", "soon"),
    (at, 11, "明日 01:10|あと 11 時間", "Tomorrow 01:10|11 h left", "soon"),
    (at, 21 + 50 / 60, "明日 12:00", "Tomorrow 12:00", ""),
    (at, 72, "11月27日（金）14:10|あと 3 日", "27 Nov 2026, 14:10|3 days left", ""),
    (at, -24, "11月23日（月）14:10|1 日超過", "23 Nov 2026, 14:10|1 day late", "late"),
    (at, -0.001, "今日 14:09|1 分超過", "Today 14:09|1 min late", "late"),
]


@pytest.mark.parametrize(("make", "hours", "ja", "en"), PLAIN)
def test_a_moment_is_absolute_first_and_relative_in_small(
    make: object, hours: float, ja: str, en: str
) -> None:
    assert words(when(at(hours))) == en
    with translation.override("ja"):
        assert words(when(at(hours))) == ja


@pytest.mark.parametrize(("make", "hours", "ja", "en", "state"), DUE)
def test_a_deadline_says_late_and_soon_in_words(
    make: object, hours: float, ja: str, en: str, state: str
) -> None:
    html = when(at(hours), due=True)
    assert words(html) == en
    assert f'class="when{" " + state if state else ""}"' in html
    with translation.override("ja"):
        assert words(when(at(hours), due=True)) == ja


@pytest.mark.parametrize(
    ("day", "ja", "state"),
    [
        (date(2026, 11, 24), "今日|今日まで", "soon"),
        (date(2026, 11, 25), "明日", ""),
        (date(2026, 11, 23), "11月23日（月）|1 日超過", "late"),
        (date(2026, 11, 27), "11月27日（金）|あと 3 日", ""),
        (date(2027, 2, 28), "2027年2月28日（日）", ""),
    ],
)
@pytest.mark.usefixtures("japanese")
def test_a_day_is_due_until_it_ends(day: date, ja: str, state: str) -> None:
    html = when(day, due=True)
    assert words(html) == ja
    assert f'class="when{" " + state if state else ""}"' in html


def test_a_deadline_that_was_met_is_never_late() -> None:
    html = when(at(-24), due=True, done=True)
    assert "late" not in html
    assert words(html) == "23 Nov 2026, 14:10"


def test_everybody_reads_their_own_zone() -> None:
    moment = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
    assert "25 Nov 2026, 05:00" in when(moment)
    assert 'datetime="2026-11-25T05:00+09:00"' in when(moment)
    with timezone.override("Europe/Berlin"):
        assert "24 Nov 2026, 21:00" in when(moment)


@pytest.mark.usefixtures("japanese")
def test_no_moment_is_said_and_not_left_empty() -> None:
    assert ">なし<" in when(None)
