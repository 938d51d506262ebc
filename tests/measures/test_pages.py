"""The pages for those who are signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from noroshi.core import clock
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions, queries
from noroshi.measures.actions import Upload
from noroshi.measures.states import State
from tests.harness.people import World
from tests.measures.builders import OsakaVpn
from tests.measures.conftest import Instruct

SignIn = Callable[..., Client]


def body(response: Any) -> str:
    return str(response.content.decode())


def done(instruction: Any, by: Viewer) -> None:
    actions.answer(
        instruction=instruction,
        what="done",
        new_version="9.4.7",
        files=[Upload("log.txt", b"Tsuzumi OS 9.4.7")],
        by=by,
    )


def test_alice_walks_from_the_list_to_verified(
    instruct: Instruct, world: World, otto: Viewer, sign_in: SignIn
) -> None:
    instruction = instruct()
    done(instruction, otto)
    browser = sign_in(world.alice, "ja")
    page = body(browser.get("/measures/"))
    assert f"/measures/{instruction.public_id}" in page
    page = body(browser.get(f"/measures/{instruction.public_id}"))
    assert "あなたの番" in page and "検証済みにする" in page and "log.txt" in page
    assert browser.get(f"/measures/{instruction.public_id}/verify").status_code == 200
    answered = browser.post(
        f"/measures/{instruction.public_id}/verify", {"note": "確認した"}, follow=True
    )
    assert "検証済みにしました" in body(answered)
    instruction.refresh_from_db()
    assert instruction.state == State.VERIFIED


def test_the_one_who_did_it_is_told_that_another_person_verifies(
    instruct: Instruct, world: World, sign_in: SignIn
) -> None:
    instruction = instruct(operators=[world.ann])
    done(instruction, world.viewer("ann"))
    browser = sign_in(world.ann)
    page = body(browser.get(f"/measures/{instruction.public_id}"))
    assert "Mark as verified" not in page and "Another person verifies it" in page
    for response in (
        browser.get(f"/measures/{instruction.public_id}/verify"),
        browser.post(f"/measures/{instruction.public_id}/verify", {"note": ""}),
    ):
        assert response.status_code == 409
        assert "You did this work yourself" in body(response)


def test_an_operator_of_another_system_and_another_team_get_404_everywhere(
    instruct: Instruct, world: World, otto: Viewer, alice: Viewer, sign_in: SignIn
) -> None:
    instruction = instruct(attachments=[Upload("a.txt", b"a")])
    done(instruction, otto)
    file = queries.attachments_for(alice, instruction)[0].public_id
    proof = queries.answers_for(alice, instruction)[0].files[0].public_id
    paths = [
        "",
        "/answer",
        "/verify",
        "/send-back",
        "/due",
        "/again",
        "/withdraw",
        "/link",
        f"/files/{file}",
        f"/files/{proof}",
    ]
    for name in ("olga", "bob", "charlie", "eve", "adam", "sora"):
        browser = sign_in(world.people[name])
        for path in paths:
            assert browser.get(f"/measures/{instruction.public_id}{path}").status_code == 404
            # what takes no form says so of every address, without looking what is there
            takes = bool(path) and not path.startswith("/files")
            posted = browser.post(f"/measures/{instruction.public_id}{path}").status_code
            assert posted == (404 if takes else 405)
        assert instruction.public_id not in body(browser.get("/measures/?view=open"))


def test_nobody_signed_in_is_led_to_the_sign_in_page(instruct: Instruct, client: Client) -> None:
    instruction = instruct()
    for path in (
        "/measures/",
        f"/measures/{instruction.public_id}",
        f"/measures/{instruction.public_id}/due",
    ):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"] == f"/account/login?next={path}"


def test_evidence_of_another_instruction_is_not_reached_through_ones_own(
    instruct: Instruct, world: World, otto: Viewer, olga: Viewer, sign_in: SignIn
) -> None:
    ottos, olgas = instruct(), instruct(operators=[world.olga])
    done(ottos, otto)
    done(olgas, olga)
    proof = queries.answers_for(otto, ottos)[0].files[0].public_id
    olga_in = sign_in(world.olga)
    assert olga_in.get(f"/measures/{olgas.public_id}/files/{proof}").status_code == 404
    # not even for one who may read both: the id in the URL decides (rule 1)
    alice_in = sign_in(world.alice)
    assert alice_in.get(f"/measures/{olgas.public_id}/files/{proof}").status_code == 404
    own: Any = alice_in.get(f"/measures/{ottos.public_id}/files/{proof}")
    assert b"".join(own.streaming_content) == b"Tsuzumi OS 9.4.7"
    own.close()


def test_an_operator_with_an_account_answers_on_the_page(
    instruct: Instruct, world: World, sign_in: SignIn
) -> None:
    instruction = instruct()
    browser = sign_in(world.otto)
    assert "Answer" in body(browser.get(f"/measures/{instruction.public_id}"))
    sent = {"what": "done", "text": "ok", "files": [SimpleUploadedFile("p.png", b"x")]}
    answered = browser.post(f"/measures/{instruction.public_id}/answer", sent, follow=True)
    assert answered.status_code == 200
    assert "Reported as done" in body(answered)


def test_the_csirt_does_not_answer_for_the_operator(
    instruct: Instruct, world: World, sign_in: SignIn
) -> None:
    instruction = instruct()
    browser = sign_in(world.alice)
    response = browser.post(f"/measures/{instruction.public_id}/answer", {"what": "started"})
    assert response.status_code == 403


def test_send_back_and_withdraw_need_their_words(
    instruct: Instruct, world: World, otto: Viewer, sign_in: SignIn
) -> None:
    instruction = instruct()
    done(instruction, otto)
    browser = sign_in(world.alice)
    for step in ("send-back", "withdraw"):
        response = browser.post(f"/measures/{instruction.public_id}/{step}", {"text": ""})
        assert response.status_code == 400
    browser.post(f"/measures/{instruction.public_id}/send-back", {"text": "画面がない"})
    instruction.refresh_from_db()
    assert instruction.state == State.STARTED
    browser.post(f"/measures/{instruction.public_id}/withdraw", {"text": "廃棄"})
    instruction.refresh_from_db()
    assert instruction.state == State.WITHDRAWN


def test_the_due_time_is_read_in_the_readers_time_zone_and_must_be_to_come(
    instruct: Instruct, world: World, sign_in: SignIn
) -> None:
    instruction = instruct()
    Person.objects.filter(pk=world.alice.pk).update(time_zone="America/New_York")
    browser = sign_in(world.alice)
    response = browser.post(
        f"/measures/{instruction.public_id}/due", {"due_at": "2020-01-01T10:00"}
    )
    assert response.status_code == 400
    year = clock.now().year + 1
    browser.post(f"/measures/{instruction.public_id}/due", {"due_at": f"{year}-07-01T18:00"})
    instruction.refresh_from_db()
    assert instruction.due_at.isoformat() == f"{year}-07-01T22:00:00+00:00"


def test_the_manager_gives_the_work_to_another_operator(
    instruct: Instruct, world: World, otto: Viewer, olga: Viewer, sign_in: SignIn
) -> None:
    instruction = instruct()
    actions.answer(instruction=instruction, what="cannot", reason="not_mine", by=otto)
    alice_in, mana_in = sign_in(world.alice), sign_in(world.mana)
    assert alice_in.get(f"/measures/{instruction.public_id}/again").status_code == 403
    page = body(mana_in.get(f"/measures/{instruction.public_id}/again"))
    assert "Olga Oga" in page and "Bob Bessho" not in page
    due = timezone.localtime(clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    sent = {"text": "お願いします", "due_at": due, "operators": [world.olga.public_id]}
    refused = mana_in.post(
        f"/measures/{instruction.public_id}/again", {**sent, "operators": [world.bob.public_id]}
    )
    assert refused.status_code == 400
    assert mana_in.post(f"/measures/{instruction.public_id}/again", sent).status_code == 302
    assert queries.instruction_for(olga, instruction.public_id).state == State.OPEN


def test_the_filters_narrow_the_list_and_unknown_words_do_not_break_it(
    instruct: Instruct, world: World, sign_in: SignIn
) -> None:
    upgrade = instruct()
    watch = instruct(kind="watch", system=OsakaVpn("S-2", "受発注サーバー"))
    browser = sign_in(world.alice)

    def listed(query: str) -> list[bool]:
        page = body(browser.get(f"/measures/?view=open&{query}"))
        return [row.public_id in page for row in (upgrade, watch)]

    assert listed("") == [True, True]
    assert listed("kind=watch") == [False, True]
    assert listed("q=受発注") == [False, True]
    assert listed(f"q={upgrade.public_id}") == [True, False]
    assert listed("state=verified") == [False, False]
    assert listed("system=S-2") == [False, True]
    assert listed(f"subject={upgrade.subject_id}") == [True, True]
    assert listed("subject=A-0") == [False, False]
    assert listed("kind=nonsense&state=nonsense&sort=password") == [True, True]
    assert browser.get("/measures/?after=nonsense").status_code == 400
    assert browser.get("/measures/?state=%00").status_code == 400


def test_paging_by_cursor_shows_every_row_once(instruct: Instruct, alice: Viewer) -> None:
    due = clock.now() + timedelta(hours=4)
    made = {instruct(due_at=due).public_id for _ in range(7)}
    seen: list[str] = []
    after = ""
    while True:
        page = queries.page_for(alice, queries.Filters(), after=after, size=3)
        seen += [row.public_id for row in page.rows]
        after = page.after
        if not after:
            break
    assert len(seen) == 7 and set(seen) == made


@pytest.mark.usefixtures("one_moment")
@pytest.mark.parametrize(
    "path", ["/measures/?view=open", "/measures/{id}", "/measures/{id}/answer"]
)
def test_a_page_asks_the_same_number_of_questions_however_much_there_is(
    instruct: Instruct, world: World, sign_in: SignIn, path: str
) -> None:
    otto = world.viewer("otto")

    def queries_for(count: int) -> int:
        for _ in range(count):
            row = instruct(operators=[world.otto, world.olga], attachments=[Upload("a", b"a")])
            actions.answer(instruction=row, what="started", by=otto)
            done(row, otto)
            actions.send_back(instruction=row, text="もう一度", by=world.viewer("alice"))
            done(row, otto)
        browser = sign_in(world.otto if path.endswith("answer") else world.alice)
        address = path.format(id=row.public_id)
        browser.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(address).status_code == 200
        return len(captured)

    few, many = queries_for(1), queries_for(8)
    assert few == many
    assert many <= 12
