"""What the signed-in shell shows on every page: who reads, and the navigation with its counts."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from noroshi.core.paging import counts_of
from noroshi.directory.models import Person, Role
from noroshi.directory.request import Request
from noroshi.directory.viewer import Viewer
from noroshi.measures import queries as measures
from noroshi.sharing.cache import cached
from noroshi.ui.components import up_to
from noroshi.ui.shapes import NavGroup, NavItem
from noroshi.vulnerabilities import queries as vulnerabilities
from noroshi.warnings import queries as warnings

MOST_WAITING = 100


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every template; the navigation is built only when a page shows it."""
    viewer = cast(Request, request).viewer if hasattr(request, "viewer") else Viewer()
    return {
        "viewer": viewer,
        "theme": _theme(request, viewer),
        "nav": SimpleLazyObject(lambda: navigation(viewer, request.path)),
        "settings_url": "/settings",
        "theme_url": "/settings/theme",
        "language_url": "/settings/language",
        "quick": request.GET.get("q", "") if request.path == "/search" else "",
    }


def navigation(viewer: Viewer, path: str) -> list[NavGroup]:
    """The places this viewer can go to, grouped by verb, each with what waits for him there."""
    waits = waiting(viewer)
    reads = bool(viewer.reading_team_ids)
    operates = viewer.is_anywhere(Role.OPERATOR)
    reports = reads or viewer.is_anywhere(Role.EXECUTIVE)

    def item(label: str, url: str, icon: str, key: str = "", count: int = 0) -> NavItem:
        shown = up_to(count, MOST_WAITING) if count else ""
        here = path == url if url == "/" else path.startswith(url)
        return NavItem(label=label, url=url, icon=icon, key=key, count=shown, current=here)

    act = []
    if reads:
        act.append(
            item(_("Vulnerabilities"), "/vulnerabilities/", "vuln", "v", waits["vulnerabilities"])
        )
    if reads or operates:
        act.append(item(_("Instructions"), "/measures/", "task", "i", waits["measures"]))
    share = []
    if viewer.team_ids:
        share.append(item(_("Early warnings"), "/warnings/", "warning", "w", waits["warnings"]))
    connect = [
        item(_("Teams"), "/teams/", "team"),
        item(_("Circles of trust"), "/circles/", "ring"),
    ]
    arrange = []
    if reads or operates:
        arrange.append(item(_("Systems"), "/systems/", "server", "s"))
    if reports:
        arrange.append(item(_("Reports"), "/reports/", "report", "r"))
    arrange.append(item(_("Settings"), "/settings", "gear"))
    groups = [
        NavGroup("", [item(_("Today"), "/", "today", "t")]),
        NavGroup(pgettext("navigation", "Act"), act),
        NavGroup(pgettext("navigation", "Share"), share),
        NavGroup(pgettext("navigation", "Connect"), connect),
        NavGroup(pgettext("navigation", "Arrange"), arrange),
    ]
    return [group for group in groups if group.items]


def waiting(viewer: Viewer) -> dict[str, int]:
    """How much waits for this viewer in each area: on every page, so it is remembered."""

    def find() -> dict[str, int]:
        parts = {
            "vulnerabilities": vulnerabilities.mine_for(viewer),
            "measures": measures.mine_for(viewer),
            "warnings": warnings.unanswered_for(viewer),
        }
        return counts_of(parts, MOST_WAITING)

    return cached(viewer, "waiting", find)


def _theme(request: HttpRequest, viewer: Viewer) -> str:
    """Light or dark by the person's choice; empty as the device says."""
    person = request.user if viewer.person_id is not None else None
    chosen = (
        person.theme if isinstance(person, Person) else request.COOKIES.get("noroshi_theme", "")
    )
    return chosen if chosen in {"light", "dark"} else ""
