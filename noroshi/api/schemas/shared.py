"""The types and bases that the schemas of all areas share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from noroshi.core.single_line import LINE_BREAKING

T = TypeVar("T")

Id = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}-[0-9A-Z]{4,16}$")]
# One line: no controls. A text may have line breaks, never NUL.
Line = Annotated[str, StringConstraints(strip_whitespace=True, pattern=f"^[^{LINE_BREAKING}]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")]
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=200)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Moment = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2099, 12, 31, tzinfo=UTC)),
]
# TLP:RED goes through no program (the channel table of ``sharing``).
Shareable = Literal["TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"]
Tlp = Literal["TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR", "INTERNAL"]


class RequestBody(BaseModel):
    """The body that a caller sends: every name is listed, another is refused."""

    model_config = ConfigDict(extra="forbid")


class ListQuery(BaseModel):
    """A page of a list: ``after`` and ``before`` are the cursors that a page gave."""

    after: Annotated[str, StringConstraints(max_length=2000)] = ""
    before: Annotated[str, StringConstraints(max_length=2000)] = ""
    limit: int = Field(50, ge=1, le=200)

    @property
    def place(self) -> dict[str, Any]:
        """As ``core.paging.page_of`` takes it."""
        return {"after": self.after, "before": self.before, "size": self.limit}


class ResponseBody(BaseModel):
    """A body that the API answers with."""


class ItemList(ResponseBody, Generic[T]):
    """Some things, and the cursors of the pages after and before, null where the list ends."""

    items: list[T]
    next: str | None
    previous: str | None


class CreatedId(ResponseBody):
    """The id of what was made."""

    id: str


class CreatedIds(ResponseBody):
    """The ids of what was made."""

    ids: list[str]


class Reference(ResponseBody):
    """Something that is only referred to."""

    id: str
    name: str


class TimelineEntry(ResponseBody):
    """One thing that happened, as the page says it; ``about`` are short facts beside it."""

    at: datetime
    text: str
    about: list[str]
    note: str


class Timeline(ResponseBody):
    """What happened, newest first, in the language of Accept-Language."""

    items: list[TimelineEntry]


class FieldProblem(ResponseBody):
    """One thing that does not fit."""

    where: str
    message: str


class Problem(ResponseBody):
    """Why it did not work (RFC 9457). ``where`` points into what was sent."""

    type: str
    title: str
    status: int
    detail: str
    where: str | None = None
    errors: list[FieldProblem] | None = None
