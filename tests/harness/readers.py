"""Everybody who asks at a door: people with a session, programs with a token, and impostors."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.cookies import SimpleCookie
from typing import Any, cast

from django.http import HttpResponseBase
from django.test import Client, RequestFactory
from django.test.client import ClientHandler

from noroshi.directory.models import Person
from noroshi.directory.queries import valid_token
from noroshi.directory.viewer import NOBODY, Viewer, viewer_for_token
from tests.harness.canaries import Canaries
from tests.harness.people import World

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# By default every kind of reader asks every route; NOROSHI_LEAKS=whole lets everybody ask
# for everything, which takes some minutes.
WHOLE = os.environ.get("NOROSHI_LEAKS") == "whole"
PEOPLE = ("public", "alice", "mana", "otto", "eve", "bob", "charlie", "adam", "sam", "dora")
MORE_PEOPLE = ("ann", "olga", "mia", "oki", "sora", "leo")
TOKENS = (
    "alice",
    "bob",
    "charlie",
    "otto",
    "adam",
    "team a",
    "alice writes",
    "alice revoked",
    "alice expired",
    "sam",
)
MORE_TOKENS = ("mana", "eve", "team b", "dora")


class Browser(RequestFactory):
    """Django's own request path without what its test client keeps of every rendered page."""

    handler = ClientHandler(enforce_csrf_checks=False)

    def request(self, **environ: Any) -> Any:
        return self.handler(self._base_environ(**environ))  # type: ignore[attr-defined]  # Django's own way in


@dataclass
class Reader:
    """Somebody at a door: a browser with its session, or a program with its token."""

    name: str
    viewer_now: Callable[[], Viewer]
    cookies: Any = field(default_factory=SimpleCookie)
    token: str = ""

    def viewer(self) -> Viewer:
        """Who that is now; asked anew, so that what was taken away counts."""
        return self.viewer_now()

    def ask(self, method: str, url: str, body: Any = None, **more: Any) -> HttpResponseBase:
        """One request in a browser of its own, so that no request changes the next one."""
        browser = Browser(headers=self.headers())
        browser.cookies = SimpleCookie(self.cookies.output(header="", sep=";"))
        if method == "POST" and isinstance(body, Mapping):
            return cast(HttpResponseBase, browser.post(url, body, **more))
        if body is None:
            return cast(HttpResponseBase, browser.generic(method, url, **more))
        more.setdefault("content_type", "application/json")
        return cast(HttpResponseBase, browser.generic(method, url, body, **more))

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def sessions(world: World) -> dict[str, Any]:
    """The cookies of everybody signed in, before anybody loses anything."""
    cookies: dict[str, Any] = {"public": SimpleCookie()}
    for name, person in world.people.items():
        Person.objects.filter(pk=person.pk).update(language="en")
        browser = Client()
        browser.force_login(Person.objects.get(pk=person.pk), backend=BACKEND)
        cookies[name] = browser.cookies
    return cookies


def readers(made: Canaries, signed_in: Mapping[str, Any]) -> dict[str, Reader]:
    """Those who ask pages: people, and a program with a token, which opens no page."""
    people = {
        name: Reader(name, partial(made.viewer, name), signed_in[name])
        for name in (*PEOPLE, *MORE_PEOPLE)
    }
    people["token at a page"] = Reader("token at a page", _nobody, token=made.secrets["alice"])
    return people


def programs(made: Canaries, signed_in: Mapping[str, Any]) -> dict[str, Reader]:
    """Those who ask the API: tokens, one that is made up, and a browser, which opens nothing."""
    callers = {
        f"token {name}": Reader(
            f"token {name}", partial(_of_token, made.secrets[name]), token=made.secrets[name]
        )
        for name in (*TOKENS, *MORE_TOKENS)
    }
    callers["made-up token"] = Reader("made-up token", _nobody, token="noroshi_" + "x" * 43)
    callers["alice's browser"] = Reader("alice's browser", _nobody, signed_in["alice"])
    return callers


def _nobody() -> Viewer:
    return NOBODY


def _of_token(secret: str) -> Viewer:
    token = valid_token(secret)
    return NOBODY if token is None else viewer_for_token(token)


def usual(reader: Reader) -> bool:
    """Does this reader ask everything, or only when the whole is asked for?"""
    left = {*MORE_PEOPLE, *(f"token {name}" for name in MORE_TOKENS)}
    return WHOLE or reader.name not in left
