"""Cells for spreadsheets: a text from outside must not become a formula when the file is opened."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

MARK = "'"
# A formula, marked or not. A spreadsheet set to Japanese takes the wide signs for the narrow ones.
_MARKED = re.compile(f"{MARK}*[=+@\\t\\r\\n＝＋－＠-]")


class _Echo:
    """A file that only returns what is written: ``csv.writer`` passes on its return value."""

    def write(self, line: str) -> str:
        return line


def escape_formula(text: str) -> str:
    """``text`` with a ``'`` in front where a spreadsheet would take it for a formula.

    A text with such a ``'`` of its own gets another, so that it is not taken for ours.
    """
    return MARK + text if _MARKED.match(text) else text


def unescape_formula(text: str) -> str:
    """The text that ``escape_formula`` changed, so that an exported file reads back as it was."""
    return text[1:] if text[:1] == MARK and _MARKED.match(text) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of a CSV file in UTF-8 with the mark by which Excel knows it; formulas neutralised."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow([escape_formula(name) for name in header]))
    for row in rows:
        yield str(
            writer.writerow(["" if cell is None else escape_formula(str(cell)) for cell in row])
        )
