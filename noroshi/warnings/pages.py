"""The pages of warnings. A mailed link leads to the last of them, without signing in."""

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
from noroshi.sharing.audience import audience_of
from noroshi.ui.components import pager_for
from noroshi.warnings import actions, audience_preview, permissions, presenters, queries
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
    """Four views of what one may read, narrowed by words, label and kind; all of it in the URL."""
    query = request.GET
    view = query.get("view", queries.RECEIVED)
    if view not in queries.VIEWS:
        raise Malformed("view", gettext_noop("There is no such view."))
    found = queries.warnings_for(
        request.viewer, view=view, words=query.get("q", "").strip(),
        kinds=query.getlist("kind"), labels=query.getlist("label"),
    )  # fmt: skip
    part = page_of(found, ("-moved_at",), **cursor_of(query))
    return render(request, "warnings/list.html", _list_context(request, view, part))


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
    return _composing(request, form)


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
    return _composing(request, form, warning=warning)


@require_POST
@page
def preview(request: Request, public_id: str = "") -> HttpResponse:
    """Who reads it, as the form stands: the panel alone for htmx, else the whole page again."""
    warning = queries.draft_for(request.viewer, public_id) if public_id else None
    form = _form(request, {})
    if request.htmx:
        form.is_valid()
        readers = form.audience()
        return render(request, "warnings/readers.html", {"readers": readers, "url": request.path})
    return _composing(request, form, warning=warning)


@require_GET
@page
def show(request: Request, public_id: str) -> HttpResponse:
    """One warning: the text, what its reader is asked, and for the owner who answered."""
    sight = queries.sight_of(request.viewer, public_id)
    return render(request, "warnings/warning.html", _shown(request, sight, _answer_form(sight)))


@read_or_write
@page
def release(request: Request, public_id: str) -> HttpResponse:
    """The last look before it leaves: the text as it will be read, and to whom it goes."""
    warning = queries.draft_for(request.viewer, public_id)
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = actions.release(warning=warning, by=request.viewer, seen=form.cleaned_data["seen"])
        messages.success(request, _("%(id)s is released.") % {"id": sent.public_id})
        return redirect("warnings:one", public_id)
    found = audience_of(warning.label)
    readers = audience_preview.audience_panel(
        found, warning.label, named=warning.label.named_ids(), limit=10_000
    )
    context = {
        "warning": warning, "heading": presenters.heading(warning), "readers": readers,
        "form": ReleaseForm(initial={"seen": actions.fingerprint(warning, found)}),
        "verb": _verb(readers.teams, readers.people), "ready": bool(found.recipients),
    }  # fmt: skip
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
    sight = queries.sight_of(request.viewer, public_id)
    form = AnswerForm(sight.answering, request.POST)
    if not form.is_valid():
        return render(request, "warnings/warning.html", _shown(request, sight, form), status=400)
    actions.answer(warning=sight.warning, **form.given(), by=request.viewer)
    messages.success(request, _("Your team's answer is with the team that warned."))
    return redirect("warnings:one", public_id)


