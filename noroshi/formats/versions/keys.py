"""One key for every scheme: bytes that sort as the versions do, in Python and in a database."""

from __future__ import annotations

from collections.abc import Callable

from noroshi.formats.versions import generic
from noroshi.formats.versions.schemes import Scheme

_KEYS: dict[Scheme, Callable[[str], bytes]] = {Scheme.GENERIC: generic.key}


def key(text: str, scheme: Scheme) -> bytes:
    """The sortable key: ``key(a) < key(b)`` as bytes exactly when a comes before b in the scheme.

    :raises Malformed: when the text is not a version of the scheme
    """
    return _KEYS[scheme](text)
