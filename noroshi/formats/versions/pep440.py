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

    :raises Malformed: when the text is not such a version
    """
    check_length(text)
    found = _VERSION.fullmatch(text)
    if not found:
        raise unreadable(text)
    pre, post, dev = found["pre"], found["post"], found["dev"]
    parts = [number(found["epoch"] or "0"), numbers(found["release"].split("."))]
    if pre:
        parts += [_PRE.get(pre[0].lower(), _RC), number(found["pre_number"] or "0")]
    else:
        parts.append(_ONLY_DEV if dev and not post else _NO_PRE)
    if post:
        parts += [_POST, number(found["post_implicit"] or found["post_number"] or "0")]
    else:
        parts.append(_NO_POST)
    parts += [_DEV, number(found["dev_number"] or "0")] if dev else [_NO_DEV]
    parts += [_local(part) for part in re.split("[-_.]", (found["local"] or "").lower()) if part]
    return b"".join(parts) + _END


def _local(part: str) -> bytes:
    if part.isdigit():
        return _DIGITS + number(part)
    return _LETTERS + part.encode("ascii")
