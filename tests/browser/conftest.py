"""One world and one server for the tests here; a test that writes makes things of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.harness import canaries
from tests.harness.browser import Site, chromium, serving
from tests.harness.canaries import Canaries
from tests.harness.copies import Copies, standing_on
from tests.harness.pages import Seen, pages_of


@dataclass
class House:
    """The site, its people and things, and a browser."""

    site: Site
    made: Canaries
    browser: Browser


@pytest.fixture(autouse=True)
def _own_folder() -> None:
    """The site has its own."""


@pytest.fixture(scope="package")
def house(django_db_setup: None, django_db_blocker: Any, copies: Copies) -> Iterator[House]:
    with (
        django_db_blocker.unblock(),
        copies.of("house", canaries.house) as filled,
        standing_on(filled.database),
        serving(django_db_blocker) as site,
        chromium() as browser,
    ):
        filled.lay_files()
        made = filled.value
        made.rows["passkey"].delete()  # an invented one, which a real sign-in would trip over
        yield House(site, made, browser)


@pytest.fixture(scope="package")
def pages(house: House) -> list[Seen]:
    """One page of every route that has any."""
    return pages_of(house.made)
