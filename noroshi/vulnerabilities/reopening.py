"""When verified work comes back, why, and with which new proposal.

What a person verified stays verified however often it is matched again. It comes back when the
inventory shows another version that is affected, or when a newer revision of an advisory changed
the affected versions. Whatever is opened again is proposed anew: its days count from that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from django.db.models import Min
from django.utils import timezone

from noroshi.core import clock, history
from noroshi.core.history import SYSTEM
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import matches, proposals
from noroshi.vulnerabilities.matches import MatchedComponent
from noroshi.vulnerabilities.models import (
    AdvisoryRevision,
    AssessedSystem,
    Assessment,
    Vulnerability,
)
from noroshi.vulnerabilities.states import Certainty, State

# ``reason`` is one of ``reasons.BACK``; the rest are the values of its sentence.
ReopenReason: TypeAlias = dict[str, str]


def verified_against(row: Assessment, parts: Collection[AssessedSystem]) -> dict[int, Any]:
    """By component: its version, and by advisory the ranges that named it when it was verified."""
    now = _named_now(row, [part.component_id for part in parts])
    return {
        part.component_id: {
            "version": version_of(part),
            "ranges": _ranges(now.get(part.component_id, ())),
        }
        for part in parts
    }


def version_of(part: AssessedSystem) -> str | None:
    """The version that the inventory shows; ``None`` where the component is gone."""
    return None if part.component.gone_at else part.component.version


def comes_back(part: AssessedSystem, now: list[MatchedComponent]) -> ReopenReason | None:
    """Why a verified part is to be worked on again; ``None`` where nothing new was said."""
    then, version = part.verified_against, now[0].component["version"]
    system = now[0].component["system__name"]
    if "version" in then and then["version"] != version:
        before = then["version"]
        if before is None:
            return {"reason": "inventory", "system": system, "after": version}
        return {"reason": "version", "system": system, "before": before, "after": version}
    if part.verified_by_sbom:
        return {"reason": "range", "advisory": now[0].range["advisory__tracking_id"]}
    known, ranges = then.get("ranges", {}), _ranges(now)
    new = {one for one in ranges if one not in known}
    if new:
        new -= _first_received_after(new, part)
    changed = new | {one for one in ranges if one in known and known[one] != ranges[one]}
    if not changed:
        return None
    named = {one.range["advisory__public_id"]: one.range["advisory__tracking_id"] for one in now}
    return {"reason": "range", "advisory": ", ".join(sorted(named[one] for one in changed))}


def propose_anew(row: Assessment) -> dict[str, Any]:
    """Set priority and due date as the tables propose from today; returns them for the history.

    ``row`` is locked and saved by the caller; ``reopened_at`` is now.
    """
    with as_system("what is opened again is proposed from what matches it, for nobody yet"):
        parts = list(
            AssessedSystem.objects.filter(assessment=row)
            .exclude(certainty=Certainty.NO)
            .select_related("system")
        )
        left = [part for part in parts if part.verified_at is None] or parts
        now = _named_now(row, [part.component_id for part in left])
        inputs = proposals.inputs_from(
            _facts({one.range["vulnerability_id"] for group in now.values() for one in group}),
            [part.system.exposure for part in left],
            [part.system.criticality for part in left],
        )
    row.reopened_at = clock.now()
    row.inputs = inputs.as_json()
    row.proposals = proposals.propose(inputs, timezone.localdate(row.counts_from))
    row.priority = row.proposals["deployer"]["priority"]
    row.due_at = proposals.end_of_day(proposals.due_on(row.proposals))
    row.choice_reason = ""
    return {"priority": row.priority, "due_at": row.due_at.isoformat()}


def _named_now(
    row: Assessment, component_ids: Collection[int]
) -> dict[int, list[MatchedComponent]]:
    """What names these components for this vulnerability now, in the team's own sight."""
    found: dict[int, list[MatchedComponent]] = {}
    for one in matches.matches_of_vulnerability(row.key, component_ids):
        if (one.team_id, *one.key) == (row.team_id, row.namespace, row.key):
            found.setdefault(one.component_id, []).append(one)
    return found


def _ranges(found: Iterable[MatchedComponent]) -> dict[str, list[str]]:
    by_advisory: dict[str, set[str]] = {}
    for one in found:
        said = one.range["normal"] or one.range["text"]
        by_advisory.setdefault(one.range["advisory__public_id"], set()).add(said)
    return {advisory: sorted(said) for advisory, said in by_advisory.items()}


def _first_received_after(advisories: Collection[str], part: AssessedSystem) -> set[str]:
    """Another voice on what has been verified since is no revision of what was verified."""
    first = (
        AdvisoryRevision.objects.filter(advisory__public_id__in=advisories)
        .values_list("advisory__public_id")
        .annotate(first=Min("received_at"))
    )
    return {one for one, at in first if part.verified_at is not None and at > part.verified_at}


def _facts(vulnerability_ids: Collection[int]) -> list[proposals.Facts]:
    rows = Vulnerability.objects.filter(pk__in=vulnerability_ids)
    return [
        proposals.Facts(
            scores=tuple(one.scores),
            in_kev=one.kev_added_on is not None,
            exploitation=one.ssvc_exploitation,
            automatable=one.ssvc_automatable,
            technical_impact=one.ssvc_technical_impact,
        )
        for one in rows
    ]


def end_acceptance(row: Assessment) -> None:
    """The day until which the risk was accepted is over: assess it again. ``row`` is locked."""
    row.state = State.TO_ASSESS
    proposed = propose_anew(row)
    row.updated_at = clock.now()
    row.save()
    history.record(
        "vulnerabilities.reopen", row, by=SYSTEM,
        before={"state": State.ACCEPTED},
        after={"state": row.state, "because": [{"reason": "acceptance"}], **proposed},
    )  # fmt: skip
