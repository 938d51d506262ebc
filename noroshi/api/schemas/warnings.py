"""Early warnings, who reads them and what they answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from noroshi.api.schemas.shared import (
    FieldProblem,
    Id,
    Line,
    ListQuery,
    Moment,
    Reference,
    RequestBody,
    ResponseBody,
    Shareable,
    Text,
    Tlp,
    Words,
)

Kind = Literal["exploited", "vulnerability", "phishing", "malware", "other"]
State = Literal["draft", "released", "withdrawn"]
AnswerState = Literal["investigating", "affected", "not_affected", "fixed"]


class WarningsAsked(ListQuery):
    """``answer``: released ones that wait for the own team's answer. An empty ``view`` is all."""

    q: Words = ""
    view: Literal["", "answer", "received", "ours", "drafts"] = ""
    kind: list[Kind] = []
    tlp: list[Shareable] = []


class WarningRow(ResponseBody):
    """``own_answer`` is what the own team said, null while it is silent or was not asked."""

    id: str
    team: Reference
    tlp: Tlp
    state: State
    kind: Kind
    title: str
    title_en: str
    cve: str
    answer_by: datetime | None
    released_at: datetime | None
    moved_at: datetime
    own_answer: AnswerState | None


class Board(ResponseBody):
    """``counts`` by answer and ``unanswered``; null to receivers while few have answered."""

    recipients: int
    counts: dict[str, int] | None


class Warning(WarningRow):
    """``board`` is null for those who are on neither side; ``named`` for all but the owner team."""

    text: str
    todo: list[str]
    circle: Reference | None
    embargo_until: datetime | None
    named: list[Reference] | None
    drafted_at: datetime
    withdrawn_at: datetime | None
    withdrawn_why: str
    answer_for: list[Reference]
    board: Board | None


class Content(RequestBody):
    """What a warning says, and its label. A draft may lack what a release needs."""

    tlp: Shareable
    circle: Id | None = None
    named: Annotated[list[Id], Field(max_length=500)] = []
    embargo_until: Moment | None = None
    kind: Kind = "exploited"
    title: Annotated[Line, StringConstraints(max_length=200)] = ""
    title_en: Annotated[Line, StringConstraints(max_length=200)] = ""
    text: Annotated[Text, StringConstraints(max_length=20_000)] = ""
    todo: Annotated[
        list[Annotated[Line, StringConstraints(max_length=1000)]], Field(max_length=50)
    ] = []
    cve: Annotated[Line, StringConstraints(max_length=20)] = ""
    answer_by: Moment | None = None


class NewWarning(Content):
    """``about`` is the id of the vulnerability that it was started from; it stays in the team."""

    team: Id
    about: Id | None = None


class Reader(ResponseBody):
    """Somebody who will read; ``mail`` is what mail carries to them."""

    person: Reference
    team: Reference | None
    mail: Literal["full", "notice", "never"]


class LeftOut(ResponseBody):
    name: str
    why: str


class Audience(ResponseBody):
    """Who will read, who not and why, what is still missing, and ``seen`` for the release."""

    seen: str
    readers: list[Reader]
    own: list[Reader]
    left_out: list[LeftOut]
    missing: list[FieldProblem]


class Release(RequestBody):
    """``seen`` from the audience: refused when text, label or readers have changed since."""

    seen: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Withdrawal(RequestBody):
    why: Annotated[Line, StringConstraints(min_length=1, max_length=300)]


class NewAnswer(RequestBody):
    """``team`` only where the token speaks for several receiving teams."""

    state: AnswerState
    note: Annotated[Text, StringConstraints(max_length=1000)] = ""
    team: Id | None = None


class TeamAnswer(ResponseBody):
    """A receiving team; ``state`` is null while it is silent."""

    team: str
    state: AnswerState | None
    note: str
    by: str
    at: datetime | None


class Answers(ResponseBody):
    recipients: int
    counts: dict[str, int]
    teams: list[TeamAnswer]


class Recipient(ResponseBody):
    """A person of another team; ``receipts`` oldest first: sent, withheld, failed, opened, answered."""

    person: str
    team: str
    mail: Literal["full", "notice"]
    receipts: list[str]


class Released(ResponseBody):
    """``sha256`` is of the frozen text, ``label`` as it was at that moment."""

    id: str
    sha256: str
    label: dict[str, Any]
    released_at: datetime
    released_by: str
    recipients: list[Recipient]
