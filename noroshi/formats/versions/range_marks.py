"""The words with which advisories write ranges of versions, English and Japanese.

``marks`` cuts a text into pieces with a meaning; ``range_parser`` reads what they mean together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats.versions.schemes import Scheme
from noroshi.formats.versions.spelling import normalize_suffixes


class Kind(Enum):
    """The kinds of pieces that a text consists of."""

    BLANK = auto()
    ALL = auto()
    NONE = auto()
    BOUND = auto()  # a comparison in front of its version; the meaning is its sign
    BOUND_AFTER = auto()  # the same behind its version
    TO = auto()
    EXCEPT = auto()
    EXCEPT_AFTER = auto()
    END = auto()  # "(excluding)" behind a version; the meaning is the sign of an end
    SERIES = auto()  # 系
    BAR = auto()
    SEPARATOR = auto()
    NOISE = auto()
    VERSION = auto()
    NAME = auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of the text with its kind, and the sign it stands for where it is a bound."""

    kind: Kind
    text: str
    sign: str = ""


_EARLIER = r"(?:earlier|below|prior|lower|older|before|previous|under)"
_LATER = r"(?:later|newer|above|higher|up|greater|after|onwards?)"
_AND = r"(?:\band|\bor|&|,)\s+(?:all\s+)?(?:versions?\s+)?"
_ONES = (
    r"\b(?!\s+(?:to\b|than\b|v?[0-9]|versions?\s+v?[0-9]))(?:\s+(?:versions?|releases?|builds?)\b)?"
)
_JA_AND = r"(?:および|及び|または|並びに)?\s*(?:それ|これ)?"
_JA_ONES = r"(?:\s*の?\s*(?:すべての|全ての|全)?バージョン)?"

# The first that fits wins, so a longer phrase stands above the shorter ones in it.
_WORDS: tuple[tuple[Kind, str, str], ...] = (
    (Kind.BLANK, "", r"\s+"),
    (Kind.END, "<", r"\(\s*(?:excluding|exclusive|excluded)\s*\)"),
    (Kind.END, "<=", r"\(\s*(?:including|inclusive|included)\s*\)|\binclusive\b"),
    (Kind.NONE, "", r"影響を受けない\Z|影響なし\Z|none\Z|no versions?\Z"),
    (
        Kind.ALL,
        "",
        (
            r"\b(?:all|any|every)\s+(?:(?:known|released|current|supported|firmware|software)\s+)*"
            r"(?:versions?|releases|builds)\b|\ball\Z|\*(?![\w.])|(?:すべて|全て|全)の?バージョン"
        ),
    ),
    (Kind.BOUND_AFTER, "<=", rf"{_AND}{_EARLIER}{_ONES}|{_JA_AND}(?:以前|以下|まで){_JA_ONES}"),
    (
        Kind.BOUND_AFTER,
        ">=",
        rf"{_AND}{_LATER}{_ONES}|\bonwards?\b|{_JA_AND}(?:以降|以上){_JA_ONES}",
    ),
    (Kind.BOUND_AFTER, "<", rf"(?:より(?:も)?(?:前|古い)|未満)(?:まで)?{_JA_ONES}"),
    (Kind.BOUND_AFTER, ">", rf"(?:より(?:も)?(?:後|新しい)|を超える){_JA_ONES}"),
    (
        Kind.BOUND,
        "<=",
        (
            r"<\s*=|=\s*<|≤|≦|\b(?:up\s+to|prior\s+to|until|through),?\s+(?:and\s+)?including\b"
            r"|\b(?:less|earlier|lower|older)\s+than\s+or\s+equal\s+to\b"
        ),
    ),
    (
        Kind.BOUND,
        ">=",
        (
            r">\s*=|=\s*>|≥|≧|\b(?:from|since|at\s+least|beginning\s+with)\b"
            r"|\bstarting\s+(?:with|from|at|in)\b"
            r"|\b(?:greater|later|higher|newer)\s+than\s+or\s+equal\s+to\b"
        ),
    ),
    (
        Kind.BOUND,
        "<",
        (
            r"<|\b(?:prior\s+to|before|preceding|previous\s+to|below)\b"
            r"|\b(?:earlier|older|lower|less)\s+than\b"
        ),
    ),
    (Kind.BOUND, ">", r">|\b(?:later|newer|higher|greater)\s+than\b|\babove\b|\bafter\b"),
    (Kind.EXCEPT, "", r"!\s*=|\(?\b(?:excluding|except(?:\s+for)?|other\s+than|but\s+not)\b"),
    (Kind.EXCEPT_AFTER, "", r"を除く\s*\)?"),
    (Kind.BOUND, "=", r"={1,2}"),
    (Kind.TO, "", r"\b(?:to|through|thru|up\s+to)\b|(?<=\s)-(?=\s)|[〜～]|から"),
    (Kind.SERIES, "", r"系(?:の|では|は)?"),
    (Kind.BAR, "", r"\|"),
    (
        Kind.SEPARATOR,
        "",
        r"[,;、&]|\b(?:and|or)\b|(?<=\s)/(?=\s)|/(?=\s?v[0-9])|および|及び|または|並びに|と(?=\s*v?[0-9])",
    ),
    (
        Kind.NOISE,
        "",
        (
            r"\b(?:versions?|ver|firmware|fw|software|releases|only|rev|revision)\b[.:]?|\bv(?:er)?(?:\.\s*|\s+)(?=[0-9])|\bver(?=[0-9])"
            r"|の?バージョン|ファームウェア|[.)](?=\s|\Z)"
        ),
    ),
)
_JOINED = r"(?:[({\[][0-9A-Za-z]+[)}\]][0-9A-Za-z]*|(?:-/|[._:+~-])[0-9A-Za-z]+)*"
_SUFFIX = (
    r" (?:(?:update|patch|build|hotfix|corefix) [0-9][0-9A-Za-z.]*|rev\.? (?:[A-Z]\b|[0-9]+)"
    r"|(?:alpha|beta|rc|preview) ?[0-9]*|(?:plus|upd|(?!v[0-9])[A-Z]{1,3})[0-9]+[A-Z]?(?:-[A-Z]+)?)"
    r"(?![\w.])"
)
_HAS_DIGIT = r"(?=[^\s|,;、<>=]*[0-9])"
_WILD = r"[0-9]+(?:\.[0-9]+)*(?:(?:\.[xX*])+|-[xX])(?![\w.*])"
_VERSION = {
    True: rf"{_WILD}|(?:(?:update|patch|build|hotfix|corefix) )?{_HAS_DIGIT}[0-9A-Za-z]+{_JOINED}"
    rf"(?:{_SUFFIX})*",
    False: rf"{_WILD}|{_HAS_DIGIT}[0-9A-Za-z][0-9A-Za-z._+~:^!-]*(?<![.-])",
}
_NAME = r"[^\W\d_]+(?:['’][a-z]+)?"


