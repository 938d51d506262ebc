"""Authenticator apps, recovery codes and passkeys."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from noroshi.core.models import HistoryRow
from noroshi.directory import actions, letters
from noroshi.directory.models import LetterKind
from tests.directory.conftest import is_signed_in
from tests.directory.passkey import PRESENT, Passkey
from tests.harness.people import PASSWORD, World

Enter = Callable[[str], Client]
Mailed = Callable[[LetterKind], letters.Message | None]
AGAIN = "/settings/security/again"
APP = "/settings/security/app"
CODES = "/settings/security/codes"
KEY = "/settings/security/passkeys/new"


def _code(secret: str) -> str:
    left = 30 - time.time() % 30
    if left < 2:  # the code would end before it is asked for
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def _confirm(browser: Client) -> None:
    assert browser.post(AGAIN, {"password": PASSWORD}).status_code == 302


def _set_up_app(browser: Client) -> str:
    _confirm(browser)
    page = browser.get(APP).content.decode()
    secret = re.search(r"\b[A-Z2-7]{32}\b", page)
    assert secret is not None
    answer = browser.post(APP, {"code": _code(secret[0])})
    assert answer.headers["Location"] == CODES
    return secret[0]


def _options(page: str) -> dict[str, Any]:
    match = re.search(r'data-options="([^"]*)"', page)
    assert match is not None
    options: dict[str, Any] = json.loads(html.unescape(match[1]))
    return options


def _add_passkey(browser: Client, key: Passkey) -> None:
    _confirm(browser)
    made = key.create(_options(browser.get(KEY).content.decode()))
    sent = {"name": "Blue key", "passwordless": "on", "credential": made}
    assert browser.post(KEY, sent).status_code == 302


def _sign_in(world: World) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.post("/account/login", {"login": world.alice.mail, "password": PASSWORD})
    return browser


def _ask_passkey(browser: Client) -> dict[str, Any]:
    answer = browser.get("/account/passkey", headers={"accept": "application/json"})
    options: dict[str, Any] = answer.json()["request_options"]
    return options


def test_what_protects_an_account_is_changed_only_after_the_password_once_more(
    enter: Enter,
) -> None:
    alice = enter("alice")
    for url in (APP, KEY, "/settings/security/codes/new"):
        answer = alice.get(url)
        assert answer.headers["Location"].startswith(f"{AGAIN}?next=")
    assert "This is not your password." in alice.post(AGAIN, {"password": "x"}).content.decode()
    assert alice.get(APP).status_code == 302


def test_with_an_app_the_password_alone_no_longer_opens_the_account(
    enter: Enter, world: World, mailed: Mailed, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = _set_up_app(enter("alice"))
    letter = mailed(LetterKind.CHANGED)
    assert letter is not None
    assert "An authenticator app was set up" in letter.body
    assert HistoryRow.objects.filter(action="directory.totp_activated").exists()
    browser = _sign_in(world)
    assert not is_signed_in(browser)
    wrong = browser.post("/account/second", {"code": "000000"}).content.decode()
    assert "This code is not right." in wrong
    assert browser.post("/account/second", {"code": _code(secret)}).status_code == 302
    assert is_signed_in(browser)


def test_a_code_opens_once(enter: Enter, world: World) -> None:
    secret = _set_up_app(enter("alice"))
    first, second, code = _sign_in(world), _sign_in(world), _code(secret)
    first.post("/account/second", {"code": code})
    second.post("/account/second", {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_suspension_between_password_and_code_keeps_the_door_shut(
    enter: Enter, world: World
) -> None:
    secret = _set_up_app(enter("alice"))
    browser = _sign_in(world)
    actions.suspend_person(person=world.alice, team=world.teams["a"], by=world.viewer("mana"))
    browser.post("/account/second", {"code": _code(secret)})
    assert not is_signed_in(browser)


def test_recovery_codes_are_shown_on_asking_and_open_once_each(enter: Enter, world: World) -> None:
    alice = enter("alice")
    _set_up_app(alice)
    page = alice.get(CODES).content.decode()
    assert "10 codes are left." in page
    assert "<pre" not in page
    before = list(Authenticator.objects.values())
    codes = re.search(r"<pre[^>]*>([\d\s]+)</pre>", alice.post(CODES).content.decode())
    assert codes is not None
    assert list(Authenticator.objects.values()) == before
    code = codes[1].split()[0]
    first, second = _sign_in(world), _sign_in(world)
    first.post("/account/second", {"code": code})
    second.post("/account/second", {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_seeds_stand_encrypted_in_the_database(enter: Enter) -> None:
    secret = _set_up_app(enter("alice"))
    rows = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in rows
    assert rows.count("gAAAA") == 2  # both the app's seed and that of the codes are sealed


def test_an_app_is_taken_away_after_a_page_that_says_what_happens(
    enter: Enter, world: World
) -> None:
    alice = enter("alice")
    _set_up_app(alice)
    assert "the password alone is enough" in alice.get(f"{APP}/remove").content.decode()
    assert alice.post(f"{APP}/remove").status_code == 302
    assert is_signed_in(_sign_in(world))


def test_alice_adds_a_passkey_and_signs_in_with_nothing_else(
    enter: Enter, world: World, mailed: Mailed
) -> None:
    alice, key = enter("alice"), Passkey()
    _add_passkey(alice, key)
    letter = mailed(LetterKind.CHANGED)
    assert letter is not None
    assert "A passkey or security key was added" in letter.body
    assert "Blue key" in alice.get("/settings/security/").content.decode()
    browser = Client(headers={"accept-language": "en"})
    sent = {"credential": key.get(_ask_passkey(browser)), "next": "/teams/"}
    answer = browser.post("/account/passkey", sent)
    assert answer.headers["Location"] == "/teams/"
    assert is_signed_in(browser)


def test_a_passkey_is_a_second_step_after_the_password_too(enter: Enter, world: World) -> None:
    key = Passkey()
    _add_passkey(enter("alice"), key)
    browser = _sign_in(world)
    assert not is_signed_in(browser)
    options = _options(browser.get("/account/second").content.decode())
    browser.post("/account/second", {"credential": key.get(options)})
    assert is_signed_in(browser)


def test_an_answer_to_an_old_question_or_by_another_key_opens_nothing(
    enter: Enter, world: World
) -> None:
    key, browser = Passkey(), Client(headers={"accept-language": "en"})
    _add_passkey(enter("alice"), key)
    old = _ask_passkey(browser)
    new = _ask_passkey(browser)
    other = Passkey(id=key.id)
    other.user = key.user
    unverified = Passkey(id=key.id, key=key.key, flags=PRESENT)
    unverified.user = key.user
    elsewhere = Passkey(id=key.id, key=key.key, site="evil.example")
    elsewhere.user = key.user
    for credential in (
        key.get(old),
        other.get(new),
        unverified.get(_ask_passkey(browser)),
        elsewhere.get(_ask_passkey(browser)),
        "{}",
        "[]",
        "null",
        "x",
        '{"response": {}}',
    ):
        assert browser.post("/account/passkey", {"credential": credential}).status_code == 302
        assert not is_signed_in(browser)


def test_a_suspended_persons_passkey_opens_nothing(enter: Enter, world: World) -> None:
    key = Passkey()
    _add_passkey(enter("alice"), key)
    actions.suspend_person(person=world.alice, team=world.teams["a"], by=world.viewer("mana"))
    browser = Client(headers={"accept-language": "en"})
    answer = browser.post("/account/passkey", {"credential": key.get(_ask_passkey(browser))})
    assert answer.status_code == 403
    assert not is_signed_in(browser)


def test_nobody_removes_somebody_elses_key(enter: Enter, world: World) -> None:
    alice = enter("alice")
    _add_passkey(alice, Passkey())
    key = Authenticator.objects.get(type="webauthn")
    url = f"/settings/security/passkeys/{key.pk}/remove"
    bob = enter("bob")
    _confirm(bob)
    assert bob.get(url).status_code == bob.post(url).status_code == 404
    assert "no longer opens your account" in alice.get(url).content.decode()
    assert Authenticator.objects.filter(pk=key.pk).exists()
    assert alice.post(url).status_code == 302
    assert not Authenticator.objects.exists()  # and the recovery codes with it
