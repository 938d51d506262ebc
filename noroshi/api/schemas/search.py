"""Quick search."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from noroshi.api.schemas.shared import ListQuery, ResponseBody, Words


class SearchQuery(ListQuery):
    q: Annotated[Words, StringConstraints(min_length=1)]


class SearchHit(ResponseBody):
    """``path`` is the thing's page."""

    kind: str
    id: str
    title: str
    sub: str
    path: str
    updated_at: datetime
