"""Cutting a list into pages that stand in the URL."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from noroshi.directory.request import Request
from noroshi.ui.components import with_query
from noroshi.ui.shapes import Pager

SIZE = 50
M = TypeVar("M", bound=Model)


def page_of(request: Request, found: QuerySet[M]) -> tuple[list[M], Pager]:
    """The rows of ``?page=`` and the way to the pages beside it. Two queries."""
    total = found.count()
    last = max(1, -(-total // SIZE))
    asked = request.GET.get("page", "")
    number = min(max(int(asked), 1), last) if asked.isdecimal() and len(asked) < 7 else 1
    first = (number - 1) * SIZE
    rows = list(found[first : first + SIZE])
    text = _("%(first)d–%(last)d of %(total)d") % {
        "first": first + 1, "last": first + len(rows), "total": total,
    }  # fmt: skip
    return rows, Pager(
        text=text if rows else "",
        newer=with_query(request.GET, page=str(number - 1)) if number > 1 else "",
        older=with_query(request.GET, page=str(number + 1)) if number < last else "",
    )
