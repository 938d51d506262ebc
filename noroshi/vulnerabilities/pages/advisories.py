"""Advisories and imports as pages."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from noroshi.core import files
from noroshi.core.paging import cursor_of, page_of
from noroshi.directory.request import Request, page, posted
from noroshi.sharing.channels import DOWNLOAD
from noroshi.ui.components import pager_for
from noroshi.vulnerabilities import actions, forms, presenters, queries
from noroshi.vulnerabilities.pages.form_page import form_page


@require_safe
@page
def list_all(request: Request) -> HttpResponse:
    """Every advisory that the reader may see."""
    words = request.GET.get("q", "")
    advisories = page_of(
        queries.advisories_for(request.viewer, words=words),
        ("-received_at",),
        **cursor_of(request.GET),
    )
    context = {
        "table": presenters.advisories.advisories(advisories.rows),
        "pager": pager_for(advisories, request.GET),
        "any": bool(advisories.rows) or bool(words),
        "may_import": bool(request.viewer.reading_team_ids),
    }
    return render(request, "vulnerabilities/advisories.html", context)


@require_safe
@page
def show(request: Request, public_id: str) -> HttpResponse:
    """An advisory as understood, its states, and which of our vulnerabilities it touches."""
    viewer = request.viewer
    advisory = queries.advisory_for(viewer, public_id)
    entries = queries.entries_of(viewer, advisory)
    context = {
        "advisory": advisory,
        "ours": presenters.advisories.ours(
            queries.assessments_of(viewer, [entry.key for entry in entries])
        ),
        "changed": presenters.advisories.changed(queries.revisions_of(viewer, advisory)),
        "entry_table": presenters.advisories.entries(entries),
        "versions": presenters.vulnerability.versions(queries.ranges_of(viewer, entries)),
        "remedies": presenters.vulnerability.remedies(entries),
        "facts": presenters.advisories.advisory_facts(advisory),
        "links": presenters.advisories.web_links(advisory),
    }
    return render(request, "vulnerabilities/advisory.html", context)


@require_safe
@page
def download(request: Request, public_id: str) -> HttpResponseBase:
    """The document exactly as it was received."""
    advisory = queries.advisory_for(request.viewer.through(DOWNLOAD), public_id)
    return files.download(advisory.raw_sha256, f"{advisory.tracking_id}.json")


@page
def start_import(request: Request) -> HttpResponse:
    """Take advisories in as files."""
    teams = queries.receiving_teams(request.viewer)
    circles = queries.sharing_circles(request.viewer)
    form = forms.FilesForm(posted(request), request.FILES or None, teams=teams, circles=circles)
    if form.is_valid():
        team = next(team for team in teams if team.public_id == form.cleaned_data["team"])
        batch = actions.start_import(
            team=team, uploads=form.cleaned_data["files"], **form.audience(), by=request.viewer
        )
        return redirect("vulnerabilities:import", batch.public_id)
    rows = list(queries.imports_for(request.viewer).order_by("-created_at")[:10])
    return form_page(
        request,
        "vulnerabilities/import_form.html",
        form,
        imports=presenters.advisories.imports(rows),
    )


@require_safe
@page
def show_import(request: Request, public_id: str) -> HttpResponse:
    """Progress while it runs, afterwards the account of each file."""
    batch = queries.import_for(request.viewer, public_id)
    outcome = request.GET.get("outcome", "")
    documents = page_of(
        queries.import_files(request.viewer, batch, outcome), (), **cursor_of(request.GET)
    )
    context = {
        "batch": batch,
        "outcomes": presenters.advisories.outcomes(
            queries.outcome_counts(request.viewer, batch), outcome
        ),
        "table": presenters.advisories.import_table(
            documents.rows, queries.advisories_of(request.viewer, documents.rows)
        ),
        "pager": pager_for(documents, request.GET),
    }
    if not request.htmx:
        return render(request, "vulnerabilities/import.html", context)
    response = render(request, "vulnerabilities/import_progress.html", context)
    if batch.state == "done":
        response.headers["HX-Refresh"] = "true"
    return response
