"""RPM package versions, ``[epoch:]version[-release]``, as rpm's own comparison orders them."""

from __future__ import annotations

import re

from noroshi.formats.versions.encoding import check_length, number, unreadable

_VERSION = re.compile(r"\s*(?:([0-9]*):)?+(\S+?)(?:-([^\s-]+))?\s*")
_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")
_SIGNS = re.compile(r"[\x21-\x7e]+")
# Weakest first: what stands after a tilde, the end, after a caret, letters; then numbers.
_TILDE, _END, _CARET, _LETTERS = b"\x01", b"\x02", b"\x03", b"\x04"
_NO_RELEASE, _RELEASE = b"\x01", b"\x02"


def key(text: str) -> bytes:
    """The sortable key of an epoch, a version and a release; a version without release is lower.

    Raises ``Malformed`` when the text is not such a version.
    """
    check_length(text)
    match = _VERSION.fullmatch(text)
    if not match or not _SIGNS.fullmatch(text.strip()):
        raise unreadable(text)
    epoch, version, release = match.groups()
    ends = _NO_RELEASE if release is None else _RELEASE + _encode(release)
    return number(epoch or "0") + _encode(version) + ends


def _encode(text: str) -> bytes:
    return b"".join(map(_segment, _SEGMENT.findall(text))) + _END


def _segment(segment: str) -> bytes:
    if segment == "~":
        return _TILDE
    if segment == "^":
        return _CARET
    if segment.isdigit():
        return number(segment)
    return _LETTERS + segment.encode("ascii") + b"\0"
