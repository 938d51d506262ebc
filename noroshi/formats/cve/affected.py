"""The ``affected`` entries of a CVE record as rows of product, range and status.

The record format says how a version entry becomes a range (docs/versions.md of the format);
the words that its authors use instead ("n/a", "unspecified", "publication") are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from packageurl import PackageURL

from noroshi.core.errors import Malformed
from noroshi.formats import cpe, purl
from noroshi.formats.drafts import Affected, Status
from noroshi.formats.node import Node
from noroshi.formats.versions import (
    Scheme,
    VersionRange,
    key,
    range_from_bounds,
    read_range,
    scheme_for_purl_type,
)
from noroshi.formats.versions.ranges import Interval, Span, range_of

_STATUS: dict[str, Status] = {
    "affected": "affected",
    "unaffected": "not_affected",
    "unknown": "unknown",
}
_NOTHING = {"", "n/a", "na", "-", "none", "not applicable", "unknown"}
_NO_LOW = _NOTHING | {"0", "*", "?", "unspecified", "all", "initial release"}
_NO_HIGH = {"", "*", "unspecified", "publication"}
_PACKAGED = {"rpm", "deb", "maven", "npm", "pypi"}
_COMMIT = re.compile(r"(?=.*[a-f])(?=.*\d)[0-9a-f]{7,40}")
_COLLECTIONS = (
    (re.compile(r"(^|\.)pypi\.org|pypi\.python\.org"), "pypi"),
    (re.compile(r"npmjs\.(com|org)"), "npm"),
    (re.compile(r"maven\.|mvnrepository\.com"), "maven"),
    (re.compile(r"rubygems\.org"), "gem"),
    (re.compile(r"crates\.io"), "cargo"),
    (re.compile(r"packagist\.org"), "composer"),
    (re.compile(r"nuget\.org"), "nuget"),
    (re.compile(r"pkg\.go\.dev|proxy\.golang\.org"), "golang"),
    (re.compile(r"(^|\.)hex\.pm"), "hex"),
    (re.compile(r"pub\.dev"), "pub"),
)

# What an entry says of a stretch of versions; without a span nobody can tell of which.
_Stretch = tuple[Status, Span | None]


def affected_rows(vulnerability: str, entry: Node) -> Iterator[Affected]:
    """One row per stretch of versions with one status.

    Where the default is "affected" and single stretches are not, one more row holds the rest.
    The range of commits of a version-control system is ``None``: commits have no order.
    """
    base = _base(vulnerability, entry)
    if base is None:
        return
    default = _STATUS.get(entry.text("defaultStatus"), "unknown")
    versions = list(entry.nodes("versions"))
    found: list[_Stretch] = []
    for version in versions:
        yield from _rows(base, version, found)
    if not versions and default != "unknown":
        yield replace(base, status=default, text="*", range=range_from_bounds(_scheme(base, "")))
    elif default == "affected" and any(status == "not_affected" for status, _ in found):
        schemes = {_scheme(base, version.text("versionType")) for version in versions}
        rest = _rest(found, schemes.pop() if len(schemes) == 1 else Scheme.GENERIC)
        if rest is None or rest.intervals:
            yield replace(base, status=default, text="*", range=rest)


def _base(vulnerability: str, entry: Node) -> Affected | None:
    """What all rows of the entry share; ``None`` when it names no product."""
    vendor, product = entry.text("vendor"), entry.text("product")
    package = entry.text("packageName")
    vendor = "" if vendor.lower() in _NOTHING else vendor
    product = "" if product.lower() in _NOTHING else product
    link = entry.text("packageURL") or _purl(entry.text("collectionURL"), package)
    if not product and not package:
        return None
    return Affected(
        vulnerability=vulnerability,
        vendor=vendor,
        product=product or package,
        text="",
        status="unknown",
        purl=_bare_purl(link),
        cpe=_bare_cpe(next(iter(entry.texts("cpes")), "")),
        platform=", ".join(entry.texts("platforms"))[:1000],
        where=entry.where,
    )


def _bare_purl(text: str) -> str:
    try:
        return purl.read(text).text
    except Malformed:
        return ""


def _bare_cpe(text: str) -> str:
    try:
        return cpe.read(text).text
    except Malformed:
        return ""


def _purl(collection: str, package: str) -> str:
    """The package URL that a collection's address and a name in it stand for."""
    host = re.sub(r"^\w+://", "", collection).split("/", 1)[0].lower()
    kind = next((name for pattern, name in _COLLECTIONS if pattern.search(host)), "")
    if not kind or not package:
        return ""
    namespace, _, name = package.replace(":", "/").rpartition("/")
    return PackageURL(kind, namespace or None, name or None).to_string() if name else ""


def _scheme(base: Affected, version_type: str) -> Scheme:
    if base.purl:
        return scheme_for_purl_type(purl.read(base.purl).type)
    kind = {"python": "pypi", "dpkg": "deb"}.get(version_type.lower(), version_type.lower())
    return scheme_for_purl_type(kind) if kind in _PACKAGED else Scheme.GENERIC


def _is_commit(version: Node) -> bool:
    """Whatever the type says: CISA's containers call the kernel's commits "custom"."""
    names = ("version", "lessThan", "lessThanOrEqual")
    return any(is_commit(version.scalar(name)) for name in names)


def is_commit(text: str) -> bool:
    """Whether a version text holds the hash of a commit."""
    return any(_COMMIT.fullmatch(word) for word in re.split(r"[\s,]+", text.lower()))


