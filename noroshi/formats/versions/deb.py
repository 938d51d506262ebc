"""Debian package versions: Debian Policy 5.6.12, as ``dpkg --compare-versions`` orders them."""

from __future__ import annotations

import re

from noroshi.formats.versions.encoding import check_length, number, unreadable

_VERSION = re.compile(r"\s*(?:([0-9]+):)?([0-9][A-Za-z0-9.+~:-]*?)(?:-([A-Za-z0-9.+~]+))?\s*")
_PIECE = re.compile(r"([^0-9]*)([0-9]*)")
# Within the pieces that are not digits a tilde comes before the end, the end before letters
# (0x41 on), and letters before all other signs (moved behind them).
_TILDE, _END = 0x01, b"\x02"
_SIGNS = {ord("~"): _TILDE} | {ord(sign): ord(sign) + 0x80 for sign in "+-.:"}


def key(text: str) -> bytes:
    """The sortable key of ``[epoch:]upstream[-revision]``.

    Raises ``Malformed`` when the text is not such a version.
    """
    check_length(text)
    match = _VERSION.fullmatch(text)
    if not match or (":" in match[2] and not match[1]):
        raise unreadable(text)
    epoch, upstream, revision = match.groups()
    return number(epoch or "0") + _encode(upstream) + _encode(revision or "0")


def _encode(text: str) -> bytes:
    """Letters and numbers by turns; a missing number is zero, and nothing equals ``0``."""
    pieces = [
        bytes(_SIGNS.get(sign, sign) for sign in letters.encode("ascii")) + _END + number(digits)
        for letters, digits in _PIECE.findall(text)
        if letters or digits
    ]
    return b"".join(pieces) + _END
