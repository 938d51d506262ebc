"""The frame of every signed-in page: the viewer, and the navigation with its counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import pgettext_lazy

from noroshi.core.paging import counts_of
from noroshi.directory.areas import Group, NavEntry, areas
from noroshi.directory.models import Person
from noroshi.directory.queries import association, is_association
from noroshi.directory.request import Request
from noroshi.directory.viewer import Viewer
from noroshi.sharing.cache import cached
from noroshi.ui.components import up_to
from noroshi.ui.shapes import NavGroup, NavItem, Text

MOST_WAITING = 100
GROUPS: dict[Group, Text] = {
    "": "",
    "act": pgettext_lazy("navigation", "Act"),
    "share": pgettext_lazy("navigation", "Share"),
    "connect": pgettext_lazy("navigation", "Connect"),
    "arrange": pgettext_lazy("navigation", "Arrange"),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context of every template; the navigation is built only where a page shows it."""
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
    """The places this viewer can go to, grouped by verb, each with what waits for them there."""
    waits = waiting(viewer)
    in_association = is_association(waits)

    def item(entry: NavEntry) -> NavItem:
        count, url = waits.get(entry.url, 0), entry.url
        return NavItem(
            label=entry.label,
            url=url,
            icon=entry.icon,
            key=entry.key,
            count=up_to(count, MOST_WAITING) if count else "",
            current=path == url if url == "/" else path.startswith(url),
        )

    entries = [
        entry
        for entry in _entries()
        if entry.seen_by(viewer) and (in_association or not entry.association)
    ]
    groups = [
        NavGroup(title, [item(entry) for entry in entries if entry.group == name])
        for name, title in GROUPS.items()
    ]
    return [group for group in groups if group.items]


def waiting(viewer: Viewer) -> dict[str, int]:
    """How much waits for this viewer at each place, and whether there is an association.

    It stands on every page, so it takes one query, and is cached.
    """

    def count() -> dict[str, int]:
        waits = {entry.url: entry.waits(viewer) for entry in _entries() if entry.waits}
        return counts_of({**waits, **association()}, MOST_WAITING)

    return cached(viewer, "waiting", count)


def _entries() -> Iterable[NavEntry]:
    return (entry for area in areas() for entry in area.nav)


def _theme(request: HttpRequest, viewer: Viewer) -> str:
    """``light`` or ``dark`` by the person's choice; empty to follow the device."""
    person = request.user if viewer.person_id is not None else None
    chosen = (
        person.theme if isinstance(person, Person) else request.COOKIES.get("noroshi_theme", "")
    )
    return chosen if chosen in {"light", "dark"} else ""
