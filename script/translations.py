"""Fail when a sentence has no Japanese, a fuzzy one, or is missing from its area's catalogue.

Extracts afresh into a copy with Django's own ``makemessages``, then compares with what is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
# Fills in place in a contributor's checkout: ``python script/translations.py --write``.
WRITE = "--write" in sys.argv


def extract(package: Path) -> None:
    """Run makemessages for every folder with a catalogue of its own, inside ``package``."""
    for locale in sorted(package.rglob("locale")):
        subprocess.run(
            [sys.executable, "-P", "-m", "django", "makemessages", "-l", "ja", "--no-location", "--no-obsolete",
             "--no-wrap", "-v", "0", "-e", "py,html,txt"],
            cwd=locale.parent, check=True, env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        )  # fmt: skip


def faults(package: Path) -> list[str]:
    """One line for each sentence that a Japanese reader would meet in English."""
    found = []
    for path in sorted(package.rglob("locale/ja/LC_MESSAGES/django.po")):
        area = path.relative_to(package).parts[0]
        for entry in polib.pofile(str(path)):
            if entry.obsolete:
                continue
            if not entry.translated():
                why = "fuzzy" if entry.fuzzy else "not translated"
                found.append(f"{area}: {why}: {entry.msgid!r}")
    return found


def main() -> int:
    package = ROOT / "noroshi"
    if WRITE:
        extract(package)
        found = faults(package)
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "noroshi"
            shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
            extract(copy)
            found = faults(copy)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
