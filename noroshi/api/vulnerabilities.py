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
    "key",
    "title",
    "severity",
    "base_score",
    "kev_added_on",
    "state",
    "priority",
    "due_at",
    "decision",
    "opened_at",
    "updated_at",
    "reported_at",
    "closed_at",
    "close_reason",
)
_ROW = (
    "pk",
    "public_id",
    "team__public_id",
    "team__name",
    *_PLAIN,
    "due_order",
    "severity_rank",
    "priority_rank",
)
_SOURCE = ("title", "text", "cwes", "scores", "kev_added_on", "remediations", "references")


@area.reads("/vulnerabilities", ItemList[shapes.VulnerabilityRow])
def list_vulnerabilities(request: Call, query: Query[shapes.VulnerabilitiesAsked]) -> HttpResponse:
    """The own teams' work on vulnerabilities, nearest due time first."""
    return cached_response(request, lambda: _list_vulnerabilities(request.viewer, query))


def _list_vulnerabilities(viewer: Viewer, query: shapes.VulnerabilitiesAsked) -> HttpResponse:
    filters = queries.Filters(
        view=query.view,
        states=tuple(query.state),
        severities=tuple(query.severity),
        priorities=tuple(query.priority),
        exploited=query.exploited,
        system_id=query.system,
        words=query.q,
    )
    rows, order = queries.ordered_list(viewer, filters, query.sort)
    bare: Any = rows.select_related(None).values_list(*_ROW, named=True)
    page: Page[Any] = page_of(bare, order, **query.place)
    counts = queries.system_counts(viewer, page.rows)
    items = [
        {
            "id": row.public_id,
            "team": {"id": row.team__public_id, "name": row.team__name},
            **{name: getattr(row, name) for name in _PLAIN},
            "systems": counts.get(row.pk, 0),
        }
        for row in page.rows
    ]
    return list_response(items, after=page.after, before=page.before)


@area.reads("/vulnerabilities/{vulnerability_id}", shapes.Vulnerability)
def get_vulnerability(request: Call, vulnerability_id: Id) -> dict[str, Any]:
    """One vulnerability: what it touches and why, what advisories say, assessment and decision."""
    viewer = request.viewer
    row = queries.assessment_for(viewer, vulnerability_id)
    affected_systems = queries.systems_of(viewer, row)
    return {
        "id": row.public_id,
        "team": reference_to(row.team),
        **{name: getattr(row, name) for name in _PLAIN},
        "namespace": row.namespace,
        "systems": len(
            {affected.system_id for affected in affected_systems if affected.certainty != "no"}
        ),
        "assessment": _assessment(row) if row.assessed_at else None,
        "decided": _decision(row) if row.decided_at else None,
        "touches": [_affected_system(affected) for affected in affected_systems],
        "sources": [_source(source) for source in queries.sources_of(viewer, row)],
        "instructions": asdict(measures.progress_of(viewer, row.public_id)),
    }


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
def assess_vulnerability(request: Call, vulnerability_id: Id, body: Body[shapes.Choice]) -> None:
    """Assess it and put it before the security manager. A person's token only."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    choice = actions.Choice(**body.model_dump())
    actions.assess(assessment=row, choice=choice, by=request.viewer)


@area.writes("PUT", "/vulnerabilities/{vulnerability_id}/decision")
def decide_vulnerability(request: Call, vulnerability_id: Id, body: Body[shapes.Decided]) -> None:
    """The security manager's decision; never by the person who assessed."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    actions.decide(assessment=row, **body.model_dump(), by=request.viewer)


@area.writes("POST", "/vulnerabilities/{vulnerability_id}/reconsider")
def reconsider_vulnerability(
    request: Call, vulnerability_id: Id, body: Body[shapes.Reconsidered]
) -> None:
    """Back to assessment, with what should be looked at again."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    actions.reconsider(assessment=row, reason=body.reason, by=request.viewer)


@area.writes(
    "POST", "/vulnerabilities/{vulnerability_id}/instructions", status=201, answer=CreatedIds
)
def instruct_operators(
    request: Call,
    vulnerability_id: Id,
    form: Form[shapes.Instructions],
    attachments: File[list[UploadedFile]] = [],  # noqa: B006  # ninja reads it as "none"
) -> HttpResponse:
    """One instruction to the operators of each named system, with the files that they need."""
    viewer = request.viewer
    row = queries.assessment_for(viewer, vulnerability_id)
    permissions.may_work.check(viewer, row)
    ids = set(form.systems)
    affected_systems = [
        affected for affected in queries.systems_of(viewer, row) if affected.system.public_id in ids
    ]
    if {affected.system.public_id for affected in affected_systems} != ids:
        raise Malformed("systems", gettext_noop("It does not touch one of these systems."))
    chosen = people(viewer, form.operators, "operators")
    sent = uploads(attachments, "attachments")
    instructions = actions.instruct(
        assessment=row,
        systems=affected_systems,
        kind=form.kind,
        text=form.text,
        due_on=form.due_on,
        wanted_version=form.wanted_version,
        operators={affected.system_id: chosen for affected in affected_systems} if chosen else None,
        attachments=sent,
        by=viewer,
    )
    return created_many("/instructions", [instruction.public_id for instruction in instructions])


@area.writes("PUT", "/vulnerabilities/{vulnerability_id}/touches/{component_id}")
def answer_match(
    request: Call, vulnerability_id: Id, component_id: Id, body: Body[shapes.Ours]
) -> None:
    """Say whether an uncertain component is the product meant; remembered for the next advisory."""
    row = queries.assessment_for(request.viewer, vulnerability_id)
    for affected in queries.systems_of(request.viewer, row):
        if affected.component.public_id == component_id:
            actions.answer_match(
                assessment=row, affected_id=affected.pk, same=body.ours, by=request.viewer
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
        "inputs": row.inputs,
        "proposals": row.proposals,
        "reason": row.choice_reason,
        "text": row.assessment_text,
        "by": reference_to(row.assessed_by),
        "at": row.assessed_at,
    }


def _decision(row: queries.Assessment) -> dict[str, Any]:
    return {
        "decision": row.decision,
        "text": row.decision_text,
        "accept_until": row.accept_until,
        "by": reference_to(row.decided_by),
        "at": row.decided_at,
    }


def _affected_system(affected: queries.AssessedSystem) -> dict[str, Any]:
    return {
        "system": reference_to(affected.system),
        "component": reference_to(affected.component),
        "version": affected.component.version,
        "why": match_reasons.sentence(affected.why),
        "how": affected.how,
        "confidence": affected.confidence,
        "certainty": affected.certainty,
        "exposure": affected.exposure,
        "answered_by": affected.answered_by_name,
        "answered_at": affected.answered_at,
        "verified_at": affected.verified_at,
        "verified_by_sbom": affected.verified_by_sbom,
    }


def _source(source: Any) -> dict[str, Any]:
    advisory = source.advisory
    return {
        "advisory": {"id": advisory.public_id, "name": advisory.title},
        "tracking_id": advisory.tracking_id,
        "tlp": Sensitivity(advisory.label.sensitivity).text,
        **{name: getattr(source, name) for name in _SOURCE},
        "exploitation": source.ssvc_exploitation,
        "automatable": source.ssvc_automatable,
        "technical_impact": source.ssvc_technical_impact,
    }
