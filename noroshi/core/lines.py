"""What one line of text holds: a name, a title, whatever may become a mail's header."""

from __future__ import annotations

# The inside of a set in a regular expression: controls, and what breaks a line.
NOT_IN_A_LINE = r"\x00-\x1f\x7f-\x9f\u2028\u2029"


def one_line(text: str, length: int) -> str:
    """Text from outside as one line: it stands in subjects and headings."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:length]
