"""Every page that somebody gets, found by asking the routes, and who gets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.test import Client

from tests.harness.browser import signed_in
from tests.harness.canaries import Canaries
from tests.harness.examples import EXAMPLES
from tests.harness.routes import Route, all_routes

PEOPLE = ("public", "alice", "mana", "otto", "eve", "bob", "adam")
TRIED = 25  # places of a route that are asked at the most


@dataclass(frozen=True)
class Seen:
    """A page and somebody who gets it."""

    key: str
    url: str
    person: str


def pages_of(made: Canaries, most: int = 1) -> list[Seen]:
    """For every route that answers a GET with a page, its first ``most`` places that somebody gets."""
    people = made.world.people
    clients = {name: signed_in(people[name]) if name in people else Client() for name in PEOPLE}
    return [
        seen
        for route in all_routes()
        if not route.is_api and "api/" not in route.path
        for seen in _pages_of(made, route, clients, most)
    ]


def _pages_of(
    made: Canaries, route: Route, clients: dict[str, Client], most: int
) -> Iterator[Seen]:
    found = 0
    for place in EXAMPLES[route.key].places(made)[:TRIED]:
        url = route.url(place.filled)
        for name, client in clients.items():
            answer = client.get(url)
            answer.close()
            is_page = answer.headers.get("Content-Type", "").startswith("text/html")
            if answer.status_code == 405 or (answer.status_code == 200 and not is_page):
                return  # a form's target, or a file
            if answer.status_code == 200:
                yield Seen(route.key, url, name)
                found += 1
                break
        if found == most:
            return
