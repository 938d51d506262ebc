"""One page of the list by cursor: a place between two rows, so that new rows shift nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import ngettext

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.ui.components import with_query
from noroshi.ui.shapes import Pager
from noroshi.warnings.models import Warning

SIZE = 50


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one page and the links to the pages around it."""

    rows: Sequence[Warning]
    pager: Pager


def slice_of(found: QuerySet[Warning], query: QueryDict, size: int = SIZE) -> Slice:
    """The page after ``?after=`` or before ``?before=``; the first one without. One query."""
    after, before = query.get("after", ""), query.get("before", "")
    if before:
        at, pk = _read(before)
        newer = found.filter(Q(moved_at__gt=at) | Q(moved_at=at, pk__gt=pk))
        rows = list(newer.order_by("moved_at", "pk")[: size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        return _slice(rows, query, newer=more, older=True)
    if after:
        at, pk = _read(after)
        found = found.filter(Q(moved_at__lt=at) | Q(moved_at=at, pk__lt=pk))
    rows = list(found[: size + 1])
    return _slice(rows[:size], query, newer=bool(after), older=len(rows) > size)


def _slice(rows: list[Warning], query: QueryDict, *, newer: bool, older: bool) -> Slice:
    if not rows:
        return Slice(rows, Pager())
    text = ngettext("%(count)d warning on this page", "%(count)d warnings on this page", len(rows))
    return Slice(
        rows,
        Pager(
            text % {"count": len(rows)},
            newer=with_query(query, before=_cursor(rows[0])) if newer else "",
            older=with_query(query, after=_cursor(rows[-1])) if older else "",
        ),
    )


def _cursor(warning: Warning) -> str:
    return f"{warning.moved_at.isoformat()}~{warning.pk}"


def _read(cursor: str) -> tuple[datetime, int]:
    moment, _, pk = cursor.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not pk.isascii() or not pk.isdigit() or len(pk) > 18:
            raise ValueError(cursor)
        return at, int(pk)
    except ValueError:
        raise Malformed("after", gettext_noop("This is not a place in the list.")) from None
