"""Reading reports; the first argument is the viewer, and nobody reads without one."""

from __future__ import annotations

from django.db.models import QuerySet

from noroshi.core import lookup
from noroshi.core.paging import PAGE_SIZE, Page, page_of
from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.reports import permissions
from noroshi.reports.models import Report

__all__ = ["Report", "making_teams", "newest", "page_for", "report_for", "reports_for"]


def reports_for(viewer: Viewer) -> QuerySet[Report]:
    """The reports that the viewer may see, newest first, without their figures."""
    rows = Report.objects.visible_to(viewer).select_related("team", "label").defer("figures")
    return rows.order_by("-made_at", "-pk")


def page_for(
    viewer: Viewer, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page[Report]:
    """One page of the list by cursor."""
    return page_of(reports_for(viewer), ("-made_at",), after=after, before=before, size=size)


def newest(viewer: Viewer, limit: int) -> list[Report]:
    """The newest ones, for Today."""
    return list(reports_for(viewer)[:limit])


def report_for(viewer: Viewer, public_id: str) -> Report:
    """The report, or ``NotFound`` when there is none or this viewer may not see it."""
    rows = Report.objects.visible_to(viewer).select_related("team", "label", "made_by", "issued_by")
    return lookup.get_or_not_found(rows.filter(public_id=public_id))


def making_teams(viewer: Viewer) -> list[Team]:
    """The teams for which the viewer makes reports."""
    ids = [team_id for team_id in viewer.team_ids if permissions.may_make(viewer, team_id)]
    return list(Team.objects.filter(pk__in=ids).order_by("name", "pk"))
