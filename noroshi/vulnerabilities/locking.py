"""Locking an assessment for a person's step."""

from __future__ import annotations

from noroshi.core import history
from noroshi.directory.viewer import Viewer
from noroshi.vulnerabilities.models import Assessment


def locked_assessment(pk: int, by: Viewer) -> Assessment:
    """The assessment as it stands now, locked until the transaction ends; or ``NotFound``.

    The end of the history is locked before the row, in the order in which receiving an advisory
    locks them: in the other order the two would wait for each other.
    """
    history.lock_end()
    return Assessment.objects.locked_for(by, pk, "team", "label", "assessed_by", "decided_by")
