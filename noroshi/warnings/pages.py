"""The pages of warnings. The last of them opens from a mailed link, without signing in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from noroshi.core import clock
from noroshi.core.errors import Forbidden, Malformed, gettext_noop
from noroshi.core.paging import Page, cursor_of, page_of
from noroshi.directory.request import Request, button, open_page, page
from noroshi.sharing import links
from noroshi.sharing.audience import audience_of
from noroshi.sharing.channels import Passage
from noroshi.ui.components import pager_for
from noroshi.warnings import actions, audience_panel, permissions, presenters, queries
from noroshi.warnings.forms import (
    LABELS,
    AnswerForm,
    ReleaseForm,
    WarningForm,
    WithdrawForm,
    initial_from_query,
    initial_of,
    writing_teams,
)

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@page
def list_warnings(request: Request) -> HttpResponse:
    """The warnings in four views, narrowed by words, label and kind; all of it is in the URL."""
    query = request.GET
    view = query.get("view", queries.RECEIVED)
    if view not in queries.VIEWS:
        raise Malformed("view", gettext_noop("There is no such view."))
    warnings = queries.warnings_for(
        request.viewer,
        view=view,
        words=query.get("q", "").strip(),
        kinds=query.getlist("kind"),
        labels=query.getlist("label"),
    )
    results = page_of(warnings, ("-moved_at",), **cursor_of(query))
    return render(request, "warnings/list.html", _list_context(request, view, results))


@read_or_write
@page
def compose(request: Request) -> HttpResponse:
    """Write a new warning, blank or begun from a vulnerability's page."""
    form = _form(request, initial_from_query(request.GET))
    if (
        request.method == "POST"
        and request.POST.get("do") in ("save", "release")
        and form.is_valid()
    ):
        warning = actions.draft(
            team=form.own_team(), content=form.content(), about=form.origin(), by=request.viewer
        )
        return _after_saving(request, warning.public_id)
    return _compose_page(request, form)


@read_or_write
@page
def edit(request: Request, public_id: str) -> HttpResponse:
    """Change a draft."""
    warning = queries.draft_for(request.viewer, public_id)
    form = _form(request, initial_of(warning))
    if (
        request.method == "POST"
        and request.POST.get("do") in ("save", "release")
        and form.is_valid()
    ):
        actions.change_draft(warning=warning, content=form.content(), by=request.viewer)
        return _after_saving(request, public_id)
    return _compose_page(request, form, warning=warning)


@require_POST
@page
def preview(request: Request, public_id: str = "") -> HttpResponse:
    """The readers of the form as it stands: their panel alone for htmx, else the whole page."""
    warning = queries.draft_for(request.viewer, public_id) if public_id else None
    form = _form(request, {})
    if request.htmx:
        form.is_valid()
        context = {"readers": form.readers_panel(), "url": request.path}
        return render(request, "warnings/readers.html", context)
    return _compose_page(request, form, warning=warning)


@require_GET
@page
def show(request: Request, public_id: str) -> HttpResponse:
    """One warning: its text, the form to answer, and for the owner who answered."""
    detail = queries.detail_for(request.viewer, public_id)
    context = _warning_context(request, detail, _answer_form(detail))
    return render(request, "warnings/warning.html", context)


@read_or_write
@page
def release(request: Request, public_id: str) -> HttpResponse:
    """Confirm the release: the page shows the text as it will be read, and to whom it goes."""
    warning = queries.draft_for(request.viewer, public_id)
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.release(warning=warning, by=request.viewer, seen=form.cleaned_data["seen"])
        messages.success(request, _("%(id)s is released.") % {"id": public_id})
        return redirect("warnings:one", public_id)
    audience = audience_of(warning.label)
    panel = audience_panel.panel_of(
        audience, warning.label, named=warning.label.named_ids(), most_teams=None
    )
    context = {
        "warning": warning,
        "heading": presenters.heading(warning),
        "readers": panel,
        "form": ReleaseForm(initial={"seen": actions.fingerprint(warning, audience)}),
        "verb": _release_button_text(panel.teams, panel.people),
        "ready": bool(audience.recipients),
    }
    return render(request, "warnings/release.html", context)


@button()
def discard(request: Request, public_id: str) -> HttpResponse:
    """Throw a draft away."""
    actions.discard(warning=queries.draft_for(request.viewer, public_id), by=request.viewer)
    messages.success(request, _("The draft is gone."))
    return redirect("warnings:list")


@require_POST
@page
def withdraw(request: Request, public_id: str) -> HttpResponse:
    """Take a released warning back."""
    warning = queries.warning_for(request.viewer, public_id)
    form = WithdrawForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    actions.withdraw(warning=warning, why=why, by=request.viewer)
    messages.success(request, _("Withdrawn. Everybody who was told is told so."))
    return redirect("warnings:one", public_id)


@require_POST
@page
def answer(request: Request, public_id: str) -> HttpResponse:
    """Answer for the own team."""
    detail = queries.detail_for(request.viewer, public_id)
    form = AnswerForm(detail.answering, request.POST)
    if not form.is_valid():
        context = _warning_context(request, detail, form)
        return render(request, "warnings/warning.html", context, status=400)
    actions.answer(warning=detail.warning, **form.answer(), by=request.viewer)
    messages.success(request, _("Your team's answer is with the team that warned."))
    return redirect("warnings:one", public_id)


