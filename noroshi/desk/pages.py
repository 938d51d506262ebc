"""Today, quick search, and the answers that belong to no area."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from noroshi.core import clock
from noroshi.core.paging import cursor_of, page_of
from noroshi.desk import presenters
from noroshi.directory import queries as directory
from noroshi.directory.models import Role
from noroshi.directory.request import Request, open_page, page
from noroshi.directory.viewer import Viewer
from noroshi.measures import queries as measures
from noroshi.reports import queries as reports
from noroshi.sharing import search
from noroshi.sharing.cache import cached
from noroshi.ui import times
from noroshi.ui.components import pager_for
from noroshi.vulnerabilities import queries as vulnerabilities
from noroshi.warnings import queries as warnings

MOST = 12  # rows of each list on Today; the rest stands on the area's own page


@require_safe
@page
def today(request: Request) -> HttpResponse:
    """My turn, what others have to move, what came in; executives go to their reports."""
    viewer = request.viewer
    reads = bool(viewer.reading_team_ids)
    if not reads and not viewer.is_anywhere(Role.OPERATOR) and viewer.is_anywhere(Role.EXECUTIVE):
        return redirect("reports:list")
    context = {
        "now": times.absolute(clock.now()),
        "reads": reads,
        **cached(viewer, "today", lambda: _today(viewer, reads)),
    }
    return render(request, "desk/today.html", context)


def _today(viewer: Viewer, reads: bool) -> dict[str, Any]:
    work = vulnerabilities.today_for(viewer, MOST)
    mine, with_operators = measures.today_for(viewer, MOST)
    touched = vulnerabilities.system_counts(viewer, work.newest) if work.newest else {}
    return {
        "teams": list(directory.own_teams(viewer)),
        "mine": presenters.my_turn(work.mine, mine)[:MOST],
        "others": presenters.waiting_for_others(work.others, with_operators)[:MOST],
        "newest": presenters.newest(work.newest, touched) if work.newest else None,
        "due": presenters.due_chart(vulnerabilities.due_overview(viewer)) if reads else None,
        "reports": presenters.reports(reports.newest(viewer, 1)),
        "to_answer": presenters.to_answer(warnings.to_answer(viewer)[:5]) if reads else [],
    }


@require_safe
@page
def find(request: Request) -> HttpResponse:
    """Quick search over everything that the reader may see."""
    words = request.GET.get("q", "").strip()[:200]
    found = page_of(
        search.find(request.viewer, words).select_related("label"),
        ("-pk",),
        **cursor_of(request.GET),
    )
    context = {
        "words": words,
        "rows": presenters.hits(search.hits(request.viewer, found.rows)),
        "pager": pager_for(found, request.GET),
    }
    return render(request, "desk/search.html", context)


@require_safe
@open_page("says only that the program answers")
def health(request: Request) -> HttpResponse:
    """For a watcher: 200 when web and database answer."""
    clock.now()
    return HttpResponse("ok", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: say so and offer to go back."""
    return render(request, "403.html", {"csrf": True}, status=403)
