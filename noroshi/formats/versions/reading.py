"""Reads ranges of versions as advisories write them, or says that nobody can."""

from __future__ import annotations

from noroshi.formats.versions.ranges import VersionRange, range_from_bounds
from noroshi.formats.versions.schemes import Scheme


def read_range(text: str, scheme: Scheme = Scheme.GENERIC) -> VersionRange:
    """The range that the text means.

    :raises Malformed: when the text cannot be read
    """
    if text.strip() == "*":
        return range_from_bounds(scheme)
    return range_from_bounds(scheme, eq=text)
