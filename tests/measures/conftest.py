"""A mail server, and instructions that alice gives to otto."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from noroshi.measures.models import Instruction
from tests.harness.people import World
from tests.harness.smtp import PostOffice, running
from tests.measures.builders import instructed

Instruct = Callable[..., Instruction]


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with running(settings) as office:
        yield office


@pytest.fixture
def instruct(world: World) -> Instruct:
    """``instruct()`` gives otto an upgrade by alice; anything may be otherwise."""
    return partial(instructed, world)
