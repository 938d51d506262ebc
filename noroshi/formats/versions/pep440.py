"""Python package versions: PEP 440, "Summary of permitted suffixes and relative ordering"."""

from __future__ import annotations

import re

from noroshi.formats.versions.encoding import check_length, number, numbers, unreadable

_VERSION = re.compile(
    r"""\s*v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_number>[0-9]+)?)?
    (?P<post>-(?P<post_implicit>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>[0-9]+)?)?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_number>[0-9]+)?)?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
# 1.dev1 < 1a1.dev1 < 1a1 < 1b1 < 1rc1 < 1 < 1.post1.dev1 < 1.post1, each place by itself.
_ONLY_DEV, _NO_PRE = b"\x01", b"\x05"
_PRE = {"a": b"\x02", "b": b"\x03"}
_RC = b"\x04"  # rc, c, pre and preview are one
_NO_POST, _POST = b"\x01", b"\x02"
_DEV, _NO_DEV = b"\x01", b"\x02"
_END, _LETTERS, _DIGITS = b"\x01", b"\x02", b"\x03"


def key(text: str) -> bytes:
    """The sortable key of a PEP 440 version.

    Raises ``Malformed`` when the text is not such a version.
    """
    check_length(text)
    match = _VERSION.fullmatch(text)
    if not match:
        raise unreadable(text)
    pre, post, dev = match["pre"], match["post"], match["dev"]
    pieces = [number(match["epoch"] or "0"), numbers(match["release"].split("."))]
    if pre:
        pieces += [_PRE.get(pre[0].lower(), _RC), number(match["pre_number"] or "0")]
    else:
        pieces.append(_ONLY_DEV if dev and not post else _NO_PRE)
    if post:
        pieces += [_POST, number(match["post_implicit"] or match["post_number"] or "0")]
    else:
        pieces.append(_NO_POST)
    pieces += [_DEV, number(match["dev_number"] or "0")] if dev else [_NO_DEV]
    pieces += [
        _local(segment) for segment in re.split("[-_.]", (match["local"] or "").lower()) if segment
    ]
    return b"".join(pieces) + _END


def _local(segment: str) -> bytes:
    if segment.isdigit():
        return _DIGITS + number(segment)
    return _LETTERS + segment.encode("ascii")
