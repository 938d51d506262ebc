"""Advisories as received and understood, what they match, and a team's work on each vulnerability.

The functions that make ids stand here too, because a migration names them.
"""

from noroshi.vulnerabilities.models.advisories import (
    Advisory,
    AdvisoryRevision,
    Vulnerability,
    _advisory_id,
)
from noroshi.vulnerabilities.models.assessments import (
    AssessedSystem,
    Assessment,
    CloseReason,
    _assessment_id,
)
from noroshi.vulnerabilities.models.imports import (
    AdvisoryImport,
    AdvisoryImportFile,
    ImportState,
    Outcome,
    _import_id,
)
from noroshi.vulnerabilities.models.matches import (
    Alias,
    Match,
    MatchMethod,
    ProductMapping,
    ProductNameKey,
)
from noroshi.vulnerabilities.models.ranges import (
    NO_END,
    AdvisoryProduct,
    AffectedRange,
    RangeStatus,
)

__all__ = [
    "NO_END",
    "Advisory",
    "AdvisoryImport",
    "AdvisoryImportFile",
    "AdvisoryProduct",
    "AdvisoryRevision",
    "AffectedRange",
    "Alias",
    "AssessedSystem",
    "Assessment",
    "CloseReason",
    "ImportState",
    "Match",
    "MatchMethod",
    "Outcome",
    "ProductMapping",
    "ProductNameKey",
    "RangeStatus",
    "Vulnerability",
    "_advisory_id",
    "_assessment_id",
    "_import_id",
]
