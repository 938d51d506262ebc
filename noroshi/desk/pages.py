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
from noroshi.directory.areas import areas, unlabelled
from noroshi.directory.request import Request, open_page, page
from noroshi.directory.viewer import Viewer
from noroshi.sharing import search
from noroshi.sharing.cache import cached
from noroshi.ui import times
from noroshi.ui.components import pager_for

MOST_NAMES = 25  # teams, circles and people in a search; a longer list nobody reads
MOST = 12  # rows of each list on Today; the rest stands on the area's own page


@require_safe
@page
def today(request: Request) -> HttpResponse:
    """My turn, what waits for others, and what came in; some people start with another page."""
    viewer = request.viewer
    for area in areas():
        if area.start and (start_page := area.start(viewer)):
            return redirect(start_page)
    context = {
        "now": times.absolute(clock.now()),
        **cached(viewer, "today", lambda: _today_context(viewer)),
    }
    return render(request, "desk/today.html", context)


def _today_context(viewer: Viewer) -> dict[str, Any]:
    todays = [area.today(viewer, MOST) for area in areas() if area.today]
    mine = [row for today in todays for row in today.mine]
    sections = sorted(
        (section for today in todays for section in today.sections),
        key=lambda section: section.order,
    )
    return {
        "teams": list(directory.own_teams(viewer)),
        # Nearest date first; sorting leaves rows without a date in order: the most severe first.
        "mine": sorted(mine, key=lambda row: (row.due is None, str(row.due)))[:MOST],
        "others": [row for today in todays for row in today.others][:MOST],
        "sections": [section for section in sections if not section.in_rail],
        "rail": [section for section in sections if section.in_rail],
        "nothing": next((today.nothing for today in todays if today.nothing), None),
    }


@require_safe
@page
def find(request: Request) -> HttpResponse:
    """Quick search over everything that the reader may see."""
    words = request.GET.get("q", "").strip()[:200]
    cursor = cursor_of(request.GET)
    is_first = not (cursor["after"] or cursor["before"])
    entries = search.find(request.viewer, words).select_related("label")
    results = page_of(entries, ("-pk",), **cursor)
    hits = unlabelled(request.viewer, words, MOST_NAMES + 1) if words and is_first else []
    context = {
        "words": words,
        "more_names": len(hits) > MOST_NAMES,
        "rows": presenters.hits(hits[:MOST_NAMES], search.hits(request.viewer, results.rows)),
        "pager": pager_for(results, request.GET),
    }
    return render(request, "desk/search.html", context)


@require_safe
@open_page("says only that the program answers")
def health(request: Request) -> HttpResponse:
    """For monitoring: 200 when web server and database answer."""
    clock.now()
    return HttpResponse("ok", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is missing or old; it offers to go back."""
    return render(request, "403.html", {"csrf": True}, status=403)
