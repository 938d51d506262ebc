"""Fail when a sentence has no Japanese, a fuzzy one, or its area's catalogue is not in canonical form.

Extracts afresh into a copy with Django's own ``makemessages`` and compares with what is there.
In canonical form the entries are sorted and carry no dates, so that two changes do not collide.
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
DATES = ("POT-Creation-Date", "PO-Revision-Date")
# Others come and go with the version of gettext.
FLAGS = ("fuzzy", "python-format")
EXTRACT = (
    "makemessages -l ja --no-location --no-obsolete --no-wrap --verbosity 0 --extension py,html,txt"
)


def catalogues(package: Path) -> list[Path]:
    """The catalogues inside ``package``, one for each area."""
    return sorted(package.rglob("locale/ja/LC_MESSAGES/django.po"))


def extract(package: Path) -> None:
    """Run makemessages for every folder with a catalogue of its own, inside ``package``."""
    for locale in sorted(package.rglob("locale")):
        subprocess.run(
            [sys.executable, "-P", "-m", "django", *EXTRACT.split()],
            cwd=locale.parent,
            check=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        )
        for path in catalogues(locale.parent):
            path.write_text(canonical(path), encoding="utf-8")


def canonical(path: Path) -> str:
    """Return a catalogue sorted by context and sentence, without dates and without old entries."""
    catalogue = polib.pofile(str(path), wrapwidth=-1)
    for date in DATES:
        catalogue.metadata.pop(date, None)
    catalogue.metadata_is_fuzzy = False
    entries = sorted(
        (entry for entry in catalogue if not entry.obsolete),
        key=lambda entry: (entry.msgctxt or "", entry.msgid),
    )
    for entry in entries:
        entry.flags = [flag for flag in FLAGS if flag in entry.flags]
    catalogue[:] = entries
    return f"{catalogue}"


def faults(package: Path) -> list[str]:
    """One line for each sentence that a Japanese reader would meet in English."""
    lines = []
    for path in catalogues(package):
        area = path.relative_to(package).parts[0]
        for entry in polib.pofile(str(path)):
            if not entry.translated():
                why = "fuzzy" if entry.fuzzy else "not translated"
                lines.append(f"{area}: {why}: {entry.msgid!r}")
    return lines


def differences(package: Path, fresh: Path) -> list[str]:
    """One line for each catalogue in ``package`` that is not, byte for byte, the one in ``fresh``."""
    return [
        f"{path.relative_to(package)}: run script/translations.py --write"
        for path in catalogues(package)
        if path.read_bytes() != (fresh / path.relative_to(package)).read_bytes()
    ]


def main() -> int:
    package = ROOT / "noroshi"
    if WRITE:
        extract(package)
        lines = faults(package)
    else:
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / "noroshi"
            shutil.copytree(package, fresh, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
            extract(fresh)
            lines = faults(fresh) + differences(package, fresh)
    for line in lines:
        print(line)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
