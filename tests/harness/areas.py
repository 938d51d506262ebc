"""The tables in the test folders of the areas, gathered by the name of their module."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from noroshi.directory.areas import installed

TESTS = Path(__file__).resolve().parent.parent


def modules(name: str) -> dict[str, ModuleType]:
    """By area its ``tests/<area>/<name>.py``, where it has one."""
    return {
        path.parent.name: import_module(f"tests.{path.parent.name}.{name}")
        for path in sorted(TESTS.glob(f"*/{name}.py"))
        if path.parent.name != "harness"
    }


def gathered(name: str, constant: str) -> dict[str, tuple[str, Any]]:
    """Every entry of the tables of this name, with its area; raises where two areas have the same."""
    entries: dict[str, tuple[str, Any]] = {}
    for area, module in modules(name).items():
        for key, value in getattr(module, constant, {}).items():
            if key in entries:
                raise ValueError(
                    f"{key!r} stands in tests/{entries[key][0]}/{name}.py and tests/{area}/{name}.py."
                )
            entries[key] = (area, value)
    return entries


def file_for(dotted: str, name: str) -> str:
    """The file in which an example of the thing with this dotted path belongs.

    A module of the API belongs to the area that names it in its ``operations``, and one that is not
    there yet to the area that it is called by: ``noroshi.api.incidents`` to incidents.
    """
    places = dotted.split(".")
    area = places[1]
    if area == "api" and len(places) > 2:
        area = _reads(places[2])
    return f"tests/{area}/{name}.py"


def _reads(module: str) -> str:
    for package, area in installed().items():
        if module in area.operations:
            return package.split(".")[1]
    return "api" if find_spec(f"noroshi.api.{module}") else module
