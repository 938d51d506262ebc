"""CVSS 2.0, 3.0, 3.1 and 4.0 vectors and their base scores."""

from __future__ import annotations

from cvss import CVSS2, CVSS3, CVSS4, CVSSError  # type: ignore[import-untyped]  # has no stubs

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats.drafts import Score

_MAX_VECTOR = 400
_V2_SEVERITY = ((7.0, "high"), (4.0, "medium"), (0.0, "low"))


def read(vector: str, source: str = "") -> Score:
    """The score of a vector of any CVSS version: base 0.0–10.0 and severity in lower case.

    Severity: none, low, medium, high, critical (FIRST, CVSS 3.1 section 5); for 2.0 the NVD's
    low, medium, high. Raises ``Malformed`` for a vector that its version does not allow.
    """
    text = vector.strip()
    if len(text) > _MAX_VECTOR:
        raise _not_a_vector(text)
    try:
        if text.startswith("CVSS:4.0/"):
            four = CVSS4(text)
            return Score("4.0", text, float(four.base_score), four.severity.lower(), source)
        if text.startswith(("CVSS:3.0/", "CVSS:3.1/")):
            three = CVSS3(text)
            return Score(
                text[5:8], text, float(three.base_score), three.severities()[0].lower(), source
            )
        base = float(CVSS2(text.removeprefix("(").removesuffix(")")).base_score)
    except (CVSSError, ValueError, KeyError, ArithmeticError):
        raise _not_a_vector(text) from None
    return Score(
        "2.0", text, base, next(name for floor, name in _V2_SEVERITY if base >= floor), source
    )


def _not_a_vector(text: str) -> Malformed:
    return Malformed("", gettext_noop("“%(vector)s” is not a CVSS vector."), vector=text[:60])
