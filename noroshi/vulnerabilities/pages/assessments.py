"""The list of vulnerabilities, and one of them in the order of the work, as pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from noroshi.core.errors import Malformed
from noroshi.core.paging import cursor_of
from noroshi.directory.areas import Subject, links_on_subject
from noroshi.directory.request import Request, button, page, posted
from noroshi.measures import presenters as measures_presenters
from noroshi.ui.components import pager_for
from noroshi.vulnerabilities import actions, forms, permissions, presenters, queries
from noroshi.vulnerabilities.assessing import proposal_for, readers_if_instructed
from noroshi.vulnerabilities.pages.form_page import form_page
from noroshi.vulnerabilities.queries import Assessment, Filters

# ---- the list ------------------------------------------------------------------------


@require_safe
@page
def list_all(request: Request) -> HttpResponse:
    """The working list: mine, open, late, accepted, closed."""
    filters = _filters(request)
    query = request.GET
    sort = query.get("sort", queries.DEFAULT_ORDER)
    rows, system_counts = queries.list_page(request.viewer, filters, sort=sort, **cursor_of(query))
    counts = queries.view_counts(request.viewer)
    system = queries.system_for(request.viewer, filters.system_id) if filters.system_id else None
    context = {
        "views": presenters.lists.views(counts, filters.view),
        "menus": presenters.lists.menus(system),
        "table": presenters.lists.table(rows.rows, system_counts),
        "pager": pager_for(rows, query),
        "any": bool(rows.rows) or any(counts.values()),
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
    detail = queries.detail_of(viewer, row)
    affected_systems, instructions = detail.affected_systems, detail.instructions
    steps = queries.steps_for(viewer, row)
    context = {
        "row": row,
        "turn": queries.next_step(viewer, row, steps, affected_systems, instructions),
        "may": steps,
        "links": links_on_subject(Subject(row.public_id, row.key, row.title)),
        "steps": presenters.vulnerability.path(row, affected_systems, instructions),
        "instructions": measures_presenters.table(instructions) if instructions else None,
        **presenters.vulnerability.heading(row),
        **presenters.vulnerability.description(row, detail.sources, detail.ranges),
        **presenters.vulnerability.affected_counts(affected_systems),
        **presenters.vulnerability.decision_basis(row),
        "timeline": presenters.timeline.timeline(detail.history, instructions),
    }
    return render(request, "vulnerabilities/show.html", context)


@button("part", "answer")
def answer_match(request: Request, public_id: str) -> HttpResponse:
    """Yes, it is ours; or no. The answer counts for the next advisory too, unless it is RED."""
    row = queries.assessment_for(request.viewer, public_id)
    answer = request.POST.get("answer", "")
    if answer not in {"yes", "no"} or not request.POST.get("part", "").isdecimal():
        raise Malformed("answer", _("Answer yes or no."))
    actions.answer_match(
        assessment=row,
        affected_id=int(request.POST["part"]),
        same=answer == "yes",
        by=request.viewer,
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
    """The decision tables, filled in from the facts; they propose anew while points change."""
    row = queries.assessment_for(request.viewer, public_id)
    permissions.may_assess.check(request.viewer, row)
    sources = queries.sources_of(request.viewer, row)
    affected_systems = queries.systems_of(request.viewer, row)
    inputs, _proposed = proposal_for(row, queries.facts_of(sources), affected_systems)
    form = forms.AssessForm(
        posted(request),
        opened_on=timezone.localdate(row.counts_from),
        initial=forms.assess_initial(row, inputs),
    )
    if request.POST.get("do") == "check":
        form = form.with_new_proposal()
    elif form.is_valid():
        actions.assess(assessment=row, choice=form.choice(), by=request.viewer)
        messages.success(request, _("The assessment is with the security manager."))
        return redirect("vulnerabilities:show", public_id)
    context = {
        "row": row,
        "point_fields": [
            (form[name], why)
            for name, why in presenters.assessing.point_origins(
                row, inputs.as_json(), sources, affected_systems
            ).items()
        ],
        "outcomes": presenters.assessing.outcomes_of(form.proposal),
    }
    return form_page(request, "vulnerabilities/assess.html", form, **context)


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
    return form_page(
        request,
        "vulnerabilities/decide.html",
        form,
        row=row,
        **presenters.vulnerability.decision_basis(row),
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
    return form_page(request, "vulnerabilities/reconsider.html", form, row=row)


@page
def instruct(request: Request, public_id: str) -> HttpResponse:
    """One instruction for the operators of each chosen system."""
    row = queries.assessment_for(request.viewer, public_id)
    form, hints = _instruct_form(request, row)
    if form.is_valid():
        _send_instructions(row, form, request)
        return redirect(f"{reverse('vulnerabilities:show', args=[public_id])}#instructions")
    return _instruct_page(request, row, form, hints)


@require_POST
@page
def preview_readers(request: Request, public_id: str) -> HttpResponse:
    """The people who would read the instructions, as the form stands; for TLP:RED only."""
    row = queries.assessment_for(request.viewer, public_id)
    form, hints = _instruct_form(request, row)
    form.is_valid()  # a field that is not of the form is refused here too
    return _instruct_page(request, row, form, hints, status=200)


@button()
def mark_reported(request: Request, public_id: str) -> HttpResponse:
    """It was reported to those who had to know."""
    row = queries.assessment_for(request.viewer, public_id)
    actions.mark_reported(assessment=row, by=request.viewer)
    messages.success(request, _("Noted as reported."))
    return redirect("vulnerabilities:show", public_id)


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


def _instruct_form(request: Request, row: Assessment) -> tuple[forms.InstructForm, Any]:
    """The form for the systems that are left, and a line about each of them."""
    viewer = request.viewer
    permissions.may_instruct.check(viewer, row)
    affected_systems = [
        affected for affected in queries.systems_of(viewer, row) if queries.is_unfinished(affected)
    ]
    instructions = queries.instructions_on(viewer, row)
    remedies = presenters.vulnerability.remedies(queries.sources_of(viewer, row))
    form = forms.InstructForm(
        posted(request),
        request.FILES or None,
        team=row.team,
        affected_systems=affected_systems,
        initial=forms.instruct_initial(row, affected_systems, instructions, remedies),
    )
    return form, presenters.vulnerability.to_instruct(affected_systems, instructions)


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
    status = status or (400 if form.is_bound else 200)
    return render(request, "vulnerabilities/instruct.html", context, status=status)


def _send_instructions(row: Assessment, form: forms.InstructForm, request: Request) -> None:
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
