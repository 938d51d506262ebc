"""Background entries of the inventory."""

from __future__ import annotations

from noroshi.inventory import importing
from noroshi.sharing.system import as_system

AFTER_IMPORT = importing.AFTER_IMPORT


def run_import(import_id: str) -> None:
    """Let the rows of an import go in; run again, it goes on where it was stopped."""
    with as_system("an import acts for the person who started it, who may be away"):
        importing.run(import_id)
