"""Background entries of the inventory."""

from __future__ import annotations

from noroshi.inventory import actions, importing
from noroshi.sharing.system import as_system


def run_import(import_id: str) -> None:
    """Let the rows of an import go in; run again, it goes on where it was stopped."""
    with as_system("an import acts for the person who started it, who may be away"):
        importing.run(import_id)


def order_versions_again(system_id: str) -> None:
    """The order of versions was mended: an upgrade asks for each system once."""
    with as_system("a version says the same to everybody who may read it"):
        actions.order_versions_again(system_id=system_id)
