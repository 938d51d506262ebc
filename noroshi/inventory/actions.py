"""Everything that is written in the inventory, by what it is about.

The actions stand in modules of their own; pages, API, jobs and console call them from here.
"""

from noroshi.inventory.components import (
    add_component,
    change_component,
    order_versions_again,
    remove_component,
    set_version,
)
from noroshi.inventory.imports import (
    map_columns,
    resume_import,
    start_import,
    start_imports,
)
from noroshi.inventory.systems import (
    SystemFacts,
    add_system,
    change_system,
    retire_system,
    set_owners,
)

__all__ = [
    "SystemFacts",
    "add_component",
    "add_system",
    "change_component",
    "change_system",
    "map_columns",
    "order_versions_again",
    "remove_component",
    "resume_import",
    "retire_system",
    "set_owners",
    "set_version",
    "start_import",
    "start_imports",
]
