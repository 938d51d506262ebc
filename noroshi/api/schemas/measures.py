"""Instructions and what their operators answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from noroshi.api.schemas.shared import Asked, Id, Line, Moment, Named, Said, Text, Told, Words

Kind = Literal["patch", "upgrade", "configure", "workaround", "isolate", "watch"]
State = Literal["open", "started", "done", "cannot", "verified", "closed", "withdrawn"]
What = Literal["started", "done", "cannot"]
Reason = Literal["cannot_stop", "no_time", "failed", "not_mine", ""]
Note = Annotated[Text, StringConstraints(max_length=4000)]
Why = Annotated[Text, StringConstraints(min_length=1, max_length=4000)]


class Progress(Told):
    """How many instructions on one subject stand where; ``total`` leaves withdrawn ones out."""

    total: int
    open: int
    started: int
    done: int
    cannot: int
    verified: int
    withdrawn: int
    late: int


class InstructionsAsked(Asked):
    """``subject`` is the id of a vulnerability; an empty ``view`` is all."""

    q: Words = ""
    view: Literal["", "mine", "open", "late", "finished"] = ""
    kind: list[Kind] = []
    state: list[State] = []
    subject: Words = ""
    system: Words = ""


class Subject(Told):
    """Why there is something to do."""

    kind: str
    id: str
    key: str
    title: str


class InstructionRow(Told):
    id: str
    team: Named
    title: str
    kind: Kind
    state: State
    late: bool
    due_at: datetime
    subject: Subject
    system: Named
    exposure: str
    current_version: str
    wanted_version: str
    operators: list[Named]


class File(Told):
    id: str
    name: str
    sha256: str
    size: int


class Answer(Told):
    what: What
    reason: Reason
    text: str
    new_version: str
    by: str
    answered_at: datetime
    evidence: list[File]


class Steps(Told):
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
    instructed_by: Named | None
    instructed_at: datetime
    manager: Named | None
    done_by: Named | None
    done_at: datetime | None
    verified_by: Named | None
    verified_at: datetime | None
    attachments: list[File]
    answers: list[Answer]
    steps: Steps


class NewAnswer(Said):
    """``done`` needs a version, a line or a file; ``cannot`` a reason or a line."""

    what: What
    text: Note = ""
    new_version: Annotated[Line, StringConstraints(max_length=100)] = ""
    reason: Reason = ""


class Verified(Said):
    note: Note = ""


class SentBack(Said):
    text: Why


class Withdrawn(Said):
    text: Why


class DueChange(Said):
    due_at: Moment
    text: Note = ""


class Again(Said):
    text: Annotated[Text, StringConstraints(min_length=1, max_length=16_000)]
    due_at: Moment
    operators: Annotated[list[Id], Field(min_length=1, max_length=100)]
