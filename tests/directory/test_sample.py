"""The sample's one-click way in is for the person at the machine, and for invented people only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import Person, Role
from tests.directory.conftest import is_signed_in
from tests.harness.people import World

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000", "HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def sample(settings: Any) -> None:
    settings.NOROSHI_SAMPLE = True
    settings.ALLOWED_HOSTS = ["*"]


def _browser(**where: str) -> Client:
    return Client(**{**HERE, **where})  # type: ignore[arg-type]  # any name of the WSGI environment


def _enter(person: Person, **where: str) -> tuple[Client, int]:
    browser = _browser(**where)
    return browser, browser.post(f"/account/sample/{person.public_id}").status_code


def test_the_sign_in_page_offers_everybody_by_team_and_role(sample: None, world: World) -> None:
    page = _browser().get("/account/login").content.decode()
    for person in world.people.values():
        assert page.count(f"/account/sample/{person.public_id}") == 1
    order = [page.index(word) for word in ("Aoba CSIRT", "Alice Aoki", "Security manager")]
    assert order == sorted(order)


def test_one_click_signs_in_without_a_password(sample: None, world: World) -> None:
    browser, status = _enter(world.alice)
    assert status == 302
    assert is_signed_in(browser)


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("[::1]:8000", "::1"), ("127.0.0.1", "127.9.9.9")],
)
def test_every_name_of_this_machine_is_this_machine(
    host: str, address: str, sample: None, world: World
) -> None:
    assert _enter(world.alice, HTTP_HOST=host, REMOTE_ADDR=address)[1] == 302


@pytest.mark.parametrize(
    "where",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "::ffff:192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "noroshi.example"},
        {"HTTP_HOST": "127.0.0.1.evil.example"},
        {"HTTP_HOST": "192.0.2.7:8000"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_from_anywhere_else_it_is_not_there(
    where: dict[str, str], sample: None, world: World
) -> None:
    browser, status = _enter(world.alice, **where)
    assert status == 404
    assert not is_signed_in(browser)
    assert "/account/sample/" not in browser.get("/account/login").content.decode()


def test_without_sample_mode_it_is_not_there(settings: Any, world: World) -> None:
    assert settings.NOROSHI_SAMPLE is False
    browser, status = _enter(world.alice)
    assert status == 404
    assert "/account/sample/" not in browser.get("/account/login").content.decode()


def test_a_real_address_is_never_offered(sample: None, world: World) -> None:
    real = actions.add_person(
        mail="alice@aoba.co.jp", name="A", team=world.teams["a"], roles=[Role.ADMIN], by=SYSTEM
    )
    assert _enter(real)[1] == 404
    page = _browser().get("/account/login").content.decode()
    assert real.public_id not in page


def test_looking_does_not_sign_in_and_another_field_is_refused(sample: None, world: World) -> None:
    browser = _browser()
    url = f"/account/sample/{world.alice.public_id}"
    assert browser.get(url).status_code == 405
    assert browser.post(url, {"role": "admin"}).status_code == 400
    assert not is_signed_in(browser)


def test_a_suspended_sample_person_is_not_offered(sample: None, world: World) -> None:
    actions.suspend_person(person=world.alice, team=world.teams["a"], by=world.viewer("mana"))
    assert _enter(world.alice)[1] == 404


def test_the_offer_costs_the_same_for_many_people(sample: None, world: World) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            _browser().get("/account/login")
        return len(queries)

    before = cost()
    for number in range(20):
        actions.add_person(
            mail=f"n{number}@b.example",
            name=f"N{number}",
            team=world.teams["b"],
            roles=[Role.CSIRT, Role.OPERATOR],
            by=SYSTEM,
        )
    assert cost() == before
