"""Coming in with a password: who, how, and what an outsider learns (rules 4, 7, 11, 13, 15)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, reverse

from noroshi.core.history import verify
from noroshi.core.models import HistoryRow
from noroshi.directory import actions, urls
from noroshi.directory.models import Person
from tests.directory.conftest import is_signed_in
from tests.directory.counting import CountingHasher
from tests.harness.people import PASSWORD, World

WRONG = "not her password at all"


def _try(mail: str, password: str, **more: str) -> tuple[Client, int, str]:
    browser = Client(headers={"accept-language": "en"})
    answer = browser.post("/account/login", {"login": mail, "password": password, **more})
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.content.decode())
    return browser, answer.status_code, text.replace(mail, "…")


def test_alice_signs_in_with_her_password_and_out_again(
    enter: Callable[[str], Client], world: World
) -> None:
    browser = enter("alice")
    assert is_signed_in(browser)
    assert HistoryRow.objects.filter(
        action="directory.sign_in", actor=world.alice.public_id
    ).exists()
    assert browser.get("/account/logout").status_code == 200
    assert is_signed_in(browser)  # looking at the page has changed nothing
    browser.post("/account/logout")
    assert not is_signed_in(browser)
    assert not list(verify())


def test_her_address_is_read_without_regard_to_case(
    with_password: Callable[[str], Person],
) -> None:
    _browser, status, _text = _try(with_password("alice").mail.upper(), PASSWORD)
    assert status == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    with_password: Callable[[str], Person], world: World
) -> None:
    known = with_password("alice").mail
    answers = {
        _try(mail, WRONG)[1:]
        for mail in (known, "nobody@a.example", world.otto.mail)  # otto has no password yet
    }
    assert len(answers) == 1
    assert "The address or the password is not right." in answers.pop()[1]


def test_a_known_and_an_unknown_address_take_the_same_work(
    with_password: Callable[[str], Person], world: World, settings: pytest.FixtureRequest
) -> None:
    settings.PASSWORD_HASHERS = ["tests.directory.counting.CountingHasher"]  # type: ignore[attr-defined]
    work = []
    for mail in (with_password("alice").mail, "nobody@a.example", world.otto.mail):
        CountingHasher.hashed.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            _try(mail, WRONG)
        work.append((len(CountingHasher.hashed), len(queries)))
    assert work[0][0] == 1
    assert len(set(work)) == 1, work


def test_after_five_wrong_passwords_even_the_right_one_waits(
    with_password: Callable[[str], Person],
) -> None:
    mail = with_password("alice").mail
    for _attempt in range(5):
        _try(mail, WRONG)
    _browser, status, text = _try(mail, PASSWORD)
    assert status == 200
    assert "Too many attempts" in text


def test_an_empty_password_opens_nothing(world: World) -> None:
    Person.objects.filter(pk=world.alice.pk).update(password="")
    browser, status, _text = _try(world.alice.mail, "")
    assert status == 200
    assert not is_signed_in(browser)


def test_a_suspended_person_with_the_right_password_is_told_why_and_stays_outside(
    with_password: Callable[[str], Person], world: World
) -> None:
    alice = with_password("alice")
    actions.suspend_person(person=alice, team=world.teams["a"], by=world.viewer("mana"))
    browser, status, text = _try(alice.mail, PASSWORD)
    assert status == 403
    assert "This account is stopped" in text
    assert not is_signed_in(browser)
    assert _try(alice.mail, WRONG)[1] == 200  # only who knows the password learns of it


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "http://localhost:8000/elsewhere",
        "\\\\evil.example",
        "///evil.example",
    ],
)
def test_the_way_back_never_leads_off_this_site(
    url: str, with_password: Callable[[str], Person]
) -> None:
    browser = Client()
    answer = browser.post(
        "/account/login",
        {"login": with_password("alice").mail, "password": PASSWORD, "next": url},
    )
    assert answer.headers["Location"] == "/"
    assert browser.post("/account/logout", {"next": url}).headers["Location"] == "/"
    for button, value in (("theme", "dark"), ("language", "en")):
        answer = browser.post(f"/settings/{button}", {button: value, "next": url})
        assert answer.headers["Location"] == "/"


def test_the_way_back_leads_to_the_page_that_was_asked_for(
    with_password: Callable[[str], Person],
) -> None:
    browser = Client()
    answer = browser.get("/teams/?q=aoba")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/login?next=/teams/%3Fq%3Daoba"
    page = browser.get(answer.headers["Location"]).content.decode()
    assert 'name="next" value="/teams/?q=aoba"' in page
    answer = browser.post(
        "/account/login",
        {"login": with_password("alice").mail, "password": PASSWORD, "next": "/teams/?q=aoba"},
    )
    assert answer.headers["Location"] == "/teams/?q=aoba"


@pytest.mark.parametrize(
    "url", ["/account/login", "/account/password/forgotten", "/settings/theme"]
)
def test_a_field_that_a_form_does_not_list_is_refused(url: str, world: World) -> None:
    answer = Client().post(url, {"is_superuser": "1"})
    assert answer.status_code == 400


def test_nobody_signs_up_and_only_the_routes_that_are_used_are_there() -> None:
    for name in (
        "account_signup",
        "account_email",
        "account_set_password",
        "account_inactive",
        "account_confirm_login_code",
        "socialaccount_signup",
        "socialaccount_connections",
        "openid_connect_login",
        "mfa_edit_webauthn",
        "mfa_download_recovery_codes",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_every_route_says_its_rule() -> None:
    routes: list[URLPattern] = [*urls.entrances, *urls.security, *urls.provider, *urls.pages]
    assert len(routes) > 40
    for route in routes:
        assert getattr(route.callback, "rule", ""), route


def test_sign_in_pages_are_kept_by_nobody_and_hold_no_script_or_style(
    enter: Callable[[str], Client],
) -> None:
    alice = enter("alice")
    inside = (
        "/settings/security/",
        "/settings/security/password",
        "/settings/security/app",
        "/settings/security/passkeys/new",
        "/settings/security/again",
    )
    pages = [Client().get(url) for url in ("/account/login", "/account/password/forgotten")]
    alice.post("/settings/security/again", {"password": PASSWORD})
    for answer in (*pages, *(alice.get(url) for url in inside)):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith(("no-store", "max-age=0"))
        assert "no-store" in answer.headers["Cache-Control"]
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)


def test_a_signed_out_reader_chooses_the_language_for_this_browser() -> None:
    browser = Client(headers={"accept-language": "ja"})
    assert 'lang="ja"' in browser.get("/account/login").content.decode()
    answer = browser.post("/settings/language", {"language": "en", "next": "/account/login"})
    assert answer.headers["Location"] == "/account/login"
    assert 'lang="en"' in browser.get("/account/login").content.decode()
    assert browser.cookies["noroshi_language"]["httponly"]
    browser.post("/settings/language", {"language": "tlh"})
    assert 'lang="en"' in browser.get("/account/login").content.decode()


def test_a_signed_in_person_keeps_language_and_theme_with_the_account(
    sign_in: Callable[[Person], Client], world: World
) -> None:
    browser = sign_in(world.alice)
    browser.post("/settings/language", {"language": "ja"})
    browser.post("/settings/theme", {"theme": "dark"})
    elsewhere = sign_in(world.alice)
    Person.objects.filter(pk=world.alice.pk).update(language="ja")
    page = elsewhere.get("/settings").content.decode()
    assert 'lang="ja"' in page
    assert 'data-theme="dark"' in page
