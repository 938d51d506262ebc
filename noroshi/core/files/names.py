"""File names from outside, made harmless: shown to people, never used as a path."""

from __future__ import annotations

import unicodedata

LENGTH = 100
# What a shell, Windows or a header would take for something else.
_FORBIDDEN = frozenset('<>:"/\\|?*;%')


def clean_name(name: str) -> str:
    """The last part of ``name`` without controls, bidi marks and special signs; never empty.

    The ending is kept when a long name is cut, because people choose a program by it.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join("_" if c in _FORBIDDEN else c for c in last if unicodedata.category(c)[0] != "C")
    kept = " ".join(kept.split()).strip(". ")
    if not kept:
        return "file"
    if len(kept) > LENGTH:
        stem, dot, ending = kept.rpartition(".")
        ending = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
        kept = kept[: LENGTH - len(ending)].rstrip(". ") + ending
    return kept