@read_or_write
@open_page("a mailed link: one person, one warning, until a moment")
def answer_by_link(request: Request, secret: str) -> HttpResponse:
    """Answer from the mail. Opening it writes nothing, and shows the text only where mail may."""
    linked = queries.by_link(secret, actions.ANSWER_LINK)
    if links.passage_behind(linked.warning.label) in (Passage.BARE, Passage.NEVER):
        return redirect("warnings:one", linked.warning.public_id)
    form = AnswerForm(linked.teams, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.answer(warning=linked.warning, **form.answer(), link=linked.link, by=linked.viewer)
        messages.success(request, _("Your team's answer is with the team that warned."))
        return redirect("warnings:answer-by-link", secret)
    status = 400 if form.errors else 200
    return render(request, "warnings/answer.html", _link_context(linked, form), status=status)


def _link_context(linked: queries.LinkedWarning, form: AnswerForm) -> dict[str, object]:
    """The context of the page behind a mailed link: the text is in it only where mail may be."""
    warning = linked.warning
    own = queries.own_answers(linked.viewer, warning)[:1]
    context: dict[str, object] = {
        "id": warning.public_id,
        "label": warning.label,
        "answer_by": warning.answer_by,
        "form": form,
        "states": presenters.answer_buttons(),
        "own": own[0] if own else None,
        "own_mark": presenters.state_mark(own[0].state) if own else "",
    }
    passage = links.passage_behind(warning.label)
    if passage in (Passage.WHOLE, Passage.TITLE):
        context["heading"] = presenters.heading(warning)
    if passage is Passage.WHOLE:
        context["warning"] = warning
    return context


def _list_context(request: Request, view: str, results: Page[queries.Warning]) -> dict[str, object]:
    viewer, menus, rows = request.viewer, presenters.menus(), results.rows
    table = presenters.warnings_table(
        rows, queries.own_states(viewer, rows), queries.progress_of(viewer, rows)
    )
    narrowed = any(request.GET.get(name) for name in ("q", "label", "kind"))
    return {
        "table": table if rows else None,
        "tabs": presenters.tabs(queries.counts_for(viewer), view),
        "menus": menus,
        "pages": pager_for(results, request.GET),
        "may_write": viewer.is_anywhere(*permissions.WRITERS),
        "empty": _("Nothing fits these filters.") if narrowed else presenters.empty_view(view),
    }


def _form(request: Request, initial: dict[str, object]) -> WarningForm:
    teams = writing_teams(request.viewer)
    if not teams:
        raise Forbidden(
            gettext_noop("Only the team's incident handlers and security managers write warnings.")
        )
    data = request.POST if request.method == "POST" else None
    return WarningForm(request.viewer, teams, data, initial=initial)


def _compose_page(request: Request, form: WarningForm, warning: object = None) -> HttpResponse:
    if form.is_bound:
        form.is_valid()
    pressed = request.POST.get("do", "")
    refused = pressed in ("save", "release") and bool(form.errors)
    context = {
        "form": form,
        "readers": form.readers_panel(),
        "hints": dict(LABELS),
        "warning": warning,
        "refused": refused,
        "pressed": pressed,
    }
    return render(request, "warnings/compose.html", context, status=400 if refused else 200)


def _after_saving(request: Request, public_id: str) -> HttpResponse:
    if request.POST["do"] == "release":
        return redirect("warnings:release", public_id)
    messages.success(request, _("The draft is saved."))
    return redirect("warnings:edit", public_id)


def _warning_context(
    request: Request, detail: queries.WarningDetail, form: AnswerForm
) -> dict[str, object]:
    viewer, warning, tally = request.viewer, detail.warning, detail.board
    return {
        "detail": detail,
        "warning": warning,
        "heading": presenters.heading(warning),
        "form": form if detail.answering else None,
        "own": detail.own[0] if detail.own else None,
        "own_mark": presenters.state_mark(detail.own[0].state) if detail.own else "",
        "board": presenters.board(tally, owner=detail.is_owner) if tally else None,
        "answered": presenters.answered_of(tally) if tally and detail.is_owner else "",
        "answers": presenters.answers_table(detail.team_answers) if detail.team_answers else None,
        "receipts": presenters.receipts(detail.recipients),
        "readers": presenters.readers_sentences(detail),
        "entries": presenters.timeline(detail),
        "may_withdraw": warning.state == "released" and permissions.may_withdraw(viewer, warning),
        "may_change": warning.state == "draft" and permissions.may_draft(viewer, warning.team_id),
        "open_embargo": warning.label.embargo_until and warning.label.embargo_until > clock.now(),
    }


def _answer_form(detail: queries.WarningDetail) -> AnswerForm:
    initial = {"state": detail.own[0].state} if detail.own else None
    return AnswerForm(detail.answering, initial=initial)


def _release_button_text(teams: int | None, people: int) -> str:
    if teams is None:
        words = ngettext("Release to %(people)d person", "Release to %(people)d people", people)
        return words % {"people": people}
    words = ngettext(
        "Release to %(teams)d team, %(people)d people",
        "Release to %(teams)d teams, %(people)d people",
        teams,
    )
    return words % {"teams": teams, "people": people}
