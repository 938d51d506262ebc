"""Advisories on their way in: bytes are kept, understood, compared, stored, matched.

One transaction per document. The same bytes change nothing; an older revision after a newer one
is kept and overwrites nothing; a newer one replaces what was understood and says what changed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from noroshi.core import clock, files, history
from noroshi.core.errors import Malformed, Refused, gettext_noop
from noroshi.core.single_line import single_line
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats import versions
from noroshi.formats.drafts import AdvisoryDraft, Rejected, VulnerabilityDraft
from noroshi.formats.dry_run import read_upload
from noroshi.formats.versions import Scheme
from noroshi.sharing import labelling, search
from noroshi.sharing.labels import FROM_TLP, UNLABELLED, Sensitivity, State
from noroshi.sharing.models import Label
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import affected_products, matching, opening, permissions
from noroshi.vulnerabilities.differences import difference
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryRevision,
    AffectedRange,
    Outcome,
    Vulnerability,
)
from noroshi.vulnerabilities.states import Severity

_FOR_A_CIRCLE = (Sensitivity.AMBER, Sensitivity.AMBER_STRICT)
NOT_AN_ADVISORY = gettext_noop("This is a list of components. Bring it in on the page of systems.")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a document; ``difference`` is what ``differences.difference`` says."""

    advisory: Advisory
    outcome: Outcome
    difference: dict[str, Any] = field(default_factory=dict)
    # Nothing else is new, but a circle was chosen for what had none.
    is_shared_anew: bool = False


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the person chose for the documents that do not say it themselves."""

    unlabelled: Sensitivity
    circle: Circle | None

    def sensitivity(self, draft: AdvisoryDraft) -> Sensitivity:
        return FROM_TLP[draft.tlp] if draft.tlp else self.unlabelled

    def circle_for(self, sensitivity: Sensitivity | str) -> Circle | None:
        return self.circle if sensitivity in _FOR_A_CIRCLE else None


def receive_advisory(
    *,
    raw: bytes,
    name: str = "",
    team: Team,
    circle: Circle | None = None,
    unlabelled: str = UNLABELLED,
    by: Viewer,
) -> Received:
    """Take one advisory in for a team; it is matched against every team that may read it.

    The bytes are kept even when they are refused. ``circle`` is where AMBER may be read besides
    the team, ``unlabelled`` the label of a document without one. Raises ``Malformed`` with a pointer.
    """
    permissions.may_import.check(by, team)
    check_audience(team, circle, unlabelled)
    files.store(raw)
    return receive_draft(
        draft=parse_document(raw, name),
        raw=raw,
        team=team,
        circle=circle,
        unlabelled=unlabelled,
        by=by,
    )


def check_audience(team: Team, circle: Circle | None, unlabelled: str) -> None:
    """Raise ``Malformed`` for a circle in which the team has no part, or a label that is none of TLP."""
    if unlabelled not in set(FROM_TLP.values()):
        raise Malformed("unlabelled", gettext_noop("Choose one of the labels of TLP 2.0."))
    if circle is not None and not circle.seats.filter(team=team).exists():
        raise Malformed("circle", gettext_noop("Choose a circle in which the team takes part."))


def parse_document(raw: bytes, name: str) -> AdvisoryDraft:
    """The one advisory in these bytes; raises ``Malformed`` for anything else."""
    found = list(islice(read_upload(raw, name), 2))
    if len(found) != 1:
        raise Malformed("", gettext_noop("One document is expected here, the file holds several."))
    reading = found[0]
    if reading.draft is None:
        raise Rejected(reading.problems)
    if not isinstance(reading.draft, AdvisoryDraft):
        raise Malformed("", NOT_AN_ADVISORY)
    return reading.draft


@transaction.atomic
def receive_draft(
    *,
    draft: AdvisoryDraft,
    raw: bytes,
    team: Team,
    circle: Circle | None = None,
    unlabelled: str = UNLABELLED,
    by: Viewer,
) -> Received:
    """As ``receive_advisory``, for what was understood already."""
    chosen = _Chosen(Sensitivity(unlabelled), circle)
    sha256 = files.store(raw).sha256
    history.lock_end()  # the same document may come twice at once
    with as_system("a team's advisory is one row, also where it names other people of the team"):
        known = (
            Advisory.objects.select_for_update(of=("self",))
            .filter(team=team, namespace=draft.namespace[:300], tracking_id=draft.tracking_id[:200])
            .select_related("label", "team")
            .first()
        )
        if known is None:
            received = _new(draft, sha256, team, chosen, by)
        else:
            received = _again(known, draft, sha256, chosen, by)
    if received.outcome in (Outcome.NEW, Outcome.UPDATED) or received.is_shared_anew:
        matching.match_advisory(received.advisory.pk)
        opening.open_for_advisory(received.advisory)
    return received


def _new(draft: AdvisoryDraft, sha256: str, team: Team, chosen: _Chosen, by: Viewer) -> Received:
    sensitivity = chosen.sensitivity(draft)
    label = _label(sensitivity, team, chosen.circle_for(sensitivity), by)
    advisory = Advisory(team=team, label=label)
    _write(advisory, draft, sha256, by)
    _keep_revision(advisory, draft, sha256, {}, by)
    history.record(
        "vulnerabilities.receive_advisory", advisory, by=by,
        after={"tracking_id": draft.tracking_id, "revision": draft.revision, "sha256": sha256,
               "label": advisory.label.text},
    )  # fmt: skip
    return Received(advisory, Outcome.NEW)


def _again(
    advisory: Advisory, draft: AdvisoryDraft, sha256: str, chosen: _Chosen, by: Viewer
) -> Received:
    _let_read(advisory, by)
    if advisory.revisions.filter(sha256=sha256).exists():
        shared = _share(advisory, chosen, by)
        _make_findable(advisory, draft)
        return Received(advisory, Outcome.SAME, is_shared_anew=shared)
    if _is_older(draft, advisory):
        _keep_revision(advisory, draft, sha256, {}, by, is_older=True)
        history.record(
            "vulnerabilities.receive_older", advisory, by=by,
            after={"revision": draft.revision, "sha256": sha256},
        )  # fmt: skip
        return Received(advisory, Outcome.OLDER)
    changed = _difference(advisory, draft)
    before = {"revision": advisory.revision, "sha256": advisory.raw_sha256}
    if _follow_label(advisory, draft, chosen, by):
        changed = _forget_words(advisory, changed)
    _write(advisory, draft, sha256, by)
    _keep_revision(advisory, draft, sha256, changed, by)
    history.record(
        "vulnerabilities.update_advisory", advisory, by=by, before=before,
        after={"revision": draft.revision, "sha256": sha256, "changed": sorted(changed)},
    )  # fmt: skip
    return Received(advisory, Outcome.UPDATED, changed)


def _difference(advisory: Advisory, draft: AdvisoryDraft) -> dict[str, Any]:
    """Against what was stored, read again: the reader may have learnt since."""
    try:
        before = parse_document(files.read_file(advisory.raw_sha256), advisory.tracking_id)
    except Malformed:
        return {}
    return difference(before, draft)


def _is_older(draft: AdvisoryDraft, advisory: Advisory) -> bool:
    """By revision where both are versions (CSAF: whole numbers or semantic), else by date."""
    try:
        ours = versions.key(advisory.revision, Scheme.SEMVER)
        theirs = versions.key(draft.revision, Scheme.SEMVER)
    except Malformed:
        ours = theirs = b""
    if ours != theirs:
        return theirs < ours
    if draft.updated_at is None or advisory.updated_at is None:
        return False
    return draft.updated_at < advisory.updated_at


@transaction.atomic
def read_again(advisory: Advisory) -> None:
    """Understand the kept document as it would be understood today; the reader has learnt since.

    Its label, its revisions and when it came stay as they are. What cannot be read any more stays
    as it was understood.
    """
    history.lock_end()
    with as_system("a document is read again for everybody who may read it"):
        advisory = Advisory.objects.select_for_update(of=("self",)).get(pk=advisory.pk)
        try:
            draft = parse_document(files.read_file(advisory.raw_sha256), advisory.tracking_id)
        except Malformed:
            return
        before = _understood_ranges(advisory)
        advisory.problems = _problems(draft)
        advisory.save(update_fields=["problems"])
        _write_parts(advisory, draft)
        if _understood_ranges(advisory) != before:
            history.record(
                "vulnerabilities.read_again", advisory, by=history.SYSTEM,
                after={"revision": advisory.revision, "sha256": advisory.raw_sha256},
            )  # fmt: skip
    matching.match_advisory(advisory.pk)
    opening.open_for_advisory(advisory)


def _understood_ranges(advisory: Advisory) -> set[tuple[Any, ...]]:
    rows = AffectedRange.objects.filter(advisory=advisory).values_list(
        "vulnerability__key", "product_id", "status", "scheme", "platform", "low", "high"
    )
    return {(*said, low and bytes(low), high and bytes(high)) for *said, low, high in rows}


# ---- labels --------------------------------------------------------------------------


def _label(sensitivity: Sensitivity, team: Team, circle: Circle | None, by: Viewer) -> Label:
    """The document's own TLP, in force at once: it was released by its publisher, not by us."""
    if sensitivity is Sensitivity.RED and by.person_id is None:
        raise Refused(gettext_noop("A TLP:RED advisory is received by a person, not by a program."))
    readers = [by.person_id] if sensitivity is Sensitivity.RED and by.person_id else []
    named = Person.objects.filter(pk__in=readers)
    return labelling.draft_label(
        team, sensitivity, circle=circle, named=named, state=State.RELEASED
    )


