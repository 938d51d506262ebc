"""Versions: how they are ordered, and what ranges of them advisories mean.

``key`` turns a version into bytes that sort as the versions do, so a database joins
advisories and inventories without reading a version again; ``read_range`` turns the words of an
advisory into intervals between such keys, or raises ``Malformed``.
"""

from noroshi.formats.versions.keys import key
from noroshi.formats.versions.range_text import read_range
from noroshi.formats.versions.ranges import Interval, VersionRange, range_from_bounds
from noroshi.formats.versions.schemes import Scheme, scheme_for_purl_type

__all__ = [
    "Interval",
    "Scheme",
    "VersionRange",
    "key",
    "range_from_bounds",
    "read_range",
    "scheme_for_purl_type",
]
