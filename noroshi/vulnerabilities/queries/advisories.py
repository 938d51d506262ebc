"""Advisories and imports of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from noroshi.core import lookup
from noroshi.directory.models import Circle, Team
from noroshi.directory.viewer import Viewer
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryImport,
    AdvisoryImportFile,
    AdvisoryRevision,
    Vulnerability,
)


def advisories_for(viewer: Viewer, *, words: str = "") -> QuerySet[Advisory]:
    """The advisories that the viewer may see."""
    rows = Advisory.objects.visible_to(viewer).select_related("label", "team")
    for word in words.split()[:8]:
        keys = Vulnerability.objects.visible_to(viewer).filter(
            advisory=OuterRef("pk"), key__iexact=word
        )
        rows = rows.filter(Q(title__icontains=word) | Q(tracking_id__icontains=word) | Exists(keys))
    return rows


def advisory_for(viewer: Viewer, public_id: str) -> Advisory:
    """The advisory, or ``NotFound``."""
    return lookup.get_or_not_found(
        Advisory.objects.visible_to(viewer)
        .select_related("label", "team", "received_by")
        .filter(public_id=public_id)
    )


def revisions_of(viewer: Viewer, advisory: Advisory) -> list[AdvisoryRevision]:
    """Every state in which it was received, newest first."""
    rows = AdvisoryRevision.objects.visible_to(viewer).filter(advisory=advisory)
    return list(rows.order_by("-received_at", "-pk")[:100])


def entries_of(viewer: Viewer, advisory: Advisory) -> list[Vulnerability]:
    """The vulnerabilities of one advisory."""
    rows = Vulnerability.objects.visible_to(viewer).filter(advisory=advisory)
    return list(rows.select_related("advisory").order_by("key")[:500])


def imports_for(viewer: Viewer) -> QuerySet[AdvisoryImport]:
    """The team's imports."""
    return AdvisoryImport.objects.visible_to(viewer).select_related("team")


def import_for(viewer: Viewer, public_id: str) -> AdvisoryImport:
    """The import, or ``NotFound``."""
    return AdvisoryImport.objects.one_for(viewer, public_id=public_id)


def import_files(
    viewer: Viewer, batch: AdvisoryImport, outcome: str = ""
) -> QuerySet[AdvisoryImportFile]:
    """The files of an import; see ``advisories_of`` for the advisories that came of them.

    The import is the team's; a file that brought a RED advisory is for those whom that names.
    """
    visible = Q(advisory=None) | Q(advisory__in=Advisory.objects.visible_to(viewer).values("pk"))
    rows = AdvisoryImportFile.objects.visible_to(viewer).filter(visible, batch=batch)
    return rows.filter(outcome=outcome) if outcome else rows


def advisories_of(viewer: Viewer, files: Iterable[AdvisoryImportFile]) -> dict[int, Advisory]:
    """The advisories that came of these files, by key: a RED one only for those whom it names."""
    ids = {file.advisory_id for file in files if file.advisory_id is not None}
    return Advisory.objects.visible_to(viewer).in_bulk(ids)


def outcome_counts(viewer: Viewer, batch: AdvisoryImport) -> dict[str, int]:
    """How many files ended in each way; one query."""
    rows = import_files(viewer, batch).order_by().values("outcome").annotate(files=Count("pk"))
    return {row["outcome"]: row["files"] for row in rows}


def receiving_teams(viewer: Viewer) -> list[Team]:
    """The teams for which the viewer may bring advisories in."""
    return list(Team.objects.filter(pk__in=viewer.reading_team_ids).order_by("name"))


def sharing_circles(viewer: Viewer) -> list[Circle]:
    """The circles with which the viewer's teams may share what they bring in."""
    return list(Circle.objects.filter(pk__in=viewer.circle_ids).order_by("name"))
