"""Events of the inventory that areas above listen to (see ``directory.areas.publish``)."""

from __future__ import annotations

from noroshi.directory.areas import Event

# Somebody changed a system or one of its components by hand. The system's number.
SYSTEM_CHANGED = Event("inventory.system_changed")
# An import is through. The import's number; what it changed: ``system_queries.systems_changed_by``.
IMPORT_DONE = Event("inventory.import_done")
