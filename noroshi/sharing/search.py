"""Quick search over what the viewer may see: the words find, the label decides.

The channel table says how much of a label is found: ``put`` stores no more than it lets through,
and an entry that was stored with more than the table allows now is not found until it is put
again. What a hit shows is :func:`hits`.

SQLite keeps the words in a contentless FTS5 table whose rowid is the entry's; PostgreSQL in a
``tsvector`` column. Both get the words already cut (``core.search.words``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from noroshi.core import clock
from noroshi.core.search.tokens import query_tokens, tokens
from noroshi.directory.viewer import Viewer
from noroshi.sharing import channels, system
from noroshi.sharing.channels import SEARCH, Passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label, SearchEntry

# An entry stored with less than everything holds a word of ours for each passage that it fits.
FITS: Final = {passage: f"fits{passage.name.lower()}" for passage in Passage}


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry as a reader may see it; what may not pass is empty."""

    kind: str
    thing_id: str
    title: str
    sub: str
    path: str
    updated_at: datetime


def put(
    *, kind: str, thing_id: str, label: Label, title: str, path: str, text: str = "", sub: str = ""
) -> None:
    """Make a thing findable by its title, its id and ``text``, as far as its label may be found.

    Call it in the action's transaction, the thing locked: what was findable before is written
    anew, so that the newest has the highest key.
    """
    drop(kind, thing_id)
    passage = channels.passage(label.sensitivity, SEARCH)
    if passage is Passage.NEVER:
        return
    if passage not in (Passage.WHOLE, Passage.TITLE):
        title = sub = ""
    entry = SearchEntry(
        kind=kind,
        thing_id=thing_id,
        label=label,
        title=title[:300],
        sub=sub[:300],
        path=path,
        updated_at=clock.now(),
    )
    entry.save(force_insert=True)
    words = tokens(f"{thing_id} {title} {sub} {text if passage is Passage.WHOLE else ''}")
    # An author who writes such a word of ours marks nothing by it.
    own = [word for word in words if word not in FITS.values()]
    _write(entry.pk, [*own, *_fitting(passage)])


def _fitting(stored: Passage) -> list[str]:
    """The words that mark an entry as holding no more than these passages let through."""
    if stored is Passage.WHOLE:
        return []
    wider = channels.FROM_WHOLE[1 : channels.FROM_WHOLE.index(stored) + 1]
    return [FITS[passage] for passage in wider]


def drop(kind: str, thing_id: str) -> None:
    """Make a thing unfindable."""
    entries = system.rows(SearchEntry, "an action drops its thing from search")
    entry = entries.filter(kind=kind, thing_id=thing_id).first()
    if entry is not None:
        # On PostgreSQL the words stand in the row itself.
        if connection.vendor == "sqlite":  # pragma: no branch  # measured on SQLite
            _execute("DELETE FROM sharing_search_words WHERE rowid = %s", [entry.pk])
        entry.delete()


def find(viewer: Viewer, query: str) -> models.QuerySet[SearchEntry]:
    """The visible things that have every word of ``query``, newest first; none for no words.

    By the key, which rises with time: both databases then stop at the end of a page, however many
    things have the words.
    """
    needed = query_tokens(query)
    searcher = viewer.through(SEARCH)
    entries = SearchEntry.objects.visible_to(searcher, least=Passage.BARE)
    if not needed:
        return entries.none()
    matches = Q()
    for passage, sensitivities in _by_passage(searcher).items():
        if passage is Passage.WHOLE:
            rows = Q(pk__in=_having(needed))
        else:
            rows = Q(pk__in=_having([*needed, FITS[passage]]))
        if len(sensitivities) < len(Sensitivity):
            rows &= Q(label__sensitivity__in=sensitivities)
        matches |= rows
    return entries.filter(matches).order_by("-pk")


def hits(viewer: Viewer, entries: Iterable[SearchEntry]) -> list[Hit]:
    """As much as this reader may see of entries that ``find`` returned; their labels are loaded."""
    doors = viewer.through(SEARCH).channels
    return [_hit(entry, channels.least(entry.label.sensitivity, doors)) for entry in entries]


def _hit(entry: SearchEntry, passage: Passage) -> Hit:
    if passage in (Passage.WHOLE, Passage.TITLE):
        title, sub = entry.title, entry.sub
    elif passage is Passage.NOTICE:
        title, sub = entry.label.text, ""
    else:
        title = _("Something that may not be shown here")
        return Hit("", "", title, "", "", entry.updated_at)
    return Hit(entry.kind, entry.thing_id, title, sub, entry.path, entry.updated_at)


def _by_passage(viewer: Viewer) -> dict[Passage, list[Sensitivity]]:
    """How much of which labels this reader may find."""
    passages: dict[Passage, list[Sensitivity]] = {}
    for sensitivity in Sensitivity:
        passages.setdefault(channels.least(sensitivity, viewer.channels), []).append(sensitivity)
    passages.pop(Passage.NEVER, None)
    return passages


def _having(needed: list[str]) -> RawSQL:
    """The keys of the entries that have all of these words; they are a parameter."""
    if connection.vendor == "sqlite":
        return RawSQL(
            "SELECT rowid FROM sharing_search_words WHERE sharing_search_words MATCH %s",
            [" ".join(_fts_quote(word) for word in needed)],
        )
    return RawSQL(  # pragma: no cover  # PostgreSQL alone; the measurement runs on SQLite
        "SELECT id FROM sharing_searchentry WHERE words @@ %s::tsquery",
        [" & ".join(_ts_quote(word) for word in needed)],
    )


def _write(pk: int, words: list[str]) -> None:
    """Store the words of the entry with this key."""
    if connection.vendor == "sqlite":
        _execute(
            "INSERT INTO sharing_search_words(rowid, words) VALUES (%s, %s)",
            [pk, " ".join(words)],
        )
        return
    # The literal is built here: to_tsvector would cut CVE ids and URLs its own way.
    _execute(  # pragma: no cover  # PostgreSQL alone, as above
        "UPDATE sharing_searchentry SET words = %s::tsvector WHERE id = %s",
        [" ".join(_ts_quote(word) for word in words), pk],
    )


def _execute(sql: str, values: list[int | str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _fts_quote(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _ts_quote(word: str) -> str:  # pragma: no cover  # PostgreSQL alone, as above
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
