"""Versions of products that follow no published scheme: appliances, firmware, office software.

Numbers compare number by number and trailing zeros do not count (4.0 = 4.0.0: an advisory
that says "up to 4.1" means the appliance that reports 4.1.0). After them comes what the
vendors add: 5.1.2 rc1 < 5.1.2 < 5.1.2 build 7 < 5.1.2-h1 < 5.1.2 SP1 < 5.1.2a < 5.1.2.1.
An M that a sign parts from the numbers counts milestones before the release (10.1.0-M1), one
that follows them directly is a vendor's train after it (15.1(4)M2).
A text that begins with letters (R5, SE2021MP9) never lies between two that begin with numbers.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from noroshi.formats.versions.encoding import LONGEST, numbers, unreadable

# One byte for what follows the numbers, weakest first. A pre-release comes before END, a
# service pack is stronger than an update of the same release, "R2" is a release of its own.
_RANKED_WORDS = (
    (0x04, ("dev", "snapshot", "nightly")),
    (0x05, ("alpha",)),
    (0x06, ("beta",)),
    (0x07, ("milestone",)),
    (0x08, ("pre", "preview")),
    (0x09, ("rc",)),
    (0x12, ("build", "bld")),
    (0x13, ("hotfix", "hf", "h")),
    (0x14, ("patch", "p", "pl")),
    (0x15, ("update", "upd", "u")),
    (0x16, ("ru", "cu")),
    (0x17, ("mp",)),
    (0x18, ("sp", "servicepack")),
    (0x19, ("fp", "featurepack")),
    (0x1A, ("r", "release", "rev", "revision")),
)
_END = b"\x10"
_REVISION = b"\x11"  # the 4 of 1.2.3-4: after 1.2.3, before 1.2.3.1
_OTHER_WORD = 0x1B
_WORD_LED = b"\xf0"  # above every number, so no range of numbers reaches a version like R5
_MARKS = {word: bytes((mark, 0)) for mark, words in _RANKED_WORDS for word in words}

_NUMBERS_ONLY = re.compile(r"[vV]?([0-9]+(?:\.[0-9]+)*)")
_PREFIX = re.compile(r"\A(?:version|ver|revision|rev|v)[\s._:-]*(?=[0-9])")
_TWO_WORDS = re.compile(r"\b(service|feature)[\s_-]+pack")
_MILESTONE = re.compile(r"(?<=[0-9][-._])m(?=[0-9])")
_TOKEN = re.compile(r"([^a-z0-9]*)(?:([0-9]+)|([a-z]+))")
_SENTENCE = frozenset(
    (
        "all",
        "and",
        "before",
        "earlier",
        "from",
        "later",
        "not",
        "or",
        "prior",
        "than",
        "to",
        "version",
        "versions",
        "with",
        "without",
    )
)
_NOT_A_VERSION = re.compile(r"[<>=|*!?,;]|[^\x20-\x7e]")


@lru_cache(maxsize=65536)
def key(text: str) -> bytes:
    """The sortable key of a generic version.

    Raises ``Malformed`` when the text has no digit, is longer than 100 characters, or holds signs
    that no version has.
    """
    plain = _NUMBERS_ONLY.fullmatch(text)
    if plain and len(text) <= LONGEST:
        return numbers(plain[1].split(".")) + _END
    cleaned = unicodedata.normalize("NFKC", text).strip().lower()
    if (
        len(cleaned) > LONGEST
        or _NOT_A_VERSION.search(cleaned)
        or not any(map(str.isdigit, cleaned))
    ):
        raise unreadable(text)
    spelt = _TWO_WORDS.sub(r"\1pack", _PREFIX.sub("", cleaned))
    return _with_suffixes(_MILESTONE.sub("milestone", spelt))


def lead(version_key: bytes) -> tuple[bytes, bytes]:
    """The lowest and the first too high key of the versions that begin as this one does."""
    if not version_key.startswith(_WORD_LED):
        return b"", _WORD_LED
    end = version_key.index(0)
    return version_key[: end + 1], version_key[:end] + b"\x01"


def _with_suffixes(text: str) -> bytes:
    pieces = []
    run: list[str] = []
    dotted = False
    tokens = _TOKEN.findall(text)
    for separator, digits, word in tokens:
        if word in _SENTENCE:
            raise unreadable(text)
        if word:
            pieces += [numbers(run), _word(word)]
            run, dotted = [], False
        elif run and dotted and not _joins(separator):
            pieces += [numbers(run), _REVISION]
            run = [digits]
        else:
            dotted = dotted or (bool(run) and "." in separator)
            run.append(digits)
    pieces += [numbers(run), _END]
    return (_WORD_LED if tokens[0][2] else b"") + b"".join(pieces)


def _joins(separator: str) -> bool:
    """Whether a number after this separator is one more place, as in 15.1(4) and 1.2.3."""
    return separator[-1] in ".([{"


def _word(word: str) -> bytes:
    return _MARKS.get(word) or bytes((_OTHER_WORD,)) + word.encode("ascii") + b"\0"
