"""Receiving advisories: bytes are stored, understood, compared, written as rows, matched.

One transaction per document. The same bytes change nothing; an older revision after a newer one
is stored and overwrites nothing; a newer one replaces the rows and records what changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from noroshi.core import files, history
from noroshi.core.errors import Malformed, Refused, gettext_noop
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats import versions
from noroshi.formats.drafts import AdvisoryDraft, Rejected
from noroshi.formats.dry_run import read_upload
from noroshi.formats.versions import Scheme
from noroshi.sharing import labelling
from noroshi.sharing.labels import FROM_TLP, UNLABELLED, Sensitivity, State
from noroshi.sharing.models import Label
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import advisory_rows, matching, opening, permissions
from noroshi.vulnerabilities.differences import difference
from noroshi.vulnerabilities.models import (
    Advisory,
    AffectedRange,
    Outcome,
)

_FOR_A_CIRCLE = (Sensitivity.AMBER, Sensitivity.AMBER_STRICT)
NOT_AN_ADVISORY = gettext_noop("This is a list of components. Bring it in on the page of systems.")


@dataclass(frozen=True, slots=True)
class Received:
    """The outcome of a document; ``difference`` is as ``differences.difference`` makes it."""

    advisory: Advisory
    outcome: Outcome
    difference: dict[str, Any] = field(default_factory=dict)
    # Nothing else is new, but the advisory had no circle yet and one was chosen.
    is_shared_anew: bool = False


@dataclass(frozen=True, slots=True)
class _Audience:
    """The person's choices for documents that have no label, and for those that need a circle."""

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

    The bytes are stored even when they are refused. ``circle`` is where AMBER may be read besides
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
    documents = list(islice(read_upload(raw, name), 2))
    if len(documents) != 1:
        raise Malformed("", gettext_noop("One document is expected here, the file holds several."))
    reading = documents[0]
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
    audience = _Audience(Sensitivity(unlabelled), circle)
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
            received = _create_advisory(draft, sha256, team, audience, by)
        else:
            received = _update_advisory(known, draft, sha256, audience, by)
    if received.outcome in (Outcome.NEW, Outcome.UPDATED) or received.is_shared_anew:
        matching.match_advisory(received.advisory.pk)
        opening.open_for_advisory(received.advisory)
    return received


def _create_advisory(
    draft: AdvisoryDraft, sha256: str, team: Team, audience: _Audience, by: Viewer
) -> Received:
    sensitivity = audience.sensitivity(draft)
    label = _label(sensitivity, team, audience.circle_for(sensitivity), by)
    advisory = Advisory(team=team, label=label)
    advisory_rows.write_advisory(advisory, draft, sha256, by)
    advisory_rows.add_revision(advisory, draft, sha256, {}, by)
    history.record(
        "vulnerabilities.receive_advisory",
        advisory,
        by=by,
        after={
            "tracking_id": draft.tracking_id,
            "revision": draft.revision,
            "sha256": sha256,
            "label": advisory.label.text,
        },
    )
    return Received(advisory, Outcome.NEW)


def _update_advisory(
    advisory: Advisory, draft: AdvisoryDraft, sha256: str, audience: _Audience, by: Viewer
) -> Received:
    _name_bringer(advisory, by)
    if advisory.revisions.filter(sha256=sha256).exists():
        shared = _share(advisory, audience, by)
        advisory_rows.make_findable(advisory, draft)
        return Received(advisory, Outcome.SAME, is_shared_anew=shared)
    if _is_older(draft, advisory):
        advisory_rows.add_revision(advisory, draft, sha256, {}, by, is_older=True)
        history.record(
            "vulnerabilities.receive_older",
            advisory,
            by=by,
            after={"revision": draft.revision, "sha256": sha256},
        )
        return Received(advisory, Outcome.OLDER)
    changed = _difference(advisory, draft)
    before = {"revision": advisory.revision, "sha256": advisory.raw_sha256}
    if _follow_label(advisory, draft, audience, by):
        changed = _remove_quotes(advisory, changed)
    advisory_rows.write_advisory(advisory, draft, sha256, by)
    advisory_rows.add_revision(advisory, draft, sha256, changed, by)
    history.record(
        "vulnerabilities.update_advisory",
        advisory,
        by=by,
        before=before,
        after={"revision": draft.revision, "sha256": sha256, "changed": sorted(changed)},
    )
    return Received(advisory, Outcome.UPDATED, changed)


