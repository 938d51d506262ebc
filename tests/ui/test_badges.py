"""Labels, states and people are always a word, and hostile names stay text."""

from __future__ import annotations

import enum
import time

import pytest

from noroshi.ui import components as c
from tests.ui.conftest import ESCAPED, HOSTILE


@pytest.mark.parametrize(
    ("label", "text", "mark"),
    [
        ("RED", "TLP:RED", "red"),
        ("AMBER_STRICT", "TLP:AMBER+STRICT", "amber+strict"),
        ("amber+strict", "TLP:AMBER+STRICT", "amber+strict"),
        ("TLP:AMBER", "TLP:AMBER", "amber"),
        ("green", "TLP:GREEN", "green"),
        ("clear", "TLP:CLEAR", "clear"),
    ],
)
def test_a_tlp_label_is_written_exactly_as_first_writes_it(
    label: str, text: str, mark: str
) -> None:
    assert c.tlp(label) == f'<span class="tlp" data-tlp="{mark}" translate="no">{text}</span>'


@pytest.mark.usefixtures("japanese")
def test_a_tlp_label_is_never_translated() -> None:
    assert ">TLP:AMBER+STRICT<" in c.tlp("AMBER_STRICT", large=True)


def test_the_own_team_only_label_is_not_black_because_it_is_not_tlp() -> None:
    assert "tlp" not in c.tlp("INTERNAL")
    assert "Own team only" in c.tlp("INTERNAL")


def test_an_enum_may_be_given_as_it_is() -> None:
    class Sensitivity(enum.Enum):
        STRICT = "AMBER_STRICT"

    assert "TLP:AMBER+STRICT" in c.tlp(Sensitivity.STRICT)


@pytest.mark.parametrize("unknown", ["", "WHITE", "AMBER RED", None, HOSTILE])
def test_a_label_that_is_none_is_refused_rather_than_shown_weaker(unknown: object) -> None:
    with pytest.raises(ValueError, match="not a label"):
        c.tlp(unknown)


def test_a_state_is_a_shape_and_a_word() -> None:
    html = c.status("In work", "half", "go")
    assert "#s-half" in html
    assert "In work" in html
    assert 'data-tone="go"' in html


@pytest.mark.parametrize(
    ("level", "bars", "word"), [(1, 1, "注意"), (2, 2, "警告"), (3, 3, "重要"), (4, 4, "緊急")]
)
@pytest.mark.usefixtures("japanese")
def test_severity_is_bars_and_the_word_of_japanese_advisories(
    level: int, bars: int, word: str
) -> None:
    html = c.severity(level)
    assert html.count('class="on"') == bars
    assert html.count("<rect") == 4
    assert word in html


def test_severity_may_be_said_in_words_and_unrated_is_said() -> None:
    assert c.severity("Critical") == c.severity(4)
    assert "Not rated" in c.severity(None)
    assert "Not rated" in c.severity("none")


@pytest.mark.parametrize(
    ("name", "initial"), [("鈴木（見本）", "鈴"), ("sora", "S"), ("「輪」", "輪"), ("…", "?")]
)
def test_a_person_has_an_initial_that_readers_do_not_hear(name: str, initial: str) -> None:
    assert f'<i aria-hidden="true">{initial}</i>' in c.person(name)


def test_a_team_is_square_and_linked_to_its_card() -> None:
    html = c.team("HINATA-SIRT", "/teams/hinata")
    assert 'class="who team"' in html
    assert '<a href="/teams/hinata">HINATA-SIRT</a>' in html


def test_hostile_text_stays_text() -> None:
    for html in (
        c.person(HOSTILE),
        c.team(HOSTILE, "/t"),
        c.status(HOSTILE),
        c.tag(HOSTILE),
        c.stacked(HOSTILE, HOSTILE),
        c.lines(HOSTILE),
        c.link_button(HOSTILE, "/x"),
        c.opens("x", HOSTILE),
    ):
        assert ESCAPED in html
        assert "<script" not in html


def test_hostile_addresses_do_not_leave_their_attribute() -> None:
    assert '"/x&quot; onclick=&quot;y"' in c.person("Mallory", '/x" onclick="y')
    assert '"/x&quot; onclick=&quot;y"' in c.link_button("Go", '/x" onclick="y')


def test_line_breaks_of_outside_text_are_kept() -> None:
    assert (
        c.lines("one\r\ntwo\r\n\r\nthree")
        == '<p class="lines">one\ntwo</p><p class="lines">three</p>'
    )


def test_every_word_says_who_may_see_a_value() -> None:
    for scope in ("public", "members", "circle", "team"):
        assert "Seen by:" in c.visibility(scope)


def test_a_hundred_badges_cost_a_page_less_than_ten_milliseconds() -> None:
    def once() -> float:
        start = time.perf_counter()
        for _ in range(25):
            c.tlp("AMBER_STRICT")
            c.status("In work", "half", "go")
            c.severity(3)
            c.person("鈴木（見本）", "/people/1")
        return time.perf_counter() - start

    once()
    assert min(once() for _ in range(20)) < 0.010
