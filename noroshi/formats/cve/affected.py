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

# The status of the versions in a span; ``None`` where nobody can tell which versions they are.
_StatusSpan = tuple[Status, Span | None]


def affected_rows(vulnerability: str, entry: Node) -> Iterator[Affected]:
    """One row per span of versions with one status.

    Where the default is "affected" and single spans are not, one more row holds the rest.
    The range of commits of a version-control system is ``None``: commits have no order.
    """
    template = _row_template(vulnerability, entry)
    if template is None:
        return
    default = _STATUS.get(entry.text("defaultStatus"), "unknown")
    versions = list(entry.nodes("versions"))
    status_spans: list[_StatusSpan] = []
    for version in versions:
        yield from _rows_of_version(template, version, status_spans)
    if not versions and default != "unknown":
        yield replace(
            template, status=default, text="*", range=range_from_bounds(_scheme(template, ""))
        )
    elif default == "affected" and any(status == "not_affected" for status, _ in status_spans):
        schemes = {_scheme(template, version.text("versionType")) for version in versions}
        remaining = _remaining_range(
            status_spans, schemes.pop() if len(schemes) == 1 else Scheme.GENERIC
        )
        if remaining is None or remaining.intervals:
            yield replace(template, status=default, text="*", range=remaining)


def _row_template(vulnerability: str, entry: Node) -> Affected | None:
    """The row whose fields all rows of the entry share; ``None`` when it names no product."""
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


def _scheme(template: Affected, version_type: str) -> Scheme:
    if template.purl:
        return scheme_for_purl_type(purl.read(template.purl).type)
    kind = {"python": "pypi", "dpkg": "deb"}.get(version_type.lower(), version_type.lower())
    return scheme_for_purl_type(kind) if kind in _PACKAGED else Scheme.GENERIC


def _is_commit(version: Node) -> bool:
    """Whether the entry is about commits; by its texts, for CISA calls the kernel's "custom"."""
    names = ("version", "lessThan", "lessThanOrEqual")
    return any(is_commit(version.scalar(name)) for name in names)


def is_commit(text: str) -> bool:
    """Whether a version text holds the hash of a commit."""
    return any(_COMMIT.fullmatch(word) for word in re.split(r"[\s,]+", text.lower()))


def _rows_of_version(
    template: Affected, version: Node, status_spans: list[_StatusSpan]
) -> Iterator[Affected]:
    status = _STATUS.get(version.text("status"), "unknown")
    start, below, until = (
        _without_cpe(version.scalar(name)) for name in ("version", "lessThan", "lessThanOrEqual")
    )
    scheme = _scheme(template, version.text("versionType"))
    row = replace(template, status=status, where=version.where)
    if not below and not until:
        yield _row_of_text(row, start, scheme, status_spans)
        return
    for span_status, span in _spans_by_status(status, start, below, until, version):
        commit = _is_commit(version)
        versions = None if commit else _range(scheme, span)
        yield replace(row, status=span_status, text=_span_text(span), range=versions)
        if not commit:
            status_spans.append((span_status, span if versions else None))


def _without_cpe(text: str) -> str:
    """The version itself where a whole CPE name is written in its place."""
    if not text.startswith("cpe:"):
        return text
    try:
        return cpe.read(text).version or "*"
    except Malformed:
        return text


def _row_of_text(
    row: Affected, text: str, scheme: Scheme, status_spans: list[_StatusSpan]
) -> Affected:
    if text.lower() in _NOTHING or is_commit(text):
        return replace(row, text=text)
    for candidate in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            versions = read_range(text, candidate)
        except Malformed:
            continue
        status_spans.append((row.status, _span_of_text(text, versions)))
        return replace(row, text=text, range=versions)
    status_spans.append((row.status, None))
    return replace(row, text=text)


def _span_of_text(text: str, versions: VersionRange) -> Span | None:
    """The span of a text that means all versions or a single version; ``None`` for others."""
    if versions.intervals == (Interval(),):
        return Span()
    interval = len(versions.intervals) == 1 and versions.intervals[0]
    return Span(text, True, text, True) if interval and interval.low == interval.high else None


def _spans_by_status(
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
    """Whether a change comes at or after the end and so changes nothing in the range.

    Arm writes such records: r49p1 after ≤ r49p0.
    """
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
    for candidate in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            return range_of(candidate, [span])
        except Malformed:
            continue
    return None


def _span_text(span: Span) -> str:
    """The span in one line: ``>= 1.0, < 2.0``."""
    low = f">= {span.low}" if span.low is not None else ""
    high = f"{'<=' if span.high_closed else '<'} {span.high}" if span.high is not None else ""
    return ", ".join(bound for bound in (low, high) if bound) or "*"


def _remaining_range(status_spans: list[_StatusSpan], scheme: Scheme) -> VersionRange | None:
    """The versions to which no entry gives another status than affected.

    ``None`` where an entry does not say clearly which versions are not affected.
    """
    spans = [span for status, span in status_spans if span and status != "affected"]
    if any(span is None and status in ("not_affected", "fixed") for status, span in status_spans):
        return None
    for candidate in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            return _range_outside(spans, candidate)
        except Malformed:
            continue
    return None


def _range_outside(spans: list[Span], scheme: Scheme) -> VersionRange:
    """Every version outside the spans, which may overlap."""
    ordered = sorted(spans, key=lambda span: key(span.low, scheme) if span.low else b"")
    outside: list[Span] = []
    low: str | None = None
    low_closed = True
    for span in ordered:
        if span.low is not None and (low is None or key(low, scheme) < key(span.low, scheme)):
            outside.append(Span(low, low_closed, span.low, not span.low_closed))
        elif span.low is not None:
            outside += _repaired_line(span.low, span.high)
        if span.high is None:
            return range_of(scheme, outside)
        if low is None or key(low, scheme) <= key(span.high, scheme):
            low, low_closed = span.high, not span.high_closed
    return range_of(scheme, [*outside, Span(low, low_closed, None, False)])


def _repaired_line(low: str, high: str | None) -> Iterator[Span]:
    """The affected beginning of a release line: 6.1 before 6.1.88, where 6.1.88 to 6.1.* is clear.

    The Linux kernel counts a fault from the release that brought it, so all of 6.1 may already be
    clear as older. An older line may have got the fault later, with a repair of something else;
    that the line has a repaired release is all that the record says of it.
    """
    number = re.fullmatch(r"(.{0,60}?)([0-9]{1,20})", high or "")
    line = f"{number[1]}{int(number[2]) - 1}" if number else ""
    if line and low.startswith(f"{line}."):
        yield Span(line, True, low, False)
