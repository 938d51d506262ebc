"""Vulnerabilities as pages: the list, one of them in the order of the work, advisories, imports."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from noroshi.core import files
from noroshi.core.errors import Malformed
from noroshi.core.paging import cursor_of, page_of
from noroshi.directory.request import Request, button, page, posted
from noroshi.measures import presenters as measures_shown
from noroshi.measures.queries import Instruction
from noroshi.sharing.channels import DOWNLOAD
from noroshi.ui.components import pager_for
from noroshi.vulnerabilities import actions, forms, permissions, presenters, queries
from noroshi.vulnerabilities.assessing import proposal_for, readers_if_instructed
from noroshi.vulnerabilities.queries import (
    AssessedSystem,
    Assessment,
    Filters,
)
from noroshi.vulnerabilities.states import COUNTED, NEXT, State

# ---- the list ------------------------------------------------------------------------


@require_safe
@page
def list_assessments(request: Request) -> HttpResponse:
    """The working list: mine, open, late, accepted, closed."""
    filters = _filters(request)
    query = request.GET
    sort = query.get("sort", queries.DEFAULT_ORDER)
    found, systems = queries.list_page(request.viewer, filters, sort=sort, **cursor_of(query))
    counts = queries.view_counts(request.viewer)
    system = queries.system_for(request.viewer, filters.system_id) if filters.system_id else None
    context = {
        "views": presenters.lists.views(counts, filters.view),
        "menus": presenters.lists.menus(system),
        "table": presenters.lists.table(found.rows, systems),
        "pager": pager_for(found, query),
        "any": bool(found.rows) or any(counts.values()),
        "narrowed": filters.narrow,
        "clear_url": f"?view={filters.view}",
        "view": filters.view,
    }
    return render(request, "vulnerabilities/list.html", context)


# ---- one vulnerability ---------------------------------------------------------------


@require_safe
@page
def show(request: Request, public_id: str) -> HttpResponse:
    """One page for the whole work: what, which systems, assess, decide, act, report."""
    viewer = request.viewer
    row = queries.assessment_for(viewer, public_id)
    whole = queries.detail_of(viewer, row)
    parts, given = whole.parts, whole.given
    context = {
        "row": row,
        "turn": _turn(request, row, parts, given),
        "may": _may(request, row),
        "warn_url": _warn_url(row),
        "steps": presenters.vulnerability.path(row, parts, given),
        "instructions": measures_shown.table(given) if given else None,
        **presenters.vulnerability.in_short(row),
        **presenters.vulnerability.what_it_is(row, whole.sources, whole.ranges),
        **presenters.vulnerability.affected_counts(parts),
        **presenters.vulnerability.assessed(row),
        "timeline": presenters.timeline.timeline(whole.history, given),
    }
    return render(request, "vulnerabilities/show.html", context)


@button("part", "answer")
def answer_match(request: Request, public_id: str) -> HttpResponse:
    """Yes, it is ours; or no. The answer is remembered for the next advisory, unless it is RED."""
    row = queries.assessment_for(request.viewer, public_id)
    given = request.POST.get("answer", "")
    if given not in {"yes", "no"} or not request.POST.get("part", "").isdecimal():
        raise Malformed("answer", _("Answer yes or no."))
    actions.answer_match(
        assessment=row, part_id=int(request.POST["part"]), same=given == "yes", by=request.viewer
    )
    messages.success(
        request,
        _("The answer counts for this vulnerability only, because it is TLP:RED.")
        if row.is_red
        else _("The answer is remembered for the next advisory on this product."),
    )
    return redirect(f"{reverse('vulnerabilities:show', args=[public_id])}#match")


@page
def assess(request: Request, public_id: str) -> HttpResponse:
    """The decision tables, filled in as far as the facts go; asked again while points change."""
    row = queries.assessment_for(request.viewer, public_id)
    permissions.may_assess.check(request.viewer, row)
    sources, parts = (
        queries.sources_of(request.viewer, row),
        queries.systems_of(request.viewer, row),
    )
    inputs, _proposed = proposal_for(row, queries.facts_of(sources), parts)
    form = forms.AssessForm(
        posted(request),
        opened_on=timezone.localdate(row.counts_from),
        initial=forms.assess_initial(row, inputs),
    )
    if request.POST.get("do") == "check":
        form = form.asked_again()
    elif form.is_valid():
        actions.assess(assessment=row, choice=form.choice(), by=request.viewer)
        messages.success(request, _("The assessment is with the security manager."))
        return redirect("vulnerabilities:show", public_id)
    context = {
        "row": row,
        "point_fields": [
            (form[name], why)
            for name, why in presenters.assessing.point_origins(
                row, inputs.as_json(), sources, parts
            ).items()
        ],
        "outcomes": presenters.assessing.outcomes_of(form.proposal),
    }
    return _form(request, "vulnerabilities/assess.html", form, **context)


@page
def decide(request: Request, public_id: str) -> HttpResponse:
    """The security manager's decision, with the assessment above it."""
    row = queries.assessment_for(request.viewer, public_id)
    permissions.may_decide_now.check(request.viewer, row)
    form = forms.DecideForm(posted(request))
    if form.is_valid():
        actions.decide(assessment=row, **form.cleaned_data, by=request.viewer)
        messages.success(request, _("The decision was recorded."))
        return redirect("vulnerabilities:show", public_id)
    return _form(
        request,
        "vulnerabilities/decide.html",
        form,
        row=row,
        **presenters.vulnerability.assessed(row),
    )


