"""The declaration of the directory: its kinds, pages and places in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from noroshi.directory import queries
from noroshi.directory.areas import Area, Kind, NavEntry

AREA = Area(
    kinds=[
        Kind(
            "team",
            "TM",
            _("Team"),
            icon="team",
            page="directory:team",
            search=queries.teams_named,
        ),
        Kind(
            "circle",
            "C",
            _("Circle of trust"),
            icon="ring",
            page="directory:circle",
            search=queries.circles_named,
        ),
        Kind(
            "person",
            "P",
            _("Person"),
            icon="team",
            page="directory:person",
            search=queries.people_named,
        ),
        Kind(
            "organisation", "O", _("Organisation"), not_searched="its teams are found by its name"
        ),
        Kind("invitation", "N", _("Invitation"), not_searched="it stands with its team until used"),
        Kind("letter", "E", _("Mail about an account"), not_searched="it goes when it is sent"),
        Kind("token", "K", _("Token"), not_searched="it stands in its owner's settings"),
    ],
    urls="",
    nav=[
        NavEntry("connect", _("Teams"), "/teams/", "team"),
        NavEntry("connect", _("Circles of trust"), "/circles/", "ring", association=True),
    ],
    operations=["directory"],
)
