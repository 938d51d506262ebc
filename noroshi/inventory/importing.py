"""The rows of a file become components, in chunks that each are whole or not there.

Each chunk is one short transaction that also moves ``rows_done``, so an import that is killed
goes on behind the last whole chunk and no row is counted twice. What a file no longer names is
found gone only after its last row, and not at all when a row could not be read: a faulty row
must not look like a removed product. Runs inside ``as_system`` (``jobs.run_import``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from noroshi.core import clock, history
from noroshi.core.errors import Malformed, NoroshiError, gettext_noop
from noroshi.directory.areas import publish
from noroshi.directory.models import Person, Standing, Team
from noroshi.directory.viewer import viewer_for
from noroshi.inventory import actions, permissions, products, queries, states
from noroshi.inventory.events import IMPORT_DONE
from noroshi.inventory.file_contents import Contents, Line, read
from noroshi.inventory.models import (
    ChangeKind,
    Component,
    Import,
    ImportChange,
    System,
    SystemOwner,
)

CHUNK = 1_000  # a chunk holds the write lock: short, so that people may go on meanwhile

_DESCRIPTION = ("vendor", "name", "version", "purl", "cpe", "kind")


@dataclass(frozen=True, slots=True)
class Starter:
    """Who history says did it: the person who started the import."""

    actor_id: str
    actor_name: str


def run(import_id: str) -> None:
    """Carry an import out from wherever it stands. Safe to run twice, also at once.

    It goes no further than the rights of whoever began it, asked before each chunk.
    """
    entry = _begun(import_id)
    if entry is None:
        return
    try:
        _check_may_go_on(entry)
        contents = read(entry)
        _note_size(import_id, contents)
        done: int | None = entry.rows_done
        while done is not None and done < len(contents.lines):
            _check_may_go_on(entry)
            done = _take_chunk(import_id, contents, done)
    except Malformed as error:
        _fail(import_id, error)
        return
    while _find_gone(import_id, contents):
        pass
    _finish(import_id)


def _check_may_go_on(entry: Import) -> None:
    """A person with today's rights; where a program of the team began it, the team itself."""
    if entry.by_id is None:
        may = Team.objects.filter(pk=entry.team_id).exclude(standing=Standing.LEFT).exists()
    else:
        viewer = viewer_for(Person.objects.get(pk=entry.by_id))
        may = permissions.may_edit(viewer, entry.team_id)
    if not may:
        raise Malformed(
            "",
            gettext_noop("Whoever began this import may not change the team's systems any more."),
        )


# ---- the steps -----------------------------------------------------------------------


def _locked(import_id: str) -> Import | None:
    """The import's row, locked, while it is running."""
    return (
        Import.objects.select_for_update(of=("self",))
        .select_related("team", "target")
        .filter(public_id=import_id, state=states.RUNNING)
        .first()
    )


@transaction.atomic
def _begun(import_id: str) -> Import | None:
    """The import under way, or ``None`` when there is nothing to do."""
    entry = (
        Import.objects.select_for_update(of=("self",))
        .select_related("team", "target")
        .filter(public_id=import_id)
        .first()
    )
    if entry is None or states.RUNNING not in states.NEXT[entry.state]:
        return None
    if entry.state != states.RUNNING:
        entry.state = states.RUNNING
        entry.started_at = clock.now()
        entry.save(update_fields=["state", "started_at"])
    return entry


@transaction.atomic
def _note_size(import_id: str, contents: Contents) -> None:
    Import.objects.filter(public_id=import_id, state=states.RUNNING).update(
        rows_total=len(contents.lines), bad=contents.bad, bad_rows=contents.remarks
    )


@transaction.atomic
def _fail(import_id: str, error: NoroshiError) -> None:
    entry = _locked(import_id)
    if entry is None:
        return
    entry.state = states.FAILED
    entry.finished_at = clock.now()
    where = error.where if isinstance(error, Malformed) else ""
    entry.failure = {"where": where, "message": error.message, "values": error.values}
    entry.save(update_fields=["state", "finished_at", "failure"])
    history.record(
        "inventory.import_failed", ("import", import_id), by=_starter(entry), after=entry.failure
    )


