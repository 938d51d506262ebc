"""Alice tells the operators of one system what to do; each sees what is given to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from noroshi.core import clock
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused
from noroshi.core.history import rows_of
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions, queries
from noroshi.measures.actions import Upload
from tests.harness.people import World
from tests.harness.smtp import PostOffice, text_of
from tests.measures.builders import deliver_all, link_in
from tests.measures.conftest import Instruct


def test_the_operator_gets_a_mail_that_says_what_which_why_and_until_when(
    instruct: Instruct, office: PostOffice
) -> None:
    instruction = instruct()
    deliver_all()
    (mail,) = office.received
    assert mail["Subject"] == "大阪工場 拠点VPN を 9.4.7 に上げる"
    text = text_of(mail)
    for phrase in (
        "大阪工場 拠点VPN",
        "9.4.5",
        "9.4.7",
        "CVE-2026-20131",
        instruction.public_id,
        "合言葉なしで入られる欠陥",
        "再起動して 10 分待つ",
    ):
        assert phrase in text
    assert f"http://127.0.0.1:8000/measures/answer/{link_in(mail)}" in text.split("\n")


def test_an_english_operator_reads_it_in_english(
    world: World, instruct: Instruct, office: PostOffice
) -> None:
    Person.objects.filter(pk=world.otto.pk).update(language="en", time_zone="Europe/Berlin")
    instruct()
    deliver_all()
    assert office.received[0]["Subject"] == "Upgrade 大阪工場 拠点VPN to 9.4.7"
    assert "Please do this by" in text_of(office.received[0])


def test_an_operator_sees_his_own_instruction_and_no_other(
    instruct: Instruct, world: World, otto: Viewer, olga: Viewer, office: PostOffice
) -> None:
    ottos, olgas = instruct(), instruct(operators=[world.olga])
    assert [row.pk for row in queries.instructions_for(otto)] == [ottos.pk]
    assert queries.instruction_for(olga, olgas.public_id) == olgas
    with pytest.raises(NotFound):
        queries.instruction_for(olga, ottos.public_id)


def test_another_team_an_executive_and_an_administrator_see_nothing_of_it(
    instruct: Instruct, bob: Viewer, charlie: Viewer, eve: Viewer, adam: Viewer, public: Viewer
) -> None:
    instruction = instruct()
    for viewer in (bob, charlie, eve, adam, public):
        assert list(queries.instructions_for(viewer)) == []
        with pytest.raises(NotFound):
            queries.instruction_for(viewer, instruction.public_id)


def test_an_operator_cannot_instruct(instruct: Instruct, otto: Viewer, bob: Viewer) -> None:
    for viewer in (otto, bob):
        with pytest.raises(Forbidden, match="CSIRT or security manager"):
            instruct(by=viewer)


def test_an_operator_of_another_team_cannot_be_named(instruct: Instruct, world: World) -> None:
    with pytest.raises(Malformed, match="operators: Every operator must be in your team"):
        instruct(operators=[world.otto, world.bob])


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"operators": []}, "operators"),
        ({"text": "  \n"}, "text"),
        ({"kind": "explode"}, "kind"),
        ({"due_at": clock.now() - timedelta(days=1)}, "due_at"),
        ({"attachments": [Upload("a", b"x")] * 11}, "files"),
    ],
)
def test_an_order_that_nobody_could_carry_out_is_refused_at_its_place(
    instruct: Instruct, alice: Viewer, wrong: dict[str, object], where: str
) -> None:
    with pytest.raises(Malformed) as refused:
        instruct(**wrong)
    assert refused.value.where == where
    assert list(queries.instructions_for(alice)) == []


def test_a_title_of_several_lines_from_an_advisory_becomes_one_line(
    instruct: Instruct, office: PostOffice
) -> None:
    evil = actions.Subject(
        "assessment", "A-1", "VPN\r\nBcc: all@example.org\x00\u2028x", "CVE-1\n2"
    )
    instruction = instruct(subject=evil)
    assert instruction.subject_title == "VPN Bcc: all@example.org x"
    deliver_all()
    assert office.received[0]["Bcc"] is None


def test_the_history_names_the_operators_by_their_ids(instruct: Instruct, world: World) -> None:
    instruction = instruct()
    row = rows_of("instruction", instruction.public_id).get(action="measures.instruct")
    assert row.after["operators"] == [world.otto.public_id]
    assert row.actor == world.alice.public_id


def test_instructing_again_gives_the_work_to_olga_and_ends_ottos_link(
    instruct: Instruct, world: World, alice: Viewer, otto: Viewer, olga: Viewer, office: PostOffice
) -> None:
    instruction = instruct()
    deliver_all()
    old = link_in(office.received[0])
    actions.instruct_again(
        instruction=instruction,
        text="別の手順",
        due_at=clock.now() + timedelta(days=2),
        operators=[world.olga],
        by=alice,
    )
    deliver_all()
    assert queries.instruction_for(olga, instruction.public_id).text == "別の手順"
    assert [mail["To"].addresses[0].addr_spec for mail in office.received[1:]] == ["olga@a.example"]
    with pytest.raises(NotFound):
        queries.instruction_for(otto, instruction.public_id)
    with pytest.raises(Refused, match="expired or was taken back"):
        queries.instruction_by_link(old)


def test_a_new_link_ends_the_old_one(instruct: Instruct, alice: Viewer, office: PostOffice) -> None:
    instruction = instruct()
    deliver_all()
    actions.send_link_again(instruction=instruction, by=alice)
    deliver_all()
    old, new = (link_in(mail) for mail in office.received)
    assert queries.instruction_by_link(new)[0] == instruction
    with pytest.raises(Refused):
        queries.instruction_by_link(old)


def test_what_was_withdrawn_before_it_was_mailed_is_not_mailed(
    instruct: Instruct, alice: Viewer, office: PostOffice
) -> None:
    instruction = instruct()
    actions.withdraw(instruction=instruction, text="誤報でした", by=alice)
    deliver_all()
    assert [mail["Subject"] for mail in office.received] == [
        "【取り下げ】大阪工場 拠点VPN を 9.4.7 に上げる"
    ]
    assert "誤報でした" in text_of(office.received[0])
