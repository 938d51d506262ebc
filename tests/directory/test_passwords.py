"""Forgetting and changing passwords: nobody learns who has an account, and old doors close."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.core import clock
from noroshi.core.models import HistoryRow
from noroshi.directory import actions, letters
from noroshi.directory.models import ApiToken, Letter, LetterKind, Person
from tests.directory.conftest import is_signed_in, link_in
from tests.harness.people import PASSWORD, World

Mailed = Callable[[LetterKind], letters.Message | None]
NEW = "quite another long sentence"


def _ask(mail: str) -> tuple[int, str, str, list[str]]:
    """Status, way, words and kinds of statements of asking for a link."""
    cache.clear()
    browser = Client(headers={"accept-language": "en"})
    with CaptureQueriesContext(connection) as queries:
        answer = browser.post("/account/password/forgotten", {"mail": mail})
    shapes = [re.sub(r"'[^']*'|\d+", "?", q["sql"]) for q in queries.captured_queries]
    says = browser.get("/account/login").content.decode()
    words = re.search(r"If this address has an account[^<]*", says)
    return answer.status_code, answer.headers["Location"], words[0] if words else "", shapes


def _link(mailed: Mailed) -> str:
    letter = mailed(LetterKind.NEW_PASSWORD)
    assert letter is not None
    return link_in(letter.body)


def test_asking_for_a_link_looks_the_same_for_every_address(
    with_password: Callable[[str], Person], world: World
) -> None:
    answers = [
        _ask(mail) for mail in (with_password("alice").mail, "nobody@a.example", world.otto.mail)
    ]
    assert answers[0][2]
    assert answers[0] == answers[1] == answers[2]


def test_the_link_is_mailed_to_the_person_alone_and_in_her_language(
    with_password: Callable[[str], Person], world: World, mailed: Mailed
) -> None:
    alice = with_password("alice")
    _ask(alice.mail.upper())
    letter = mailed(LetterKind.NEW_PASSWORD)
    assert letter is not None
    assert letter.to == alice.mail
    assert letter.language == "en"
    assert "Open this link" in letter.body
    secret = _link(mailed).rpartition("/")[2]
    assert not Letter.objects.filter(what__contains=secret).exists()
    for nobody in ("nobody@a.example", world.otto.mail):
        _ask(nobody)
        assert mailed(LetterKind.NEW_PASSWORD) is None


def test_a_link_sets_a_new_password_once_and_ends_her_sessions(
    enter: Callable[[str], Client], mailed: Mailed, world: World
) -> None:
    inside = enter("alice")
    _ask(world.alice.mail)
    path = _link(mailed)
    browser = Client(headers={"accept-language": "en"})
    assert browser.get(path).status_code == 200
    answer = browser.post(path, {"password": NEW, "again": NEW})
    assert answer.headers["Location"] == "/account/login"
    assert not is_signed_in(inside)
    for text in (browser.get(path).content, browser.post(path, {"password": PASSWORD}).content):
        assert "This link has been used or has expired." in text.decode()
    letter = mailed(LetterKind.CHANGED)
    assert letter is not None
    assert "Your password was changed." in letter.body
    assert (
        browser.post("/account/login", {"login": world.alice.mail, "password": NEW}).status_code
        == 302
    )


@pytest.mark.parametrize(
    ("password", "again", "why"),
    [
        ("short", "short", "This password is too short"),
        ("alice@a.example", "alice@a.example", "too similar to the mail"),
        (NEW, NEW + ".", "The two passwords are not the same."),
        ("", "", "Password is empty."),
    ],
)
def test_a_weak_or_mistyped_password_is_refused_with_a_reason(
    password: str, again: str, why: str, with_password: Callable[[str], Person], mailed: Mailed
) -> None:
    alice = with_password("alice")
    _ask(alice.mail)
    browser = Client(headers={"accept-language": "en"})
    answer = browser.post(_link(mailed), {"password": password, "again": again})
    assert why in answer.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_link_ends_after_four_hours(
    with_password: Callable[[str], Person], mailed: Mailed
) -> None:
    _ask(with_password("alice").mail)
    path = _link(mailed)
    with time_machine.travel(clock.now() + timedelta(hours=4, minutes=1)):
        assert Client().get(path).status_code == 409


def test_a_link_mailed_before_somebody_was_stopped_opens_nothing_even_after_they_are_let_in_again(
    with_password: Callable[[str], Person], mailed: Mailed, world: World
) -> None:
    alice, mana = with_password("alice"), world.viewer("mana")
    _ask(alice.mail)
    path = _link(mailed)
    actions.suspend_person(person=alice, team=world.teams["a"], by=mana)
    assert Client().get(path).status_code == 409
    assert mailed(LetterKind.NEW_PASSWORD) is None  # a queued mail does not leave either
    actions.reinstate_person(person=alice, team=world.teams["a"], by=mana)
    assert Client().get(path).status_code == 409


@pytest.mark.parametrize("secret", ["x", "~", "P-00000000~abc", "alice@a.example~1-1"])
def test_a_made_up_link_opens_nothing(secret: str, world: World) -> None:
    assert Client().get(f"/account/password/new/{secret}").status_code == 409


def test_changing_the_password_ends_the_other_sessions_and_is_told_by_mail(
    enter: Callable[[str], Client], mailed: Mailed, world: World
) -> None:
    here, elsewhere = enter("alice"), enter("alice")
    answer = here.post(
        "/settings/security/password",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
    )
    assert answer.status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert HistoryRow.objects.filter(action="directory.password_changed").exists()
    assert mailed(LetterKind.CHANGED) is not None


def test_a_new_password_ends_her_own_tokens_and_not_the_teams(
    enter: Callable[[str], Client], mailed: Mailed, world: World
) -> None:
    browser, team = enter("mana"), world.teams["a"]
    for owner in (None, team):
        actions.issue_token(
            name="script", scopes=["read"], days=30, team=owner, by=world.viewer("mana")
        )
    fields = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert browser.post("/settings/security/password", fields).status_code == 302
    assert _living_tokens() == {team.pk}
    actions.issue_token(name="next", scopes=["read"], days=30, by=world.viewer("mana"))
    _ask(world.mana.mail)
    assert (
        Client().post(_link(mailed), {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    )
    assert _living_tokens() == {team.pk}


def _living_tokens() -> set[int | None]:
    return set(ApiToken.objects.filter(revoked_at=None).values_list("team_id", flat=True))


def test_the_password_is_not_changed_without_the_present_one(
    enter: Callable[[str], Client], world: World
) -> None:
    answer = enter("alice").post(
        "/settings/security/password", {"oldpassword": NEW, "password1": NEW, "password2": NEW}
    )
    assert "This is not your current password." in answer.content.decode()
    world.alice.refresh_from_db()
    assert world.alice.check_password(PASSWORD)


def test_allauth_sends_no_mail_of_its_own() -> None:
    from noroshi.directory.signin import AccountAdapter

    with pytest.raises(RuntimeError):
        AccountAdapter().send_mail("account/email/anything", "alice@a.example", {})
