"""Instructions and what their operators answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from noroshi.api.schemas.shared import (
    Id,
    Line,
    ListQuery,
    Moment,
    Reference,
    RequestBody,
    ResponseBody,
    Text,
    Words,
)

Kind = Literal["patch", "upgrade", "configure", "workaround", "isolate", "watch"]
State = Literal["open", "started", "done", "cannot", "verified", "closed", "withdrawn"]
What = Literal["started", "done", "cannot"]
Reason = Literal["cannot_stop", "no_time", "failed", "not_mine", ""]
Note = Annotated[Text, StringConstraints(max_length=4000)]
Why = Annotated[Text, StringConstraints(min_length=1, max_length=4000)]


class Progress(ResponseBody):
    """How many instructions on one subject stand where; ``total`` leaves withdrawn ones out."""

    total: int
    open: int
    started: int
    done: int
    cannot: int
    verified: int
    withdrawn: int
    late: int


class InstructionsQuery(ListQuery):
    """``subject`` is the id of a vulnerability; an empty ``view`` is all."""

    q: Words = ""
    view: Literal["", "mine", "open", "late", "finished"] = ""
    kind: list[Kind] = []
    state: list[State] = []
    subject: Words = ""
    system: Words = ""


class Subject(ResponseBody):
    """Why there is something to do."""

    kind: str
    id: str
    key: str
    title: str


class InstructionRow(ResponseBody):
    id: str
    team: Reference
    title: str
    kind: Kind
    state: State
    late: bool
    due_at: datetime
    subject: Subject
    system: Reference
    exposure: str
    current_version: str
    wanted_version: str
    operators: list[Reference]


class File(ResponseBody):
    id: str
    name: str
    sha256: str
    size: int


class Answer(ResponseBody):
    what: What
    reason: Reason
    text: str
    new_version: str
    by: str
    answered_at: datetime
    evidence: list[File]


class Steps(ResponseBody):
    """What this token may do now."""

    answer: bool
    verify: bool
    send_back: bool
    change_due: bool
    instruct_again: bool
    withdraw: bool


class Instruction(InstructionRow):
    why: str
    text: str
    instructed_by: Reference | None
    instructed_at: datetime
    manager: Reference | None
    done_by: Reference | None
    done_at: datetime | None
    verified_by: Reference | None
    verified_at: datetime | None
    attachments: list[File]
    answers: list[Answer]
    steps: Steps


class NewAnswer(RequestBody):
    """``done`` needs a version, a line or a file; ``cannot`` a reason or a line."""

    what: What
    text: Note = ""
    new_version: Annotated[Line, StringConstraints(max_length=100)] = ""
    reason: Reason = ""


class Verified(RequestBody):
    note: Note = ""


class SentBack(RequestBody):
    text: Why


class Withdrawn(RequestBody):
    text: Why


class DueChange(RequestBody):
    due_at: Moment
    text: Note = ""


class Again(RequestBody):
    text: Annotated[Text, StringConstraints(min_length=1, max_length=16_000)]
    due_at: Moment
    operators: Annotated[list[Id], Field(min_length=1, max_length=100)]
