"""Today, search and the shell as an area: their pages and navigation entries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from noroshi.directory.areas import Area, NavEntry

AREA = Area(
    urls="",
    nav=[
        NavEntry("", _("Today"), "/", "today", "t"),
        NavEntry("arrange", _("Settings"), "/settings", "gear"),
    ],
    operations=["search"],
)
