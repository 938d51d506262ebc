"""A mail server for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.smtp import PostOffice, running


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with running(settings) as office:
        yield office