@page
def reconsider(request: Request, public_id: str) -> HttpResponse:
    """Back to assessment, with what should be looked at again."""
    row = queries.assessment_for(request.viewer, public_id)
    permissions.may_work.check(request.viewer, row)
    form = forms.ReconsiderForm(posted(request))
    if form.is_valid():
        actions.reconsider(assessment=row, **form.cleaned_data, by=request.viewer)
        messages.success(request, _("It is back in assessment."))
        return redirect("vulnerabilities:show", public_id)
    return _form(request, "vulnerabilities/reconsider.html", form, row=row)


@page
def instruct(request: Request, public_id: str) -> HttpResponse:
    """One instruction for the operators of each chosen system."""
    row = queries.assessment_for(request.viewer, public_id)
    form, hints = _instructing(request, row)
    if form.is_valid():
        _give(row, form, request)
        return redirect(f"{reverse('vulnerabilities:show', args=[public_id])}#instructions")
    return _instruct_page(request, row, form, hints)


@require_POST
@page
def preview_readers(request: Request, public_id: str) -> HttpResponse:
    """Who would read the instructions, as the form stands; asked of what is TLP:RED."""
    row = queries.assessment_for(request.viewer, public_id)
    form, hints = _instructing(request, row)
    form.is_valid()  # a field that is not of the form is refused here too
    return _instruct_page(request, row, form, hints, status=200)


@button()
def mark_reported(request: Request, public_id: str) -> HttpResponse:
    """It was reported to those who had to know."""
    row = queries.assessment_for(request.viewer, public_id)
    actions.mark_reported(assessment=row, by=request.viewer)
    messages.success(request, _("Noted as reported."))
    return redirect("vulnerabilities:show", public_id)


# ---- advisories and imports ----------------------------------------------------------


@require_safe
@page
def list_advisories(request: Request) -> HttpResponse:
    """Every advisory that the reader may see."""
    words = request.GET.get("q", "")
    found = page_of(
        queries.advisories_for(request.viewer, words=words),
        ("-received_at",),
        **cursor_of(request.GET),
    )
    context = {
        "table": presenters.advisories.advisories(found.rows),
        "pager": pager_for(found, request.GET),
        "any": bool(found.rows) or bool(words),
        "may_import": bool(request.viewer.reading_team_ids),
    }
    return render(request, "vulnerabilities/advisories.html", context)


