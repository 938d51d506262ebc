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
def find(request: Call, query: Query[shapes.SearchQuery]) -> HttpResponse:
    """Things that have every word of ``q`` in their id, title or text, newest first."""
    page = page_of(
        search.find(request.viewer, query.q).select_related("label"), ("-pk",), **query.place
    )
    items = [
        {
            "kind": hit.kind,
            "id": hit.thing_id,
            "title": hit.title,
            "sub": hit.sub,
            "path": hit.path,
            "updated_at": hit.updated_at,
        }
        for hit in search.hits(request.viewer, page.rows)
    ]
    return list_response(items, after=page.after, before=page.before)
