"""``noroshi check``: whether this instance is whole: versions, rows, files, history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from noroshi.config import floors
from noroshi.core import history
from noroshi.core.files.models import StoredFile
from noroshi.core.files.store import folder, path_of
from noroshi.directory.areas import areas


@dataclass(frozen=True, slots=True)
class Report:
    """``faults`` must be mended; ``notes`` may be lived with; ``counts`` are rows by table."""

    faults: list[str]
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.faults

    def lines(self) -> Iterator[str]:
        """For people at a terminal."""
        for name, count in self.counts.items():
            yield f"{count:10} {name}"
        yield from (f"note: {note}" for note in self.notes)
        yield from (f"fault: {fault}" for fault in self.faults)
        yield "The instance is whole." if self.ok else f"{len(self.faults)} faults."

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {"ok": self.ok, "faults": self.faults, "notes": self.notes, "counts": self.counts}


def check() -> Report:
    """Check versions, tables, files and history; nothing is changed."""
    faults = floors.faults()
    unfinished = tables_missing() or migrations_waiting()
    if unfinished:
        return Report([*faults, unfinished], floors.notes())
    faults += [f"history row {fault.number}: {fault.what}" for fault in history.verify()]
    named = set(StoredFile.objects.values_list("sha256", flat=True))
    faults += [
        f"file {sha256} is named and missing"
        for sha256 in sorted(named)
        if not path_of(sha256).exists()
    ]
    on_disk = {path.name for path in folder().glob("??/*") if not path.name.startswith(".new-")}
    notes = floors.notes()
    for area in areas():
        notes += area.remarks() if area.remarks else []
    if on_disk - named:
        notes.append(
            f"{len(on_disk - named)} files on disk are named by no row (left by an interrupted upload)."
        )
    return Report(faults, notes, counts())


def tables() -> list[str]:
    """The tables of our own models, sessions and jobs apart."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_config.name.startswith("noroshi.")
    )


def tables_missing() -> str:
    """A sentence that says what to do when tables of ours are missing, else the empty text."""
    ours = tables()
    missing = sorted(set(ours) - set(connection.introspection.table_names()))
    if not missing:
        return ""
    if missing == ours:
        return "There is no instance in this database: noroshi serve makes one, noroshi restore brings one back."
    return (
        f"{len(missing)} tables are missing, first {missing[0]}: noroshi serve makes what an update "
        "brings; what was lost comes back from a backup."
    )


def migrations_waiting() -> str:
    """A sentence that says what to do when the database is older than the program, else empty."""
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not waiting:
        return ""
    return (
        f"The database is older than this program ({waiting} migrations wait): noroshi serve "
        "brings it up to this version."
    )


def counts() -> dict[str, int]:
    """Rows by table."""
    rows = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  # our own table names
            rows[table] = int(cursor.fetchone()[0])
    return rows
