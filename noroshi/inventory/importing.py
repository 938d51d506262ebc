"""The rows of a file become components, in chunks that each are whole or not there.

Each chunk is one short transaction that also moves ``rows_done``, so an import that is killed
goes on behind the last whole chunk and no row is counted twice. What a file no longer names is
found gone only after its last row, and not at all when a row could not be read: a faulty row
must not look like a removed product. Runs inside ``as_system`` (``jobs.run_import``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from noroshi.core import clock, history
from noroshi.core.errors import Malformed, NoroshiError, gettext_noop
from noroshi.directory.areas import publish
from noroshi.directory.models import Person, Standing, Team
from noroshi.directory.viewer import viewer_for
from noroshi.inventory import permissions, products, queries, states
from noroshi.inventory.events import IMPORT_DONE
from noroshi.inventory.file_contents import Contents, Line, read
from noroshi.inventory.import_rows import save_changes, write_lines
from noroshi.inventory.models import (
    ChangeKind,
    Component,
    Import,
    ImportChange,
    System,
    SystemOwner,
)
from noroshi.inventory.systems import create_system, replace_owners, update_system

CHUNK = 1_000  # a chunk holds the write lock: short, so that people may go on meanwhile


@dataclass(frozen=True, slots=True)
class Starter:
    """The actor in the history: the person who started the import."""

    actor_id: str
    actor_name: str


def run(import_id: str) -> None:
    """Carry an import out from wherever it stands. Safe to run twice, also at once.

    It goes no further than the rights of whoever began it, checked before each chunk.
    """
    entry = _begin(import_id)
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
    """Raise unless whoever began it still may: a person by their rights of today, a program of
    the team as long as the team has not left."""
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
def _begin(import_id: str) -> Import | None:
    """Set the import running and return it, or ``None`` when there is nothing to do."""
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
    """The end of the chunk from ``start``: not between two lines of one product in one system."""
    end = min(start + CHUNK, len(lines))
    cut = end
    while start < cut < len(lines) and lines[cut].key == lines[cut - 1].key:
        cut -= 1
    return cut if cut > start else end


@transaction.atomic
def _take_chunk(import_id: str, contents: Contents, start: int) -> int | None:
    """Write the chunk from ``start``; returns where the next begins, ``None`` to stop.

    Another worker may have the same import: whoever comes second goes on behind it.
    """
    entry = _locked(import_id)
    if entry is None:
        return None
    if entry.rows_done != start:
        return entry.rows_done
    end = chunk_end(contents.lines, start)
    lines = contents.lines[start:end]
    systems = _systems(entry, contents, {line.system for line in lines})
    counts = write_lines(entry, lines, systems)
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
    changes = [
        ImportChange(component=component, kind=ChangeKind.WENT, before=component.version)
        for component in gone
    ]
    save_changes(entry, changes)
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
    after = {
        "rows": entry.rows_done,
        "added": entry.added,
        "changed": entry.changed,
        "gone": entry.gone,
        "bad": entry.bad,
    }
    history.record("inventory.import_done", ("import", import_id), by=by, after=after)
    for system_id, counts in _changes_by_system(entry).items():
        history.record(
            "inventory.import_into",
            ("system", system_id),
            by=by,
            after={"import": import_id, **counts},
        )
    publish(IMPORT_DONE, import_id)


def _changes_by_system(entry: Import) -> dict[str, dict[str, int]]:
    """How many components of each system came, changed and went."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for system_id, kind, count in (
        ImportChange.objects.filter(imported=entry)
        .values_list("component__system__public_id", "kind")
        .annotate(count=Count("pk"))
        .order_by("component__system__public_id", "kind")
    ):
        counts[system_id][kind] = count
    return counts


def _starter(entry: Import) -> history.Actor:
    if entry.by_id is None:
        return Starter("system", entry.by_name)
    return Starter(Person.objects.get(pk=entry.by_id).public_id, entry.by_name)


def _systems(entry: Import, contents: Contents, names: set[str]) -> dict[str, System]:
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
    systems = {}
    for name in sorted(names):
        facts = contents.about.get(name, {})
        owners = [people[pk] for pk in contents.owners.get(name, ()) if pk in people]
        system = known.get(name)
        if system is None:
            system = create_system(
                team=entry.team,
                facts={"name": contents.names[name], **facts},
                owners=owners,
                by=_starter(entry),
            )
        else:
            update_system(system, facts=facts, by=_starter(entry))
            if owners:
                owner_rows = SystemOwner.objects.filter(system=system)
                replace_owners(system, owners, owner_rows=owner_rows, by=_starter(entry))
        systems[name] = system
    return systems
