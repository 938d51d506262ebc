"""Pages of a long list by cursor: the cost of a page does not grow with its number.

A cursor holds the sort values of the row at a page's edge; it is a place, not a permission.
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
    """Where a page stands in its list, as ``page_of`` takes it."""

    after: str
    before: str


def cursor_of(query: Mapping[str, str]) -> Cursor:
    """The place that the query of an address names."""
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
    Raises ``Malformed`` for a cursor that this list did not give.
    """
    fields = [*order] if {"pk", "-pk"} & {*order} else [*order, "pk"]
    back = bool(before and not after)
    ordered = rows.order_by(*(_turned(name) if back else name for name in fields))
    try:
        if after or before:
            ordered = ordered.filter(
                _beyond(fields, _read(after or before, len(fields)), back=back)
            )
        found = list(ordered[: size + 1])
    except (ValueError, TypeError, OverflowError, ValidationError):
        raise _unknown() from None
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return Page([])
    has_before = more if back else bool(after)
    has_after = True if back else more
    return Page(
        found,
        before=_write(found[0], fields) if has_before else "",
        after=_write(found[-1], fields) if has_after else "",
    )


def counts_of(parts: Mapping[str, QuerySet[Any]], most: int = COUNT_LIMIT) -> dict[str, int]:
    """How many rows each part has, counted up to ``most``: at that number there may be more.

    One query for all of them, whose cost does not grow with the rows.
    """
    found = dict.fromkeys(parts, 0)
    asked: dict[str, tuple[str, tuple[Any, ...]]] = {}
    for name, rows in parts.items():
        with suppress(EmptyResultSet):
            asked[name] = rows.order_by().values("pk")[:most].query.sql_with_params()
    if asked:
        columns = [f"(SELECT COUNT(*) FROM ({sql}) counted)" for sql, _ in asked.values()]  # noqa: S608
        values = [value for _sql, given in asked.values() for value in given]
        with connection.cursor() as cursor:
            # Parts are querysets that the ORM has put into SQL; every value is a parameter.
            cursor.execute("SELECT " + ", ".join(columns), values)
            found |= zip(asked, cursor.fetchone(), strict=True)
    return found


def _beyond(fields: Sequence[str], values: Sequence[Any], *, back: bool) -> Q:
    """Rows after the one with these values: equal in the first fields, beyond in the next."""
    wanted, equal = Q(), Q()
    for name, value in zip(fields, values, strict=True):
        falling = name.startswith("-") != back
        bare = name.lstrip("-")
        wanted |= equal & Q(**{f"{bare}__{'lt' if falling else 'gt'}": value})
        equal &= Q(**{bare: value})
    return wanted


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _write(row: Model, fields: Sequence[str]) -> str:
    values = [getattr(row, name.lstrip("-")) for name in fields]
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def _read(cursor: str, count: int) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _unknown() from None
    if (
        not isinstance(values, list)
        or len(values) != count
        or not all(isinstance(value, str | int) for value in values)
        or "\0" in "".join(map(str, values))
    ):
        raise _unknown()
    return [_moment(value) for value in values]


def _moment(value: Any) -> Any:
    """Times travel as text; anything else stays as it is."""
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _unknown() -> Malformed:
    return Malformed("after", gettext_noop("This link to a page of the list does not lead on."))
