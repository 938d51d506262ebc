"""Text to search words, the same for storing and for asking, on every database.

NFKC and casefold; half-width and katakana become hiragana, so that ﾌｧｲﾙ, ファイル and ふぁいる are
one; Latin words, numbers, versions and ids (``cve-2024-1234``, ``10.1.6-h1``) stay whole and are
also cut at their punctuation; Japanese is cut into pairs of characters, since a trigram index
finds no word of two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 60  # characters of one word that are kept
MOST = 4000  # words of one text that are kept, far below the 1 MiB of a tsvector

_LATIN = re.compile(r"[0-9a-z\u00df-\u024f]+(?:[-._:/@+][0-9a-z\u00df-\u024f]+)*")
_PART = re.compile(r"[0-9a-z\u00df-\u024f]+")
_JAPANESE = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff々〆〇]+")

# What people type for the same thing. Each group is stored as its first word.
_SYNONYMS = {
    word: group[0]
    for group in (
        ("vpn", "ぶいぴーえぬ"),
        ("firewall", "ふぁいあうぉーる", "fw"),
        ("mail", "email", "e-mail", "めーる"),
        ("server", "さーば", "さーばー"),
    )
    for word in group
}


def tokens(text: str) -> list[str]:
    """The distinct words of ``text`` in the order of their first place, at most ``MOST``."""
    return list(dict.fromkeys(_cut(fold(text))))[:MOST]


def query_tokens(query: str) -> list[str]:
    """The words that all must be there; a single Japanese character finds nothing."""
    folded = fold(query)
    found = [_SYNONYMS.get(run, run)[:LONGEST] for run in _LATIN.findall(folded)]
    for run in _JAPANESE.findall(folded):
        found.extend([_SYNONYMS[run]] if run in _SYNONYMS else _pairs(run))
    return list(dict.fromkeys(found))[:20]


def fold(text: str) -> str:
    """NFKC, casefold, katakana to hiragana."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(chr(ord(one) - 0x60) if "\u30a1" <= one <= "\u30f6" else one for one in plain)


def _cut(folded: str) -> Iterator[str]:
    for run in _LATIN.findall(folded):
        yield _SYNONYMS.get(run, run)[:LONGEST]
        parts = _PART.findall(run)
        if len(parts) > 1:
            yield from (_SYNONYMS.get(part, part)[:LONGEST] for part in parts)
    for run in _JAPANESE.findall(folded):
        # Japanese has no spaces: a synonym may stand anywhere inside a run.
        yield from (first for word, first in _SYNONYMS.items() if word in run)
        yield from _pairs(run)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]
