"""Texts of a single line: a name, a title, whatever may become a mail's header."""

from __future__ import annotations

# The inside of a set in a regular expression: controls, what breaks a line, and what turns the words
# behind it around. Signs for one letter's direction (U+200E, U+200F, U+061C) may stand in a name.
LINE_BREAKING = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"


def single_line(text: str, length: int) -> str:
    """Text from outside as a single line, for subjects and headings."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]
