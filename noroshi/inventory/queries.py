"""Reading the inventory. Everything is a query set, so lists page and count in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Case, Count, IntegerField, Model, Prefetch, Q, QuerySet, Value, When

from noroshi.core import clock, files, history, lookup
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.queries import own_teams, people_in
from noroshi.directory.viewer import Viewer
from noroshi.inventory import permissions, readers
from noroshi.inventory.models import (
    Component,
    Criticality,
    Exposure,
    Import,
    ImportChange,
    ImportState,
    System,
)

M = TypeVar("M", bound=Model)

# No import takes so long: the largest has 200,000 rows.
LONG = timedelta(minutes=15)

# Ranks to sort by: the words themselves sort by alphabet.
_EXPOSURE_RANK = {Exposure.INTERNET: 0, Exposure.PARTNER: 1, Exposure.INTERNAL: 2}
_CRITICALITY_RANK = {Criticality.VERY_HIGH: 0, Criticality.HIGH: 1, Criticality.MEDIUM: 2}


@dataclass(frozen=True, slots=True)
class Presence:
    """How many components of a system are there, gone, or there in a version nobody can read."""

    present: int = 0
    unread: int = 0
    gone: int = 0


def systems_for(
    viewer: Viewer,
    *,
    words: str = "",
    exposure: Sequence[str] = (),
    criticality: Sequence[str] = (),
    environment: Sequence[str] = (),
    owner: Sequence[str] = (),
    retired: bool = False,
) -> QuerySet[System]:
    """The systems that the viewer may see; ``owner`` holds public ids of people."""
    rows = _with_ranks(System.objects.visible_to(viewer)).filter(retired_at__isnull=not retired)
    for name, values in (
        ("exposure", exposure),
        ("criticality", criticality),
        ("environment", environment),
    ):
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if owner:
        owned = System.objects.visible_to(viewer).filter(owners__public_id__in=owner)
        rows = rows.filter(pk__in=owned.values("pk"))
    if words:
        rows = rows.filter(
            Q(name__icontains=words) | Q(place__icontains=words) | Q(note__icontains=words)
        )
    return rows.select_related("team").prefetch_related(_owners())


def systems_by_ids(viewer: Viewer, ids: Iterable[str]) -> QuerySet[System]:
    """The visible ones among the systems with these public ids, with team and owners."""
    return (
        System.objects.visible_to(viewer)
        .filter(public_id__in=list(ids))
        .select_related("team")
        .prefetch_related(_owners())
    )


def system_for(viewer: Viewer, public_id: str) -> System:
    """The system, or ``NotFound``, which also means: not for you."""
    return lookup.get_or_not_found(
        System.objects.visible_to(viewer)
        .filter(public_id=public_id)
        .select_related("team", "label__owner")
        .prefetch_related(_owners())
    )


def systems_exist(viewer: Viewer) -> bool:
    """Whether there is any system for this viewer, retired ones too."""
    return System.objects.visible_to(viewer).exists()


def component_counts(viewer: Viewer, systems: Iterable[System]) -> Mapping[int, int]:
    """How many components are there in each of these systems, by the system's key."""
    counts = (
        Component.objects.visible_to(viewer)
        .filter(system_id__in=[system.pk for system in systems], gone_at=None)
        .values_list("system_id")
        .annotate(count=Count("pk"))
    )
    return dict(counts)


def owner_names(viewer: Viewer, systems: Iterable[System]) -> Iterable[tuple[int, str, str]]:
    """The system's key with the id and name of each of its operators, by name. One query."""
    return (
        System.objects.visible_to(viewer)
        .filter(pk__in=[system.pk for system in systems], owners__isnull=False)
        .order_by("owners__name", "owners__pk")
        .values_list("pk", "owners__public_id", "owners__name")
    )


def owners_for(viewer: Viewer) -> QuerySet[Person]:
    """The people who operate a system that the viewer may see."""
    systems = System.objects.visible_to(viewer).filter(retired_at=None)
    return Person.objects.filter(pk__in=systems.values("owners")).order_by("name", "pk")


def components_of(
    viewer: Viewer, system: System, *, words: str = "", view: str = "present"
) -> QuerySet[Component]:
    """The components of a system; ``view`` is ``present``, ``unread`` or ``gone``."""
    rows = Component.objects.visible_to(viewer).filter(
        system=system, gone_at__isnull=view != "gone"
    )
    if view == "unread":
        rows = rows.filter(version_key=None)
    if words:
        rows = rows.filter(
            Q(name__icontains=words)
            | Q(vendor__icontains=words)
            | Q(purl__icontains=words)
            | Q(cpe__icontains=words)
            | Q(version__icontains=words)
        )
    return rows


