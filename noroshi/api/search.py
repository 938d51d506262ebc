"""Quick search over what the token may see."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query

from noroshi.api.operations import Call, Operations, list_response
from noroshi.api.schemas import search as shapes
from noroshi.api.schemas.shared import ItemList
from noroshi.core.paging import page_of
from noroshi.sharing import search

area = Operations("Search")


@area.reads("/search", ItemList[shapes.SearchHit])
def find(request: Call, asked: Query[shapes.SearchQuery]) -> HttpResponse:
    """Things that have every word of ``q`` in their id, title or text, newest first."""
    part = page_of(
        search.find(request.viewer, asked.q).select_related("label"), ("-pk",), **asked.place
    )
    items = [
        {"kind": one.kind, "id": one.thing_id, "title": one.title, "sub": one.sub,
         "path": one.path, "updated_at": one.updated_at}
        for one in search.hits(request.viewer, part.rows)
    ]  # fmt: skip
    return list_response(items, after=part.after, before=part.before)
