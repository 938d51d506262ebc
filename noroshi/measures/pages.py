"""Instructions as pages: the list, one of them, its steps, and the operator's page for the phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from noroshi.core import files
from noroshi.core.paging import cursor_of
from noroshi.core.rules import Rule
from noroshi.directory.request import Request, open_page, page, posted
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions, forms, permissions, presenters, queries
from noroshi.measures.queries import Filters, Instruction
from noroshi.sharing import links
from noroshi.sharing.channels import DOWNLOAD
from noroshi.ui import times
from noroshi.ui.components import pager_for
from noroshi.ui.forms import StrictForm


@require_safe
@page
def list_instructions(request: Request) -> HttpResponse:
    """The working list: mine, open, late, finished."""
    filters = _filters(request)
    listed = queries.page_for(request.viewer, filters, **cursor_of(request.GET))
    context = {
        "views": presenters.views(queries.view_counts(request.viewer), filters.view),
        "menus": presenters.menus(),
        "table": presenters.table(listed.rows),
        "pager": pager_for(listed, request.GET),
        "view": filters.view,
    }
    return render(request, "measures/list.html", context)


@require_safe
@page
def show_instruction(request: Request, public_id: str) -> HttpResponse:
    """One instruction: the work, the due time, the reason, the answers and the next steps."""
    instruction = queries.instruction_for(request.viewer, public_id)
    context = {
        **_about(request.viewer, instruction),
        "steps": queries.steps_for(request.viewer, instruction),
        "path": presenters.path(instruction),
        "timeline": presenters.timeline(queries.history_of(instruction)),
        "facts": presenters.rail(instruction),
    }
    return render(request, "measures/instruction.html", context)


@page
def take_step(request: Request, public_id: str, step: str) -> HttpResponse:
    """Verify, send back, move the day, instruct again, withdraw: a form, then the action."""
    instruction = queries.instruction_for(request.viewer, public_id)
    chosen = STEPS[step]
    chosen.may.check(request.viewer, instruction)
    form = chosen.form(posted(request), instruction=instruction)
    if form.is_valid():
        chosen.act(instruction=instruction, by=request.viewer, **form.cleaned_data)
        messages.success(request, str(chosen.done))
        return redirect("measures:instruction", public_id)
    context = {"instruction": instruction, "form": form, "step": chosen}
    return render(request, "measures/step.html", context, status=_status(form))


@page
def answer(request: Request, public_id: str) -> HttpResponse:
    """The operator's page for somebody who is signed in."""
    instruction = queries.instruction_for(request.viewer, public_id)
    form = _answer_form(request)
    if form is not None and form.is_valid():
        actions.answer(
            instruction=instruction,
            what=request.POST["what"],
            by=request.viewer,
            **form.cleaned_data,
        )
        return _thanks(request, reverse("measures:own-answer", args=[public_id]))
    return _phone(request, request.viewer, instruction, form, own=True)


@open_page("the secret of a mailed link, one person's and one instruction's")
def answer_by_link(request: Request, secret: str) -> HttpResponse:
    """The operator's page for the phone: no account, and looking writes nothing.

    What mail may not carry is shown after signing in.
    """
    instruction, viewer = queries.instruction_by_link(secret)
    with _as_reader(request, viewer):
        if not links.may_show(instruction.label):
            if not request.viewer.is_signed_in:
                messages.info(
                    request, _("Sign in: a mailed link does not show what has this label.")
                )
            return redirect("measures:own-answer", instruction.public_id)
        form = _answer_form(request)
        if form is not None and form.is_valid():
            actions.answer_by_link(secret=secret, what=request.POST["what"], **form.cleaned_data)
            return _thanks(request, reverse("measures:answer", args=[secret]))
        return _phone(request, viewer, instruction, form, secret=secret)


@require_safe
@page
def download(request: Request, public_id: str, file_id: str) -> HttpResponseBase:
    """A file that came with the instruction or as evidence for it."""
    viewer = request.viewer.through(DOWNLOAD)
    instruction = queries.instruction_for(viewer, public_id)
    file = queries.file_for(viewer, instruction, file_id)
    return files.download(file.sha256, file.name)


@require_safe
@open_page("the secret of a mailed link, one person's and one instruction's")
def download_by_link(request: Request, secret: str, file_id: str) -> HttpResponseBase:
    """The same for the person of a mailed link."""
    instruction, viewer = queries.instruction_by_link(secret)
    if not links.may_show(instruction.label):
        return redirect("measures:file", instruction.public_id, file_id)
    file = queries.file_for(viewer.through(DOWNLOAD), instruction, file_id)
    return files.download(file.sha256, file.name)


