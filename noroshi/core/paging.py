"""Pages of a long list by cursor: the cost of a page does not grow with its number.

A cursor holds the sort values of the row at a page's edge; it names a place and gives no right.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypedDict, TypeVar

import orjson
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import Model, Q, QuerySet

from noroshi.core.errors import Malformed, gettext_noop

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50
COUNT_LIMIT = 1000  # nobody reads further; counting on would cost more the more there is


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the cursors for ``?before=`` and ``?after=``, empty where the list ends."""

    rows: list[M]
    before: str = ""
    after: str = ""


class Cursor(TypedDict):
    """The place of a page in its list, as ``page_of`` takes it."""

    after: str
    before: str


def cursor_of(query: Mapping[str, str]) -> Cursor:
    """The cursor in the query of an address."""
    return Cursor(after=query.get("after", ""), before=query.get("before", ""))


def page_of(
    rows: QuerySet[M],
    order: Sequence[str],
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Page[M]:
    """The page behind the cursor ``after`` or in front of ``before``, the first without either.

    ``order`` names fields that are never null, ``-`` in front for falling; the key is added
    where it is not there.
    Raises ``Malformed`` for a cursor that did not come from this list.
    """
    fields = [*order] if {"pk", "-pk"} & {*order} else [*order, "pk"]
    backwards = bool(before and not after)
    ordered = rows.order_by(*(_reversed(name) if backwards else name for name in fields))
    try:
        if after or before:
            ordered = ordered.filter(
                _beyond(fields, _read_cursor(after or before, len(fields)), backwards=backwards)
            )
        page_rows = list(ordered[: size + 1])
    except (ValueError, TypeError, OverflowError, ValidationError):
        raise _unknown_cursor() from None
    more, page_rows = len(page_rows) > size, page_rows[:size]
    if backwards:
        page_rows.reverse()
    if not page_rows:
        return Page([])
    has_before = more if backwards else bool(after)
    has_after = True if backwards else more
    return Page(
        page_rows,
        before=_write_cursor(page_rows[0], fields) if has_before else "",
        after=_write_cursor(page_rows[-1], fields) if has_after else "",
    )


def counts_of(querysets: Mapping[str, QuerySet[Any]], most: int = COUNT_LIMIT) -> dict[str, int]:
    """The number of rows of each queryset, counted up to ``most``: then there may be more.

    A single query for all of them, whose cost does not grow with the rows.
    """
    counts = dict.fromkeys(querysets, 0)
    queries: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for name, rows in querysets.items():
        with suppress(EmptyResultSet):
            queries[name] = rows.order_by().values("pk")[:most].query.sql_with_params()
    if queries:
        columns = [f"(SELECT COUNT(*) FROM ({sql}) counted)" for sql, _ in queries.values()]  # noqa: S608
        values = [value for _sql, params in queries.values() for value in params]
        with connection.cursor() as cursor:
            # The ORM has put the querysets into SQL; every value is a parameter.
            cursor.execute("SELECT " + ", ".join(columns), values)
            counts |= zip(queries, cursor.fetchone(), strict=True)
    return counts


def _beyond(fields: Sequence[str], values: Sequence[Any], *, backwards: bool) -> Q:
    """The rows after the row with these values: equal in the first fields, beyond in the next."""
    beyond, equal = Q(), Q()
    for name, value in zip(fields, values, strict=True):
        falling = name.startswith("-") != backwards
        bare = name.lstrip("-")
        beyond |= equal & Q(**{f"{bare}__{'lt' if falling else 'gt'}": value})
        equal &= Q(**{bare: value})
    return beyond


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _write_cursor(row: Model, fields: Sequence[str]) -> str:
    values = [getattr(row, name.lstrip("-")) for name in fields]
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def _read_cursor(cursor: str, count: int) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _unknown_cursor() from None
    if (
        not isinstance(values, list)
        or len(values) != count
        or not all(isinstance(value, str | int) for value in values)
        or "\0" in "".join(map(str, values))
    ):
        raise _unknown_cursor()
    return [_moment(value) for value in values]


def _moment(value: Any) -> Any:
    """The time that a text stands for; any other value as it is."""
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _unknown_cursor() -> Malformed:
    return Malformed("after", gettext_noop("This link to a page of the list does not lead on."))
