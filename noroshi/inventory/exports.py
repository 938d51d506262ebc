"""The inventory as tables that the import reads again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from noroshi.inventory.models import Component, System

SYSTEM_HEADER = (
    "id", "system", "exposure", "criticality", "environment", "place", "owner", "note",
)  # fmt: skip
COMPONENT_HEADER = (
    "system", "vendor", "name", "version", "purl", "cpe", "model", "serial", "kind",
    "first seen", "last seen",
)  # fmt: skip


def systems(rows: Iterable[System]) -> Iterator[tuple[object, ...]]:
    """One line for each system, with the addresses of its operators."""
    for row in rows:
        owners = " ".join(person.mail for person in row.owners.all())
        yield (
            row.public_id, row.name, row.exposure, row.criticality, row.environment, row.place,
            owners, row.note,
        )  # fmt: skip


def components(rows: Iterable[Component], system: str) -> Iterator[tuple[object, ...]]:
    """One line for each component."""
    for row in rows:
        yield (
            system, row.vendor, row.name, row.version, row.purl, row.cpe, row.model, row.serial,
            row.kind, row.first_seen_at.isoformat(), row.last_seen_at.isoformat(),
        )  # fmt: skip
