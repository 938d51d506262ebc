"""The whole work by program: inventory, advisory, decision, instruction, evidence, report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from django.core.files.uploadedfile import SimpleUploadedFile

from noroshi.core import clock, jobs
from noroshi.core.models import HistoryRow
from noroshi.directory.viewer import Viewer
from noroshi.reports import actions as reports
from tests.api.program import Program, Stock, check_fits, get_checked, program_of
from tests.harness.people import World
from tests.inventory.builders import sbom
from tests.vulnerabilities import builders

# ---- the inventory -------------------------------------------------------------------


def test_a_system_and_its_components_from_first_entry_to_retirement(
    world: World, alices: Program
) -> None:
    team = world.teams["a"].public_id
    body = {"team": team, "name": "受注", "owners": [world.otto.public_id], "exposure": "internet"}
    made = alices.post("/systems", body)
    check_fits(made, "/systems", "post")
    path = made.headers["Location"].removeprefix("/api/v1")
    assert alices.post("/systems", body).status_code == 409

    assert alices.send("PATCH", path, {"place": "津"}).status_code == 204
    system = get_checked(alices, path, "/systems/{system_id}")
    assert (system["name"], system["place"], system["exposure"]) == ("受注", "津", "internet")
    assert system["owners"] == [{"id": world.otto.public_id, "name": "大友 音"}]

    made = alices.post(f"{path}/components", {"name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"})
    component = f"{path}/components/{made.json()['id']}"
    template = "/systems/{system_id}/components/{component_id}"
    assert get_checked(alices, component, template)["version"] == "1.3.0"
    assert get_checked(alices, component, template)["purl"] == "pkg:npm/left-pad"
    assert alices.send("PATCH", component, {"version": "1.3.1"}).status_code == 204
    assert get_checked(alices, component, template)["version"] == "1.3.1"
    ottos = program_of(world.viewer("otto"))
    assert ottos.send("PUT", f"{component}/version", {"version": "1.4.0"}).status_code == 204
    assert ottos.send("PATCH", component, {"version": "9"}).status_code == 403
    assert get_checked(alices, component, template)["version"] == "1.4.0"

    assert alices.send("DELETE", component).status_code == 204
    assert alices.send("DELETE", component).status_code == 409
    listed = check_fits(alices.get(f"{path}/components", view="gone"), f"{_up(template)}")
    assert [row["name"] for row in listed["items"]] == ["left-pad"]
    assert alices.post(f"{path}/retire").status_code == 204
    assert get_checked(alices, path, "/systems/{system_id}")["retired_at"] is not None
    assert alices.send("PATCH", path, {"place": "x"}).status_code == 409


def _up(template: str) -> str:
    return template.rpartition("/")[0]


def test_a_purl_that_is_none_is_refused_at_its_place(stock: Stock, alices: Program) -> None:
    body = {"name": "x", "purl": "left-pad"}
    answer = alices.post(f"/systems/{stock.system_id}/components", body)
    assert (answer.status_code, answer.json()["where"]) == (400, "purl")


def test_a_bill_of_materials_goes_in_and_tells_what_it_did(world: World, alices: Program) -> None:
    team = world.teams["a"].public_id
    bom = ("bom.json", sbom(("left-pad", "1.3.0"), ("lodash", "4.17.21")))
    sent = alices.upload("/imports", team=team, file=bom)
    check_fits(sent, "/imports", "post")
    assert sent.status_code == 202
    path = sent.headers["Location"].removeprefix("/api/v1")
    assert get_checked(alices, path, "/imports/{import_id}")["state"] == "mapped"
    jobs.run_waiting()
    done = get_checked(alices, path, "/imports/{import_id}")
    assert (done["state"], done["rows_done"], done["added"]) == ("done", 3, 3)
    changes = check_fits(alices.get(f"{path}/changes"), "/imports/{import_id}/changes")["items"]
    assert {change["component"]["name"] for change in changes} == {
        "left-pad",
        "lodash",
        "order-app",
    }
    assert len(check_fits(alices.get("/components"), "/components")["items"]) == 3
    assert check_fits(alices.get("/imports"), "/imports")["items"][0]["file_name"] == "bom.json"


def test_a_table_waits_for_its_columns(world: World, alices: Program) -> None:
    rows = "機器,製品,版\n受注,nginx,1.24.0\n受注,,\n".encode()
    sent = alices.upload("/imports", team=world.teams["a"].public_id, file=("list.csv", rows))
    path = sent.headers["Location"].removeprefix("/api/v1")
    jobs.run_waiting()
    waiting = get_checked(alices, path, "/imports/{import_id}")
    assert (waiting["state"], waiting["header"]) == ("uploaded", ["機器", "製品", "版"])
    wrong = alices.send("PUT", f"{path}/columns", {"mapping": {"colour": 1}})
    assert (wrong.status_code, "mapping/colour" in wrong.json()["where"]) == (400, True)
    mapping = {"system": 0, "name": 1, "version": 2}
    assert alices.send("PUT", f"{path}/columns", {"mapping": mapping}).status_code == 204
    assert alices.send("PUT", f"{path}/columns", {"mapping": mapping}).status_code == 409
    jobs.run_waiting()
    done = get_checked(alices, path, "/imports/{import_id}")
    assert (done["state"], done["added"], done["bad"]) == ("done", 1, 1)
    assert done["remarks"][0]["where"] == "Line 3"


# ---- vulnerabilities -----------------------------------------------------------------


def test_an_advisory_becomes_finished_work(world: World, alice: Viewer, mana: Viewer) -> None:
    """By the programs of alice, mana and otto: received, assessed, decided, done, verified."""
    alices, manas, ottos = program_of(alice), program_of(mana), program_of(world.viewer("otto"))
    builders.a_component(world.teams["a"], alice, owners=(world.otto,))
    raw = builders.an_advisory()
    sent = alices.upload(
        "/advisory-imports", team=world.teams["a"].public_id, files=("acme.json", raw)
    )
    check_fits(sent, "/advisory-imports", "post")
    jobs.run_waiting()
    path = sent.headers["Location"].removeprefix("/api/v1")
    done = get_checked(alices, path, "/advisory-imports/{import_id}")
    assert (done["state"], done["outcomes"]) == ("done", {"new": 1})
    check_fits(alices.get("/advisory-imports"), "/advisory-imports")

    (row,) = check_fits(alices.get("/vulnerabilities", view="mine"), "/vulnerabilities")["items"]
    path, template = f"/vulnerabilities/{row['id']}", "/vulnerabilities/{vulnerability_id}"
    told = get_checked(alices, path, template)
    assert "Acme Works Press Controller" in told["touches"][0]["why"]
    assert told["sources"][0]["tlp"] == "TLP:CLEAR"
    proposal = get_checked(alices, f"{path}/proposal", f"{template}/proposal")
    body = {
        **proposal["inputs"],
        "priority": proposal["proposals"]["deployer"]["priority"],
        "due_on": proposal["due_on"],
    }
    assert alices.send("PUT", f"{path}/assessment", body).status_code == 204
    assert (
        alices.send("PUT", f"{path}/assessment", {**body, "priority": "defer"}).status_code == 400
    )
    decision = {"decision": "apply", "text": "外から届くため、止めて直します。"}
    assert alices.send("PUT", f"{path}/decision", decision).status_code == 403
    assert manas.send("PUT", f"{path}/decision", decision).status_code == 204

    order: dict[str, Any] = {
        "systems": [told["touches"][0]["system"]["id"]],
        "kind": "upgrade",
        "text": "上げる",
        "due_on": str(clock.today() + timedelta(days=3)),
        "wanted_version": "9.9",
    }
    unknown = alices.upload(f"{path}/instructions", **{**order, "systems": ["S-00000000"]})
    assert (unknown.status_code, unknown.json()["where"]) == (400, "systems")
    eleven = [SimpleUploadedFile(f"{number}.txt", b"1") for number in range(11)]
    many = alices.upload(f"{path}/instructions", **order, attachments=eleven)
    assert (many.status_code, many.json()["where"]) == (400, "attachments")
    guide = ("手順.txt", "1. 止める".encode())
    instructed = alices.upload(f"{path}/instructions", **order, attachments=guide)
    check_fits(instructed, f"{template}/instructions", "post")
    (instruction_id,) = instructed.json()["ids"]

    instruction = f"/instructions/{instruction_id}"
    picture = ("screen.png", b"\x89PNG 9.9")
    assert ottos.upload(f"{instruction}/answer", what="done").status_code == 400
    (attached,) = get_checked(ottos, instruction, "/instructions/{instruction_id}")["attachments"]
    assert attached["name"] == "手順.txt"
    sent = ottos.get(f"{instruction}/files/{attached['id']}")
    assert b"".join(sent.streaming_content) == guide[1]
    for file in eleven:
        file.seek(0)
    many = ottos.upload(f"{instruction}/answer", what="done", new_version="9.9", evidence=eleven)
    assert (many.status_code, many.json()["where"]) == (400, "evidence")
    answered = ottos.upload(
        f"{instruction}/answer", what="done", new_version="9.9", evidence=picture
    )
    assert answered.status_code == 204
    received = get_checked(alices, instruction, "/instructions/{instruction_id}")
    assert (received["state"], received["steps"]["verify"]) == ("done", True)
    (evidence,) = received["answers"][0]["evidence"]
    file = alices.get(f"{instruction}/files/{evidence['id']}")
    assert b"".join(file.streaming_content) == b"\x89PNG 9.9"
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert ottos.post(f"{instruction}/verify", {}).status_code == 403
    assert alices.post(f"{instruction}/verify", {"note": "版を確かめました"}).status_code == 204
    jobs.run_waiting()
    end = get_checked(alices, path, template)
    assert (end["state"], end["close_reason"]) == ("closed", "verified")
    assert end["instructions"]["verified"] == 1
    assert alices.post(f"{path}/reported").status_code == 204
    told = get_checked(alices, f"{path}/timeline", f"{template}/timeline")["items"]
    assert any("reported it done" in entry["text"] for entry in told)
    assert [entry["at"] for entry in told] == sorted(
        (instruction["at"] for instruction in told), reverse=True
    )
    told = get_checked(ottos, f"{instruction}/timeline", "/instructions/{instruction_id}/timeline")[
        "items"
    ]
    assert [entry["text"].split()[-1] for entry in told][-1] == "instruction"
    assert ottos.get(f"{path}/timeline").status_code == 404
    who = {row.actor for row in HistoryRow.objects.filter(action="vulnerabilities.decide")}
    assert who != {world.mana.public_id}, "history names the token, not only the person"


def test_the_document_comes_back_byte_for_byte(
    world: World, alice: Viewer, alices: Program
) -> None:
    raw = builders.an_advisory()
    advisory = builders.received(raw, world.teams["a"], alice).advisory
    received = get_checked(alices, f"/advisories/{advisory.public_id}", "/advisories/{advisory_id}")
    assert received["vulnerabilities"][0]["key"] == "CVE-2024-0001"
    assert {affected["status"] for affected in received["ranges"]} == {"affected", "fixed"}
    answer = alices.get(f"/advisories/{advisory.public_id}/document")
    assert b"".join(answer.streaming_content) == raw
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_yes_to_an_uncertain_match_is_given_by_its_component(
    world: World, alice: Viewer, alices: Program
) -> None:
    component = builders.a_component(world.teams["a"], alice, vendor="")
    builders.received(builders.an_advisory(), world.teams["a"], alice)
    (row,) = builders.assessments(alice)
    path = f"/vulnerabilities/{row.public_id}/touches/{component.public_id}"
    assert row.state == "waiting_match"
    assert alices.send("PUT", path, {"ours": True}).status_code == 204
    assert alices.send("PUT", path, {"ours": False}).status_code == 409
    row.refresh_from_db()
    assert row.state == "to_assess"
    assert alices.send("PUT", f"{path[:-12]}{'0' * 12}", {"ours": True}).status_code == 404


def test_a_teams_token_neither_assesses_nor_decides_nor_verifies(
    world: World, mana: Viewer, stock: Stock
) -> None:
    program = program_of(mana, team=world.teams["a"])
    path = f"/vulnerabilities/{stock.vulnerability.public_id}"
    assert program.post(f"{path}/reconsider", {"reason": "新しい版"}).status_code == 204
    words = ("active", "open", "yes", "high", "total", True, "immediate")
    names = (
        "exploitation",
        "exposure",
        "automatable",
        "human_impact",
        "technical_impact",
        "in_kev",
        "priority",
    )
    body = {**dict(zip(names, words, strict=True)), "due_on": str(clock.today()), "reason": "x"}
    assert program.send("PUT", f"{path}/assessment", body).status_code == 409
    decision = {"decision": "apply", "text": "x"}
    assert program.send("PUT", f"{path}/decision", decision).status_code == 403
    instruction = f"/instructions/{stock.instruction.public_id}"
    assert program.upload(f"{instruction}/answer", what="started").status_code == 403


# ---- instructions --------------------------------------------------------------------


def test_an_instruction_goes_back_moves_and_is_withdrawn(
    world: World, otto: Viewer, stock: Stock, alices: Program
) -> None:
    instruction, ottos = f"/instructions/{stock.instruction.public_id}", program_of(otto)
    template = "/instructions/{instruction_id}"
    assert ottos.upload(f"{instruction}/answer", what="done", text="上げた").status_code == 204
    assert alices.post(f"{instruction}/send-back", {"text": "版が見えません"}).status_code == 204
    assert get_checked(ottos, instruction, template)["state"] == "started"
    assert (
        alices.send("PUT", f"{instruction}/due", {"due_at": "2000-01-01T00:00:00Z"}).status_code
        == 400
    )
    assert (
        alices.send("PUT", f"{instruction}/due", {"due_at": "2098-01-01T00:00:00"}).status_code
        == 400
    )
    later = clock.now() + timedelta(days=9)
    assert (
        alices.send("PUT", f"{instruction}/due", {"due_at": later.isoformat()}).status_code == 204
    )
    again = {"text": "夜に", "due_at": later.isoformat(), "operators": [world.olga.public_id]}
    assert alices.post(f"{instruction}/again", again).status_code == 204
    assert ottos.get(instruction).status_code == 404
    stranger = {**again, "operators": [world.charlie.public_id]}
    assert alices.post(f"{instruction}/again", stranger).json()["where"] == "operators"
    assert alices.post(f"{instruction}/withdraw", {"text": "不要になりました"}).status_code == 204
    assert get_checked(alices, instruction, template)["state"] == "withdrawn"
    received = check_fits(alices.get("/instructions", view="finished"), "/instructions")
    assert [row["id"] for row in received["items"]] == [stock.instruction.public_id]


# ---- reports, directory --------------------------------------------------------------


def test_an_executive_reads_an_issued_report_and_no_draft(
    world: World, alice: Viewer, stock: Stock
) -> None:
    eves, today = program_of(world.viewer("eve"), "read"), clock.today()
    report = reports.make_report(
        team=world.teams["a"], from_on=today.replace(day=1), to_on=today, by=alice
    )
    path = f"/reports/{report.public_id}"
    assert eves.get(path).status_code == 404
    assert eves.get("/reports").json()["items"] == []
    reports.issue(report=report, by=world.viewer("mana"))
    assert get_checked(eves, path, "/reports/{report_id}")["state"] == "issued"
    assert len(check_fits(eves.get("/reports"), "/reports")["items"]) == 1
    assert eves.get(f"/vulnerabilities/{stock.vulnerability.public_id}").status_code == 404
    pdf = eves.get(f"{path}/pdf")
    assert pdf.status_code == 503 or pdf.content.startswith(b"%PDF")


def test_a_report_is_made_read_over_and_issued_or_thrown_away(
    world: World, alices: Program, mana: Viewer
) -> None:
    eves, today = program_of(world.viewer("eve"), "read"), clock.today().isoformat()
    body = {"team": world.teams["a"].public_id, "from_on": today, "to_on": today, "note": "月次"}
    for wrong, where in (
        ({"from_on": "2098-01-01"}, "to_on"),
        ({"from_on": "2000-01-01"}, "from_on"),
        ({"note": "a" * 2001}, "note"),
        ({"note": None}, "note"),
    ):
        refused = alices.post("/reports", {**body, **wrong})
        assert (refused.status_code, where in refused.content.decode()) == (400, True)
    assert alices.post("/reports", {**body, "team": world.teams["b"].public_id}).status_code == 404
    assert program_of(world.viewer("otto")).post("/reports", body).status_code == 403
    assert program_of(mana, team=world.teams["a"]).post("/reports", body).status_code == 403

    made = [alices.post("/reports", body) for _ in range(2)]
    check_fits(made[0], "/reports", "post")
    issued, discarded = (f"/reports/{report.json()['id']}" for report in made)
    draft = get_checked(alices, issued, "/reports/{report_id}")
    assert (draft["state"], draft["note"]) == ("draft", "月次")
    assert eves.get(issued).status_code == 404
    assert alices.send("DELETE", discarded).status_code == 204
    assert alices.get(discarded).status_code == 404
    assert alices.post(f"{issued}/issue").status_code == 204
    assert alices.post(f"{issued}/issue").status_code == 409
    assert alices.send("DELETE", issued).status_code == 409
    assert get_checked(eves, issued, "/reports/{report_id}")["state"] == "issued"


def test_the_directory_shows_teams_circles_and_colleagues(world: World, alices: Program) -> None:
    for path in ("/me", "/teams", "/circles", "/people"):
        check_fits(alices.get(path), path)
    team = f"/teams/{world.teams['b'].public_id}"
    assert get_checked(alices, team, "/teams/{team_id}")["name_en"] == "Biwa CSIRT"
    circle = f"/circles/{world.circles['x'].public_id}"
    assert len(get_checked(alices, circle, "/circles/{circle_id}")["teams"]) == 2
    assert alices.get(f"/circles/{world.circles['y'].public_id}").status_code == 404
    person = f"/people/{world.bob.public_id}"
    assert get_checked(alices, person, "/people/{person_id}")["teams"][0]["roles"] == ["csirt"]
    assert alices.get(f"/people/{world.charlie.public_id}").status_code == 404
    people = alices.get("/people", team=world.teams["b"].public_id).json()["items"]
    assert {colleague["name_en"] for colleague in people} == {"Bob Bessho", "Mia Mikami"}
    assert (
        orjson.loads(alices.get("/teams", mine="true").content)["items"][0]["name_en"]
        == "Aoba CSIRT"
    )
