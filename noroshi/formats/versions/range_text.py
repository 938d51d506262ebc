"""Reads ranges of versions as advisories write them, or refuses an unclear text.

A wrong range is worse than none: a text is read only when every piece of it is understood.
Conditions that are not about the version ("with the option X", "on Windows") are left out of
the range, because the version is affected all the same.
"""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import unquote

from noroshi.formats.versions.keys import key
from noroshi.formats.versions.range_marks import Kind, cleaned, marks, unclear
from noroshi.formats.versions.range_parser import RangePiece, Reader, piece_of, without_name
from noroshi.formats.versions.ranges import Span, VersionRange, range_of, span
from noroshi.formats.versions.schemes import Scheme, scheme_for_purl_type

_VERS = re.compile(r"(?:[^<>|]*:\s+)?vers:([A-Za-z0-9.+-]+)/(.*)", re.DOTALL | re.IGNORECASE)
_CONSTRAINT = re.compile(r"\s*(<=|>=|<|>|!=|=|)\s*([^\s<>=!|*]+)\s*")
_BETWEEN = re.compile(r"\bbetween\b(.*?)\band\b", re.IGNORECASE)
_REMARK = re.compile(r"(?:^|\s)\(([^()]*)\)")
_CONDITION = re.compile(
    r"\s(?:(?:only|packaged)\s)?(?:if|when|with|on|installed|running|using|for)\s(.*)\Z",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"[<>=]|\b(?:prior|before|earlier|later|than|except|(?:in|ex)clu(?:ding|sive|ded))\b"
    r"|除く|含|以前|以降|未満|より",
    re.IGNORECASE,
)
_EXCEPTION = re.compile(r"(?:excluding|except(?: for)?|other than|but not)\s", re.IGNORECASE)
_END = re.compile(r"(?:in|ex)clu(?:ding|sive|ded)", re.IGNORECASE)
# Behind a version these words say that it is not meant, or that another one is.
_TURNS = re.compile(
    r"\b(?:not|no|un-?affected|fix(?:ed|es)?|patched|resolved|solution)\b|修正|対策|受けな"
    r"|(?:\b(?:and|or)\b|[,;|])\s*v?[0-9]|\b(?:patch|update|sp|hotfix|hf)\.?\s?[0-9]",
    re.IGNORECASE,
)
_TWO_PRODUCTS = re.compile(r"[;|]|[0-9][.][0-9].*,")
_LONGEST = 1000
_UPPER, _LOWER = ("<", "<="), (">", ">=")


def read_range(text: str, scheme: Scheme = Scheme.GENERIC) -> VersionRange:
    """The range that a ``vers:`` string or a phrase of an advisory means.

    Raises ``Malformed`` when a part of the text is not clear; ``where`` is that part.
    """
    if len(text) > _LONGEST:
        raise unclear(text, text)
    match = _VERS.fullmatch(text.strip())
    if not match:
        return _phrase(text, scheme)
    scheme_name = match[1].lower()
    if scheme_name == "none":
        return range_of(scheme, ())
    if scheme_name == "all":  # CSAF files hold phrases behind it
        return _phrase(unquote(match[2]), scheme)
    scheme = scheme_for_purl_type(scheme_name)
    constraints = [_CONSTRAINT.fullmatch(unquote(each)) for each in match[2].split("|")]
    pieces = [
        RangePiece(each[1] or "=", piece_of(each[1] or "=", each[2], scheme, text), Kind.BAR)
        for each in constraints
        if each
    ]
    if len(pieces) < len(constraints):
        return _phrase(unquote(match[2]), scheme)
    return _range(pieces, scheme, text)


def _phrase(text: str, scheme: Scheme) -> VersionRange:
    plain = _BETWEEN.sub(r"from\1to", cleaned(text, scheme))
    plain = _without_condition(_without_remarks(_after_colon(plain))).strip()
    phrase_marks = without_name(list(marks(plain, scheme)), plain)
    if [mark.kind for mark in phrase_marks] == [Kind.NONE]:
        return range_of(scheme, ())
    return _range(Reader(scheme, plain).read(phrase_marks), scheme, plain)


# --- Words that are not about the version ---------------------------------------------------


def _after_colon(text: str) -> str:
    """The text without a product's name and colon in front of it."""
    name, colon, rest = text.rpartition(": ")
    if not colon or _COMPARES.search(name.lower().replace("including", "")):
        return text
    if _TURNS.search(name) or _TWO_PRODUCTS.search(name):
        raise unclear(name, text)
    return rest


def _without_remarks(text: str) -> str:
    """The text without remarks in brackets, except those that change the range."""

    def replacement(match: re.Match[str]) -> str:
        remark = match[1].strip()
        if remark.endswith("注意") or not (_COMPARES.search(remark) or _TURNS.search(remark)):
            return " "
        if remark.endswith("を除く"):
            return f" except {remark.removesuffix('を除く')}"
        if _EXCEPTION.match(remark):
            return f" {remark}"
        if _END.fullmatch(remark):
            return match[0]
        raise unclear(match[0].strip(), text)

    return _REMARK.sub(replacement, text)