def chunk_end(lines: Sequence[Line], start: int) -> int:
    """Where the chunk from ``start`` ends: not between two lines of one product in one system."""
    end = min(start + CHUNK, len(lines))
    cut = end
    while start < cut < len(lines) and lines[cut].key == lines[cut - 1].key:
        cut -= 1
    return cut if cut > start else end


@transaction.atomic
def _take_chunk(import_id: str, contents: Contents, start: int) -> int | None:
    """Write the chunk from ``start``; returns where the next begins, ``None`` to stop.

    Another worker may have been given the same import: whoever comes second goes on behind it.
    """
    entry = _locked(import_id)
    if entry is None:
        return None
    if entry.rows_done != start:
        return entry.rows_done
    end = chunk_end(contents.lines, start)
    lines = contents.lines[start:end]
    systems = _systems(entry, contents, {line.system for line in lines})
    counts = _write(entry, lines, systems)
    entry.added += counts[ChangeKind.CAME]
    entry.changed += counts[ChangeKind.CHANGED]
    entry.rows_done = end
    entry.save(update_fields=["added", "changed", "rows_done"])
    return end


@transaction.atomic
def _find_gone(import_id: str, contents: Contents) -> int:
    """Mark some of what the file no longer names as gone; returns how many."""
    entry = _locked(import_id)
    if entry is None or not entry.is_complete or entry.bad:
        return 0
    systems = _systems(entry, contents, set(contents.names))
    # What a person entered and no file ever named is not the file's to take away.
    gone = list(
        Component.objects.select_for_update(of=("self",))
        .filter(system__in=systems.values(), gone_at=None, seen_in__isnull=False)
        .exclude(seen_in=entry)
        .only("pk", "version")
        .order_by("pk")[:CHUNK]
    )
    now = clock.now()
    Component.objects.filter(pk__in=[component.pk for component in gone]).update(gone_at=now)
    _tell(
        entry,
        (
            ImportChange(component=component, kind=ChangeKind.WENT, before=component.version)
            for component in gone
        ),
    )
    entry.gone += len(gone)
    entry.save(update_fields=["gone"])
    return len(gone)


@transaction.atomic
def _finish(import_id: str) -> None:
    entry = _locked(import_id)
    if entry is None:
        return
    entry.state = states.DONE
    entry.finished_at = clock.now()
    entry.save(update_fields=["state", "finished_at"])
    by = _starter(entry)
    history.record(
        "inventory.import_done", ("import", import_id), by=by,
        after={"rows": entry.rows_done, "added": entry.added, "changed": entry.changed,
               "gone": entry.gone, "bad": entry.bad},
    )  # fmt: skip
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for system, kind, count in (
        ImportChange.objects.filter(imported=entry)
        .values_list("component__system__public_id", "kind")
        .annotate(count=Count("pk"))
        .order_by("component__system__public_id", "kind")
    ):
        told[system][kind] = count
    for system, counts in told.items():
        history.record(
            "inventory.import_into",
            ("system", system),
            by=by,
            after={"import": import_id, **counts},
        )
    publish(IMPORT_DONE, import_id)


def _starter(entry: Import) -> history.Actor:
    if entry.by_id is None:
        return Starter("system", entry.by_name)
    return Starter(Person.objects.get(pk=entry.by_id).public_id, entry.by_name)


# ---- rows ----------------------------------------------------------------------------


def _systems(entry: Import, contents: Contents, wanted: set[str]) -> dict[str, System]:
    """The systems with these normal names; those that are new are made."""
    if entry.target is not None:
        return {"": entry.target}
    history.lock_end()  # before the rows, as people have it who change one of them
    known = {
        products.normal(system.name): system
        for system in System.objects.filter(team_id=entry.team_id, retired_at=None)
        .select_for_update(of=("self",))
        .select_related("label", "team")
    }
    people = {person.pk: person for person in queries.operators_of(entry.team)}
    found = {}
    for name in sorted(wanted):
        facts = contents.about.get(name, {})
        owners = [people[pk] for pk in contents.owners.get(name, ()) if pk in people]
        system = known.get(name)
        if system is None:
            system = actions.create_system(
                team=entry.team,
                facts={"name": contents.names[name], **facts},
                owners=owners,
                by=_starter(entry),
            )
        else:
            actions.update_system(system, facts=facts, by=_starter(entry))
            if owners:
                held = SystemOwner.objects.filter(system=system)
                actions.give_to(system, owners, held=held, by=_starter(entry))
        found[name] = system
    return found


