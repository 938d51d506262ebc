"""Examples for the page of components: made-up organisations, people, products and numbers.

Only used while developing (``DEBUG``) and by the tests that look at the components.
"""

from __future__ import annotations

from noroshi.core import clock
from noroshi.core.errors import NotFound
from noroshi.ui.gallery import figures, forms, frame, lists, things
from noroshi.ui.shapes import Board, Pager, hide_small

PAGES = ("today", "list", "thing", "compose", "phone", "report", "signin")


def page(name: str) -> str:
    """The name again when there is such a page; nothing from a URL becomes a template's name."""
    if name not in PAGES:
        raise NotFound
    return name


def everything() -> dict[str, object]:
    """All examples by name."""
    return {
        "nav": frame.nav(),
        "notices": 2,
        "notices_url": "#",
        "settings_url": "#",
        "viewer_team": "さざなみ製作所 CSIRT",
        "now": clock.now(),
        "mine": lists.my_turn(),
        "waiting": lists.waiting(),
        "vulnerabilities": lists.vulnerabilities(),
        "systems": lists.systems(),
        "views": lists.views(),
        "menus": lists.menus(),
        "pages": Pager(text="14 件のうち 1–9 件", newer="", older="#"),
        "facts": things.facts(),
        "path": things.path(),
        "entries": things.entries(),
        "readers": things.readers(),
        "board": Board(things.answers(), 24),
        "few": Board(hide_small(things.answers()), 24),
        "form": forms.WarningForm(),
        "refused": forms.refused(),
        "charts": figures.charts(),
        "page_names": PAGES,
        "times": figures.times(),
        "icons": sorted(frame.ICONS),
        "label": "AMBER",
    }
