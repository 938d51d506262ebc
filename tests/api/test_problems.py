"""Every refusal has the same form and says where."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from noroshi.inventory import queries as inventory
from noroshi.vulnerabilities import jobs
from tests.api.program import Program, Stock, check_fits, program_of
from tests.harness.people import World


def _is_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"/api/v1/docs#problem-{status}"
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_a_name_that_is_not_listed_is_refused_in_query_body_and_form(
    world: World, alices: Program
) -> None:
    team = world.teams["a"].public_id
    assert _is_problem(alices.get("/systems", colour="red"), 400)["where"] == "colour"
    body = {"team": team, "name": "帳票", "is_admin": True}
    assert _is_problem(alices.post("/systems", body), 400)["where"] == "is_admin"
    body = {"team": team, "name": "帳票", "body": "x"}
    assert _is_problem(alices.post("/systems", body), 400)["where"] == "body"
    bom = ("bom.json", b"{}")
    problem = _is_problem(alices.upload("/imports", team=team, file=bom, owner="x"), 400)
    assert problem["where"] == "owner"


def test_every_thing_that_does_not_fit_is_told_with_its_place(
    world: World, alices: Program
) -> None:
    body = {"team": world.teams["a"].public_id, "name": "", "exposure": "moon", "owners": ["x"]}
    answer = alices.post("/systems", body)
    problem = _is_problem(answer, 400)
    check_fits(answer, "/systems", "post")
    assert {error["where"] for error in problem["errors"]} == {"name", "exposure", "owners/0"}


@pytest.mark.parametrize("mark", ["\n", "\t", "\x1b", "\x7f", "\x85", "\u2028", "\u202e"])
def test_a_name_is_one_line(world: World, alices: Program, mark: str) -> None:
    body = {"team": world.teams["a"].public_id, "name": f"帳{mark}票"}
    _is_problem(alices.post("/systems", body), 400)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b'{"name": "\\u0000"}',
        b'{"a": 1, "a": 2}',
        b"[" * 300,
        b"\xff\xfe",
        b"NaN",
    ],
)
def test_a_body_that_is_no_json_object_is_not_understood(raw: bytes, alices: Program) -> None:
    _is_problem(alices.send("POST", "/systems", raw), 400)


def test_a_body_in_another_form_is_told_which_form_is_read(alices: Program) -> None:
    problem = _is_problem(alices.post("/imports", {"team": "x"}), 415)
    assert "multipart/form-data" in problem["detail"]
    problem = _is_problem(alices.upload("/systems", name="x"), 415)
    assert "application/json" in problem["detail"]


def test_more_bytes_than_are_read_are_refused(world: World, alices: Program) -> None:
    body = {"team": world.teams["a"].public_id, "name": "x", "note": "x" * 6_000_000}
    _is_problem(alices.post("/systems", body), 413)
    with override_settings(NOROSHI_MAX_UPLOAD=10):
        files = ("a.json", b"x" * 3_000_000)
        sent = alices.upload("/advisory-imports", team=world.teams["a"].public_id, files=files)
        _is_problem(sent, 413)


def test_an_address_that_is_not_there_and_a_method_that_is_not_are_problems(
    alices: Program,
) -> None:
    for path in ("/", "/nothing", "/systems/", "/systems/x/y/z", "/systems/%00"):
        _is_problem(alices.get(path), 404)
    answer = alices.send("DELETE", "/systems")
    _is_problem(answer, 405)
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}


def test_a_rule_that_forbids_it_now_says_so(stock: Stock, alices: Program) -> None:
    path = f"/vulnerabilities/{stock.vulnerability.public_id}"
    assert alices.post(f"{path}/reported").status_code == 204
    problem = _is_problem(alices.post(f"{path}/reported"), 409)
    assert problem["detail"] == "This was reported already."


def test_who_may_see_and_not_do_is_told_which_rule(stock: Stock, alices: Program) -> None:
    path = f"/vulnerabilities/{stock.vulnerability.public_id}/decision"
    problem = _is_problem(alices.send("PUT", path, {"decision": "apply", "text": "x"}), 403)
    assert problem["detail"] == "Only the security manager decides."


def test_a_fault_of_ours_tells_nothing_of_it(
    alices: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("SELECT secret")

    monkeypatch.setattr(inventory, "systems_for", broken)
    answer = alices.get("/systems")
    _is_problem(answer, 500)
    assert b"SELECT" not in answer.content
    assert "SELECT secret" in caplog.text  # whoever runs it can find it


def test_sentences_are_in_the_language_that_is_asked_for(alices: Program) -> None:
    english = alices.get("/systems/S-00000000").json()["detail"]
    alices.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja"
    japanese = alices.get("/systems/S-00000000").json()["detail"]
    assert english == "This page does not exist, or is not for you."
    assert japanese != english


def test_a_file_that_is_no_inventory_is_refused_with_its_name(
    world: World, alices: Program
) -> None:
    sent = alices.upload("/imports", team=world.teams["a"].public_id, file=("x.json", b"{}"))
    problem = _is_problem(sent, 400)
    assert problem["where"] == "file"
    assert "x.json" in problem["detail"]


def test_an_advisory_that_is_refused_says_why_and_where(world: World, alices: Program) -> None:
    sent = alices.upload(
        "/advisory-imports", team=world.teams["a"].public_id, files=("x.json", b"{}")
    )
    assert sent.status_code == 202
    (import_id,) = sent.json()["ids"]
    jobs.run_import(import_id)
    answer = alices.get(f"/advisory-imports/{import_id}/documents")
    (document,) = check_fits(answer, "/advisory-imports/{import_id}/documents")["items"]
    assert document["outcome"] == "refused"
    assert document["message"]


def test_a_token_that_may_not_import_is_refused(world: World, otto: Any) -> None:
    sent = program_of(otto).upload(
        "/advisory-imports", team=world.teams["a"].public_id, files=("x.json", b"{}")
    )
    _is_problem(sent, 403)
