"""Early warnings on the page Today."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from noroshi.directory.areas import Section, Today
from noroshi.directory.viewer import Viewer
from noroshi.ui import components as ui
from noroshi.ui.shapes import Row
from noroshi.warnings import queries

MOST = 5  # rows in the rail


def today_for(viewer: Viewer, most: int) -> Today:
    """Warnings of other teams that wait for our answer."""
    if not viewer.reading_team_ids:
        return Today()
    rows = [
        Row(
            row.title,
            reverse("warnings:one", args=[row.public_id]),
            meta=(ui.tlp(row.label.sensitivity), ui.team(str(row.team))),
            due=row.answer_by,
        )
        for row in queries.to_answer(viewer)[:MOST]
    ]
    if not rows:
        return Today()
    title = _("Warnings to answer")
    return Today(sections=[Section(title, rows, count=len(rows), in_rail=True, order=10)])
