"""Taking advisories in: bytes are kept first, then understood, then one record is made or updated.

The same bytes again change nothing; a newer revision replaces what the record says and notes the
difference; an older one is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from noroshi.core import files, history
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory.models import Circle, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats import sniff
from noroshi.formats import csaf, cve
from noroshi.formats.drafts import AdvisoryDraft, Affected, VulnerabilityDraft
from noroshi.formats.versions import Scheme, key
from noroshi.sharing import search
from noroshi.sharing.labelling import draft_label
from noroshi.sharing.labels import FROM_TLP, Sensitivity, State
from noroshi.sharing.models import Label
from noroshi.sharing.system import rows
from noroshi.vulnerabilities import advised, matching, opening, permissions
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryRevision,
    AffectedRange,
    Outcome,
    Vulnerability,
)
from noroshi.vulnerabilities.states import Severity

# How many entries of a difference are kept; a revision may touch thousands of products.
_MOST = 50


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a document: ``difference`` as in ``AdvisoryRevision``, empty when new."""

    advisory: Advisory
    outcome: Outcome
    difference: dict[str, Any]


def receive_advisory(*, raw: bytes, team: Team, by: Viewer) -> Received:
    """Take one CSAF document or CVE record in for a team.

    The bytes are kept whether or not they can be understood. Raises ``Malformed`` with the place,
    ``Forbidden`` when the viewer does not import for the team.
    """
    permissions.check_may_import(by, team)
    kept = files.store(raw)
    return take_draft(draft=read(raw), sha256=kept.sha256, team=team, person_id=by.person_id, by=by)


def read(raw: bytes) -> AdvisoryDraft:
    """The advisory in ``raw``; raises ``Malformed`` for everything else, naming what it is."""
    known, node = sniff.json_document(raw)
    if known.startswith("csaf-2"):
        return csaf.read_document(node)
    if known == "cve-5":
        return cve.read_document(node)
    if known.startswith("cyclonedx-"):
        raise Malformed("file", gettext_noop("This is a bill of materials: take it in under Systems."))
    raise sniff.not_read(known)


@transaction.atomic
def take_draft(
    *, draft: AdvisoryDraft, sha256: str, team: Team, person_id: int | None, by: Actor
) -> Received:
    """Make or update the record of a draft whose bytes are kept under ``sha256``."""
    everything = rows(Advisory, "the team's own record of a document that it received")
    row = (
        everything.select_for_update(of=("self",))
        .filter(team=team, namespace=draft.namespace[:300], tracking_id=draft.tracking_id[:200])
        .first()
    )
    if row is None:
        row = Advisory(
            team=team,
            label=_label_for(draft, team),
            namespace=draft.namespace[:300],
            tracking_id=draft.tracking_id[:200],
            received_by_id=person_id,
            received_by_name=by.actor_name[:200],
        )
        return _state(row, draft, sha256, Outcome.NEW, {}, person_id, by)
    revisions = rows(AdvisoryRevision, "the team's own record of a document that it received")
    if revisions.filter(advisory=row, sha256=sha256).exists():
        return Received(row, Outcome.SAME, {})
    if _is_older(draft, row):
        _revision(row, draft, sha256, {}, person_id, by, is_older=True)
        _told("receive_older", row, by, {"revision": draft.revision})
        return Received(row, Outcome.OLDER, {})
    return _state(row, draft, sha256, Outcome.UPDATED, _difference(row, draft), person_id, by)


def _state(
    row: Advisory,
    draft: AdvisoryDraft,
    sha256: str,
    outcome: Outcome,
    difference: dict[str, Any],
    person_id: int | None,
    by: Actor,
) -> Received:
    """Write what the draft says into the record, then match it and open what it touches."""
    row.format = draft.format
    row.publisher = draft.publisher[:300]
    row.revision = draft.revision[:60]
    row.stage = draft.stage[:20]
    row.title = (draft.title or draft.tracking_id)[:1000]
    row.summary = draft.summary
    row.language = draft.language[:40]
    row.references = [asdict(one) for one in draft.references]
    row.problems = [asdict(one) for one in draft.problems[:200]]
    row.published_at = draft.published_at
    row.updated_at = draft.updated_at or draft.published_at
    row.withdrawn = draft.withdrawn
    row.raw_sha256 = sha256
    row.save()
    if outcome is Outcome.UPDATED:
        _relabel(row, draft)
        matching.forget_advisory(row.pk)
    _write_parts(row, draft)
    _revision(row, draft, sha256, difference, person_id, by)
    _told(
        "receive" if outcome is Outcome.NEW else "receive_revision",
        row, by, {"revision": row.revision, "sha256": sha256, **difference},
    )  # fmt: skip
    search.put(
        kind="advisory",
        thing_id=row.public_id,
        label=row.label,
        title=row.title,
        sub=row.tracking_id,
        path=f"/vulnerabilities/advisories/{row.public_id}",
        text=" ".join((row.publisher, *(one.id for one in draft.vulnerabilities), *_products(draft.affected))),
    )
    matching.match_advisory(row.pk)
    opening.open_for_advisory(row.pk, by=by)
    return Received(row, outcome, difference)


def _write_parts(row: Advisory, draft: AdvisoryDraft) -> None:
    ranges = rows(AffectedRange, "the parts of a record are written anew").filter(advisory=row)
    ranges._raw_delete(ranges.db)
    entries = rows(Vulnerability, "the parts of a record are written anew").filter(advisory=row)
    entries._raw_delete(entries.db)
    made = Vulnerability.objects.bulk_create(_entry(row, one) for one in draft.vulnerabilities)
    ids = {one.key: one.pk for one in made}
    known = [line for line in draft.affected if line.vulnerability[:200] in ids]
    AffectedRange.objects.bulk_create(
        advised.range_rows(known, advisory_id=row.pk, vulnerability_ids=ids), batch_size=1000
    )


