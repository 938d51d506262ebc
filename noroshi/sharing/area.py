"""The declaration of sharing: the kinds of rows that it stores of things that leave."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from noroshi.directory.areas import Area, Kind

AREA = Area(
    kinds=[
        Kind(
            "release",
            "R",
            _("Entry of the release register"),
            not_searched="it stands on the page of its thing",
        ),
        Kind("entry", "E", _("Mail"), not_searched="the register says what became of it"),
        Kind("link", "L", _("Mailed link"), not_searched="it opens for the person it names alone"),
    ],
)
