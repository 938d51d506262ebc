"""Frozen drafts of advisories and bills of materials, the same for every published format.

A reader (``csaf.read``, ``cve.read``, ``cyclonedx.read`` …) turns bytes into one of these
or raises ``Malformed``. Nothing here knows a database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from noroshi.core.errors import Malformed
from noroshi.formats.versions import VersionRange

Status = Literal["affected", "fixed", "not_affected", "under_investigation", "unknown"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not right: ``where`` is a pointer, ``message % values`` a sentence."""

    where: str
    message: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class Rejected(Malformed):
    """A document that breaks the rules of its format.

    ``problems`` has every violation; the message is that of the first.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        super().__init__(first.where, first.message, **first.values)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Reference:
    """A link that the source gives; ``text`` may be empty."""

    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """One CVSS score: ``version`` is ``2.0 3.0 3.1 4.0``, ``base`` 0.0–10.0."""

    version: str
    vector: str
    base: float
    severity: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Kev:
    """An entry in CISA's list of known exploited vulnerabilities."""

    added_on: date
    url: str = ""


@dataclass(frozen=True, slots=True)
class Ssvc:
    """CISA coordinator's SSVC decision points, in the words of the table (lower case)."""

    exploitation: str  # none, poc, active
    automatable: str  # yes, no
    technical_impact: str  # partial, total
    assessed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Epss:
    """FIRST's exploit prediction: ``probability`` and ``percentile`` are 0.0–1.0."""

    probability: float
    percentile: float
    assessed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remediation:
    """A step that the source advises; ``kind`` as in CSAF: vendor_fix, mitigation, workaround …"""

    kind: str
    text: str
    url: str = ""
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VulnerabilityDraft:
    """One vulnerability of an advisory; ``id`` is its CVE id, or the advisory's own id."""

    id: str
    title: str = ""
    text: str = ""
    cwes: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    kev: Kev | None = None
    ssvc: Ssvc | None = None
    epss: Epss | None = None
    remediations: tuple[Remediation, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Affected:
    """One product in one range with its status, for one vulnerability.

    ``text`` is the version text as the source has it, ``range`` what Noroshi understood of it
    (``None``: nobody can read it; a person must look). ``purl`` and ``cpe`` carry no version.
    """

    vulnerability: str
    vendor: str
    product: str
    text: str
    status: Status
    range: VersionRange | None = None
    purl: str = ""
    cpe: str = ""
    models: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    platform: str = ""  # what it is part of or installed on, where the source says so
    where: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of an advisory's own revision history."""

    number: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AdvisoryDraft:
    """An advisory as Noroshi understood it.

    Its identity is (``namespace``, ``tracking_id``); ``revision`` orders its states.
    """

    format: str  # csaf-2.0, csaf-2.1, cve-5
    publisher: str
    namespace: str
    tracking_id: str
    revision: str
    title: str
    summary: str = ""
    language: str = ""
    tlp: str = ""  # a label of ``tlp.LABELS``; "" where the document says nothing
    published_at: datetime | None = None
    updated_at: datetime | None = None
    withdrawn: bool = False
    stage: str = ""  # draft, interim, final where the format has it
    history: tuple[Revision, ...] = ()
    vulnerabilities: tuple[VulnerabilityDraft, ...] = ()
    affected: tuple[Affected, ...] = ()
    references: tuple[Reference, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentDraft:
    """One component of an SBOM or a list; empty text where the source says nothing."""

    name: str
    version: str = ""
    vendor: str = ""
    purl: str = ""
    cpe: str = ""
    kind: str = ""  # library, application, operating-system, firmware, device …
    serial: str = ""
    model: str = ""
    ref: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class SbomDraft:
    """A bill of materials: the product that it describes and its components, flat."""

    format: str  # cyclonedx-1.4 …
    serial: str
    title: str
    version: str = ""
    components: tuple[ComponentDraft, ...] = ()
    created_at: datetime | None = None
    problems: tuple[Problem, ...] = ()
