"""Ranges of versions as sets of intervals between sortable keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats.versions import generic
from noroshi.formats.versions.encoding import unreadable
from noroshi.formats.versions.keys import key
from noroshi.formats.versions.schemes import Scheme
from noroshi.formats.versions.spelling import normalize_spelling


@dataclass(frozen=True, slots=True)
class Interval:
    """The keys between two bounds; ``None`` is no bound on that side."""

    low: bytes | None = None
    low_closed: bool = False
    high: bytes | None = None
    high_closed: bool = False

    def holds(self, version_key: bytes) -> bool:
        """Whether the key lies in the interval."""
        if self.low is not None and (
            version_key < self.low or (version_key == self.low and not self.low_closed)
        ):
            return False
        return self.high is None or (
            version_key < self.high or (version_key == self.high and self.high_closed)
        )


@dataclass(frozen=True, slots=True)
class VersionRange:
    """A set of versions: apart, rising intervals, and its normal form as a ``vers:`` string."""

    scheme: Scheme
    intervals: tuple[Interval, ...]
    normal: str

    def contains(self, version_text: str) -> bool:
        """Whether the version is in the range.

        Raises ``Malformed`` when the text is not a version of the scheme.
        """
        version_key = key(version_text, self.scheme)
        return any(interval.holds(version_key) for interval in self.intervals)

    def __str__(self) -> str:
        return self.normal


@dataclass(frozen=True, slots=True)
class Span:
    """A span of versions as texts: a bound below, a bound above, both, or none at all."""

    low: str | None = None
    low_closed: bool = True
    high: str | None = None
    high_closed: bool = False


# A commit has no order, and the x of 8.1x may be one more digit, any, or a letter of Cisco's.
_NO_ORDER = re.compile(r"(?=.*[a-f])(?=.*[0-9])[0-9a-f]{7,40}|.*[0-9][xX]")
# In a package's own scheme 1-x may be a version, so there only the star is a series.
_SERIES = re.compile(r"([0-9.]*?)([0-9]+)(?:\.\*)+")
_GENERIC_SERIES = re.compile(r"([0-9.]*?)([0-9]+)(?:(?:\.[xX*])+|-[xX])")


def _series(version: str, scheme: Scheme) -> re.Match[str] | None:
    return (_GENERIC_SERIES if scheme is Scheme.GENERIC else _SERIES).fullmatch(version)


def span(sign: str, version: str, scheme: Scheme) -> Span:
    """The span of ``<``, ``<=``, ``>``, ``>=`` or ``=`` and a version, or of a series as 5.10.*.

    A series is every version from its number up to the next: 5.10.* is from 5.10 before 5.11.
    """
    series = _series(version, scheme)
    if series:
        first = series[1] + series[2]
        following = series[1] + str(int(series[2]) + 1)
        if sign == ">":
            return Span(following)
        return Span(
            first if sign in (">=", "=") else None,
            high={"<": first, "<=": following, "=": following}.get(sign),
        )
    if sign == "=":
        return Span(version, True, version, True)
    if sign in (">", ">="):
        return Span(version, sign == ">=")
    return Span(None, high=version, high_closed=sign == "<=")


def range_of(scheme: Scheme, spans: Iterable[Span], excluded: Iterable[str] = ()) -> VersionRange:
    """The range that holds every version of the spans without the excluded versions.

    Raises ``Malformed`` when a bound is not a version, or a span ends before it begins.
    """
    measured = sorted(
        ((_interval(span, scheme), span) for span in spans),
        key=lambda pair: (pair[0].low or b"", not pair[0].low_closed),
    )
    merged: list[tuple[Interval, Span]] = []
    for interval, span in measured:
        if merged and _touch(merged[-1][0], interval):
            merged[-1] = _join(*merged[-1], interval, span)
        else:
            merged.append((interval, span))
    intervals = [Interval() if _is_whole(span) else interval for interval, span in merged]
    left_out = []
    for version in excluded:
        version_key = key(version, scheme)
        if any(interval.holds(version_key) for interval in intervals):
            intervals = [rest for interval in intervals for rest in _without(interval, version_key)]
            left_out.append(version)
    return VersionRange(
        scheme, tuple(intervals), _normal(scheme, [span for _, span in merged], left_out)
    )


def range_from_bounds(
    scheme: Scheme,
    *,
    ge: str | None = None,
    gt: str | None = None,
    le: str | None = None,
    lt: str | None = None,
    eq: str | None = None,
) -> VersionRange:
    """The range with these bounds; without any it holds every version.

    A bound may be a series (5.10.*), and an upper bound ``*`` is none, as in CVE records.

    Raises ``Malformed`` when a bound is not a version, there are two bounds for one side, or the
    range ends before it begins.
    """
    if (ge and gt) or (le and lt) or (eq and (ge or gt or le or lt)):
        raise Malformed("", gettext_noop("A range has at most one bound on each side."))
    if eq:
        return range_of(scheme, [span("=", readable("=", eq, scheme), scheme)])
    low, high = ge or gt, le or lt
    bounds = Span()
    if low:
        below = span(">=" if ge else ">", readable(">=", low, scheme), scheme)
        bounds = replace(bounds, low=below.low, low_closed=below.low_closed)
    if high and high.strip() != "*":
        above = span("<=" if le else "<", readable("<=", high, scheme), scheme)
        bounds = replace(bounds, high=above.high, high_closed=above.high_closed)
    return range_of(scheme, [bounds])


def readable(sign: str, version: str, scheme: Scheme) -> str:
    """The version as the normal form spells it.

    Raises ``Malformed`` when it is no version, or needs an order and has none.
    """
    if scheme is not Scheme.GENERIC:
        plain = version.strip()
    elif sign not in ("=", "!=") and _NO_ORDER.fullmatch(version):
        raise unreadable(version)
    else:
        plain = normalize_spelling(version)
    series = _series(plain, scheme)
    key(series[1] + series[2] if series else plain, scheme)
    return plain


def _interval(span: Span, scheme: Scheme) -> Interval:
    low = None if span.low is None else key(span.low, scheme)
    high = None if span.high is None else key(span.high, scheme)
    if low is not None and high is not None:
        if low > high or (low == high and not (span.low_closed and span.high_closed)):
            raise Malformed(
                "",
                gettext_noop("The range from “%(low)s” to “%(high)s” ends before it begins."),
                low=span.low,
                high=span.high,
            )
        if scheme is Scheme.GENERIC and generic.lead(low) != generic.lead(high):
            raise Malformed(
                "",
                gettext_noop("“%(low)s” and “%(high)s” are versions of different kinds."),
                low=span.low,
                high=span.high,
            )
    low_closed, high_closed = span.low_closed and low is not None, span.high_closed
    if scheme is Scheme.GENERIC:
        if low is None and high is not None:
            low, low_closed = generic.lead(high)[0] or None, bool(generic.lead(high)[0])
        elif high is None and low is not None:
            high, high_closed = generic.lead(low)[1], False
    return Interval(low, low_closed, high, high_closed)


def _is_whole(span: Span) -> bool:
    return span.low is None and span.high is None


def _touch(first: Interval, second: Interval) -> bool:
    """Whether the second, which begins no earlier, overlaps the first or follows without a gap."""
    if first.high is None or second.low is None:
        return True
    return second.low < first.high or (
        second.low == first.high and (second.low_closed or first.high_closed)
    )


def _join(
    first: Interval, first_span: Span, second: Interval, second_span: Span
) -> tuple[Interval, Span]:
    if _ends_later(second, first):
        return (
            Interval(first.low, first.low_closed, second.high, second.high_closed),
            Span(first_span.low, first_span.low_closed, second_span.high, second_span.high_closed),
        )
    return first, first_span


def _ends_later(interval: Interval, other: Interval) -> bool:
    if other.high is None:
        return False
    if interval.high is None:
        return True
    return (interval.high, interval.high_closed) > (other.high, other.high_closed)


def _without(interval: Interval, version_key: bytes) -> list[Interval]:
    """The interval with one key taken out."""
    if not interval.holds(version_key):
        return [interval]
    before = Interval(interval.low, interval.low_closed, version_key, False)
    after = Interval(version_key, False, interval.high, interval.high_closed)
    return [rest for rest in (before, after) if rest.low != rest.high or rest.low is None]


def _normal(scheme: Scheme, spans: list[Span], excluded: list[str]) -> str:
    if not spans:
        return "vers:none/*"
    if any(map(_is_whole, spans)) and not excluded:
        return f"vers:{scheme}/*"
    constraints = [
        (key(version, scheme), sign + _percent_encoded(version))
        for span_ in spans
        for sign, version in _signed(span_)
    ] + [(key(version, scheme), "!=" + _percent_encoded(version)) for version in excluded]
    constraints.sort(key=lambda constraint: constraint[0])
    return f"vers:{scheme}/" + "|".join(text for _, text in constraints)


def _signed(span_: Span) -> list[tuple[str, str]]:
    low, high = span_.low, span_.high
    if low is not None and low == high:
        return [("", low)]
    bounds = [] if low is None else [(">=" if span_.low_closed else ">", low)]
    return bounds if high is None else [*bounds, ("<=" if span_.high_closed else "<", high)]


def _percent_encoded(version: str) -> str:
    """A version as ``vers:`` demands it: signs with a meaning of their own percent-encoded."""
    return quote(version, safe="+~:(){}[]/ ").replace(" ", "%20")
