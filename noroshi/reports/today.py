"""Reports on the page Today, and who starts with them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from noroshi.directory.areas import Section, Today
from noroshi.directory.models import Role
from noroshi.directory.viewer import Viewer
from noroshi.reports import queries, wording
from noroshi.reports.presenters import status_of
from noroshi.ui import components as ui
from noroshi.ui.shapes import Row


def today_for(viewer: Viewer, most: int) -> Today:
    """The newest report, with the day on which it was issued."""
    rows = [
        Row(
            wording.title(row),
            reverse("reports:report", args=[row.public_id]),
            meta=(str(row.team), ui.when(row.issued_at) if row.issued_at else status_of(row)),
            icon="report",
        )
        for row in queries.newest(viewer, 1)
    ]
    if not rows:
        return Today()
    return Today(
        sections=[
            Section(
                _("Newest report"),
                rows,
                url="/reports/",
                link=_("Show all"),
                in_rail=True,
                order=20,
            )
        ]
    )


def start(viewer: Viewer) -> str:
    """The list of reports, for executives who have no other role here; else nothing."""
    works = viewer.reading_team_ids or viewer.is_anywhere(Role.OPERATOR)
    return "" if works or not viewer.is_anywhere(Role.EXECUTIVE) else reverse("reports:list")
