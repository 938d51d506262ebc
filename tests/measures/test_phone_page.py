"""Otto opens the link in his mail on a phone: no account, no JavaScript."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.config.logs import LineFormatter
from noroshi.core import clock
from noroshi.core.history.models import HistoryRow
from noroshi.directory.actions import suspend_person
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions, queries
from noroshi.measures.actions import Upload
from noroshi.measures.notices import ANSWER
from noroshi.measures.states import State
from noroshi.sharing import links
from noroshi.sharing.channels import MAIL, TABLE, Passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Link
from tests.harness.people import World
from tests.harness.smtp import PostOffice, text_of
from tests.measures.builders import deliver_all, link_in
from tests.measures.conftest import Instruct

Give = Callable[..., str]


@pytest.fixture
def mailed(instruct: Instruct, office: PostOffice) -> Give:
    """``mailed()`` instructs otto and gives the path of the link that he was mailed."""

    def give(**otherwise: Any) -> str:
        instruct(**otherwise)
        deliver_all()
        return f"/measures/answer/{link_in(office.received[-1])}"

    return give


def body(response: Any) -> str:
    return str(response.content.decode())


def test_the_page_says_what_which_why_until_when_and_how(mailed: Give, client: Client) -> None:
    response = client.get(mailed())
    assert response.status_code == 200
    page = body(response)
    for phrase in (
        "大阪工場 拠点VPN を 9.4.7 に上げる",
        "大友 音",
        "9.4.5",
        "合言葉なしで入られる欠陥",
        "CVE-2026-20131",
        "再起動して 10 分待つ",
        "着手する",
        "完了を報告する",
        "できない理由を伝える",
        "新しい版、ひとこと、ファイルのどれかを添えます",
    ):
        assert phrase in page
    assert "<script" not in page.split("<main")[1]
    assert response["Cache-Control"] == "no-store"


def test_it_speaks_the_operators_language_unless_the_phone_has_another(
    mailed: Give, world: World, client: Client
) -> None:
    Person.objects.filter(pk=world.otto.pk).update(language="en")
    address = mailed()
    assert "Report done" in body(client.get(address, headers={"Accept-Language": "ja"}))
    client.cookies["noroshi_language"] = "ja"
    assert "完了を報告する" in body(client.get(address))


def test_looking_writes_nothing(mailed: Give, client: Client) -> None:
    address = mailed()
    before = HistoryRow.objects.count()
    for method in (client.get, client.head):
        with CaptureQueriesContext(connection) as statements:
            assert method(address).status_code == 200
        writes = [
            q["sql"] for q in statements if not q["sql"].lstrip().startswith(("SELECT", "PRAGMA"))
        ]
        assert writes == []
    assert HistoryRow.objects.count() == before
    assert Link.objects.get().last_used_at is None


def test_start_then_done_with_a_picture_and_then_the_page_shows_what_was_reported(
    mailed: Give, client: Client, alice: Viewer
) -> None:
    address = mailed()
    assert client.post(address, {"what": "started"}).status_code == 302
    files = [SimpleUploadedFile("画面.png", b"\x89PNG"), SimpleUploadedFile("log.txt", b"9.4.7")]
    answered = client.post(
        address, {"what": "done", "new_version": "9.4.7", "text": "済み", "files": files}
    )
    assert (answered.status_code, answered["Location"]) == (302, address)
    page = body(client.get(address))
    assert "完了を報告済みです" in page and "画面.png" in page and "log.txt" in page
    assert "<form" not in page.split("<main")[1].split("</main")[0]
    (instruction,) = queries.instructions_for(alice)
    assert instruction.state == State.DONE
    assert instruction.done_by is not None and instruction.done_by.mail == "otto@a.example"
    used = HistoryRow.objects.filter(action="sharing.use_link")
    assert used.count() == 2
    assert Link.objects.get().last_used_at is not None


def test_reporting_done_twice_is_told_calmly(mailed: Give, client: Client) -> None:
    address = mailed()
    client.post(address, {"what": "done", "text": "済み"})
    again = client.post(address, {"what": "done", "text": "済み"})
    assert again.status_code == 409
    assert "完了の報告があり、検証を待っています" in body(again)


def test_done_with_nothing_said_shows_the_form_again_with_the_reason(
    mailed: Give, client: Client, alice: Viewer
) -> None:
    answered = client.post(mailed(), {"what": "done", "text": " "})
    assert answered.status_code == 400
    assert "別の人が検証できるように" in body(answered)
    assert queries.instructions_for(alice)[0].state == State.OPEN


def test_cannot_with_a_reason_and_what_was_typed_stays_when_the_reason_is_missing(
    mailed: Give, client: Client, alice: Viewer
) -> None:
    address = mailed()
    answered = client.post(address, {"what": "cannot", "text": "生産が止まります"})
    assert answered.status_code == 400
    assert "生産が止まります" in body(answered)
    client.post(address, {"what": "cannot", "reason": "cannot_stop", "text": "生産が止まります"})
    assert queries.instructions_for(alice)[0].state == State.CANNOT
    assert "次の手はセキュリティ責任者が決めて" in body(client.get(address))


@pytest.mark.parametrize(
    "sent",
    [
        {"what": "verified"},
        {},
        {"what": "done", "text": "x", "state": "verified"},
        {"what": "started", "instruction": "T-00000000"},
    ],
)
def test_a_button_or_field_that_is_not_there_changes_nothing(
    mailed: Give, client: Client, alice: Viewer, sent: dict[str, str]
) -> None:
    assert client.post(mailed(), sent).status_code == 400
    assert queries.instructions_for(alice)[0].state == State.OPEN


def test_an_expired_link_says_what_to_do(mailed: Give, client: Client) -> None:
    address = mailed()
    with time_machine.travel(clock.now() + timedelta(days=40)):
        for response in (client.get(address), client.post(address, {"what": "started"})):
            assert response.status_code == 409
            assert "新しいリンクを頼んでください" in body(response)
            assert "大阪工場" not in body(response)


def test_a_link_dies_with_the_instruction(mailed: Give, client: Client, alice: Viewer) -> None:
    address = mailed()
    (instruction,) = queries.instructions_for(alice)
    actions.withdraw(instruction=instruction, text="誤報", by=alice)
    for response in (client.get(address), client.post(address, {"what": "started"})):
        assert response.status_code == 409
        assert "大阪工場" not in body(response)
    assert queries.instructions_for(alice)[0].state == State.WITHDRAWN


def test_a_suspended_operator_opens_and_answers_nothing(
    mailed: Give, client: Client, world: World, mana: Viewer, alice: Viewer
) -> None:
    address = mailed()
    suspend_person(person=world.otto, team=world.teams["a"], by=mana)
    for response in (client.get(address), client.post(address, {"what": "started"})):
        assert response.status_code == 409
        assert "停止されています" in body(response)
        assert "大阪工場" not in body(response)
    assert queries.instructions_for(alice)[0].state == State.OPEN


def test_a_link_shows_nothing_of_what_mail_may_carry_no_longer_before_otto_signs_in(
    mailed: Give,
    client: Client,
    world: World,
    sign_in: Callable[[Person], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever reads his mailbox has the link."""
    address = mailed(attachments=[Upload("手順.txt", b"how")])
    monkeypatch.setitem(TABLE[MAIL].passages, Sensitivity.INTERNAL, Passage.TITLE)
    (instruction,) = queries.instructions_for(world.viewer("otto"))
    own = f"/measures/{instruction.public_id}/answer"
    (file,) = queries.attachments_for(world.viewer("otto"), instruction)
    for answer in (client.get(address), client.post(address, {"what": "started"})):
        assert (answer.status_code, answer["Location"]) == (302, own)
    answer = client.get(f"{address}/files/{file.public_id}")
    assert (answer.status_code, answer["Location"]) == (302, f"{own[:-7]}/files/{file.public_id}")
    page = body(client.get(address, follow=True))
    assert "メールのリンクからは見せられません" in page
    assert "大阪工場" not in page
    assert queries.instructions_for(world.viewer("otto"))[0].state == State.OPEN
    assert "大阪工場" in body(sign_in(world.otto).get(own))


