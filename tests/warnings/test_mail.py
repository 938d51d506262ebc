"""Mail about warnings: the text where mail may carry it, else a notice that there is something."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from noroshi.core import jobs
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.exchange.mail.letters import letter_for
from noroshi.sharing import links, outbox, system
from noroshi.sharing.channels import MAIL
from noroshi.sharing.models import EntryState, OutboxEntry
from noroshi.warnings import actions, queries
from tests.harness.people import World
from tests.warnings.builders import TEXT, drafted, person, released, suspend

TOKYO = ZoneInfo("Asia/Tokyo")


def entry_for(thing_id: str, name: str, kind: str = "warning.released") -> OutboxEntry:
    rows = system.rows(OutboxEntry, "a test reads the mail").filter(thing_id=thing_id, kind=kind)
    entry = outbox.waiting(rows.get(person__mail__startswith=f"{name}@").public_id)
    assert entry is not None
    return entry


@time_machine.travel(datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO), tick=False)
def test_a_green_warning_reads_well_as_plain_text_in_both_languages(
    world: World, alice: Viewer
) -> None:
    Person.objects.filter(pk=world.mia.pk).update(language="en")
    warning = released(
        world, alice, sensitivity="green", answer_by=datetime(2026, 11, 26, 17, 0, tzinfo=TOKYO)
    )
    entry = entry_for(warning.public_id, "bob")
    letter = letter_for(entry, outbox.passage_now(entry, MAIL))
    assert letter.subject == "[TLP:GREEN] 早期警戒： Tsuzumi VPN Gateway の悪用"
    assert entry.link is not None
    assert f"/warnings/answer/{links.secret_of(entry.link)}" in letter.body
    for expected in (
        "あおば製作所 CSIRT からの早期警戒です。",
        "回答の締切：11月26日（木）17:00",
        TEXT,
        "1. 9.4.7 へ版を上げる\n2. 管理画面を社内の網に限る",
        "自チームの影響を答える（サインインはいりません）：",
    ):
        assert expected in letter.body
    assert "\n\n\n" not in letter.body
    entry = entry_for(warning.public_id, "mia")
    english = letter_for(entry, outbox.passage_now(entry, MAIL))
    assert english.subject == "[TLP:GREEN] Early warning: Tsuzumi VPN Gateway is being exploited"
    assert "Aoba CSIRT warns you." in english.body


@pytest.mark.parametrize("sensitivity", ["red", "amber+strict", "amber"])
@pytest.mark.parametrize("kind", ["warning.released", "warning.withdrawn"])
def test_a_notice_tells_nothing_of_the_content(
    world: World, alice: Viewer, sensitivity: str, kind: str
) -> None:
    warning = released(world, alice, sensitivity=sensitivity, named=[world.bob])
    if kind == "warning.withdrawn":
        actions.withdraw(warning=warning, why="誤報でした", by=alice)
    entry = entry_for(warning.public_id, "bob", kind)
    letter = letter_for(entry, outbox.passage_now(entry, MAIL))
    assert f"TLP:{sensitivity.upper()}" in letter.subject
    whole = letter.subject + letter.body
    for hidden in (TEXT, "Tsuzumi", "10023", "あおば", "アリス", "9.4.7", "誤報"):
        assert hidden not in whole
    assert "/warnings/" in letter.body


def test_a_withdrawal_says_why_where_mail_may(world: World, alice: Viewer) -> None:
    warning = released(world, alice, sensitivity="green")
    actions.withdraw(warning=warning, why="誤報でした", by=alice)
    entry = entry_for(warning.public_id, "bob", "warning.withdrawn")
    letter = letter_for(entry, outbox.passage_now(entry, MAIL))
    assert letter.subject == "[TLP:GREEN] 取り下げ： Tsuzumi VPN Gateway の悪用"
    assert "誤報でした" in letter.body


def test_a_title_of_two_lines_cannot_become_a_second_header(world: World, alice: Viewer) -> None:
    warning = released(
        world, alice, sensitivity="green", title="一行\r\nBcc: x@example.org\n\n本文"
    )
    entry = entry_for(warning.public_id, "bob")
    letter = letter_for(entry, outbox.passage_now(entry, MAIL))
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject


def test_a_release_that_fails_posts_nothing(world: World, alice: Viewer) -> None:
    warning = drafted(world, alice)
    suspend(world, "a")
    with pytest.raises(Exception, match="suspended"):
        actions.release(warning=warning, by=alice)
    assert not system.rows(OutboxEntry, "a test looks for traces").exists()


def test_the_owner_sees_that_mail_to_a_suspended_team_was_withheld(
    world: World, alice: Viewer
) -> None:
    warning = released(world, alice)
    suspend(world, "b")
    jobs.run_waiting()
    states = system.rows(OutboxEntry, "a test looks at the end").values_list("state", flat=True)
    assert set(states) == {EntryState.WITHHELD}
    detail = queries.detail_for(alice, warning.public_id)
    assert {row.receipts for row in detail.recipients} == {("withheld",)}
    assert person(world, "bob").state == "active"
