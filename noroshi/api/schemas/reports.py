"""Reports for executives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from noroshi.api.schemas.shared import Day, Id, Line, Reference, RequestBody, ResponseBody, Text


class ReportRow(ResponseBody):
    id: str
    team: Reference
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


class NewReport(RequestBody):
    """From ``from_on`` to ``to_on``, both included, at most a year. Without a title the period is it."""

    team: Id
    from_on: Day
    to_on: Day
    title: Annotated[Line, StringConstraints(max_length=200)] = ""
    note: Annotated[Text, StringConstraints(max_length=2000)] = ""
