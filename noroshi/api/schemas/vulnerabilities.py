"""A team's work on vulnerabilities, and the advisories that tell of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from noroshi.api.schemas.inventory import Exposure
from noroshi.api.schemas.measures import Kind, Progress
from noroshi.api.schemas.shared import (
    Day,
    FieldProblem,
    Id,
    Line,
    ListQuery,
    Reference,
    RequestBody,
    ResponseBody,
    Shareable,
    Text,
    Tlp,
    Words,
)

State = Literal[
    "waiting_match",
    "to_assess",
    "to_decide",
    "instructed",
    "accepted",
    "not_affected",
    "verifying",
    "closed",
]
Severity = Literal["critical", "high", "medium", "low", "none", ""]
Priority = Literal["immediate", "out-of-cycle", "scheduled", "defer"]
Decision = Literal["apply", "accept", "not_affected"]
Certainty = Literal["certain", "waiting", "yes", "no"]
How = Literal["purl", "cpe", "name", "similar", "alias"]
Outcome = Literal["waiting", "new", "updated", "older", "same", "refused"]
RangeStatus = Literal["affected", "fixed", "not_affected", "under_investigation", "unknown"]
CloseReason = Literal["verified", "sbom", "not_ours", "withdrawn", ""]
View = Literal["", "mine", "open", "late", "accepted", "closed"]
LongText = Annotated[Text, StringConstraints(max_length=4000)]
Sentence = Annotated[Text, StringConstraints(min_length=1, max_length=4000)]


class VulnerabilitiesAsked(ListQuery):
    """An empty ``view`` is all; ``exploited`` narrows to those in the KEV list."""

    q: Words = ""
    view: View = "open"
    state: list[State] = []
    severity: list[Severity] = []
    priority: list[Priority] = []
    exploited: bool = False
    system: Words = ""
    sort: Literal[
        "due", "-due", "opened", "-opened", "severity", "-severity", "priority", "-priority"
    ] = "due"


class VulnerabilityRow(ResponseBody):
    """``systems`` counts those that it touches or may touch."""

    id: str
    team: Reference
    key: str
    title: str
    severity: Severity
    base_score: float | None
    kev_added_on: date | None
    state: State
    priority: Priority | Literal[""]
    due_at: datetime | None
    decision: Decision | Literal[""]
    systems: int
    opened_at: datetime
    updated_at: datetime
    reported_at: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason


class AssessmentFacts(ResponseBody):
    """``inputs`` are what the tables were asked, ``proposals`` what they said then."""

    inputs: dict[str, Any]
    proposals: dict[str, Any]
    reason: str
    text: str
    by: Reference | None
    at: datetime


class DecisionFacts(ResponseBody):
    decision: Decision
    text: str
    accept_until: date | None
    by: Reference | None
    at: datetime


class Source(ResponseBody):
    """What one advisory says of it."""

    advisory: Reference
    tracking_id: str
    tlp: Tlp
    title: str
    text: str
    cwes: list[Any]
    scores: list[Any]
    kev_added_on: date | None
    exploitation: str
    automatable: str
    technical_impact: str
    remediations: list[Any]
    references: list[Any]


class AffectedSystem(ResponseBody):
    """A component that the vulnerability touches, and ``why`` in one sentence."""

    system: Reference
    component: Reference
    version: str
    why: str
    how: How
    confidence: int
    certainty: Certainty
    exposure: Exposure
    answered_by: str
    answered_at: datetime | None
    verified_at: datetime | None
    verified_by_sbom: bool


class Vulnerability(VulnerabilityRow):
    namespace: str
    assessment: AssessmentFacts | None
    decided: DecisionFacts | None
    touches: list[AffectedSystem]
    sources: list[Source]
    instructions: Progress


class Proposal(ResponseBody):
    """What the decision tables (SSVC Deployer, BOD 26-04) say with what is known now."""

    inputs: dict[str, Any]
    proposals: dict[str, Any]
    due_on: date


class Choice(RequestBody):
    """The words of the SSVC tables. Another priority or date than proposed needs a ``reason``."""

    exploitation: Literal["none", "public poc", "active"]
    exposure: Literal["small", "controlled", "open"]
    automatable: Literal["no", "yes"]
    human_impact: Literal["low", "medium", "high", "very high"]
    technical_impact: Literal["partial", "total"]
    in_kev: bool
    priority: Priority
    due_on: Day
    reason: LongText = ""
    text: LongText = ""


class Decided(RequestBody):
    """``accept_until`` only where the risk is accepted. Another person than assessed decides."""

    decision: Decision
    text: Sentence
    accept_until: Day | None = None


class Reconsidered(RequestBody):
    reason: Sentence


class Ours(RequestBody):
    """Is the installed component the product that the advisory names?"""

    ours: bool


class Instructions(RequestBody):
    """Each system's own operators are told, or ``operators`` for all of them."""

    systems: Annotated[list[Id], Field(min_length=1, max_length=500)]
    kind: Kind
    text: Sentence
    due_on: Day
    wanted_version: Annotated[Line, StringConstraints(max_length=100)] = ""
    operators: Annotated[list[Id], Field(max_length=100)] = []


class AdvisoriesAsked(ListQuery):
    q: Words = ""


class AdvisoryRow(ResponseBody):
    id: str
    team: Reference
    tlp: Tlp
    format: str
    publisher: str
    namespace: str
    tracking_id: str
    revision: str
    stage: str
    title: str
    withdrawn: bool
    published_at: datetime | None
    updated_at: datetime | None
    received_at: datetime


class Entry(ResponseBody):
    """One vulnerability of an advisory; ``assessments`` are the own teams' work on it."""

    key: str
    title: str
    text: str
    severity: Severity
    cwes: list[Any]
    scores: list[Any]
    kev_added_on: date | None
    remediations: list[Any]
    references: list[Any]
    assessments: list[str]


class Range(ResponseBody):
    """``text`` is as written, ``range`` a vers string, empty where nobody can read it."""

    vendor: str
    product: str
    status: RangeStatus
    text: str
    range: str


class Revision(ResponseBody):
    revision: str
    sha256: str
    received_at: datetime
    by: str
    is_older: bool
    changes: list[str]


class Advisory(AdvisoryRow):
    """``ranges`` holds the first 200, affected ones first."""

    summary: str
    language: str
    references: list[Any]
    problems: list[FieldProblem]
    vulnerabilities: list[Entry]
    ranges: list[Range]
    revisions: list[Revision]


class NewAdvisoryImport(RequestBody):
    """A document's own label stands; ``tlp`` is for those without one, ``circle`` for AMBER."""

    team: Words
    circle: Id | None = None
    tlp: Shareable = "TLP:AMBER+STRICT"


class AdvisoryImport(ResponseBody):
    id: str
    team: Reference
    state: Literal["waiting", "running", "done"]
    total: int
    done: int
    by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class AdvisoryImportWithOutcomes(AdvisoryImport):
    """``outcomes`` counts the documents by what became of them."""

    outcomes: dict[Outcome, int]


class DocumentsAsked(ListQuery):
    outcome: Outcome | Literal[""] = ""


class Document(ResponseBody):
    """One document of an import; ``where`` and ``message`` say why it was refused."""

    name: str
    sha256: str
    outcome: Outcome
    advisory: Reference | None
    where: str
    message: str
