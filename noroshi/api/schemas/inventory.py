"""Systems, their components, and the files that said so."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from noroshi.api.schemas.shared import (
    FieldProblem,
    Id,
    Line,
    ListQuery,
    Reference,
    RequestBody,
    ResponseBody,
    Text,
    Words,
)

Exposure = Literal["internet", "partner", "internal", "isolated"]
Criticality = Literal["low", "medium", "high", "very high"]
Environment = Literal["production", "standby", "staging", "development"]
ImportState = Literal["uploaded", "mapped", "running", "done", "failed"]
ChangeKind = Literal["came", "changed", "went"]
Field_ = Literal[
    "system",
    "vendor",
    "name",
    "version",
    "purl",
    "cpe",
    "model",
    "serial",
    "kind",
    "exposure",
    "criticality",
    "environment",
    "place",
    "owner",
]

Name = Annotated[Line, StringConstraints(min_length=1, max_length=200)]


class SystemsQuery(ListQuery):
    q: Words = ""
    exposure: list[Exposure] = []
    criticality: list[Criticality] = []
    environment: list[Environment] = []
    owner: list[Id] = []
    retired: bool = False
    sort: Literal["name", "-name", "exposure", "-exposure", "criticality", "-criticality"] = "name"


class SystemRow(ResponseBody):
    id: str
    team: Reference
    name: str
    exposure: Exposure
    criticality: Criticality
    environment: Environment
    place: str
    owners: list[Reference]
    components: int
    updated_at: datetime
    retired_at: datetime | None


class System(SystemRow):
    """``unread`` counts components in a version that nobody can compare, ``gone`` former ones."""

    note: str
    created_at: datetime
    unread: int
    gone: int


class NewSystem(RequestBody):
    team: Id
    name: Name
    exposure: Exposure = "internal"
    criticality: Criticality = "medium"
    environment: Environment = "production"
    place: Annotated[Line, StringConstraints(max_length=200)] = ""
    note: Annotated[Text, StringConstraints(max_length=5000)] = ""
    owners: Annotated[list[Id], Field(max_length=100)] = []


class SystemChange(RequestBody):
    """Only what is named changes."""

    name: Name | None = None
    exposure: Exposure | None = None
    criticality: Criticality | None = None
    environment: Environment | None = None
    place: Annotated[Line, StringConstraints(max_length=200)] | None = None
    note: Annotated[Text, StringConstraints(max_length=5000)] | None = None
    owners: Annotated[list[Id], Field(max_length=100)] | None = None


class ComponentsQuery(ListQuery):
    q: Words = ""
    view: Literal["present", "unread", "gone"] = "present"


class Component(ResponseBody):
    id: str
    system: Reference
    vendor: str
    name: str
    version: str
    purl: str
    cpe: str
    model: str
    serial: str
    kind: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None


class NewComponent(RequestBody):
    """``purl`` and ``cpe`` may carry the version; it counts where ``version`` is empty."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=300)]
    vendor: Annotated[Line, StringConstraints(max_length=300)] = ""
    version: Annotated[Line, StringConstraints(max_length=200)] = ""
    purl: Annotated[Line, StringConstraints(max_length=500)] = ""
    cpe: Annotated[Line, StringConstraints(max_length=300)] = ""
    model: Annotated[Line, StringConstraints(max_length=100)] = ""
    serial: Annotated[Line, StringConstraints(max_length=100)] = ""
    kind: Annotated[Line, StringConstraints(max_length=40)] = ""


class ComponentChange(RequestBody):
    """Only what is named changes."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=300)] | None = None
    vendor: Annotated[Line, StringConstraints(max_length=300)] | None = None
    version: Annotated[Line, StringConstraints(max_length=200)] | None = None
    purl: Annotated[Line, StringConstraints(max_length=500)] | None = None
    cpe: Annotated[Line, StringConstraints(max_length=300)] | None = None
    model: Annotated[Line, StringConstraints(max_length=100)] | None = None
    serial: Annotated[Line, StringConstraints(max_length=100)] | None = None
    kind: Annotated[Line, StringConstraints(max_length=40)] | None = None


class Version(RequestBody):
    version: Annotated[Line, StringConstraints(min_length=1, max_length=200)]


class NewImport(RequestBody):
    """``system`` is where the components go; empty where the file says it.

    ``is_complete``: what the file no longer names is gone.
    """

    team: Words
    system: Words = ""
    is_complete: bool = True


class ImportRow(ResponseBody):
    id: str
    team: Reference
    system: Reference | None
    file_name: str
    format: str
    title: str
    state: ImportState
    is_complete: bool
    rows_total: int
    rows_done: int
    added: int
    changed: int
    gone: int
    bad: int
    by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Remark(FieldProblem):
    """Something about one row; ``left_out`` when the row was not taken."""

    left_out: bool


class Import(ImportRow):
    """For a table ``header`` has its columns and ``mapping`` which column is what."""

    header: list[str]
    mapping: dict[str, int]
    remarks: list[Remark]
    failure: FieldProblem | None


class Columns(RequestBody):
    """Which column is what, counted from 0."""

    mapping: Annotated[dict[Field_, Annotated[int, Field(ge=0, le=10_000)]], Field(min_length=1)]


class ChangesQuery(ListQuery):
    kind: ChangeKind = "came"


class Change(ResponseBody):
    kind: ChangeKind
    system: Reference
    component: Reference
    before: str
    after: str
