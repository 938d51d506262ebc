"""Looks up a single row by a unique value."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from noroshi.core.errors import NotFound

M = TypeVar("M", bound=Model)


def get_or_none(rows: QuerySet[M]) -> M | None:
    """The row, or ``None``.

    ``first()`` would sort by the key, for which Django compares every column that it reads: of a
    wide row that takes longer than the query.
    """
    return next(iter(rows.order_by()[:1]), None)


def get_or_not_found(rows: QuerySet[M]) -> M:
    """The row, or ``NotFound``."""
    row = get_or_none(rows)
    if row is None:
        raise NotFound
    return row
