"""Reports for executives: made, issued, read."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Body, Query

from noroshi.api.operations import Call, Operations, created, list_response
from noroshi.api.references import own_team, reference_to
from noroshi.api.schemas import reports as shapes
from noroshi.api.schemas.shared import Id, ItemList, ListQuery
from noroshi.reports import actions, pdf, queries, wording
from noroshi.sharing.channels import PRINT

area = Operations("Reports")

_PDF = {
    "responses": {
        "200": {
            "description": "The report on A4, in the language of Accept-Language.",
            "content": {"application/pdf": {"schema": {"type": "string"}}},
        }
    }
}


@area.reads("/reports", ItemList[shapes.ReportRow])
def list_reports(request: Call, query: Query[ListQuery]) -> HttpResponse:
    """Reports, newest first; an executive's token shows issued ones."""
    page = queries.page_for(request.viewer, **query.place)
    return list_response(
        [_row(report) for report in page.rows], after=page.after, before=page.before
    )


@area.reads("/reports/{report_id}", shapes.Report)
def get_report(request: Call, report_id: Id) -> dict[str, Any]:
    """One report with its figures as they were."""
    report = queries.report_for(request.viewer, report_id)
    return {
        **_row(report),
        "note": report.note,
        "made_by": report.made_by_name,
        "figures": report.figures,
    }


@area.reads("/reports/{report_id}/pdf", None, **_PDF)
def download_report(request: Call, report_id: Id) -> HttpResponse:
    """The same as a PDF."""
    report = queries.report_for(request.viewer.through(PRINT), report_id)
    response = HttpResponse(pdf.pdf_of(report), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{report.public_id}.pdf"'
    return response


@area.writes("POST", "/reports", status=201)
def make_report(request: Call, body: Body[shapes.NewReport]) -> HttpResponse:
    """Freeze the figures of this moment into a draft. A person's token only.

    The CSIRT and the security manager make reports; executives read them once they are issued.
    """
    report = actions.make_report(
        team=own_team(request.viewer, body.team),
        from_on=body.from_on,
        to_on=body.to_on,
        title=body.title,
        note=body.note,
        by=request.viewer,
    )
    return created("/reports", report.public_id)


@area.writes("POST", "/reports/{report_id}/issue")
def issue_report(request: Call, report_id: Id) -> None:
    """Put a draft before the team's executives, who hear of it by mail."""
    actions.issue(report=queries.report_for(request.viewer, report_id), by=request.viewer)


@area.writes("DELETE", "/reports/{report_id}")
def discard_report(request: Call, report_id: Id) -> None:
    """Throw a draft away."""
    actions.discard(report=queries.report_for(request.viewer, report_id), by=request.viewer)


def _row(report: queries.Report) -> dict[str, Any]:
    return {
        "id": report.public_id,
        "team": reference_to(report.team),
        "title": wording.title(report),
        "from_on": report.from_on,
        "to_on": report.to_on,
        "state": report.state,
        "made_at": report.made_at,
        "issued_at": report.issued_at,
    }