@require_safe
@page
def show_advisory(request: Request, public_id: str) -> HttpResponse:
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
def download_advisory(request: Request, public_id: str) -> HttpResponseBase:
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
        team = next(one for one in teams if one.public_id == form.cleaned_data["team"])
        batch = actions.start_import(
            team=team, uploads=form.cleaned_data["files"], **form.audience(), by=request.viewer
        )
        return redirect("vulnerabilities:import", batch.public_id)
    rows = list(queries.imports_for(request.viewer).order_by("-created_at")[:10])
    return _form(
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
    wanted = request.GET.get("outcome", "")
    found = page_of(
        queries.import_files(request.viewer, batch, wanted),
        (),
        **cursor_of(request.GET),
    )
    context = {
        "batch": batch,
        "outcomes": presenters.advisories.outcomes(
            queries.outcome_counts(request.viewer, batch), wanted
        ),
        "table": presenters.advisories.import_table(
            found.rows, queries.advisories_of(request.viewer, found.rows)
        ),
        "pager": pager_for(found, request.GET),
    }
    if not request.htmx:
        return render(request, "vulnerabilities/import.html", context)
    response = render(request, "vulnerabilities/import_progress.html", context)
    if batch.state == "done":
        response.headers["HX-Refresh"] = "true"
    return response


# ---- parts of the pages above --------------------------------------------------------


def _filters(request: Request) -> Filters:
    query = request.GET
    view = query.get("view", "")
    return Filters(
        view=view if view in queries.VIEWS else "open",
        states=tuple(query.getlist("state")),
        severities=tuple(query.getlist("severity")),
        priorities=tuple(query.getlist("priority")),
        exploited=bool(query.get("exploited")),
        system_id=query.get("system", ""),
        words=query.get("q", ""),
    )


def _may(request: Request, row: Assessment) -> dict[str, bool]:
    """The steps that this viewer may take now."""
    works = permissions.may_work(request.viewer, row)
    ahead = NEXT[State(row.state)]
    return {
        "work": works,
        "assess": works and (State.TO_DECIDE in ahead or row.state == State.TO_DECIDE),
        "decide": permissions.may_decide(request.viewer, row) and row.state == State.TO_DECIDE,
        "instruct": works and row.state in (State.INSTRUCTED, State.VERIFYING),
        "reconsider": works and State.TO_ASSESS in ahead and row.state != State.WAITING_MATCH,
        "report": works and row.reported_at is None and bool(row.decided_at),
    }


def _turn(
    request: Request, row: Assessment, parts: list[AssessedSystem], given: list[Instruction]
) -> str:
    """Which of the panels "your turn" the page shows, or none."""
    may = _may(request, row)
    if row.state == State.WAITING_MATCH and may["work"]:
        return "match"
    if row.state == State.TO_ASSESS and may["work"]:
        return "assess"
    if row.state == State.TO_DECIDE:
        if may["decide"]:
            return "decide"
        return "own" if request.viewer.person_id == row.assessed_by_id else ""
    if may["instruct"] and not _all_instructed(parts, given):
        return "instruct"
    if may["work"] and row.state == State.VERIFYING:
        return "verify"
    return "report" if may["report"] and row.state == State.CLOSED else ""


def _all_instructed(parts: list[AssessedSystem], given: list[Instruction]) -> bool:
    have = queries.instructed_system_ids(parts, given)
    return {part.system.public_id for part in parts if _is_to_do(part)} <= have


def _is_to_do(part: AssessedSystem) -> bool:
    return part.certainty in COUNTED and part.verified_at is None


def _instructing(request: Request, row: Assessment) -> tuple[forms.InstructForm, Any]:
    """The form for the systems that are left, and what was said to each of them already."""
    viewer = request.viewer
    permissions.may_instruct.check(viewer, row)
    parts = [part for part in queries.systems_of(viewer, row) if _is_to_do(part)]
    given = queries.instructions_on(viewer, row)
    remedies = presenters.vulnerability.remedies(queries.sources_of(viewer, row))
    form = forms.InstructForm(
        posted(request), request.FILES or None, team=row.team, parts=parts,
        initial=forms.instruct_initial(row, parts, given, remedies),
    )  # fmt: skip
    return form, presenters.vulnerability.to_instruct(parts, given)


def _instruct_page(
    request: Request, row: Assessment, form: forms.InstructForm, hints: Any, status: int = 0
) -> HttpResponse:
    readers = readers_if_instructed(row, form.named_now())
    context = {
        "row": row,
        "form": form,
        "hints": hints,
        "readers": presenters.vulnerability.named_readers(readers) if readers else None,
    }
    found = status or (400 if form.is_bound else 200)
    return render(request, "vulnerabilities/instruct.html", context, status=found)


def _give(row: Assessment, form: forms.InstructForm, request: Request) -> None:
    chosen = form.cleaned_data
    made = actions.instruct(
        assessment=row,
        systems=form.chosen(),
        kind=chosen["kind"],
        text=chosen["text"],
        due_on=chosen["due_on"],
        wanted_version=chosen["wanted_version"],
        operators=form.operators(),
        attachments=chosen["files"],
        by=request.viewer,
    )
    words = ngettext(
        "%(count)d instruction was sent.", "%(count)d instructions were sent.", len(made)
    )
    messages.success(request, words % {"count": len(made)})


def _warn_url(row: Assessment) -> str:
    about = {"about": row.public_id, "key": row.key, "title": row.title}
    return f"{reverse('warnings:new')}?{urlencode(about)}"


def _form(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    """The page of a form; 400 when it was sent and is not right."""
    return render(
        request, template, {"form": form, **context}, status=400 if form.is_bound else 200
    )
