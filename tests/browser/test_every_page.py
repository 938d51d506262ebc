"""Every page of the route table in Chromium: read by axe, narrow and wide, in both languages and themes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from playwright.sync_api import Page

from noroshi.directory.models import Person
from tests.browser.conftest import House
from tests.harness.browser import Watch, axe_faults, opened, shape_faults, signed_in
from tests.harness.examples import EXAMPLES
from tests.harness.routes import Route, all_routes

pytestmark = pytest.mark.django_db

PEOPLE = ("public", "alice", "mana", "otto", "eve", "bob", "adam")
LOOKS = ((1280, "ja", "light"), (390, "en", "dark"))


@dataclass(frozen=True)
class Seen:
    """A page and somebody who gets it."""

    key: str
    url: str
    person: str


@pytest.mark.parametrize(("width", "language", "theme"), LOOKS)
def test_no_page_has_a_fault_that_a_browser_can_find(
    house: House, width: int, language: str, theme: str
) -> None:
    Person.objects.update(language=language, theme=theme)
    pages, watch, faults = list(found(house)), Watch(), []
    windows: dict[str, Page] = {}
    for seen in pages:
        if seen.person not in windows:
            person = house.made.world.people.get(seen.person)
            page = opened(house.browser, house.site, person, width=width, watch=watch)
            for name, value in (("noroshi_language", language), ("noroshi_theme", theme)):
                page.context.add_cookies([{"name": name, "value": value, "url": house.site.url}])
            windows[seen.person] = page
        page = windows[seen.person]
        page.goto(house.site.url + seen.url, wait_until="load")
        assert page.get_attribute("html", "lang") == language, seen
        told = [*axe_faults(page), *shape_faults(page)]
        faults += [f"/{seen.key}: {fault}" for fault in told]
    for page in windows.values():
        page.context.close()
    assert not faults, "\n".join(faults)
    assert watch.said == []
    assert len(pages) > 55


def found(house: House) -> Iterator[Seen]:
    """For every route that answers a GET with a page, its first example that somebody gets."""
    people = house.made.world.people
    clients = {name: signed_in(people[name]) if name in people else Client() for name in PEOPLE}
    for route in all_routes():
        if not route.is_api and "api/" not in route.path:
            yield from pages_of(house, route, clients)


def pages_of(house: House, route: Route, clients: dict[str, Client]) -> Iterator[Seen]:
    for place in EXAMPLES[route.key].places(house.made)[:25]:
        url = route.url(place.filled)
        for name, client in clients.items():
            answer = client.get(url)
            answer.close()
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield Seen(route.key, url, name)
                return
            if answer.status_code in (200, 405):  # a file, or a form's target
                return
