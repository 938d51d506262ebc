"""File names from outside, made harmless: people read them, no path is built from them."""

from __future__ import annotations

import unicodedata

LENGTH = 100
# What a shell, Windows or a header would take for something else.
_FORBIDDEN = frozenset('<>:"/\\|?*;%')


def clean_name(name: str) -> str:
    """The file's own name in ``name`` without controls, bidi marks and special signs; never empty.

    The ending stays when a long name is cut, because people choose a program by it.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    cleaned = "".join(
        "_" if sign in _FORBIDDEN else sign for sign in last if unicodedata.category(sign)[0] != "C"
    )
    cleaned = " ".join(cleaned.split()).strip(". ")
    if not cleaned:
        return "file"
    if len(cleaned) > LENGTH:
        root, dot, ending = cleaned.rpartition(".")
        ending = f"{dot}{ending}" if root and len(ending) <= 10 else ""
        cleaned = cleaned[: LENGTH - len(ending)].rstrip(". ") + ending
    return cleaned