def _entry(row: Advisory, one: VulnerabilityDraft) -> Vulnerability:
    scores = sorted((asdict(score) for score in one.scores), key=lambda score: -score["base"])
    return Vulnerability(
        advisory=row,
        key=one.id[:200],
        title=one.title[:1000],
        text=one.text,
        cwes=list(one.cwes),
        scores=scores,
        severity=severity_of(scores[0]["base"]) if scores else "",
        remediations=[asdict(each) for each in one.remediations],
        references=[asdict(each) for each in one.references],
        kev_added_on=one.kev.added_on if one.kev else None,
        ssvc_exploitation=one.ssvc.exploitation if one.ssvc else "",
        ssvc_automatable=one.ssvc.automatable if one.ssvc else "",
        ssvc_technical_impact=one.ssvc.technical_impact if one.ssvc else "",
        epss_probability=one.epss.probability if one.epss else None,
        epss_percentile=one.epss.percentile if one.epss else None,
    )


def severity_of(base: float) -> str:
    """The qualitative severity of a base score (CVSS 3.1 section 5, CVSS 4.0 section 6)."""
    for floor, severity in (
        (9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW),
    ):  # fmt: skip
        if base >= floor:
            return severity
    return Severity.NONE


def _label_for(draft: AdvisoryDraft, team: Team) -> Label:
    """The document's own TLP; where it says nothing AMBER+STRICT, never public.

    A circle is set only where the team is in exactly one: which of several the sender meant
    nobody said, so then it stays with the team.
    """
    sensitivity = FROM_TLP[draft.tlp]
    named = []
    circle = None
    if sensitivity is Sensitivity.RED:
        # Whom the sender named is not in the file: the receiving team's readers are, at first.
        named = list(_readers(team))
    elif sensitivity in (Sensitivity.AMBER, Sensitivity.AMBER_STRICT):
        circles = list(Circle.objects.filter(seats__team=team)[:2])
        circle = circles[0] if len(circles) == 1 and not draft.tlp else None
    return draft_label(team, sensitivity, circle=circle, named=named, state=State.RELEASED)


def _relabel(row: Advisory, draft: AdvisoryDraft) -> None:
    """A revision under another TLP moves the record to that label."""
    if row.label.sensitivity != FROM_TLP[draft.tlp]:
        old = row.label
        row.label = _label_for(draft, row.team)
        row.save(update_fields=["label"])
        search.drop("advisory", row.public_id)
        old.delete()


def _readers(team: Team) -> Iterable[Any]:
    from noroshi.directory.models import READING_ROLES, Role
    from noroshi.directory.queries import people_in

    return people_in(team, *(Role(role) for role in READING_ROLES))


def _revision(
    row: Advisory,
    draft: AdvisoryDraft,
    sha256: str,
    difference: dict[str, Any],
    person_id: int | None,
    by: Actor,
    *,
    is_older: bool = False,
) -> None:
    AdvisoryRevision.objects.create(
        advisory=row,
        revision=draft.revision[:60],
        sha256=sha256,
        by_id=person_id,
        by_name=by.actor_name[:200],
        difference=difference,
        is_older=is_older,
    )


def _is_older(draft: AdvisoryDraft, row: Advisory) -> bool:
    """Older by its date; on one date by its revision number."""
    given, known = draft.updated_at or draft.published_at, row.updated_at
    if given is not None and known is not None and given != known:
        return given < known
    return _order(draft.revision) < _order(row.revision)


def _order(revision: str) -> bytes:
    try:
        return key(revision, Scheme.GENERIC)
    except Malformed:
        return b""


def _difference(row: Advisory, draft: AdvisoryDraft) -> dict[str, Any]:
    """What the draft changes against the record as it stands; only keys that changed."""
    reason = "a revision is compared with the record as it stands"
    old_ranges = {
        (one.name, one.text, one.status)
        for one in rows(AffectedRange, reason).filter(advisory=row)
    }
    new_ranges = {(one.product, one.text, one.status) for one in draft.affected}
    old_keys = set(rows(Vulnerability, reason).filter(advisory=row).values_list("key", flat=True))
    new_keys = {one.id for one in draft.vulnerabilities}
    changed: dict[str, Any] = {"revision": {"before": row.revision, "after": draft.revision}}
    if row.title != draft.title:
        changed["title"] = {"before": row.title, "after": draft.title}
    for name, old, new in (("ranges", old_ranges, new_ranges), ("vulnerabilities", old_keys, new_keys)):
        if old != new:
            changed[name] = {
                "added": _listed(new - old), "removed": _listed(old - new),
                "added_count": len(new - old), "removed_count": len(old - new),
            }  # fmt: skip
    if FROM_TLP[draft.tlp] != row.label.sensitivity:
        changed["label"] = {"before": row.label.text, "after": FROM_TLP[draft.tlp].text}
    return changed


def _listed(found: set[Any]) -> list[Any]:
    return [list(one) if isinstance(one, tuple) else one for one in sorted(found)[:_MOST]]


def _products(affected: Sequence[Affected]) -> list[str]:
    return sorted({f"{line.vendor} {line.product}" for line in affected})[:200]


def _told(verb: str, row: Advisory, by: Actor, after: dict[str, Any]) -> None:
    history.record(f"vulnerabilities.{verb}", "advisory", row.public_id, by=by, after=after)


