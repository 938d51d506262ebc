"""Every page that somebody gets, found by asking the routes, who gets it, and the forms on it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.test import Client
from django.urls import resolve

from tests.harness.browser import signed_in
from tests.harness.canaries import Canaries
from tests.harness.examples import EXAMPLES
from tests.harness.routes import Route, all_routes

PEOPLE = ("public", "alice", "mana", "otto", "eve", "bob", "adam")
TRIED = 25  # places of a route that are asked at the most


_FORM = re.compile(r"<form\b([^>]*)>")
_ATTRIBUTE = re.compile(r'\b(method|action|formaction)="([^"]*)"')
_BUTTON = re.compile(r"<button\b([^>]*formaction=[^>]*)>")


@dataclass(frozen=True)
class Seen:
    """A page and somebody who gets it; the paths to which its forms send."""

    key: str
    url: str
    person: str
    posts: frozenset[str] = frozenset()
    gets: frozenset[str] = frozenset()


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
    count = 0
    for place in EXAMPLES[route.key].places(made)[:TRIED]:
        url = route.url(place.filled)
        for name, client in clients.items():
            answer = client.get(url)
            is_page = answer.headers.get("Content-Type", "").startswith("text/html")
            if answer.status_code == 405 or (answer.status_code == 200 and not is_page):
                answer.close()
                return  # a form's target, or a file
            if answer.status_code == 200:
                text = answer.content.decode()
                yield Seen(
                    route.key, url, name, targets(text, url, "post"), targets(text, url, "get")
                )
                count += 1
                break
        if count == most:
            return


def targets(page: str, url: str, method: str) -> frozenset[str]:
    """The paths to which the forms of a page send by this method, and what its buttons send elsewhere."""
    urls = []
    for tag in _FORM.findall(page):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if attributes.get("method", "get") == method:
            urls.append(attributes.get("action") or url)
    if method == "post":
        urls += [dict(_ATTRIBUTE.findall(tag))["formaction"] for tag in _BUTTON.findall(page)]
    return frozenset(urlsplit(html.unescape(target)).path for target in urls)


def key_of(path: str) -> str:
    """The key of the route that stands behind a path."""
    pattern = resolve(path).route
    return next(route.key for route in all_routes() if route.path == pattern)