# ---- the steps -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step on a page of its own: words, form and the action that takes it."""

    title: Any
    says: Any
    verb: Any
    done: Any
    form: type[forms.StepForm]
    act: Callable[..., Any]
    may: Rule[[Viewer, Instruction]]
    tone: str = "primary"


STEPS = {
    "verify": Step(
        gettext_lazy("Verify"),
        gettext_lazy("You confirm that the work is done. The operator hears of it."),
        gettext_lazy("Mark as verified"),
        gettext_lazy("Verified."),
        forms.VerifyForm,
        actions.verify,
        permissions.may_verify,
    ),
    "send-back": Step(
        gettext_lazy("Send back"),
        gettext_lazy("The operator goes on with the work. The due time stays as it is."),
        gettext_lazy("Send back"),
        gettext_lazy("Sent back to the operator."),
        forms.SendBackForm,
        actions.send_back,
        permissions.may_follow_up,
    ),
    "due": Step(
        gettext_lazy("Change the due time"),
        gettext_lazy("The operators hear of it by mail, and reminders start anew."),
        gettext_lazy("Change the due time"),
        gettext_lazy("The due time was changed."),
        forms.DueForm,
        actions.change_due,
        permissions.may_follow_up,
    ),
    "again": Step(
        gettext_lazy("Instruct again"),
        gettext_lazy("The operators get new links; the old links end."),
        gettext_lazy("Instruct again"),
        gettext_lazy("Instructed again."),
        forms.AgainForm,
        actions.instruct_again,
        permissions.may_change,
    ),
    "withdraw": Step(
        gettext_lazy("Withdraw"),
        gettext_lazy("Nothing is to be done any more. The links end, the operators hear of it."),
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdrawn."),
        forms.WithdrawForm,
        actions.withdraw,
        permissions.may_change,
        tone="danger",
    ),
    "link": Step(
        gettext_lazy("Mail the link again"),
        gettext_lazy("Every link mailed before ends; each operator gets a new one."),
        gettext_lazy("Mail the link again"),
        gettext_lazy("New links are on their way."),
        forms.LinkForm,
        actions.send_link_again,
        permissions.may_follow_up,
    ),
}


# ---- what the pages share ------------------------------------------------------------


def _filters(request: Request) -> Filters:
    query = request.GET
    view = query.get("view", "")
    return Filters(
        view=view if view in queries.VIEWS else "mine",
        kinds=tuple(query.getlist("kind")),
        states=tuple(query.getlist("state")),
        subject_id=query.get("subject", ""),
        system_id=query.get("system", ""),
        words=query.get("q", ""),
    )


def _about(viewer: Viewer, instruction: Instruction) -> dict[str, Any]:
    return {
        "instruction": instruction,
        "answers": queries.answers_for(viewer, instruction),
        "attachments": queries.attachments_for(viewer, instruction),
        "what": presenters.what(instruction),
        "status": presenters.status_of(instruction),
    }


def _answer_form(request: Request) -> StrictForm | None:
    """The form that was sent, by its button; ``None`` when the page is only looked at."""
    if request.method != "POST":
        return None
    what = request.POST.get("what", "")
    return forms.answer_form(what, request.POST, request.FILES)


def _phone(
    request: Request,
    viewer: Viewer,
    instruction: Instruction,
    sent: StrictForm | None,
    *,
    secret: str = "",
    own: bool = False,
) -> HttpResponse:
    context = {
        **_about(viewer, instruction),
        "steps": queries.steps_for(viewer, instruction),
        "deadline": times.describe(instruction.due_at, due=True),
        "name": viewer.name,
        "secret": secret,
        "own": own,
        "sent": sent,
        "done": forms.bound_unless(sent, forms.DoneForm),
        "cannot": forms.bound_unless(sent, forms.CannotForm),
    }
    return render(request, "measures/phone.html", context, status=_status(sent))


def _thanks(request: Request, to: str) -> HttpResponse:
    words = {
        "started": _("Noted: you have started."),
        "done": _("Reported as done. Thank you; another person verifies it now."),
        "cannot": _("Passed on. The security manager decides what comes next."),
    }
    messages.success(request, words[request.POST["what"]])
    return redirect(to)


def _status(form: Any) -> int:
    return 400 if form is not None and form.is_bound and not form.is_valid() else 200


@contextmanager
def _as_reader(request: HttpRequest, viewer: Viewer) -> Iterator[None]:
    """The mailed person's language and time zone; the language chosen on this phone goes first."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if chosen in dict(settings.LANGUAGES) else viewer.language
    with translation.override(language), timezone.override(ZoneInfo(viewer.time_zone)):
        yield
