"""The rights of a call: those of its token's person or team, or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from noroshi.api.document import document
from noroshi.core import clock
from noroshi.directory import actions, queries
from noroshi.directory.areas import areas
from noroshi.directory.models import ApiToken, Person, Standing
from noroshi.directory.viewer import Viewer
from tests.api.program import Program, Stock, program_of
from tests.harness.people import World

SignIn = Callable[[Person], Client]


def _every_call() -> list[tuple[str, str, str]]:
    """Method, path with ids that are nobody's, and scope of every operation."""
    calls = []
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            bare = path.removeprefix("/api/v1")
            for parameter in operation["parameters"]:
                bare = bare.replace(f"{{{parameter['name']}}}", "X-00000000")
            calls.append((method.upper(), bare, operation["x-scope"]))
    return calls


@pytest.fixture(scope="module")
def calls() -> list[tuple[str, str, str]]:
    return _every_call()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer noroshi_wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "noroshi_wrong"},
    ],
)
def test_no_operation_answers_without_a_valid_token(
    db: None, headers: dict[str, str], calls: list[tuple[str, str, str]]
) -> None:
    nobody = Program(**headers)
    assert len(calls) > 7 * sum(len(area.operations) for area in areas())
    for method, path, _scope in calls:
        answer = nobody.send(method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_browser_that_is_signed_in_is_nobody_here(sign_in: SignIn, world: World) -> None:
    assert sign_in(world.alice).get("/api/v1/me").status_code == 401


def test_each_operation_asks_for_its_own_scope_and_names_it(
    alice: Viewer, calls: list[tuple[str, str, str]]
) -> None:
    for scope in ("read", "write", "share"):
        others = [other for other in ("read", "write", "share") if other != scope]
        program = program_of(alice, *others)
        for method, path, required in calls:
            if required == scope:
                answer = program.send(method, path)
                assert answer.status_code == 403, (method, path)
                assert f"“{scope}”" in answer.json()["detail"]


def test_whoever_may_only_write_is_told_nothing_but_ids(
    alice: Viewer, world: World, stock: Stock
) -> None:
    writer = program_of(alice, "write")
    answer = writer.send("PATCH", f"/systems/{stock.system_id}", {"place": "名古屋"})
    assert (answer.status_code, answer.content) == (204, b"")
    made = writer.post("/systems", {"team": world.teams["a"].public_id, "name": "帳票"})
    assert list(made.json()) == ["id"]
    assert writer.client.get(made.headers["Location"]).status_code == 403


def test_a_token_that_has_expired_or_was_ended_opens_nothing(alice: Viewer) -> None:
    program = program_of(alice)
    assert program.get("/me").status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert program.get("/me").status_code == 401
    actions.revoke_token(token=ApiToken.objects.get(), by=alice)
    assert program.get("/me").status_code == 401


def test_a_suspended_persons_token_ends_with_the_next_call(world: World, alice: Viewer) -> None:
    program = program_of(alice)
    assert program.get("/systems").status_code == 200
    actions.suspend_person(person=world.alice, team=world.teams["a"], by=world.viewer("mana"))
    assert program.get("/systems").status_code == 401


def test_a_team_that_has_left_takes_its_token_along(world: World, mana: Viewer) -> None:
    program = program_of(mana, team=world.teams["a"])
    assert program.get("/me").json()["person"] is None
    actions.set_standing(team=world.teams["a"], standing=Standing.LEFT, by=world.viewer("adam"))
    assert program.get("/me").status_code == 401


def test_me_says_whose_rights_the_token_has_and_when_it_ends(
    world: World, alice: Viewer, alices: Program
) -> None:
    me = alices.get("/me").json()
    assert me["person"] == {"id": world.alice.public_id, "name": "青木 アリス"}
    assert [entry["roles"] for entry in me["teams"]] == [["csirt"]]
    assert [entry["name"] for entry in me["circles"]] == ["製造の輪"]
    assert me["token"]["scopes"] == ["read", "share", "write"]
    assert me["token"]["id"] == queries.tokens_for(alice).get().public_id
    assert "secret" not in str(me)


def test_the_last_use_is_noted(alice: Viewer) -> None:
    program = program_of(alice)
    assert ApiToken.objects.get().last_used_at is None
    program.get("/systems")
    assert ApiToken.objects.get().last_used_at is not None


def test_another_teams_token_finds_nothing_of_ours(world: World, bob: Viewer, stock: Stock) -> None:
    """Circle X gives bob no way to what is team A's own; the advisory is TLP:CLEAR, so theirs is, too."""
    bobs = program_of(bob)
    for path in (
        f"/systems/{stock.system_id}",
        f"/systems/{stock.system_id}/components",
        f"/systems/{stock.system_id}/components/{stock.component_id}",
        f"/vulnerabilities/{stock.vulnerability.public_id}",
        f"/vulnerabilities/{stock.vulnerability.public_id}/proposal",
        f"/instructions/{stock.instruction.public_id}",
    ):
        hidden, absent = bobs.get(path), bobs.get(path.replace("-", "-0")[:20])
        assert hidden.status_code == 404
        assert absent.status_code == 404
        assert hidden.content == absent.content
    for path in ("/systems", "/components", "/vulnerabilities", "/instructions"):
        assert bobs.get(path).json()["items"] == []
    assert bobs.get(f"/advisories/{stock.advisory_id}").status_code == 200


def test_another_teams_token_changes_nothing_of_ours(
    world: World, bob: Viewer, stock: Stock, alices: Program
) -> None:
    bobs, due = program_of(bob), "2099-01-01T00:00:00Z"
    instruction = f"/instructions/{stock.instruction.public_id}"
    vulnerability = f"/vulnerabilities/{stock.vulnerability.public_id}"
    for method, path, body in (
        ("PATCH", f"/systems/{stock.system_id}", {"name": "x"}),
        ("POST", f"/systems/{stock.system_id}/retire", None),
        ("POST", f"/systems/{stock.system_id}/components", {"name": "x"}),
        ("DELETE", f"/systems/{stock.system_id}/components/{stock.component_id}", None),
        ("PUT", f"{vulnerability}/decision", {"decision": "apply", "text": "x"}),
        ("POST", f"{vulnerability}/reconsider", {"reason": "x"}),
        ("POST", f"{vulnerability}/reported", None),
        ("POST", f"{instruction}/verify", {}),
        ("POST", f"{instruction}/withdraw", {"text": "x"}),
        ("PUT", f"{instruction}/due", {"due_at": due}),
        ("POST", "/systems", {"team": world.teams["a"].public_id, "name": "x"}),
    ):
        assert bobs.send(method, path, body).status_code == 404, path
    assert alices.get(f"/systems/{stock.system_id}").json()["name"] == "プレス1号機"
    assert alices.get(instruction).json()["state"] == "open"


def test_an_operators_token_sees_only_what_is_the_operators(
    world: World, otto: Viewer, olga: Viewer, stock: Stock
) -> None:
    ottos, olgas = program_of(otto), program_of(olga)
    assert [row["id"] for row in ottos.get("/systems").json()["items"]] == [stock.system_id]
    assert [row["id"] for row in ottos.get("/instructions").json()["items"]] == [
        stock.instruction.public_id
    ]
    for path in ("/vulnerabilities", "/imports", "/warnings"):
        assert ottos.get(path).json()["items"] == []
    for path in ("/systems", "/components", "/instructions", "/vulnerabilities"):
        assert olgas.get(path).json()["items"] == []
    assert olgas.get(f"/instructions/{stock.instruction.public_id}").status_code == 404


def test_an_administrators_token_reads_no_content(adam: Viewer, stock: Stock) -> None:
    admin = program_of(adam)
    for path in ("/systems", "/components", "/vulnerabilities", "/instructions", "/warnings"):
        assert admin.get(path).json()["items"] == []


def test_what_is_red_is_in_no_answer_of_the_api(
    world: World, alice: Viewer, alices: Program
) -> None:
    """Alice reads it on the page; her own program does not, and cannot write one either."""
    from noroshi.vulnerabilities import queries as vulnerabilities
    from tests.vulnerabilities import builders
    from tests.warnings.builders import drafted

    raw = builders.an_advisory(tlp="RED", title="CANARY")
    builders.a_component(world.teams["a"], alice)
    red = builders.received(raw, world.teams["a"], alice).advisory
    warning = drafted(world, alice, sensitivity="red", named=[world.bob], title="CANARY")
    assert vulnerabilities.advisory_for(alice, red.public_id).title == "CANARY"
    for path in ("/advisories", "/vulnerabilities", "/warnings", "/search"):
        query = {"q": "CANARY"} if path == "/search" else {"view": ""}
        if path == "/advisories":
            query = {}
        assert b"CANARY" not in alices.get(path, **query).content
    assert alices.get(f"/advisories/{red.public_id}").status_code == 404
    assert alices.get(f"/advisories/{red.public_id}/document").status_code == 404
    assert alices.get(f"/warnings/{warning.public_id}").status_code == 404
    body = {"team": world.teams["a"].public_id, "tlp": "TLP:RED"}
    assert alices.post("/warnings", body).status_code == 400
