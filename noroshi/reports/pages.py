"""Reports as pages: the list, making one, one of them, and its PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from noroshi.core.errors import Forbidden, gettext_noop
from noroshi.core.paging import cursor_of
from noroshi.directory.models import Role
from noroshi.directory.request import Request, button, page
from noroshi.reports import actions, forms, pdf, permissions, presenters, queries, wording
from noroshi.reports.queries import Report
from noroshi.sharing.channels import PRINT
from noroshi.ui.components import pager_for


@require_safe
@page
def list_reports(request: Request) -> HttpResponse:
    """The reports, newest first. Executives start here."""
    results = queries.page_for(request.viewer, **cursor_of(request.GET))
    context = {
        "table": presenters.table(results.rows),
        "pager": pager_for(results, request.GET),
        "may_make": permissions.makes_anywhere(request.viewer),
        "is_executive": request.viewer.is_anywhere(Role.EXECUTIVE),
    }
    return render(request, "reports/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def make_report(request: Request) -> HttpResponse:
    """Choose the period; the report is then a draft to look at."""
    teams = queries.making_teams(request.viewer)
    if not teams:
        raise Forbidden(gettext_noop("Only the team's CSIRT or security manager makes reports."))
    form = forms.ReportForm(request.POST or None, teams=teams)
    if form.is_valid():
        chosen = {name: form.cleaned_data[name] for name in ("from_on", "to_on", "title", "note")}
        report = actions.make_report(team=form.own_team(), by=request.viewer, **chosen)
        messages.success(request, _("The draft is ready. Read it, then issue it."))
        return redirect("reports:report", report.public_id)
    return render(request, "reports/new.html", {"form": form}, status=400 if form.is_bound else 200)


@require_safe
@page
def show_report(request: Request, public_id: str) -> HttpResponse:
    """The report, to read or to print; its makers can also issue it."""
    report = queries.report_for(request.viewer, public_id)
    return render(request, "reports/report.html", _report_context(request, report))


@require_safe
@page
def download_pdf(request: Request, public_id: str) -> HttpResponse:
    """The same as a PDF in the reader's language."""
    report = queries.report_for(request.viewer.through(PRINT), public_id)
    response = HttpResponse(pdf.pdf_of(report), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{report.public_id}.pdf"'
    return response


@button()
def issue(request: Request, public_id: str) -> HttpResponse:
    """Issue the draft to the executives."""
    report = queries.report_for(request.viewer, public_id)
    actions.issue(report=report, by=request.viewer)
    messages.success(request, _("The report is issued; the executives hear of it by mail."))
    return redirect("reports:report", public_id)


@button()
def discard(request: Request, public_id: str) -> HttpResponse:
    """Throw the draft away."""
    actions.discard(report=queries.report_for(request.viewer, public_id), by=request.viewer)
    messages.success(request, _("The draft is gone."))
    return redirect("reports:list")


def _report_context(request: Request, report: Report) -> dict[str, object]:
    makes = permissions.may_make(request.viewer, report.team_id)
    return {
        **presenters.sheet(report),
        "title": wording.title(report),
        "may_issue": makes and report.state == "draft",
        "executives": actions.executives_of(report.team) if makes else [],
        "reads_work": report.team_id in request.viewer.reading_team_ids,
    }
