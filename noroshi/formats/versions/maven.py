"""Maven versions: "Version Order Specification" of the POM reference.

Maven's own programs differ from it and from each other where a version mixes letters and
numbers in rare ways; the specification is followed, and the tests say where they part.
"""

from __future__ import annotations

import re

from noroshi.formats.versions.encoding import check_length, number, unreadable

_VERSION = re.compile(r"[0-9A-Za-z._+~-]*[0-9A-Za-z][0-9A-Za-z._+~-]*")
_TOKEN = re.compile(r"([.-]?)([0-9]+|[^0-9.-]+|)")
_RELEASE = ("", "final", "ga", "release")
# Weakest first; END is what a longer version is compared with, so 1-rc1 < 1 < 1-sp.
_RANKS = {
    "alpha": b"\x01",
    "beta": b"\x02",
    "milestone": b"\x03",
    "rc": b"\x04",
    "cr": b"\x04",
    "snapshot": b"\x05",
    "sp": b"\x12",
} | dict.fromkeys(_RELEASE, b"\x11")
_END = b"\x10"
_OTHER = b"\x13"
_HYPHEN_NUMBER, _DOT_NUMBER = b"\x14", b"\x15"
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}


def key(text: str) -> bytes:
    """The sortable key of a Maven version.

    Raises ``Malformed`` when the text is not such a version.
    """
    check_length(text)
    stripped = text.strip().lower()
    if not _VERSION.fullmatch(stripped):
        raise unreadable(text)
    return b"".join(_encoded(*token) for token in _trimmed(_tokens(stripped))) + _END


def _tokens(text: str) -> list[tuple[str, str]]:
    """Tokens with the separator before them; a change between digits and letters is a hyphen."""
    tokens: list[tuple[str, str]] = []
    texts = _TOKEN.findall(text)[:-1]  # the last is the empty one behind the end
    for place, (separator, token) in enumerate(texts):
        following = texts[place + 1] if place + 1 < len(texts) else ("", "")
        short = not following[0] and following[1].isdigit()
        meant = _SHORT.get(token, token) if short else token
        tokens.append((separator or ("-" if tokens else "."), meant or "0"))
    return tokens


def _trimmed(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The tokens without those that mean nothing: at the end, before a hyphen, before letters."""
    significant: list[tuple[str, str]] = []
    for separator, token in reversed(tokens):
        null = token in _RELEASE or not token.strip("0")
        if null and (
            not significant or significant[-1][0] == "-" or not significant[-1][1].isdigit()
        ):
            continue
        significant.append((separator, token))
    return significant[::-1]


def _encoded(separator: str, token: str) -> bytes:
    if token.isdigit():
        return (_HYPHEN_NUMBER if separator == "-" else _DOT_NUMBER) + number(token)
    return _RANKS.get(token) or _OTHER + token.encode("ascii") + b"\x01"
