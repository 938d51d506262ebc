"""Turns text into search words, the same for storing and for searching, on every database.

NFKC and casefold; half-width and katakana become hiragana, so that ﾌｧｲﾙ, ファイル and ふぁいる are
the same word; Latin words, numbers, versions and ids (``cve-2024-1234``, ``10.1.6-h1``) stay whole
and are also cut at their punctuation; Japanese is cut into pairs of characters, since a trigram
index finds no word of two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 60  # characters of a word that are stored
MOST = 4000  # words of a text that are stored, far below the 1 MiB of a tsvector

_LATIN = re.compile(r"[0-9a-z\u00df-\u024f]+(?:[-._:/@+][0-9a-z\u00df-\u024f]+)*")
_PIECE = re.compile(r"[0-9a-z\u00df-\u024f]+")
_JAPANESE = re.compile(r"[\u3041-\u309f\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff々〆〇]+")

KATAKANA = "".join(map(chr, range(0x30A1, 0x30F7)))
HIRAGANA = "".join(map(chr, range(0x3041, 0x3097)))
_TO_HIRAGANA = str.maketrans(KATAKANA, HIRAGANA)

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
    """The words of a search, all of which a text must have; a lone Japanese sign finds nothing."""
    folded = fold(query)
    words = [_SYNONYMS.get(run, run)[:LONGEST] for run in _LATIN.findall(folded)]
    for run in _JAPANESE.findall(folded):
        words.extend([_SYNONYMS[run]] if run in _SYNONYMS else _pairs(run))
    return list(dict.fromkeys(words))[:20]


def fold(text: str) -> str:
    """NFKC, casefold, katakana to hiragana."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_TO_HIRAGANA)


def _cut(folded: str) -> Iterator[str]:
    for run in _LATIN.findall(folded):
        yield _SYNONYMS.get(run, run)[:LONGEST]
        pieces = _PIECE.findall(run)
        if len(pieces) > 1:
            yield from (_SYNONYMS.get(piece, piece)[:LONGEST] for piece in pieces)
    for run in _JAPANESE.findall(folded):
        # Japanese has no spaces: a synonym may stand anywhere inside a run.
        yield from (first for word, first in _SYNONYMS.items() if word in run)
        yield from _pairs(run)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]