def _let_read(advisory: Advisory, by: Viewer) -> None:
    """Who brings the RED document itself may read it here too, and the work on it."""
    label = advisory.label
    if label.sensitivity != Sensitivity.RED or by.person_id is None:
        return
    is_new = by.person_id not in label.named_ids()
    labelling.name(label, Person.objects.filter(pk__in=[*label.named_ids(), by.person_id]))
    opening.name_reader_of_work(advisory, by.person_id)
    if is_new:
        history.record(
            "vulnerabilities.name_reader", advisory, by=by,
            after={"person": by.public_id},
        )  # fmt: skip


def _follow_label(advisory: Advisory, draft: AdvisoryDraft, chosen: _Chosen, by: Viewer) -> bool:
    """A revision under another label gives the advisory a new one; a released one never changes.

    A revision without a label stays under the one it has. Tells whether there may now be readers
    who may not read what was said under the label before.
    """
    old = advisory.label
    sensitivity = FROM_TLP[draft.tlp] if draft.tlp else Sensitivity(old.sensitivity)
    if sensitivity == old.sensitivity:
        _share(advisory, chosen, by)
        return False
    circle = chosen.circle_for(sensitivity)
    if circle is None and sensitivity in _FOR_A_CIRCLE:
        circle = old.circle
    advisory.label = _label(sensitivity, advisory.team, circle, by)
    advisory.save(update_fields=["label"])
    return old.sensitivity != Sensitivity.CLEAR and sensitivity is not Sensitivity.RED