def _write(
    entry: Import, lines: Sequence[Line], systems: Mapping[str, System]
) -> Counter[ChangeKind]:
    """Bring the components of these lines up to date and note what changed."""
    ids = products.intern({line.identity for line in lines})
    held: dict[tuple[int, int, str, str], list[Component]] = defaultdict(list)
    for component in Component.objects.select_for_update(of=("self",)).filter(
        system__in=systems.values(), product__in=set(ids.values())
    ):
        held[component.system_id, component.product_id, component.serial, component.model].append(
            component
        )
    groups: dict[tuple[int, int, str, str], dict[str, Line]] = defaultdict(dict)
    for line in lines:
        key = (
            systems[line.system].pk, ids[line.identity], line.component.serial, line.component.model
        )  # fmt: skip
        groups[key].setdefault(line.component.version, line)
    written = _Written(entry, clock.now())
    for key, versions in groups.items():
        written.group(key, versions, held.get(key, []))
    written.save()
    return Counter(ChangeKind(change.kind) for change in written.changes)


class _Written:
    """What a chunk writes, collected so that each kind of row is one statement."""

    def __init__(self, entry: Import, now: datetime) -> None:
        self.entry = entry
        self.now = now
        self.new: list[Component] = []
        self.altered: list[Component] = []
        self.seen: list[int] = []
        self.changes: list[ImportChange] = []

    def group(
        self,
        key: tuple[int, int, str, str],
        versions: Mapping[str, Line],
        held: Sequence[Component],
    ) -> None:
        """One product in one system: equal versions are the same, the others follow each other."""
        by_version = {component.version: component for component in sorted(held, key=_presence)}
        left = [line for version, line in versions.items() if version not in by_version]
        followed = [
            component
            for version, component in by_version.items()
            if version not in versions
            and component.gone_at is None
            and component.seen_in_id != self.entry.pk
            and self.entry.is_complete
        ]
        for version, component in by_version.items():
            if version in versions:
                self._same(component, versions[version])
        followed.sort(key=lambda component: bytes(component.version_key or b""))
        for component, line in zip(followed, left, strict=False):
            self._change(component, ChangeKind.CHANGED, component.version, line)
        for line in left[len(followed) :]:
            system_id, product_id, serial, model = key
            component = Component(
                system_id=system_id, team_id=self.entry.team_id, product_id=product_id,
                serial=serial, model=model, first_seen_at=self.now,
            )  # fmt: skip
            self._fill(component, line)
            self.new.append(component)
            self.changes.append(
                ImportChange(component=component, kind=ChangeKind.CAME, after=component.version)
            )

    def _same(self, component: Component, line: Line) -> None:
        if component.gone_at is not None:
            self._change(component, ChangeKind.CAME, "", line)
        elif any(
            getattr(component, name) != getattr(line.component, name) for name in _DESCRIPTION
        ):
            self._fill(component, line)
            self.altered.append(component)
        else:
            self.seen.append(component.pk)

    def _change(self, component: Component, kind: ChangeKind, before: str, line: Line) -> None:
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
        _tell(self.entry, self.changes)


def _presence(component: Component) -> tuple[bool, int]:
    """Sorts what is gone first, so that of two equal versions the present one counts."""
    return component.gone_at is None, component.pk


def _tell(entry: Import, changes: Iterable[ImportChange]) -> None:
    told = list(changes)
    for change in told:
        change.imported = entry
    ImportChange.objects.bulk_create(
        told,
        update_conflicts=True,  # a product cut by a chunk's end may change twice
        unique_fields=["imported", "component"],
        update_fields=["kind", "after"],
    )