@pytest.mark.parametrize("cell", [Passage.TITLE, Passage.NOTICE, Passage.BARE])
def test_what_mail_may_not_carry_whole_is_mailed_with_no_link_that_opens_it(
    instruct: Instruct, office: PostOffice, monkeypatch: pytest.MonkeyPatch, cell: Passage
) -> None:
    monkeypatch.setitem(TABLE[MAIL].passages, Sensitivity.INTERNAL, cell)
    instruct()
    deliver_all()
    assert "/measures/answer/" not in text_of(office.received[-1])
    assert not Link.objects.exists()


def test_a_link_with_one_letter_changed_or_for_another_purpose_is_not_found(
    mailed: Give, client: Client, world: World, alice: Viewer
) -> None:
    address = mailed()
    wrong = address[:-1] + ("0" if address[-1] != "0" else "1")
    assert client.get(wrong).status_code == 404
    (instruction,) = queries.instructions_for(alice)
    (other,) = links.issue_many(
        purpose="warnings.answer",
        thing_kind="instruction",
        thing_id=instruction.public_id,
        people=[world.otto],
        days=1,
    )
    assert client.get(f"/measures/answer/{links.secret_of(other)}").status_code == 404


def test_a_link_forged_for_somebody_who_is_no_operator_is_not_found(
    instruct: Instruct, client: Client, world: World
) -> None:
    instruction = instruct()
    for name in ("olga", "alice", "bob"):  # alice may read it, but the page is the operator's
        (link,) = links.issue_many(
            purpose=ANSWER,
            thing_kind="instruction",
            thing_id=instruction.public_id,
            people=[world.people[name]],
            days=1,
        )
        assert client.get(f"/measures/answer/{links.secret_of(link)}").status_code == 404


