"""Quick search over what the token may see."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query

from noroshi.api.operations import Area, Call, listed
from noroshi.api.schemas import search as shapes
from noroshi.api.schemas.shared import Listed
from noroshi.core.paging import page_of
from noroshi.sharing import search

area = Area("Search")


@area.reads("/search", Listed[shapes.Found])
def find(request: Call, asked: Query[shapes.FindAsked]) -> HttpResponse:
    """Things that have every word of ``q`` in their id, title or text, newest first."""
    part = page_of(search.find(request.viewer, asked.q), ("-pk",), **asked.place)
    items = [
        {"kind": one.kind, "id": one.thing_id, "title": one.title, "sub": one.sub,
         "path": one.path, "updated_at": one.updated_at}
        for one in part.rows
    ]  # fmt: skip
    return listed(items, after=part.after, before=part.before)