def _forget_words(advisory: Advisory, changed: dict[str, Any]) -> dict[str, Any]:
    """Of this and every earlier difference only what quotes nothing of the document: its words had
    another label. The documents themselves are kept."""
    for one in advisory.revisions.all():
        one.difference = _wordless(one.difference)
        one.save(update_fields=["difference"])
    return _wordless(changed)


def _wordless(changed: dict[str, Any]) -> dict[str, Any]:
    return {name: changed[name] for name in ("revision", "tlp") if name in changed}


def _share(advisory: Advisory, chosen: _Chosen, by: Viewer) -> bool:
    """Let the chosen circle read what went to no circle yet, under a new label."""
    old = advisory.label
    circle = chosen.circle_for(old.sensitivity)
    if circle is None or old.circle_id is not None:
        return False
    advisory.label = _label(Sensitivity(old.sensitivity), advisory.team, circle, by)
    advisory.save(update_fields=["label"])
    history.record(
        "vulnerabilities.share_advisory", advisory, by=by,
        after={"label": advisory.label.text, "circle": circle.public_id},
    )  # fmt: skip
    return True


# ---- rows ----------------------------------------------------------------------------


def _write(advisory: Advisory, draft: AdvisoryDraft, sha256: str, by: Viewer) -> None:
    advisory.format = draft.format
    advisory.publisher = draft.publisher[:300]
    advisory.namespace = draft.namespace[:300]
    advisory.tracking_id = draft.tracking_id[:200]
    advisory.revision = draft.revision[:60]
    advisory.stage = draft.stage[:20]
    advisory.title = single_line(draft.title or draft.tracking_id, 1000)
    advisory.summary = draft.summary
    advisory.language = draft.language[:40]
    advisory.references = [asdict(one) for one in draft.references]
    advisory.problems = _problems(draft)
    advisory.published_at = draft.published_at
    advisory.updated_at = draft.updated_at or draft.published_at
    advisory.withdrawn = draft.withdrawn
    advisory.raw_sha256 = sha256
    advisory.received_at = clock.now()
    advisory.received_by_id = by.person_id
    advisory.received_by_name = by.name[:200]
    advisory.save()
    _write_parts(advisory, draft)
    _make_findable(advisory, draft)