@read_or_write
@open_page("a mailed link: one person, one warning, until a moment")
def answer_by_link(request: Request, secret: str) -> HttpResponse:
    """Answer from the mail. Opening it writes nothing; what a mailbox may not carry is not shown."""
    opened = queries.by_link(secret, actions.ANSWER_LINK)
    form = AnswerForm(opened.teams, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.answer(warning=opened.warning, **form.given(), link=opened.link, by=opened.viewer)
        messages.success(request, _("Your team's answer is with the team that warned."))
        return redirect("warnings:answer-by-link", secret)
    status = 400 if form.errors else 200
    return render(request, "warnings/answer.html", _by_link(opened, form), status=status)


def _by_link(opened: queries.LinkedWarning, form: AnswerForm) -> dict[str, object]:
    """The text is in it only where mail may carry it."""
    warning = opened.warning
    own = queries.own_answers(opened.viewer, warning)[:1]
    context: dict[str, object] = {
        "id": warning.public_id,
        "label": warning.label,
        "answer_by": warning.answer_by,
        "form": form,
        "states": presenters.answer_buttons(),
        "own": own[0] if own else None,
        "own_mark": presenters.state_mark(own[0].state) if own else "",
    }
    if queries.mailbox_may_carry(warning):
        context |= {"warning": warning, "heading": presenters.heading(warning)}
    return context


def _list_context(request: Request, view: str, part: Page[queries.Warning]) -> dict[str, object]:
    viewer, menus = request.viewer, presenters.menus()
    table = presenters.warning_rows(
        part.rows, queries.own_states(viewer, part.rows), queries.progress_of(viewer, part.rows)
    )
    narrowed = any(request.GET.get(name) for name in ("q", "label", "kind"))
    return {
        "table": table if part.rows else None,
        "tabs": presenters.tabs(queries.counts_for(viewer), view),
        "menus": menus,
        "pages": pager_for(part, request.GET),
        "may_write": viewer.is_anywhere(*permissions.WRITERS),
        "empty": _("Nothing fits these filters.") if narrowed else presenters.empty_view(view),
    }


def _form(request: Request, initial: dict[str, object]) -> WarningForm:
    if not writing_teams(request.viewer):
        raise Forbidden(
            gettext_noop("Only the team's incident handlers and security managers write warnings.")
        )
    data = request.POST if request.method == "POST" else None
    return WarningForm(request.viewer, data, initial=initial)


def _composing(request: Request, form: WarningForm, warning: object = None) -> HttpResponse:
    if form.is_bound:
        form.is_valid()
    asked = request.POST.get("do", "")
    refused = asked in ("save", "release") and bool(form.errors)
    context = {
        "form": form, "readers": form.audience(), "hints": dict(LABELS), "warning": warning,
        "refused": refused, "asked": asked, "people_found": len(form.people),
    }  # fmt: skip
    return render(request, "warnings/compose.html", context, status=400 if refused else 200)


def _after_saving(request: Request, public_id: str) -> HttpResponse:
    if request.POST["do"] == "release":
        return redirect("warnings:release", public_id)
    messages.success(request, _("The draft is saved."))
    return redirect("warnings:edit", public_id)


def _shown(request: Request, sight: queries.Sight, form: AnswerForm) -> dict[str, object]:
    viewer, warning = request.viewer, sight.warning
    return {
        "sight": sight,
        "warning": warning,
        "heading": presenters.heading(warning),
        "form": form if sight.answering else None,
        "own": sight.own[0] if sight.own else None,
        "own_mark": presenters.state_mark(sight.own[0].state) if sight.own else "",
        "board": presenters.board(sight.board, owner=sight.is_owner) if sight.board else None,
        "answered": presenters.answered_of(sight.board) if sight.board and sight.is_owner else "",
        "answers": presenters.answers_table(sight.lines) if sight.lines else None,
        "receipts": presenters.receipts(sight.recipients),
        "readers": presenters.readers_words(sight),
        "entries": presenters.timeline(sight),
        "may_withdraw": warning.state == "released" and permissions.may_withdraw(viewer, warning),
        "may_change": warning.state == "draft" and permissions.may_draft(viewer, warning.team_id),
        "open_embargo": warning.label.embargo_until and warning.label.embargo_until > clock.now(),
    }


def _answer_form(sight: queries.Sight) -> AnswerForm:
    return AnswerForm(sight.answering, initial={"state": sight.own[0].state} if sight.own else None)


def _verb(teams: int | None, people: int) -> str:
    if teams is None:
        words = ngettext("Release to %(people)d person", "Release to %(people)d people", people)
        return words % {"people": people}
    words = ngettext(
        "Release to %(teams)d team, %(people)d people",
        "Release to %(teams)d teams, %(people)d people",
        teams,
    )
    return words % {"teams": teams, "people": people}
