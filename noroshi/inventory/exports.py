"""The inventory as tables that the import reads again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from noroshi.inventory.models import Component, System

_SYSTEM_FIELDS = ("exposure", "criticality", "environment", "place")
SYSTEM_HEADER = ("id", "system", *_SYSTEM_FIELDS, "owner", "note")
_COMPONENT_FIELDS = ("vendor", "name", "version", "purl", "cpe", "model", "serial", "kind")
COMPONENT_HEADER = ("system", *_COMPONENT_FIELDS, "first seen", "last seen")


def systems(rows: Iterable[System]) -> Iterator[tuple[object, ...]]:
    """One line for each system, with the addresses of its operators."""
    for row in rows:
        owners = " ".join(person.mail for person in row.owners.all())
        texts = (getattr(row, name) for name in _SYSTEM_FIELDS)
        yield row.public_id, row.name, *texts, owners, row.note


def components(rows: Iterable[Component], system: str) -> Iterator[tuple[object, ...]]:
    """One line for each component."""
    for row in rows:
        texts = (getattr(row, name) for name in _COMPONENT_FIELDS)
        yield system, *texts, row.first_seen_at.isoformat(), row.last_seen_at.isoformat()
