"""Advisories from the command line (``noroshi import``)."""

from __future__ import annotations

from noroshi.directory.areas import ImportOptions, Outcome
from noroshi.formats.dry_run import ReadDocument
from noroshi.sharing.labels import Sensitivity
from noroshi.vulnerabilities import actions


def take(reading: ReadDocument, options: ImportOptions) -> Outcome:
    """New, changed, or there already."""
    received = actions.receive_advisory(
        raw=reading.raw,
        name=reading.file,
        team=options.team,
        circle=options.circle,
        unlabelled=Sensitivity(options.sensitivity),
        by=options.by,
    )
    return Outcome(str(received.outcome), received.advisory.title)
