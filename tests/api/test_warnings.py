"""A warning by program: written, looked over, released, answered, withdrawn, searched for."""

from __future__ import annotations

from typing import Any

import pytest

from noroshi.directory.viewer import Viewer
from tests.api.program import Program, check_fits, get_checked, program_of
from tests.harness.people import World
from tests.warnings.builders import content


@pytest.fixture
def body(world: World) -> dict[str, Any]:
    full = content(world)
    return {
        "team": world.teams["a"].public_id,
        "tlp": "TLP:AMBER",
        "circle": world.circles["x"].public_id,
        "title": full.title,
        "title_en": full.title_en,
        "text": full.text,
        "todo": full.todo.splitlines(),
        "cve": full.cve,
    }


def test_a_warning_is_written_looked_at_released_answered_and_withdrawn(
    body: dict[str, Any], alices: Program, bob: Viewer
) -> None:
    bobs = program_of(bob)
    made = alices.post("/warnings", body)
    check_fits(made, "/warnings", "post")
    path, template = f"/warnings/{made.json()['id']}", "/warnings/{warning_id}"
    assert bobs.get(path).status_code == 404
    assert alices.get(f"{path}/release").status_code == 404
    draft = get_checked(alices, path, template)
    assert (draft["state"], draft["todo"], draft["board"]) == ("draft", body["todo"], None)

    looked = get_checked(alices, f"{path}/audience", f"{template}/audience")
    assert {line["team"]["name"] for line in looked["readers"]} == {"びわ電機 CSIRT"}
    assert looked["missing"] == []
    change = {name: value for name, value in body.items() if name != "team"}
    assert alices.send("PUT", path, {**change, "title": "続報"}).status_code == 204
    assert alices.post(f"{path}/release", {"seen": looked["seen"]}).status_code == 409
    seen = alices.get(f"{path}/audience").json()["seen"]
    assert alices.post(f"{path}/release", {"seen": seen}).status_code == 204
    assert alices.send("PUT", path, change).status_code == 409

    received = get_checked(bobs, path, template)
    assert (received["title"], received["named"], received["own_answer"]) == ("続報", None, None)
    assert [team["name"] for team in received["answer_for"]] == ["びわ電機 CSIRT"]
    assert bobs.post(f"{path}/answer", {"state": "affected", "note": "2台"}).status_code == 204
    assert get_checked(bobs, path, template)["own_answer"] == "affected"
    assert bobs.get(f"{path}/answers").status_code == 404
    answers = get_checked(alices, f"{path}/answers", f"{template}/answers")
    assert answers["teams"][0]["note"] == "2台"
    assert sum(answers["counts"].values()) == answers["recipients"]
    entries = get_checked(bobs, f"{path}/timeline", f"{template}/timeline")["items"]
    assert len(entries) == 2  # its release and their own answer
    assert len(get_checked(alices, f"{path}/timeline", f"{template}/timeline")["items"]) > len(
        entries
    )
    assert bobs.get(f"{path}/release").status_code == 404
    entry = get_checked(alices, f"{path}/release", f"{template}/release")
    assert entry["label"]["label"] == "TLP:AMBER"
    assert {(line["person"], line["team"]) for line in entry["recipients"]} == {
        ("別所 望", "Biwa CSIRT"),
        ("三上 実", "Biwa CSIRT"),
    }
    assert any("answered" in line["receipts"] for line in entry["recipients"])

    assert alices.post(f"{path}/withdraw", {"why": "誤りでした"}).status_code == 204
    assert bobs.post(f"{path}/answer", {"state": "fixed"}).status_code == 409
    listed = check_fits(bobs.get("/warnings", tlp="TLP:AMBER", kind="exploited"), "/warnings")
    assert [row["state"] for row in listed["items"]] == ["withdrawn"]


def test_a_draft_is_thrown_away_and_releasing_needs_the_scope_to_share(
    body: dict[str, Any], alice: Viewer, alices: Program
) -> None:
    path = f"/warnings/{alices.post('/warnings', body).json()['id']}"
    writer = program_of(alice, "read", "write")
    seen = writer.get(f"{path}/audience").json()["seen"]
    assert writer.post(f"{path}/release", {"seen": seen}).status_code == 403
    assert writer.send("DELETE", path).status_code == 204
    assert writer.get(path).status_code == 404


def test_a_stranger_cannot_be_named_in_a_label_nor_a_strange_circle_chosen(
    body: dict[str, Any], world: World, alices: Program
) -> None:
    other = {**body, "circle": world.circles["y"].public_id}
    assert alices.post("/warnings", other).status_code == 404
    other = {**body, "named": [world.charlie.public_id]}
    assert alices.post("/warnings", other).json()["where"] == "named"


def test_search_finds_only_what_the_token_may_see(
    body: dict[str, Any], alices: Program, bob: Viewer
) -> None:
    alices.post("/warnings", body)
    hits = check_fits(alices.get("/search", q="Tsuzumi"), "/search")["items"]
    assert [hit["kind"] for hit in hits] == ["warning"]
    assert program_of(bob).get("/search", q="Tsuzumi").json()["items"] == []
    assert alices.get("/search").status_code == 400
