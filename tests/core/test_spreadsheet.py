"""A text from outside stays a text when an export is opened, and reads back as it was."""

from __future__ import annotations

import pytest

from noroshi.core.safe_csv import escape_formula, unescape_formula
from tests.harness.texts import FORMULAS, TEXTS


@pytest.mark.parametrize("sign", "=+-@\t\r\n＝＋－＠")
def test_a_formula_gets_a_mark_in_both_widths(sign: str) -> None:
    assert escape_formula(f"{sign}1+1") == f"'{sign}1+1"
    assert escape_formula(f"a{sign}1+1") == f"a{sign}1+1"


def test_every_text_reads_back_as_it_was() -> None:
    for text in (
        *TEXTS,
        *(f"'{formula}" for formula in FORMULAS),
        *(f"''{formula}" for formula in FORMULAS),
    ):
        assert unescape_formula(escape_formula(text)) == text
