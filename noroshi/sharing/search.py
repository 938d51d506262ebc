"""Quick search over what the viewer may see: the words find, the label decides.

SQLite keeps the words in a contentless FTS5 table whose rowid is the entry's; PostgreSQL in a
``tsvector`` column. Both get the words already cut (``core.search.words``).
"""

from __future__ import annotations

from django.db import connection, models
from django.db.models.expressions import RawSQL

from noroshi.core import clock
from noroshi.core.search.tokens import query_tokens, tokens
from noroshi.directory.viewer import Viewer
from noroshi.sharing import system
from noroshi.sharing.models import Label, SearchEntry


def put(
    *, kind: str, thing_id: str, label: Label, title: str, path: str, text: str = "", sub: str = ""
) -> None:
    """Make a thing findable by its title, its id and ``text``.

    Call it in the action's transaction, the thing locked: what was findable before is written
    anew, so that the newest has the highest key.
    """
    drop(kind, thing_id)
    entry = SearchEntry(
        kind=kind, thing_id=thing_id, label=label, title=title[:300], sub=sub[:300], path=path,
        updated_at=clock.now(),
    )  # fmt: skip
    entry.save(force_insert=True)
    _write(entry.pk, tokens(f"{thing_id} {title} {sub} {text}"))


def drop(kind: str, thing_id: str) -> None:
    """Make a thing unfindable."""
    entries = system.rows(SearchEntry, "an action drops its thing from search")
    entry = entries.filter(kind=kind, thing_id=thing_id).first()
    if entry is not None:
        if connection.vendor == "sqlite":
            _execute("DELETE FROM sharing_search_words WHERE rowid = %s", [entry.pk])
        entry.delete()


def find(viewer: Viewer, query: str) -> models.QuerySet[SearchEntry]:
    """The visible things that have every word of ``query``, newest first; none for no words.

    By the key, which rises with time: both databases then stop at the end of a page, however many
    things have the words.
    """
    wanted = query_tokens(query)
    entries = SearchEntry.objects.visible_to(viewer)
    if not wanted:
        return entries.none()
    if connection.vendor == "sqlite":
        found = RawSQL(  # the words are a parameter
            "SELECT rowid FROM sharing_search_words WHERE sharing_search_words MATCH %s",
            [" ".join(_fts_quote(word) for word in wanted)],
        )
    else:
        found = RawSQL(  # the words are a parameter
            "SELECT id FROM sharing_searchentry WHERE words @@ %s::tsquery",
            [" & ".join(_ts_quote(word) for word in wanted)],
        )
    return entries.filter(pk__in=found).order_by("-pk")


def _write(pk: int, found: list[str]) -> None:
    if connection.vendor == "sqlite":
        _execute(
            "INSERT INTO sharing_search_words(rowid, words) VALUES (%s, %s)", [pk, " ".join(found)]
        )
        return
    # The literal is built here: to_tsvector would cut CVE ids and URLs its own way.
    _execute(
        "UPDATE sharing_searchentry SET words = %s::tsvector WHERE id = %s",
        [" ".join(_ts_quote(word) for word in found), pk],
    )


def _execute(sql: str, values: list[int | str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _fts_quote(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _ts_quote(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
