"""A team's work on vulnerabilities, from match to closed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from ninja import Body, File, Form, Query, UploadedFile

from noroshi.api.measures import uploads
from noroshi.api.operations import (
    Call,
    Operations,
    cached_response,
    created_many,
    list_response,
    timeline,
)
from noroshi.api.references import people, reference_to
from noroshi.api.schemas import vulnerabilities as shapes
from noroshi.api.schemas.shared import CreatedIds, Id, ItemList, Timeline
from noroshi.core.errors import Malformed, NotFound, gettext_noop
from noroshi.core.paging import Page, page_of
from noroshi.directory.viewer import Viewer
from noroshi.measures import queries as measures
from noroshi.sharing.labels import Sensitivity
from noroshi.vulnerabilities import (
    actions,
    match_reasons,
    permissions,
    presenters,
    proposals,
    queries,
)
from noroshi.vulnerabilities.assessing import proposal_for

area = Operations("Vulnerabilities")

_PLAIN = (
    "key", "title", "severity", "base_score", "kev_added_on", "state", "priority", "due_at",
    "decision", "opened_at", "updated_at", "reported_at", "closed_at", "close_reason",
)  # fmt: skip
_ROW = ("pk", "public_id", "team__public_id", "team__name", *_PLAIN,
        "due_order", "severity_rank", "priority_rank")  # fmt: skip


@area.reads("/vulnerabilities", ItemList[shapes.VulnerabilityRow])
def list_vulnerabilities(request: Call, asked: Query[shapes.VulnerabilitiesAsked]) -> HttpResponse:
    """The own teams' work on vulnerabilities, nearest due time first."""
    return cached_response(request, lambda: _list_vulnerabilities(request.viewer, asked))


def _list_vulnerabilities(viewer: Viewer, asked: shapes.VulnerabilitiesAsked) -> HttpResponse:
    filters = queries.Filters(
        view=asked.view, states=tuple(asked.state), severities=tuple(asked.severity),
        priorities=tuple(asked.priority), exploited=asked.exploited, system_id=asked.system,
        words=asked.q,
    )  # fmt: skip
    found, order = queries.ordered_list(viewer, filters, asked.sort)
    bare: Any = found.select_related(None).values_list(*_ROW, named=True)
    part: Page[Any] = page_of(bare, order, **asked.place)
    counts = queries.system_counts(viewer, part.rows)
    items = [
        {
            "id": row.public_id,
            "team": {"id": row.team__public_id, "name": row.team__name},
            **{name: getattr(row, name) for name in _PLAIN},
            "systems": counts.get(row.pk, 0),
        }
        for row in part.rows
    ]
    return list_response(items, after=part.after, before=part.before)


@area.reads("/vulnerabilities/{vulnerability_id}", shapes.Vulnerability)
def get_vulnerability(request: Call, vulnerability_id: Id) -> dict[str, Any]:
    """One vulnerability: what it touches and why, what advisories say, assessment and decision."""
    viewer = request.viewer
    row = queries.assessment_for(viewer, vulnerability_id)
    parts = queries.systems_of(viewer, row)
    return {
        "id": row.public_id, "team": reference_to(row.team),
        **{name: getattr(row, name) for name in _PLAIN},
        "namespace": row.namespace,
        "systems": len({part.system_id for part in parts if part.certainty != "no"}),
        "assessment": _assessment(row) if row.assessed_at else None,
        "decided": _decision(row) if row.decided_at else None,
        "touches": [_part(part) for part in parts],
        "sources": [_source(source) for source in queries.sources_of(viewer, row)],
        "instructions": asdict(measures.progress_of(viewer, row.public_id)),
    }  # fmt: skip


@area.reads("/vulnerabilities/{vulnerability_id}/proposal", shapes.Proposal)
def get_proposal(request: Call, vulnerability_id: Id) -> dict[str, Any]:
    """What the decision tables propose with what is known now."""
    viewer = request.viewer
    row = queries.assessment_for(viewer, vulnerability_id)
    facts = queries.facts_of(queries.sources_of(viewer, row))
    inputs, proposed = proposal_for(row, facts, queries.systems_of(viewer, row))
    return {
        "inputs": inputs.as_json(),
        "proposals": proposed,
        "due_on": proposals.due_on(proposed),
    }


@area.reads("/vulnerabilities/{vulnerability_id}/timeline", Timeline)
def get_vulnerability_timeline(request: Call, vulnerability_id: Id) -> dict[str, Any]:
    """What happened to it and to the instructions on it, at most the last 200 steps."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    whole = queries.detail_of(request.viewer, row)
    return timeline(presenters.timeline.timeline(whole.history, whole.instructions))


@area.writes("PUT", "/vulnerabilities/{vulnerability_id}/assessment")
def assess_vulnerability(request: Call, vulnerability_id: Id, said: Body[shapes.Choice]) -> None:
    """Assess it and put it before the security manager. A person's token only."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    choice = actions.Choice(**said.model_dump())
    actions.assess(assessment=row, choice=choice, by=request.viewer)


