"""A stocked team A, and programs of its people."""

from __future__ import annotations

import pytest

from noroshi.directory.viewer import Viewer
from tests.api import program
from tests.api.program import Program, Stock
from tests.harness.people import World


@pytest.fixture
def stock(world: World) -> Stock:
    return program.stock(world)


@pytest.fixture
def alices(alice: Viewer) -> Program:
    """A program of alice's with every scope."""
    return program.program_of(alice)