def component_for(viewer: Viewer, system: System, public_id: str) -> Component:
    """A component of this system, or ``NotFound``."""
    return lookup.get_or_not_found(
        Component.objects.visible_to(viewer)
        .filter(system=system, public_id=public_id)
        .select_related("product")
    )


def components_for(viewer: Viewer) -> QuerySet[Component]:
    """Every component that is there in the systems that the viewer may see."""
    return (
        Component.objects.visible_to(viewer)
        .filter(gone_at=None, system__retired_at=None)
        .select_related("system")
    )


def presence_of(viewer: Viewer, system: System) -> Presence:
    """The counts above a system's components."""
    return Presence(
        **Component.objects.visible_to(viewer)
        .filter(system=system)
        .aggregate(
            present=Count("pk", filter=Q(gone_at=None)),
            unread=Count("pk", filter=Q(gone_at=None, version_key=None)),
            gone=Count("pk", filter=Q(gone_at__isnull=False)),
        )
    )


def imports_for(viewer: Viewer, system: System | None = None) -> QuerySet[Import]:
    """Imports that the viewer may see, newest first; with ``system`` those that its components come from."""
    rows = Import.objects.visible_to(viewer).select_related("target", "team")
    if system is not None:
        seen = Component.objects.visible_to(viewer).filter(system=system, seen_in__isnull=False)
        rows = rows.filter(Q(target=system) | Q(pk__in=seen.values("seen_in")))
    return rows.order_by("-created_at", "-pk")


def import_for(viewer: Viewer, public_id: str) -> Import:
    """The import, or ``NotFound``."""
    return lookup.get_or_not_found(imports_for(viewer).filter(public_id=public_id))


def is_stalled(entry: Import) -> bool:
    """Whether an import takes so long that its job may have been lost."""
    return entry.created_at < clock.now() - LONG


def changes_of(viewer: Viewer, entry: Import, kind: str) -> QuerySet[ImportChange]:
    """The changes of an import of one kind (came, changed, went)."""
    return (
        ImportChange.objects.visible_to(viewer)
        .filter(imported=entry, kind=kind)
        .select_related("component__system")
        .order_by("pk")
    )


def timeline_of(viewer: Viewer, system: System, count: int = 30) -> list[Any]:
    """The newest history rows of a system that the viewer may see, newest first."""
    return list(history.rows_of("system", system.public_id).order_by("-number")[:count])


def editable_teams(viewer: Viewer) -> QuerySet[Team]:
    """The teams whose inventory the viewer may change."""
    return own_teams(viewer).filter(pk__in=permissions.editable_team_ids(viewer))


def operators_of(team: Team) -> QuerySet[Person]:
    """The people who may own a system of this team."""
    return people_in(team, Role.OPERATOR)


def mapping_for(viewer: Viewer, entry: Import) -> dict[str, int]:
    """Its own mapping, else the one last used for this header, else a guess from the names."""
    if entry.mapping:
        return dict(entry.mapping)
    earlier = (
        Import.objects.visible_to(viewer)
        .filter(team_id=entry.team_id, header_fingerprint=entry.header_fingerprint)
        .exclude(state=ImportState.UPLOADED)
        .order_by("-created_at", "-pk")
        .first()
    )
    if earlier is not None and earlier.mapping:
        return dict(earlier.mapping)
    return dict(readers.look(files.read_file(entry.file_sha256), entry.file_name).mapping)


def first_rows(entry: Import, mapping: Mapping[str, int]) -> list[readers.RowResult]:
    """The first ten rows of an import as they would be understood."""
    return readers.preview(files.read_file(entry.file_sha256), mapping)


def first_cells(entry: Import) -> tuple[str, ...]:
    """The cells of the first row under the header."""
    return readers.look(files.read_file(entry.file_sha256), entry.file_name).first


def _owners() -> Prefetch[str, QuerySet[Person], str]:
    return Prefetch("owners", Person.objects.order_by("name", "pk"))


def _with_ranks(systems: QuerySet[System]) -> QuerySet[System]:
    def rank(field: str, ranks: Mapping[Any, int]) -> Case:
        whens = [When(**{field: word}, then=Value(place)) for word, place in ranks.items()]
        return Case(*whens, default=Value(3), output_field=IntegerField())

    return systems.annotate(
        exposure_rank=rank("exposure", _EXPOSURE_RANK),
        criticality_rank=rank("criticality", _CRITICALITY_RANK),
    )
