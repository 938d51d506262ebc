"""Every mutation, by the name of its list."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.mutations import Mutation

_NO_LISTS = ("__init__", "lists")


def lists() -> dict[str, tuple[Mutation, ...]]:
    """The modules of this folder that have ``MUTATIONS``, in the order of their names."""
    names = [path.stem for path in sorted(Path(__file__).parent.glob("*.py"))]
    return {
        name: import_module(f"tests.mutations.{name}").MUTATIONS
        for name in names
        if name not in _NO_LISTS and not name.startswith("test_")
    }


def by_name() -> dict[str, Mutation]:
    """Every mutation as ``list/name``."""
    return {
        f"{name}/{mutation.name}": mutation
        for name, mutations in lists().items()
        for mutation in mutations
    }