def _problems(draft: AdvisoryDraft) -> list[dict[str, Any]]:
    return [asdict(one) for one in draft.problems[:200]]


def _make_findable(advisory: Advisory, draft: AdvisoryDraft) -> None:
    ids = " ".join(one.id for one in draft.vulnerabilities)
    products = " ".join(dict.fromkeys(f"{one.vendor} {one.product}" for one in draft.affected))
    search.put(
        kind="advisory", thing_id=advisory.public_id, label=advisory.label, title=advisory.title,
        sub=advisory.tracking_id, path=f"/vulnerabilities/advisories/{advisory.public_id}",
        text=f"{ids} {advisory.publisher} {products}",
    )  # fmt: skip


def _write_parts(advisory: Advisory, draft: AdvisoryDraft) -> None:
    matching.forget_advisory(advisory.pk)
    AffectedRange.objects.filter(advisory=advisory).delete()
    Vulnerability.objects.filter(advisory=advisory).delete()
    entries = {one.id: one for one in draft.vulnerabilities}
    for line in draft.affected:
        entries.setdefault(line.vulnerability, VulnerabilityDraft(id=line.vulnerability))
    made = Vulnerability.objects.bulk_create(
        _vulnerability(advisory, one) for one in entries.values()
    )
    ids = {key: row.pk for key, row in zip(entries, made, strict=True)}
    rows = affected_products.range_rows(
        draft.affected, advisory_id=advisory.pk, vulnerability_ids=ids
    )
    AffectedRange.objects.bulk_create(rows, batch_size=2000)


def _vulnerability(advisory: Advisory, draft: VulnerabilityDraft) -> Vulnerability:
    scores = sorted(draft.scores, key=lambda one: -one.base)
    return Vulnerability(
        advisory=advisory,
        key=draft.id[:200],
        title=single_line(draft.title, 1000),  # it becomes a mail's subject
        text=draft.text,
        cwes=list(draft.cwes),
        scores=[asdict(one) for one in scores],
        severity=_severity(scores[0].severity if scores else ""),
        remediations=[asdict(one) for one in draft.remediations],
        references=[asdict(one) for one in draft.references],
        kev_added_on=draft.kev.added_on if draft.kev else None,
        ssvc_exploitation=draft.ssvc.exploitation[:12] if draft.ssvc else "",
        ssvc_automatable=draft.ssvc.automatable[:3] if draft.ssvc else "",
        ssvc_technical_impact=draft.ssvc.technical_impact[:8] if draft.ssvc else "",
        epss_probability=draft.epss.probability if draft.epss else None,
        epss_percentile=draft.epss.percentile if draft.epss else None,
    )


def _severity(word: str) -> str:
    return word.lower() if word.lower() in Severity.values else ""


def _keep_revision(
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
