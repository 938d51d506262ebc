"""API tokens: shown once, stored hashed, ended at once, never a way to more rights."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.core import clock
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused
from noroshi.core.models import HistoryRow
from noroshi.directory import actions, queries
from noroshi.directory.models import ApiToken, Person
from noroshi.directory.viewer import Viewer, viewer_for_token
from tests.harness.people import World

SignIn = Callable[[Person], Client]
FORM = {"name": "Scanner", "team": "me", "scopes": ["read"], "days": "30"}


def _token(by: Viewer, world: World | None = None) -> ApiToken:
    team = world.teams["a"] if world else None
    secret = actions.issue_token(name="x", scopes=["read"], days=30, team=team, by=by).secret
    token = queries.valid_token(secret)
    assert token is not None
    return token


def test_the_secret_is_shown_once_and_kept_nowhere(sign_in: SignIn, world: World) -> None:
    browser = sign_in(world.alice)
    answer = browser.post("/settings/tokens", FORM)
    found = re.search(r"noroshi_[\w-]{43}", answer.content.decode())
    assert found is not None
    assert "no-store" in answer.headers["Cache-Control"]
    token = queries.valid_token(found[0])
    assert token is not None
    for url in ("/settings/tokens", f"/settings/tokens/{token.public_id}"):
        page = browser.get(url).content.decode()
        assert "Scanner" in page
        assert found[0] not in page
        assert token.token_hash not in page
    for model in (ApiToken, HistoryRow):
        assert found[0] not in str(list(model.objects.values()))


def test_a_manager_makes_a_token_of_the_team_and_nobody_else_does(
    sign_in: SignIn, world: World
) -> None:
    team = world.teams["a"]
    sent = {**FORM, "team": team.public_id}
    assert "noroshi_" in sign_in(world.mana).post("/settings/tokens", sent).content.decode()
    assert "noroshi_" not in sign_in(world.alice).post("/settings/tokens", sent).content.decode()
    assert ApiToken.objects.get().team == team
    with pytest.raises(Forbidden):
        actions.issue_token(name="x", scopes=["read"], days=1, team=team, by=world.viewer("alice"))
    with pytest.raises(Refused):  # an administrator reads no content, so makes no such token
        actions.issue_token(name="x", scopes=["read"], days=1, team=team, by=world.viewer("adam"))


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 30), (["admin"], 30), (["read"], 0), (["read"], 367), (["read"], -1)]
)
def test_a_token_without_scope_or_with_a_strange_one_or_for_ever_is_not_made(
    scopes: list[str], days: int, alice: Viewer
) -> None:
    with pytest.raises(Malformed):
        actions.issue_token(name="x", scopes=scopes, days=days, by=alice)


def test_a_token_makes_no_other_token_and_runs_no_team(mana: Viewer, world: World) -> None:
    program = viewer_for_token(_token(mana))
    with pytest.raises(Refused):
        actions.issue_token(name="y", scopes=["read"], days=1, by=program)
    with pytest.raises(Forbidden):
        actions.invite(team=world.teams["a"], mail="x@a.example", role="csirt", by=program)
    with pytest.raises(Forbidden):
        actions.suspend_person(person=world.alice, team=world.teams["a"], by=program)


def test_an_ended_token_is_refused_at_once_and_cannot_be_ended_twice(
    sign_in: SignIn, world: World
) -> None:
    token, browser = _token(world.viewer("alice")), sign_in(world.alice)
    url = f"/settings/tokens/{token.public_id}"
    browser.get(url)
    assert ApiToken.objects.get(revoked_at=None) == token
    assert browser.post(url).status_code == 302
    assert not ApiToken.objects.filter(revoked_at=None).exists()
    assert browser.post(url).status_code == 404
    with pytest.raises(Refused):
        actions.revoke_token(token=token, by=world.viewer("alice"))


def test_an_expired_token_opens_nothing(alice: Viewer) -> None:
    secret = actions.issue_token(name="x", scopes=["read"], days=1, by=alice).secret
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)):
        assert queries.valid_token(secret) is None


@pytest.mark.parametrize("secret", ["", "noroshi_", "K-00000000", "' OR 1=1 --", "\x00"])
def test_no_id_and_no_guess_works_as_a_secret(secret: str, alice: Viewer) -> None:
    token = _token(alice)
    for guess in (secret, token.public_id, token.token_hash, str(token.pk)):
        assert queries.valid_token(guess) is None


def test_nobody_sees_or_ends_the_token_of_somebody_else(
    sign_in: SignIn, mana: Viewer, bob: Viewer, world: World
) -> None:
    of_team, of_bob = _token(mana, world), _token(bob)
    browser = sign_in(world.alice)
    for token in (of_team, of_bob):
        url = f"/settings/tokens/{token.public_id}"
        assert browser.get(url).status_code == browser.post(url).status_code == 404
    with pytest.raises(NotFound):
        actions.revoke_token(token=of_bob, by=world.viewer("alice"))
    program = viewer_for_token(of_team)
    for token in (of_team, of_bob):
        with pytest.raises((NotFound, Forbidden)):
            actions.revoke_token(token=token, by=program)
    assert ApiToken.objects.filter(revoked_at=None).count() == 2


def test_the_last_use_is_noted_at_most_once_a_minute(alice: Viewer) -> None:
    token = _token(alice)
    with time_machine.travel(clock.now(), tick=False) as now:
        for seconds, writes in ((0, 1), (30, 0), (29, 0), (1, 1)):
            now.shift(timedelta(seconds=seconds))
            again = ApiToken.objects.get(pk=token.pk)
            with CaptureQueriesContext(connection) as queries_made:
                actions.touch_token(again)
            assert len(queries_made) == writes
        token.refresh_from_db()
        assert token.last_used_at == clock.now()
