"""The rows of an advisory, written from what was understood of its document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from noroshi.core import clock
from noroshi.core.single_line import single_line
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import AdvisoryDraft, VulnerabilityDraft
from noroshi.sharing import search
from noroshi.vulnerabilities import affected_products, matching
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryRevision,
    AffectedRange,
    Vulnerability,
)
from noroshi.vulnerabilities.states import Severity


def write_advisory(advisory: Advisory, draft: AdvisoryDraft, sha256: str, by: Viewer) -> None:
    """Write the advisory as this draft has it, with its entries and its place in the search."""
    advisory.format = draft.format
    advisory.publisher = draft.publisher[:300]
    advisory.namespace = draft.namespace[:300]
    advisory.tracking_id = draft.tracking_id[:200]
    advisory.revision = draft.revision[:60]
    advisory.stage = draft.stage[:20]
    advisory.title = single_line(draft.title or draft.tracking_id, 1000)
    advisory.summary = draft.summary
    advisory.language = draft.language[:40]
    advisory.references = [asdict(reference) for reference in draft.references]
    advisory.problems = problems_of(draft)
    advisory.published_at = draft.published_at
    advisory.updated_at = draft.updated_at or draft.published_at
    advisory.withdrawn = draft.withdrawn
    advisory.raw_sha256 = sha256
    advisory.received_at = clock.now()
    advisory.received_by_id = by.person_id
    advisory.received_by_name = by.name[:200]
    advisory.save()
    write_entries(advisory, draft)
    make_findable(advisory, draft)


def problems_of(draft: AdvisoryDraft) -> list[dict[str, Any]]:
    return [asdict(problem) for problem in draft.problems[:200]]


def make_findable(advisory: Advisory, draft: AdvisoryDraft) -> None:
    ids = " ".join(entry.id for entry in draft.vulnerabilities)
    products = " ".join(dict.fromkeys(f"{line.vendor} {line.product}" for line in draft.affected))
    search.put(
        kind="advisory",
        thing_id=advisory.public_id,
        label=advisory.label,
        title=advisory.title,
        sub=advisory.tracking_id,
        path=f"/vulnerabilities/advisories/{advisory.public_id}",
        text=f"{ids} {advisory.publisher} {products}",
    )


def write_entries(advisory: Advisory, draft: AdvisoryDraft) -> None:
    """Replace the vulnerabilities and ranges of an advisory; its matches go with the old ranges."""
    matching.forget_advisory(advisory.pk)
    AffectedRange.objects.filter(advisory=advisory).delete()
    Vulnerability.objects.filter(advisory=advisory).delete()
    entries = {entry.id: entry for entry in draft.vulnerabilities}
    for line in draft.affected:
        entries.setdefault(line.vulnerability, VulnerabilityDraft(id=line.vulnerability))
    made = Vulnerability.objects.bulk_create(
        _vulnerability(advisory, entry) for entry in entries.values()
    )
    ids = {key: row.pk for key, row in zip(entries, made, strict=True)}
    rows = affected_products.range_rows(
        draft.affected, advisory_id=advisory.pk, vulnerability_ids=ids
    )
    AffectedRange.objects.bulk_create(rows, batch_size=2000)


def _vulnerability(advisory: Advisory, draft: VulnerabilityDraft) -> Vulnerability:
    scores = sorted(draft.scores, key=lambda score: -score.base)
    return Vulnerability(
        advisory=advisory,
        key=draft.id[:200],
        title=single_line(draft.title, 1000),  # it becomes a mail's subject
        text=draft.text,
        cwes=list(draft.cwes),
        scores=[asdict(score) for score in scores],
        severity=_severity(scores[0].severity if scores else ""),
        remediations=[asdict(remediation) for remediation in draft.remediations],
        references=[asdict(reference) for reference in draft.references],
        kev_added_on=draft.kev.added_on if draft.kev else None,
        ssvc_exploitation=draft.ssvc.exploitation[:12] if draft.ssvc else "",
        ssvc_automatable=draft.ssvc.automatable[:3] if draft.ssvc else "",
        ssvc_technical_impact=draft.ssvc.technical_impact[:8] if draft.ssvc else "",
        epss_probability=draft.epss.probability if draft.epss else None,
        epss_percentile=draft.epss.percentile if draft.epss else None,
    )


def _severity(word: str) -> str:
    return word.lower() if word.lower() in Severity.values else ""


def add_revision(
    advisory: Advisory,
    draft: AdvisoryDraft,
    sha256: str,
    changed: dict[str, Any],
    by: Viewer,
    *,
    is_older: bool = False,
) -> None:
    AdvisoryRevision.objects.create(
        advisory=advisory,
        revision=draft.revision[:60],
        sha256=sha256,
        by_id=by.person_id,
        by_name=by.name[:200],
        is_older=is_older,
        difference=changed,
    )