def _without_condition(text: str) -> str:
    """The text without a condition behind the versions, which must not compare versions itself."""
    match = _CONDITION.search(text)
    if not match:
        return text
    if _COMPARES.search(match[1]) or _TURNS.search(match[1]):
        raise unclear(match[0].strip(), text)
    return text[: match.start()]


# --- The meaning of the pieces together -----------------------------------------------------


def _range(pieces: list[RangePiece], scheme: Scheme, text: str) -> VersionRange:
    excluded = [piece.version for piece in pieces if piece.sign == "!="]
    included = _without_all([piece for piece in pieces if piece.sign != "!="], text)
    if not included:
        return range_of(scheme, [Span()], excluded)
    if included[0].led and len(included) > 1 and _is_listed(included[1]):
        return range_of(scheme, _release_lines(included, text), excluded)
    _join_neighbours(included, text)
    points = [span("=", piece.version, scheme) for piece in included if piece.sign == "="]
    bounds = [piece for piece in included if piece.sign != "="]
    if any(piece.led and _is_listed(other) for piece, other in pairwise(included)):
        raise unclear(text, text)
    return range_of(scheme, points + _pair_bounds(bounds, scheme, text), excluded)


def _is_listed(piece: RangePiece) -> bool:
    """Whether the version has no sign of its own and belongs to the one before it."""
    return piece.sign == "=" and piece.before is not Kind.BAR


def _without_all(pieces: list[RangePiece], text: str) -> list[RangePiece]:
    """The pieces without "all versions" in front of bounds; none when all versions is meant."""
    if not pieces or pieces[0].sign != "*":
        if any(piece.sign == "*" for piece in pieces):
            raise unclear(text, text)
        return pieces
    others = pieces[1:]
    if all(piece.before is Kind.BAR for piece in others):  # * | 1.5: all, whatever follows
        return []
    if others[0].before or others[0].sign not in _LOWER + _UPPER:
        raise unclear(text, text)
    return others


def _join_neighbours(pieces: list[RangePiece], text: str) -> None:
    """Two versions side by side, as in "0 < 8.0.1" and "3.x before 3.1.4", are one span."""
    for first, second in pairwise(pieces):
        if second.before:
            continue
        if first.sign == "=" and second.sign in _UPPER and _may_begin(first, second):
            first.sign = ">="
        elif "=" in (first.sign, second.sign):
            raise unclear(second.version, text)


def _may_begin(first: RangePiece, second: RangePiece) -> bool:
    """Whether the first is a version and not the end of a name: Windows 7 before 10.0.1."""
    return not first.named or second.version.startswith(first.version.removesuffix(".x"))


def _release_lines(pieces: list[RangePiece], text: str) -> list[Span]:
    """Prior to V33.017, V34.014, V35.013: each is the bound of its own release line."""
    first, *others = sorted(pieces, key=lambda piece: _line(piece, text))
    lines = [_line(piece, text) for piece in (first, *others)]
    if (
        pieces[0].sign not in _UPPER
        or not all(map(_is_listed, pieces[1:]))
        or len(set(lines)) < len(lines)
    ):
        raise unclear(text, text)
    closed = pieces[0].sign == "<="
    return [span(pieces[0].sign, first.version, Scheme.GENERIC)] + [
        Span(str(line), True, piece.version, closed)
        for line, piece in zip(lines[1:], others, strict=True)
    ]


def _line(piece: RangePiece, text: str) -> int:
    number = re.match(r"[0-9]+(?=\.[0-9])", piece.version)
    if not number:
        raise unclear(piece.version, text)
    return int(number[0])


def _pair_bounds(bounds: list[RangePiece], scheme: Scheme, text: str) -> list[Span]:
    """A lower bound and the upper one behind it are one span; one of each may stand alone."""
    spans, below, above = [], [], []
    for piece in bounds:
        if piece.sign in _LOWER:
            below.append(span(piece.sign, piece.version, scheme))
        elif len(below) == 1:
            spans.append(_between(below.pop(), span(piece.sign, piece.version, scheme)))
        else:
            above.append(span(piece.sign, piece.version, scheme))
    if len(below) > 1 or len(above) > 1:
        raise unclear(text, text)
    if below and above and not spans and _meet(below[0], above[0], scheme):
        return [_between(below[0], above[0])]
    return spans + below + above


def _between(low: Span, high: Span) -> Span:
    return Span(low.low, low.low_closed, high.high, high.high_closed)


def _meet(low: Span, high: Span, scheme: Scheme) -> bool:
    """Whether "< 4, >= 3" means from 3 before 4, and not everything outside."""
    return key(low.low or "", scheme) <= key(high.high or "", scheme)
