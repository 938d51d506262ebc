"""Numbers and letters as bytes that compare with memcmp, shared by all schemes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from noroshi.core.errors import Malformed, gettext_noop

LONGEST = 100
"""No version is longer than this many characters; so the length of a number fits in one byte."""


@lru_cache(maxsize=65536)
def number(digits: str) -> bytes:
    """A number of up to ``LONGEST`` decimal digits: its length from 0x80 on, then its digits.

    More digits sort higher, leading zeros do not count, and the first byte is above every
    letter and every mark, so a number sorts after them without a mark of its own.
    """
    significant = digits.lstrip("0")
    return bytes((0x80 + len(significant),)) + significant.encode("ascii")


def unreadable(text: str) -> Malformed:
    """The error for a text that is not a version of its scheme."""
    return Malformed(
        "", gettext_noop("“%(version)s” cannot be read as a version."), version=text[:LONGEST]
    )


def numbers(digits: Sequence[str]) -> bytes:
    """Numbers joined by dots, without trailing zeros, so that 1.0 and 1 are one key."""
    last = len(digits)
    while last > 1 and not digits[last - 1].strip("0"):
        last -= 1
    return b"".join(map(number, digits[:last]))


def check_length(text: str) -> None:
    """Refuse what is longer than any version."""
    if len(text) > LONGEST:
        raise unreadable(text)
