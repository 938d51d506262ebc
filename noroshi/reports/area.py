"""Reports for executives as an area: their kind, pages, navigation entry and remarks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.directory.areas import Area, Kind, NavEntry
from noroshi.reports import pdf, permissions, today

AREA = Area(
    kinds=[
        Kind(
            "report",
            "RP",
            pgettext_lazy("search", "Report"),
            icon="report",
            page="reports:report",
            mail_word=_("report"),
            labelled=True,
        )
    ],
    urls="reports/",
    nav=[
        NavEntry("arrange", _("Reports"), "/reports/", "report", "r", seen_by=permissions.may_list)
    ],
    today=today.today_for,
    start=today.start,
    operations=["reports"],
    remarks=pdf.remarks,
)
