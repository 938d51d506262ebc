"""People who can sign in, and what was mailed to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client

from noroshi.directory import letters
from noroshi.directory.models import Letter, LetterKind, Person
from tests.harness.people import PASSWORD, World


@pytest.fixture(autouse=True)
def _no_attempts_yet(db: None) -> None:
    """Each test starts with nobody having tried anything."""
    cache.clear()


@pytest.fixture
def with_password(world: World) -> Callable[[str], Person]:
    """``with_password("alice")`` is Alice, who has chosen a password; her language is English."""

    def choose(name: str) -> Person:
        person: Person = getattr(world, name)
        if not person.has_usable_password():
            person.set_password(PASSWORD)
        person.language = "en"
        person.save()
        return person

    return choose


@pytest.fixture
def enter(with_password: Callable[[str], Person]) -> Callable[[str], Client]:
    """``enter("alice")`` is a browser in which Alice signed in with her password."""

    def sign_in(name: str) -> Client:
        person = with_password(name)
        browser = Client(headers={"accept-language": "en"})
        answer = browser.post("/account/login", {"login": person.mail, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return browser

    return sign_in


@pytest.fixture
def mailed() -> Callable[[LetterKind], letters.Message | None]:
    """The text of the last letter of a kind, as it would leave now."""

    def last(kind: LetterKind) -> letters.Message | None:
        return letters.message_of(Letter.objects.filter(kind=kind).latest("pk"))

    return last


def link_in(text: str) -> str:
    """The path of the first link in a mail."""
    line = next(line for line in text.splitlines() if line.startswith("http"))
    return "/" + line.split("/", 3)[3]


def is_signed_in(browser: Client) -> bool:
    """Does a signed-in page answer, and not the way to the sign-in page?"""
    return browser.get("/settings").status_code == 200
