"""The rows of one chunk of an import: which components are the same, new, changed or back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from noroshi.core import clock
from noroshi.inventory import products
from noroshi.inventory.file_contents import Line
from noroshi.inventory.models import ChangeKind, Component, Import, ImportChange, System

_DESCRIPTION = ("vendor", "name", "version", "purl", "cpe", "kind")

# A product in a system: the keys of both, serial number and model.
GroupKey = tuple[int, int, str, str]


def write_lines(
    entry: Import, lines: Sequence[Line], systems: Mapping[str, System]
) -> Counter[ChangeKind]:
    """Bring the components of these lines up to date and note what changed."""
    ids = products.intern({line.identity for line in lines})
    components: dict[GroupKey, list[Component]] = defaultdict(list)
    for component in Component.objects.select_for_update(of=("self",)).filter(
        system__in=systems.values(), product__in=set(ids.values())
    ):
        components[
            component.system_id, component.product_id, component.serial, component.model
        ].append(component)
    groups: dict[GroupKey, dict[str, Line]] = defaultdict(dict)
    for line in lines:
        draft = line.component
        key = (systems[line.system].pk, ids[line.identity], draft.serial, draft.model)
        groups[key].setdefault(draft.version, line)
    rows = _ChunkRows(entry, clock.now())
    for key, versions in groups.items():
        rows.add_group(key, versions, components.get(key, []))
    rows.save()
    return Counter(ChangeKind(change.kind) for change in rows.changes)


class _ChunkRows:
    """The rows that a chunk writes, collected so that each kind of row is one statement."""

    def __init__(self, entry: Import, now: datetime) -> None:
        self.entry = entry
        self.now = now
        self.new: list[Component] = []
        self.altered: list[Component] = []
        self.seen: list[int] = []
        self.changes: list[ImportChange] = []

    def add_group(
        self, key: GroupKey, versions: Mapping[str, Line], components: Sequence[Component]
    ) -> None:
        """One product in one system: equal versions are the same, the others follow each other."""
        by_version = {row.version: row for row in sorted(components, key=_present_last)}
        new_lines = [line for version, line in versions.items() if version not in by_version]
        replaced = [
            component
            for version, component in by_version.items()
            if version not in versions
            and component.gone_at is None
            and component.seen_in_id != self.entry.pk
            and self.entry.is_complete
        ]
        for version, component in by_version.items():
            if version in versions:
                self._add_same(component, versions[version])
        replaced.sort(key=lambda component: bytes(component.version_key or b""))
        for component, line in zip(replaced, new_lines, strict=False):
            self._add_change(component, ChangeKind.CHANGED, component.version, line)
        for line in new_lines[len(replaced) :]:
            self._add_new(key, line)

    def _add_new(self, key: GroupKey, line: Line) -> None:
        system_id, product_id, serial, model = key
        component = Component(
            system_id=system_id,
            team_id=self.entry.team_id,
            product_id=product_id,
            serial=serial,
            model=model,
            first_seen_at=self.now,
        )
        self._fill(component, line)
        self.new.append(component)
        self.changes.append(
            ImportChange(component=component, kind=ChangeKind.CAME, after=component.version)
        )

    def _add_same(self, component: Component, line: Line) -> None:
        if component.gone_at is not None:
            self._add_change(component, ChangeKind.CAME, "", line)
        elif any(
            getattr(component, name) != getattr(line.component, name) for name in _DESCRIPTION
        ):
            self._fill(component, line)
            self.altered.append(component)
        else:
            self.seen.append(component.pk)

    def _add_change(self, component: Component, kind: ChangeKind, before: str, line: Line) -> None:
        self._fill(component, line)
        self.altered.append(component)
        self.changes.append(
            ImportChange(component=component, kind=kind, before=before, after=component.version)
        )

    def _fill(self, component: Component, line: Line) -> None:
        for name in _DESCRIPTION:
            setattr(component, name, getattr(line.component, name))
        component.version_key = products.version_key(component.version, line.identity.scheme)
        component.last_seen_at = self.now
        component.gone_at = None
        component.seen_in = self.entry

    def save(self) -> None:
        Component.objects.bulk_create(self.new)
        # An upsert on the key: bulk_update writes one CASE for each row and column.
        Component.objects.bulk_create(
            self.altered,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*_DESCRIPTION, "version_key", "last_seen_at", "gone_at", "seen_in"],
        )
        Component.objects.filter(pk__in=self.seen).update(last_seen_at=self.now, seen_in=self.entry)
        save_changes(self.entry, self.changes)


def _present_last(component: Component) -> tuple[bool, int]:
    """A sort key: gone components first, so that of two equal versions the present one counts."""
    return component.gone_at is None, component.pk


def save_changes(entry: Import, changes: Sequence[ImportChange]) -> None:
    """Note what the import did to these components."""
    for change in changes:
        change.imported = entry
    ImportChange.objects.bulk_create(
        changes,
        update_conflicts=True,  # a product cut by a chunk's end may change twice
        unique_fields=["imported", "component"],
        update_fields=["kind", "after"],
    )