@area.writes("PUT", "/vulnerabilities/{vulnerability_id}/decision")
def decide_vulnerability(request: Call, vulnerability_id: Id, said: Body[shapes.Decided]) -> None:
    """The security manager's decision; never by the person who assessed."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    actions.decide(assessment=row, **said.model_dump(), by=request.viewer)


@area.writes("POST", "/vulnerabilities/{vulnerability_id}/reconsider")
def reconsider_vulnerability(
    request: Call, vulnerability_id: Id, said: Body[shapes.Reconsidered]
) -> None:
    """Back to assessment, with what should be looked at again."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    actions.reconsider(assessment=row, reason=said.reason, by=request.viewer)


@area.writes(
    "POST", "/vulnerabilities/{vulnerability_id}/instructions", status=201, answer=CreatedIds
)
def instruct_operators(
    request: Call,
    vulnerability_id: Id,
    said: Form[shapes.Instructions],
    attachments: File[list[UploadedFile]] = [],  # noqa: B006  # ninja reads it as "none"
) -> HttpResponse:
    """One instruction to the operators of each named system, with the files that they need."""
    viewer = request.viewer
    row = queries.assessment_for(viewer, vulnerability_id)
    permissions.may_work.check(viewer, row)
    wanted = set(said.systems)
    parts = [one for one in queries.systems_of(viewer, row) if one.system.public_id in wanted]
    if {one.system.public_id for one in parts} != wanted:
        raise Malformed("systems", gettext_noop("It does not touch one of these systems."))
    chosen = people(viewer, said.operators, "operators")
    sent = uploads(attachments, "attachments")
    made = actions.instruct(
        assessment=row, systems=parts, kind=said.kind, text=said.text, due_on=said.due_on,
        wanted_version=said.wanted_version,
        operators={one.system_id: chosen for one in parts} if chosen else None,
        attachments=sent, by=viewer,
    )  # fmt: skip
    return created_many("/instructions", [one.public_id for one in made])


@area.writes("PUT", "/vulnerabilities/{vulnerability_id}/touches/{component_id}")
def answer_match(
    request: Call, vulnerability_id: Id, component_id: Id, said: Body[shapes.Ours]
) -> None:
    """Say whether an uncertain component is the product meant; remembered for the next advisory."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    for part in queries.systems_of(request.viewer, row):
        if part.component.public_id == component_id:
            actions.answer_match(
                assessment=row, affected_id=part.pk, same=said.ours, by=request.viewer
            )
            return
    raise NotFound


@area.writes("POST", "/vulnerabilities/{vulnerability_id}/reported")
def mark_reported(request: Call, vulnerability_id: Id) -> None:
    """It was reported to those who had to know."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    actions.mark_reported(assessment=row, by=request.viewer)


def _assessment(row: queries.Assessment) -> dict[str, Any]:
    return {
        "inputs": row.inputs, "proposals": row.proposals, "reason": row.choice_reason,
        "text": row.assessment_text, "by": reference_to(row.assessed_by), "at": row.assessed_at,
    }  # fmt: skip


def _decision(row: queries.Assessment) -> dict[str, Any]:
    return {
        "decision": row.decision, "text": row.decision_text, "accept_until": row.accept_until,
        "by": reference_to(row.decided_by), "at": row.decided_at,
    }  # fmt: skip


def _part(part: queries.AssessedSystem) -> dict[str, Any]:
    return {
        "system": reference_to(part.system), "component": reference_to(part.component),
        "version": part.component.version, "why": match_reasons.sentence(part.why), "how": part.how,
        "confidence": part.confidence, "certainty": part.certainty, "exposure": part.exposure,
        "answered_by": part.answered_by_name, "answered_at": part.answered_at,
        "verified_at": part.verified_at, "verified_by_sbom": part.verified_by_sbom,
    }  # fmt: skip


def _source(source: Any) -> dict[str, Any]:
    advisory = source.advisory
    return {
        "advisory": {"id": advisory.public_id, "name": advisory.title},
        "tracking_id": advisory.tracking_id, "tlp": Sensitivity(advisory.label.sensitivity).text,
        **{name: getattr(source, name) for name in
           ("title", "text", "cwes", "scores", "kev_added_on", "remediations", "references")},
        "exploitation": source.ssvc_exploitation, "automatable": source.ssvc_automatable,
        "technical_impact": source.ssvc_technical_impact,
    }  # fmt: skip