def _difference(advisory: Advisory, draft: AdvisoryDraft) -> dict[str, Any]:
    """The difference to the stored document, which is read anew: the reader may have learnt since."""
    try:
        before = parse_document(files.read_file(advisory.raw_sha256), advisory.tracking_id)
    except Malformed:
        return {}
    return difference(before, draft)


def _is_older(draft: AdvisoryDraft, advisory: Advisory) -> bool:
    """Compare revisions where both are versions (CSAF: whole numbers or semantic), else dates."""
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
    """Write the rows of the stored document as it is read today; the reader has learnt since.

    Its label, its revisions and when it came stay as they are. A document that cannot be read any
    more leaves the rows as they are.
    """
    history.lock_end()
    with as_system("a document is read again for everybody who may read it"):
        advisory = Advisory.objects.select_for_update(of=("self",)).get(pk=advisory.pk)
        try:
            draft = parse_document(files.read_file(advisory.raw_sha256), advisory.tracking_id)
        except Malformed:
            return
        before = _ranges_of(advisory)
        advisory.problems = advisory_rows.problems_of(draft)
        advisory.save(update_fields=["problems"])
        advisory_rows.write_entries(advisory, draft)
        if _ranges_of(advisory) != before:
            history.record(
                "vulnerabilities.read_again",
                advisory,
                by=history.SYSTEM,
                after={"revision": advisory.revision, "sha256": advisory.raw_sha256},
            )
    matching.match_advisory(advisory.pk)
    opening.open_for_advisory(advisory)


def _ranges_of(advisory: Advisory) -> set[tuple[Any, ...]]:
    rows = AffectedRange.objects.filter(advisory=advisory).values_list(
        "vulnerability__key", "product_id", "status", "scheme", "platform", "low", "high"
    )
    return {(*fields, low and bytes(low), high and bytes(high)) for *fields, low, high in rows}


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


def _name_bringer(advisory: Advisory, by: Viewer) -> None:
    """Let whoever brings the RED document itself read it here too, and the work on it."""
    label = advisory.label
    if label.sensitivity != Sensitivity.RED or by.person_id is None:
        return
    is_new = by.person_id not in label.named_ids()
    labelling.name(label, Person.objects.filter(pk__in=[*label.named_ids(), by.person_id]))
    opening.name_reader_of_work(advisory, by.person_id)
    if is_new:
        history.record(
            "vulnerabilities.name_reader", advisory, by=by, after={"person": by.public_id}
        )


def _follow_label(
    advisory: Advisory, draft: AdvisoryDraft, audience: _Audience, by: Viewer
) -> bool:
    """Give the advisory a new label where the revision has another; a released one never changes.

    A revision without a label stays under the one it has. Return whether there may now be readers
    who may not read the text that stood under the label before.
    """
    old = advisory.label
    sensitivity = FROM_TLP[draft.tlp] if draft.tlp else Sensitivity(old.sensitivity)
    if sensitivity == old.sensitivity:
        _share(advisory, audience, by)
        return False
    circle = audience.circle_for(sensitivity)
    if circle is None and sensitivity in _FOR_A_CIRCLE:
        circle = old.circle
    advisory.label = _label(sensitivity, advisory.team, circle, by)
    advisory.save(update_fields=["label"])
    return old.sensitivity != Sensitivity.CLEAR and sensitivity is not Sensitivity.RED


def _remove_quotes(advisory: Advisory, changed: dict[str, Any]) -> dict[str, Any]:
    """Take quotes of the document out of this and every earlier difference.

    Their words stood under another label. The documents themselves stay.
    """
    for revision in advisory.revisions.all():
        revision.difference = _without_quotes(revision.difference)
        revision.save(update_fields=["difference"])
    return _without_quotes(changed)


def _without_quotes(changed: dict[str, Any]) -> dict[str, Any]:
    return {name: changed[name] for name in ("revision", "tlp") if name in changed}


def _share(advisory: Advisory, audience: _Audience, by: Viewer) -> bool:
    """Let the chosen circle read an advisory that went to no circle yet, under a new label."""
    old = advisory.label
    circle = audience.circle_for(old.sensitivity)
    if circle is None or old.circle_id is not None:
        return False
    advisory.label = _label(Sensitivity(old.sensitivity), advisory.team, circle, by)
    advisory.save(update_fields=["label"])
    history.record(
        "vulnerabilities.share_advisory",
        advisory,
        by=by,
        after={"label": advisory.label.text, "circle": circle.public_id},
    )
    return True
