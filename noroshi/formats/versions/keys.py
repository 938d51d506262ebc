"""One key for every scheme: bytes that sort as the versions do, in Python and in a database."""

from __future__ import annotations

from collections.abc import Callable

from noroshi.formats.versions import deb, generic, maven, pep440, rpm, semver
from noroshi.formats.versions.schemes import Scheme

_KEYS: dict[Scheme, Callable[[str], bytes]] = {
    Scheme.GENERIC: generic.key,
    Scheme.SEMVER: semver.key,
    Scheme.NPM: semver.key,
    Scheme.PEP440: pep440.key,
    Scheme.DEB: deb.key,
    Scheme.RPM: rpm.key,
    Scheme.MAVEN: maven.key,
}


def key(text: str, scheme: Scheme) -> bytes:
    """The sortable key: ``key(a) < key(b)`` as bytes exactly when a comes before b in the scheme.

    Raises ``Malformed`` when the text is not a version of the scheme.
    """
    return _KEYS[scheme](text)
