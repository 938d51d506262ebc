"""Compiles each area's ``django.po`` into the ``.mo`` that Django reads, where it changed.

Run as ``python -m noroshi.config.catalogues`` in a checkout; the wheel carries the result.
Needs no Django and no gettext programs.
"""

from __future__ import annotations

import os
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parent.parent


def sources() -> list[Path]:
    """Every catalogue of the program."""
    return sorted(PACKAGE.rglob("locale/*/LC_MESSAGES/django.po"))


def compile_where_possible() -> None:
    """Compile in a checkout or a folder of our own; an installed package came with everything.

    Call it before Django starts: a program keeps the catalogues that it found at its start.
    """
    if os.access(PACKAGE, os.W_OK):
        compile_all()


def compile_all() -> int:
    """Write every ``.mo`` that is missing or older than its source; return their number."""
    written = 0
    for source in sources():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        unfinished = target.with_suffix(".mo.new")
        polib.pofile(str(source)).save_as_mofile(str(unfinished))
        unfinished.replace(target)
        written += 1
    return written


if __name__ == "__main__":
    compile_all()
