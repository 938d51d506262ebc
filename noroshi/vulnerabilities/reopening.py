"""Verified work that comes back: when, why, and with which new proposal.

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

# ``reason`` is one of ``match_reasons.REOPEN_SENTENCES``; the rest are the values of its sentence.
ReopenReason: TypeAlias = dict[str, str]


def verified_against(
    row: Assessment, affected_systems: Collection[AssessedSystem]
) -> dict[int, Any]:
    """By component: its version, and by advisory the ranges that named it when it was verified."""
    now = _current_matches(row, [affected.component_id for affected in affected_systems])
    return {
        affected.component_id: {
            "version": version_of(affected),
            "ranges": _versions_by_advisory(now.get(affected.component_id, ())),
        }
        for affected in affected_systems
    }


def version_of(affected: AssessedSystem) -> str | None:
    """The version that the inventory shows; ``None`` where the component is gone."""
    return None if affected.component.gone_at else affected.component.version


def reason_to_reopen(affected: AssessedSystem, now: list[MatchedComponent]) -> ReopenReason | None:
    """The reason to work on a verified system again; ``None`` where nothing new was published."""
    then, version = affected.verified_against, now[0].component.version
    system = now[0].component.system_name
    if "version" in then and then["version"] != version:
        before = then["version"]
        if before is None:
            return {"reason": "inventory", "system": system, "after": version}
        return {"reason": "version", "system": system, "before": before, "after": version}
    if affected.verified_by_sbom:
        return {"reason": "range", "advisory": now[0].range.advisory_tracking_id}
    known, versions = then.get("ranges", {}), _versions_by_advisory(now)
    new = versions.keys() - known.keys()
    if new:
        new -= _first_received_after(new, affected)
    changed = new | {
        advisory
        for advisory in versions
        if advisory in known and known[advisory] != versions[advisory]
    }
    if not changed:
        return None
    numbers = {match.range.advisory_public_id: match.range.advisory_tracking_id for match in now}
    return {
        "reason": "range",
        "advisory": ", ".join(sorted(numbers[advisory] for advisory in changed)),
    }


def propose_anew(row: Assessment) -> dict[str, Any]:
    """Set priority and due date as the tables propose from today; returns them for the history.

    ``row`` is locked and saved by the caller; ``reopened_at`` is now.
    """
    with as_system("what is opened again is proposed from what matches it, for nobody yet"):
        affected_systems = list(
            AssessedSystem.objects.filter(assessment=row)
            .exclude(certainty=Certainty.NO)
            .select_related("system")
        )
        left = [
            affected for affected in affected_systems if affected.verified_at is None
        ] or affected_systems
        now = _current_matches(row, [affected.component_id for affected in left])
        inputs = proposals.inputs_from(
            _facts({match.range.vulnerability_id for group in now.values() for match in group}),
            [affected.system.exposure for affected in left],
            [affected.system.criticality for affected in left],
        )
    row.reopened_at = clock.now()
    row.inputs = inputs.as_json()
    row.proposals = proposals.propose(inputs, timezone.localdate(row.counts_from))
    row.priority = row.proposals["deployer"]["priority"]
    row.due_at = proposals.end_of_day(proposals.due_on(row.proposals))
    row.choice_reason = ""
    return {"priority": row.priority, "due_at": row.due_at.isoformat()}


def _current_matches(
    row: Assessment, component_ids: Collection[int]
) -> dict[int, list[MatchedComponent]]:
    """The matches of these components for this vulnerability now, as the team may read them."""
    by_component: dict[int, list[MatchedComponent]] = {}
    for match in matches.matches_of_vulnerability(row.key, component_ids):
        if (match.team_id, *match.key) == (row.team_id, row.namespace, row.key):
            by_component.setdefault(match.component_id, []).append(match)
    return by_component


def _versions_by_advisory(matched: Iterable[MatchedComponent]) -> dict[str, list[str]]:
    by_advisory: dict[str, set[str]] = {}
    for match in matched:
        versions = by_advisory.setdefault(match.range.advisory_public_id, set())
        versions.add(match.range.written_versions)
    return {advisory: sorted(versions) for advisory, versions in by_advisory.items()}


def _first_received_after(advisories: Collection[str], affected: AssessedSystem) -> set[str]:
    """The advisories that came after the system was verified.

    Another advisory on the same vulnerability is no revision of the one that was verified.
    """
    if affected.verified_at is None:
        return set()
    first = (
        AdvisoryRevision.objects.filter(advisory__public_id__in=advisories)
        .values_list("advisory__public_id")
        .annotate(first=Min("received_at"))
    )
    return {advisory for advisory, at in first if at > affected.verified_at}


def _facts(vulnerability_ids: Collection[int]) -> list[proposals.Facts]:
    rows = Vulnerability.objects.filter(pk__in=vulnerability_ids)
    return [
        proposals.Facts(
            scores=tuple(row.scores),
            in_kev=row.kev_added_on is not None,
            exploitation=row.ssvc_exploitation,
            automatable=row.ssvc_automatable,
            technical_impact=row.ssvc_technical_impact,
        )
        for row in rows
    ]


def end_acceptance(row: Assessment) -> None:
    """The day until which the risk was accepted is over: assess it again. ``row`` is locked."""
    row.state = State.TO_ASSESS
    proposed = propose_anew(row)
    row.updated_at = clock.now()
    row.save()
    history.record(
        "vulnerabilities.reopen",
        row,
        by=SYSTEM,
        before={"state": State.ACCEPTED},
        after={"state": row.state, "because": [{"reason": "acceptance"}], **proposed},
    )