def test_the_attached_procedure_comes_as_a_file_and_never_as_a_page(
    mailed: Give, client: Client
) -> None:
    address = mailed(attachments=[Upload("手順.html", b"<script>alert(1)</script>")])
    page = body(client.get(address))
    place = page.split(f'href="{address}/files/')[1].split('"')[0]
    response: Any = client.get(f"{address}/files/{place}")
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    response.close()
    assert client.get(f"{address}/files/F-00000000").status_code == 404


def test_hostile_words_are_shown_as_words(mailed: Give, client: Client) -> None:
    evil = "<img src=x onerror=alert(1)>{{ 7|add:7 }}"
    page = body(client.get(mailed(text=evil, why=evil, wanted_version=evil)))
    assert "<img src=x" not in page and "14" not in page.split("<h1")[1].split("</h1>")[0]
    assert page.count("&lt;img src=x onerror=alert(1)&gt;{{ 7|add:7 }}") >= 3


def test_writing_to_who_instructed_writes_to_nobody_else(
    mailed: Give, client: Client, world: World
) -> None:
    Person.objects.filter(pk=world.alice.pk).update(mail='"a?bcc=b@c.example&body=x"@a.example')
    page = body(client.get(mailed()))
    assert 'href="mailto:%22a%3Fbcc%3Db@c.example%26body%3Dx%22@a.example"' in page


def test_a_form_without_its_token_is_refused(mailed: Give) -> None:
    strict = Client(enforce_csrf_checks=True)
    address = mailed()
    assert strict.post(address, {"what": "started"}).status_code == 403
    page = body(strict.get(address))
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    sent = {"what": "started", "csrfmiddlewaretoken": token}
    assert strict.post(address, sent).status_code == 302


def test_the_log_does_not_keep_the_secret_of_a_refused_request() -> None:
    secret = "L-DGQW2565~7803fe76b498a157b918ed2f5ee7efe764201840"
    record = logging.LogRecord(
        "django.request",
        logging.WARNING,
        "",
        0,
        "Conflict: %s",
        (f"/measures/answer/{secret}",),
        None,
    )
    assert LineFormatter().format(record).endswith("Conflict: /measures/answer/L-DGQW2565~…")


def test_eleven_files_or_one_too_large_come_back_with_the_reason(
    mailed: Give, client: Client, alice: Viewer
) -> None:
    address = mailed()
    many = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]
    answered = client.post(address, {"what": "done", "text": "済み", "files": many})
    assert answered.status_code == 400
    assert "ファイルは 10 点までです" in body(answered)
    large = SimpleUploadedFile("image.iso", b"0" * (25 * 1024 * 1024 + 1))
    answered = client.post(address, {"what": "done", "text": "済み", "files": [large]})
    assert answered.status_code == 400
    assert "image.iso は 25 MB を超えています" in body(answered)
    assert queries.answers_for(alice, queries.instructions_for(alice)[0]) == []
