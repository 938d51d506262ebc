"""Semantic Versioning 2.0.0 (semver.org, section 11), and npm, which orders in the same way.

Go, Rust, NuGet and npm write a little more than the standard allows: a leading v or =,
two or four numbers. It is read too; missing numbers are zero.
"""

from __future__ import annotations

import re

from noroshi.formats.versions.encoding import check_length, number, numbers, unreadable

_VERSION = re.compile(
    r"[\s=]*[vV]?([0-9]+(?:\.[0-9]+){0,3})"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]*)?\s*",
    re.ASCII,
)
# What may follow the numbers, weakest first: a pre-release comes before the release.
_PRE_RELEASE, _RELEASE = b"\x01", b"\x02"
_END, _NUMERIC, _ALPHANUMERIC = b"\x01", b"\x02", b"\x03"


def key(text: str) -> bytes:
    """The sortable key of a semantic version; build metadata does not count.

    Raises ``Malformed`` when the text is not such a version.
    """
    check_length(text)
    match = _VERSION.fullmatch(text)
    if not match:
        raise unreadable(text)
    release, pre_release = match.groups()
    if pre_release is None:
        return numbers(release.split(".")) + _RELEASE
    identifiers = b"".join(map(_identifier, pre_release.split(".")))
    return numbers(release.split(".")) + _PRE_RELEASE + identifiers + _END


def _identifier(identifier: str) -> bytes:
    if identifier.isdigit():
        return _NUMERIC + number(identifier)
    return _ALPHANUMERIC + identifier.encode("ascii")
