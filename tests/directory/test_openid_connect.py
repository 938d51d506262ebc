"""Sign-in by the organisation's own server: for people who are here, by a verified address only."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from noroshi.config import environment
from noroshi.directory import actions
from noroshi.directory.models import Person
from tests.directory.conftest import is_signed_in
from tests.directory.identity_provider import Provider, running
from tests.harness.people import World

LOGIN = "/account/provider/oidc/login"


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch, world: World) -> Iterator[Provider]:
    with running() as server:
        server.person = {"sub": "17", "email": world.alice.mail, "email_verified": True}
        for name, value in (
            ("NAME", "Aoba ID"),
            ("URL", server.url),
            ("CLIENT", "noroshi"),
            ("SECRET", "shh"),
        ):
            monkeypatch.setenv(f"NOROSHI_OIDC_{name}", value)
        settings.SOCIALACCOUNT_PROVIDERS = environment.openid_connect()
        settings.ROOT_URLCONF = "tests.directory.urls_with_provider"
        yield server


def _come_back(provider: Provider, **sent: str) -> tuple[Client, str]:
    """Go there from the sign-in page, agree, come back; then what the next page says."""
    browser = Client(headers={"accept-language": "en"})
    leaving = browser.post(LOGIN, sent).content.decode()
    way = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', leaving)
    assert way is not None, leaving
    answer = browser.get(provider.sign_in(html.unescape(way[1])))
    location = answer.headers.get("Location", "")
    page = browser.get(location).content.decode() if location.startswith("/account/login") else ""
    return browser, page or location or str(answer.status_code)


def test_alice_signs_in_by_her_organisation_and_is_known_by_its_id_from_then_on(
    provider: Provider, world: World
) -> None:
    page = Client(headers={"accept-language": "en"}).get("/account/login").content.decode()
    assert "Sign in with Aoba ID" in page
    browser, location = _come_back(provider, next="/teams/")
    assert location == "/teams/"
    assert is_signed_in(browser)
    assert SocialAccount.objects.get().user == world.alice
    provider.person = {"sub": "17", "email": "married@a.example", "email_verified": False}
    assert is_signed_in(_come_back(provider)[0])


@pytest.mark.parametrize("methods", [("client_secret_basic",), None])
def test_a_provider_that_wants_the_secret_in_the_header_or_does_not_say_how_lets_her_in(
    methods: tuple[str, ...] | None, provider: Provider
) -> None:
    provider.methods = methods
    assert is_signed_in(_come_back(provider)[0])


def test_a_secret_that_the_provider_refuses_is_in_the_log_for_the_operator(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, settings: Any, caplog: Any
) -> None:
    monkeypatch.setenv("NOROSHI_OIDC_SECRET", "mistyped")
    settings.SOCIALACCOUNT_PROVIDERS = environment.openid_connect()
    browser, page = _come_back(provider)
    assert "did not open an account here" in page
    assert not is_signed_in(browser)
    assert "The OpenID Connect provider: " in caplog.text
    assert "mistyped" not in caplog.text


def test_her_password_stays_as_it_is(
    provider: Provider, with_password: Callable[[str], Person]
) -> None:
    alice = with_password("alice")
    _come_back(provider)
    alice.refresh_from_db()
    assert alice.has_usable_password()


@pytest.mark.parametrize(
    "change",
    [
        {"email": "stranger@a.example"},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"email": ""},
        {"email": None},
        {"email": "%"},
    ],
)
def test_anything_less_than_a_verified_address_of_somebody_here_is_refused(
    change: dict[str, Any], provider: Provider
) -> None:
    provider.person |= change
    browser, page = _come_back(provider)
    assert "did not open an account here" in page
    assert not is_signed_in(browser)
    assert not SocialAccount.objects.exists()


def test_the_providers_id_opens_no_stopped_account(provider: Provider, world: World) -> None:
    _come_back(provider)
    actions.suspend_person(person=world.alice, team=world.teams["a"], by=world.viewer("mana"))
    browser, _page = _come_back(provider)
    assert not is_signed_in(browser)


def test_a_way_back_that_nobody_left_by_opens_nothing(provider: Provider) -> None:
    browser = Client(headers={"accept-language": "en"})
    answer = browser.get("/account/provider/oidc/back?code=c0de&state=made-up")
    assert answer.headers["Location"] == "/account/login"
    assert not is_signed_in(browser)
    assert browser.get("/account/provider/oidc/back?error=access_denied").status_code == 302


def test_nobody_links_somebody_elses_account_to_their_own(
    provider: Provider, sign_in: Callable[[Person], Client], world: World
) -> None:
    bob = sign_in(world.bob)
    leaving = bob.post(f"{LOGIN}?process=connect").content.decode()
    way = re.search(r'content="0; url=([^"]+)"', leaving)
    assert way is not None
    answer = bob.get(provider.sign_in(html.unescape(way[1])))
    assert answer.headers["Location"] == "/account/login"
    assert not SocialAccount.objects.exists()


def test_looking_does_not_start_it_and_a_server_that_is_down_is_said_so(provider: Provider) -> None:
    browser = Client(headers={"accept-language": "en"})
    assert browser.get(LOGIN).status_code == 405
    assert browser.post("/account/provider/other/login").status_code == 404
    assert browser.get("/account/provider/other/back?code=c0de&state=s").status_code == 404
    provider.broken = True
    answer = browser.post(LOGIN)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()


def test_the_way_back_after_it_stays_on_this_site(provider: Provider) -> None:
    _browser, location = _come_back(provider, next="https://evil.example/")
    assert location == "/"