def _rows(base: Affected, version: Node, found: list[_Stretch]) -> Iterator[Affected]:
    status = _STATUS.get(version.text("status"), "unknown")
    start, below, until = (
        _without_cpe(version.scalar(name)) for name in ("version", "lessThan", "lessThanOrEqual")
    )
    scheme = _scheme(base, version.text("versionType"))
    row = replace(base, status=status, where=version.where)
    if not below and not until:
        yield _single(row, start, scheme, found)
        return
    for part, span in _stretches(status, start, below, until, version):
        commit = _is_commit(version)
        versions = None if commit else _range(scheme, span)
        yield replace(row, status=part, text=_written(span), range=versions)
        if not commit:
            found.append((part, span if versions else None))


def _without_cpe(text: str) -> str:
    """The version of a version that is written as a whole CPE name."""
    if not text.startswith("cpe:"):
        return text
    try:
        return cpe.read(text).version or "*"
    except Malformed:
        return text


def _single(row: Affected, text: str, scheme: Scheme, found: list[_Stretch]) -> Affected:
    if text.lower() in _NOTHING or is_commit(text):
        return replace(row, text=text)
    for one in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            versions = read_range(text, one)
        except Malformed:
            continue
        found.append((row.status, _only_span(text, versions)))
        return replace(row, text=text, range=versions)
    found.append((row.status, None))
    return replace(row, text=text)


def _only_span(text: str, versions: VersionRange) -> Span | None:
    """The span of a text that means all versions or one."""
    if versions.intervals == (Interval(),):
        return Span()
    one = len(versions.intervals) == 1 and versions.intervals[0]
    return Span(text, True, text, True) if one and one.low == one.high else None


def _stretches(
    status: Status, start: str, below: str, until: str, version: Node
) -> Iterator[tuple[Status, Span]]:
    """The range of an entry, cut where ``changes`` give another status from a version on."""
    low = None if start.lower() in _NO_LOW else start
    high, closed = _upper(below, until)
    current: Status = status
    for change in version.nodes("changes"):
        at = change.scalar("at")
        if high is not None and (not at or _not_before(at, high)):
            continue
        yield current, Span(low, True, at, False)
        after = _STATUS.get(change.text("status"), "unknown")
        current = "fixed" if (current, after) == ("affected", "not_affected") else after
        low = at
    yield current, Span(low, True, high, closed)


def _not_before(at: str, high: str) -> bool:
    """A change at or after the end changes nothing within the range (Arm: r49p1 after ≤ r49p0)."""
    try:
        return key(at, Scheme.GENERIC) >= key(high, Scheme.GENERIC)
    except Malformed:
        return True


def _upper(below: str, until: str) -> tuple[str | None, bool]:
    high, closed = (until, True) if until else (below, False)
    if high.lower() in _NO_HIGH:
        return None, False
    numbered = re.fullmatch(r"(.{0,60}?)(\d{1,20})\.[*xX]", high)
    if numbered:  # 5.15.* is the end of everything that begins with 5.15
        return f"{numbered[1]}{int(numbered[2]) + 1}", False
    return high, closed


def _range(scheme: Scheme, span: Span) -> VersionRange | None:
    for one in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            return range_of(one, [span])
        except Malformed:
            continue
    return None


def _written(span: Span) -> str:
    """A stretch of versions in one line: ``>= 1.0, < 2.0``."""
    low = f">= {span.low}" if span.low is not None else ""
    high = f"{'<=' if span.high_closed else '<'} {span.high}" if span.high is not None else ""
    return ", ".join(part for part in (low, high) if part) or "*"


def _rest(found: list[_Stretch], scheme: Scheme) -> VersionRange | None:
    """Every version of which the entries do not say that it is something else than affected.

    ``None`` where it cannot be told which versions are clear.
    """
    spans = [span for status, span in found if span and status != "affected"]
    if any(span is None and status in ("not_affected", "fixed") for status, span in found):
        return None
    for one in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            return _outside(spans, one)
        except Malformed:
            continue
    return None


def _outside(spans: list[Span], scheme: Scheme) -> VersionRange:
    """Every version outside the spans, of which one may lie in another."""
    ordered = sorted(spans, key=lambda span: key(span.low, scheme) if span.low else b"")
    left: list[Span] = []
    low: str | None = None
    low_closed = True
    for span in ordered:
        if span.low is not None and (low is None or key(low, scheme) < key(span.low, scheme)):
            left.append(Span(low, low_closed, span.low, not span.low_closed))
        elif span.low is not None:
            left += _repaired_line(span.low, span.high)
        if span.high is None:
            return range_of(scheme, left)
        if low is None or key(low, scheme) <= key(span.high, scheme):
            low, low_closed = span.high, not span.high_closed
    return range_of(scheme, [*left, Span(low, low_closed, None, False)])


def _repaired_line(low: str, high: str | None) -> Iterator[Span]:
    """6.1 before 6.1.88, where 6.1.88 to the end of 6.1 is clear within what is clear anyway.

    The Linux kernel counts a fault from the release that brought it. Older lines may have got it
    later with a repair; their own repair is all that the record says of it.
    """
    number = re.fullmatch(r"(.{0,60}?)([0-9]{1,20})", high or "")
    line = f"{number[1]}{int(number[2]) - 1}" if number else ""
    if line and low.startswith(f"{line}."):
        yield Span(line, True, low, False)
