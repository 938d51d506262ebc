"""Reports for executives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from noroshi.api.schemas.shared import Named, Told


class ReportRow(Told):
    id: str
    team: Named
    title: str
    from_on: date
    to_on: date
    state: Literal["draft", "issued"]
    made_at: datetime
    issued_at: datetime | None


class Report(ReportRow):
    """``figures`` as they were when it was made."""

    note: str
    made_by: str
    figures: dict[str, Any]
