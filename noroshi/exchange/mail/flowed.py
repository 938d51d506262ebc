"""``format=flowed; delsp=yes`` (RFC 3676): short lines that a phone can join and break again.

Japanese has no spaces to break at, so the break's own space is deleted on reading (DelSp).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

COLUMNS = 72
# Signs that may not begin a line, and signs that may not end one (JIS X 4051, the common ones).
_NOT_FIRST = frozenset(
    "、。，．・：；？！」』】〉》）〕］｝ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…‥"
)
_NOT_LAST = frozenset("「『【〈《（〔［｛")
_STUFF = re.compile(r"^(?: |>|From )")


def flowed(text: str) -> str:
    """``text`` with soft breaks in lines that are too long; URLs and words stay whole."""
    return "\n".join(
        physical for line in text.split("\n") for physical in _break_softly(line.rstrip(" "))
    )


def width(text: str) -> int:
    """Columns on a screen: two for a wide sign, none for one that combines."""
    return sum(_columns(sign) for sign in text)


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _break_softly(line: str) -> Iterator[str]:
    """The line as one or more physical lines; all but the last end in the soft break's space."""
    physical, columns = "", 0
    for piece in _pieces(line):
        size = width(piece)
        if physical and columns + size > COLUMNS:
            yield _stuffed(physical) + " "
            physical, columns = "", 0
        physical += piece
        columns += size
    yield _stuffed(physical)


def _pieces(line: str) -> Iterator[str]:
    """The line cut where it may break: after spaces and between wide signs."""
    piece = ""
    for sign in line:
        if piece and _may_break(piece[-1], sign):
            yield piece
            piece = ""
        piece += sign
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before == " " or _columns(before) == 2 or _columns(after) == 2


def _stuffed(line: str) -> str:
    """The line with a leading space where it would else read as a quotation or a new mail."""
    return f" {line}" if _STUFF.match(line) else line