def _scanner(generic: bool) -> re.Pattern[str]:
    rules = [f"(?P<w{place}>{pattern})" for place, (_, _, pattern) in enumerate(_WORDS)]
    last = (f"(?P<version>{_VERSION[generic]})", f"(?P<name>{_NAME})")
    return re.compile("|".join((*rules, *last)), re.IGNORECASE)


_SCANNERS = {generic: _scanner(generic) for generic in (True, False)}

_UNDERSCORE = re.compile(r"(?<=[A-Za-z*/])_|_(?=[A-Za-z*/(])|_\Z")
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def cleaned(text: str, scheme: Scheme) -> str:
    """The text in one form of letters, digits and blanks."""
    text = unicodedata.normalize("NFKC", re.sub("[〜～]", " 〜 ", text))
    text = " ".join(text.split())
    if scheme is not Scheme.GENERIC:
        return text
    return normalize_suffixes(_UNDERSCORE.sub(" ", _DASHES.sub("-", text)))


def marks(text: str, scheme: Scheme) -> Iterator[Mark]:
    """The pieces of a cleaned text, without blanks.

    Raises ``Malformed`` at the first piece that is no word of version ranges.
    """
    place = 0
    scanner = _SCANNERS[scheme is Scheme.GENERIC]
    while place < len(text):
        match = scanner.match(text, place)
        if not match or not match[0]:
            raise unclear(text[place:], text)
        place = match.end()
        kind = match.lastgroup or ""
        if kind == "version":
            yield Mark(Kind.VERSION, match[0])
        elif kind == "name":
            yield Mark(Kind.NAME, match[0])
        else:
            meaning, sign, _ = _WORDS[int(kind[1:])]
            if meaning is not Kind.BLANK:
                yield Mark(meaning, match[0], sign)


def unclear(excerpt: str, text: str) -> Malformed:
    """The error for a text that cannot be read at ``excerpt``, which becomes its ``where``."""
    return Malformed(
        excerpt[:80],
        gettext_noop("“%(text)s” does not say clearly which versions it means."),
        text=text[:200],
    )
