"""Early warnings as an area: their kind, pages, navigation entry and report figures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from noroshi.directory.areas import Area, Kind, NavEntry, ReportFigures
from noroshi.warnings import figures, permissions, queries, today

AREA = Area(
    kinds=[
        Kind(
            "warning",
            "W",
            _("Early warning"),
            icon="warning",
            page="warnings:one",
            mail_word=_("early warning"),
            labelled=True,
        )
    ],
    urls="warnings/",
    nav=[
        NavEntry(
            "share",
            _("Early warnings"),
            "/warnings/",
            "warning",
            "w",
            seen_by=permissions.may_list,
            waits=queries.unanswered_for,
            association=True,
        )
    ],
    today=today.today_for,
    operations=["warnings"],
    report=ReportFigures("warnings", figures.counts, figures.sentence),
)
