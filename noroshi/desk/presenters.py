"""Search results as the values that the page components take."""

from __future__ import annotations

from collections.abc import Iterable

from noroshi.directory.areas import Hit, Kind, kind_named
from noroshi.sharing import search
from noroshi.ui.shapes import Row


def hits(unlabelled: Iterable[Hit], entries: Iterable[search.Hit]) -> list[Row]:
    """Rows with kind and number: first teams and people, then things with a label."""
    rows = [
        _row(hit.kind, hit.kind.name, hit.title, hit.kind.url(hit.public_id), hit.public_id)
        for hit in unlabelled
    ]
    return rows + [
        _row(
            kind_named(entry.kind),
            entry.kind,
            entry.title,
            entry.path or "/",
            entry.thing_id,
            entry.sub,
        )
        for entry in entries
    ]


def _row(kind: Kind | None, name: str, title: str, path: str, *about: str) -> Row:
    word = str(kind.word) if kind else name
    return Row(
        title,
        path,
        meta=[text for text in (word, *about) if text],
        icon=(kind.icon if kind else "") or "search",
    )
