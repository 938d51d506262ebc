"""Lines broken softly come back as they were (RFC 3676), and no line is too wide for a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noroshi.exchange.mail.flowed import COLUMNS, flowed, width


def unflowed(text: str) -> str:
    """As a reader's program puts it together again (RFC 3676, section 4, DelSp=yes)."""
    lines: list[str] = []
    soft = False
    for line in text.split("\n"):
        content = line.removeprefix(" ")
        ends_soft = content.endswith(" ")
        content = content[:-1] if ends_soft else content
        if soft:
            lines[-1] += content
        else:
            lines.append(content)
        soft = ends_soft
    return "\n".join(lines)


WORDS = st.text(
    st.sampled_from("ab Zから漢字、。「」ーッ->　ｱﾞé.\n")
    | st.characters(exclude_categories=["C", "Z"]),
    max_size=400,
)


@given(WORDS)
def test_what_is_broken_is_put_together_again(text: str) -> None:
    expected = "\n".join(line.rstrip(" ") for line in text.split("\n"))
    assert unflowed(flowed(text)) == expected


SHORT = st.text(st.sampled_from("abcから漢字"), min_size=1, max_size=12)


@given(st.lists(SHORT, max_size=60))
def test_no_line_of_short_words_is_too_wide(words: list[str]) -> None:
    for line in flowed(" ".join(words)).split("\n"):
        assert width(line) <= COLUMNS + 2  # the word's own space and the break's


def test_japanese_is_broken_between_signs_and_not_before_a_full_stop() -> None:
    line = "あ" * 36 + "。" + "い" * 10
    first, second = flowed(line).split("\n")
    assert first == "あ" * 35 + " "
    assert second == "あ。" + "い" * 10


def test_an_address_is_never_broken() -> None:
    address = "https://noroshi.example/measures/answer/L-7KD3M9Q2~" + "0f" * 40
    assert address in flowed(f"ここから回答できます： {address} までにお願いします")


@pytest.mark.parametrize("start", ["> quoted", "From here on", " indented"])
def test_a_line_that_would_be_read_as_something_else_is_stuffed(start: str) -> None:
    assert flowed(start) == f" {start}"
    assert unflowed(flowed(start)) == start


def test_a_mark_that_combines_takes_no_column() -> None:
    assert width("e\u0301") == 1
    assert width("が") == width("か\u3099") == 2
