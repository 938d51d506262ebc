"""The audience, the answers, and charts that are also numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noroshi.ui import components as c
from noroshi.ui.shapes import (
    Answer,
    AudienceGroup,
    AudienceLine,
    AudiencePanel,
    Board,
    Chart,
    Series,
    hide_small,
)
from tests.ui.conftest import ESCAPED, HOSTILE


def audience(**changes: object) -> AudiencePanel:
    lines = [AudienceLine(HOSTILE, HOSTILE, "no")]
    values: dict[str, object] = {
        "people": 61,
        "teams": 24,
        "groups": [AudienceGroup("Left out", lines)],
    }
    return AudiencePanel(**(values | changes))  # type: ignore[arg-type]  # the fields above


def test_the_audience_counts_teams_and_people_and_says_who_is_left_out_and_why() -> None:
    html = c.audience(audience())
    assert "<b>24</b> teams" in html
    assert "<b>61</b> people" in html
    assert html.count(ESCAPED) == 2
    assert "#s-no" in html


def test_named_people_have_no_team_count_and_clear_is_anybody() -> None:
    assert "team" not in c.audience(audience(teams=None, people=1, groups=()))
    assert "<b>1</b> person" in c.audience(audience(teams=None, people=1))
    assert "Anybody" in c.audience(audience(anybody=True))


def test_the_audience_follows_the_form_and_can_be_asked_for_without_javascript() -> None:
    html = c.audience(audience(), "/warnings/audience")
    assert 'hx-post="/warnings/audience"' in html
    assert 'formaction="/warnings/audience" formnovalidate' in html
    assert 'aria-live="polite"' in html
    assert "hx-" not in c.audience(audience())


ANSWERS = [Answer("Done", 9, "fok"), Answer("Affected", 8, "fbad"), Answer(HOSTILE, 7, "f4")]


def test_the_parts_of_the_board_sum_to_the_recipients() -> None:
    html = c.board(Board(ANSWERS, 24))
    widths = [float(w) for w in re.findall(r'width="([\d.]+)" height="10"', html)]
    assert 395 <= sum(widths) <= 400
    assert ESCAPED in html
    with pytest.raises(ValueError, match="recipients are 25"):
        Board(ANSWERS, 25)


def test_a_group_under_five_is_not_shown_and_neither_is_the_rest_that_would_tell_it() -> None:
    hidden = hide_small([Answer("a", 12), Answer("b", 2), Answer("c", 10)])
    assert [a.count for a in hidden] == [12, None, None]
    html = c.board(Board(hidden, 24))
    assert html.count("under 5") >= 2
    assert ">2<" not in html


@given(st.lists(st.integers(0, 30), min_size=3, max_size=7))
def test_no_subtraction_from_the_recipients_tells_a_small_group(counts: list[int]) -> None:
    answers = hide_small([Answer(str(i), n) for i, n in enumerate(counts)])
    hidden = [n for n, a in zip(counts, answers, strict=True) if a.count is None]
    for number, answer in zip(counts, answers, strict=True):
        assert answer.count is None or answer.count == number >= 5
    if hidden and len(hidden) < len(counts):
        assert len(hidden) >= 2
        assert sum(hidden) >= 5
        assert sum(hidden) != 4 * len(hidden)


@pytest.mark.parametrize("kind", ["bars", "columns", "line", "stacked"])
def test_a_chart_has_title_description_and_its_numbers(kind: str) -> None:
    chart = Chart(
        kind,  # type: ignore[arg-type]  # one of the four
        HOSTILE,
        "Reports by month",
        ["Jan"] if kind == "stacked" else ["Jan", "Feb", HOSTILE],
        [Series("Reports", [1234] if kind == "stacked" else [1234, 0, 7.5])],
    )
    html = c.chart(chart)
    assert "<script" not in html
    assert "style=" not in html
    assert "Reports by month" in html
    assert "1,234" in html
    if kind != "stacked":
        assert "<table" in html
        assert "7.5" in html


@pytest.mark.parametrize("kind", ["bars", "columns", "line", "stacked"])
def test_a_chart_of_nothing_is_drawn_without_a_fault(kind: str) -> None:
    nothing = [Series("Reports", [0] if kind == "stacked" else [0, 0])]
    labels = ["Jan"] if kind == "stacked" else ["Jan", "Feb"]
    assert "<figure" in c.chart(Chart(kind, "T", "D", labels, nothing))  # type: ignore[arg-type]
    empty = [Series("Reports", [0] if kind == "stacked" else [])]
    assert "<figure" in c.chart(Chart(kind, "T", "D", labels[: len(empty[0].values)], empty))  # type: ignore[arg-type]


def test_a_series_with_a_value_missing_is_a_mistake_of_the_page() -> None:
    with pytest.raises(ValueError, match="not one value"):
        Chart("line", "T", "D", ["a", "b"], [Series("s", [1])])
