"""Operators answer: started, done, cannot; another person verifies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from noroshi.core import clock
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused
from noroshi.core.files import read_file
from noroshi.core.history import SYSTEM, rows_of
from noroshi.directory.actions import add_person, issue_token, leave, suspend_person
from noroshi.directory.models import ApiToken
from noroshi.directory.viewer import Viewer, viewer_for, viewer_for_token
from noroshi.measures import actions, jobs, queries
from noroshi.measures.actions import Upload
from noroshi.measures.checks import MAX_FILE_BYTES
from noroshi.measures.events import INSTRUCTION_MOVED
from noroshi.measures.models import Instruction
from noroshi.measures.states import State
from tests.harness.listening import listening
from tests.harness.people import World
from tests.harness.smtp import PostOffice, text_of
from tests.measures.builders import OsakaVpn, deliver_all, waiting_jobs
from tests.measures.conftest import Instruct


def state_of(instruction: Instruction) -> str:
    instruction.refresh_from_db()
    return instruction.state


def done(instruction: Instruction, by: Viewer) -> None:
    actions.answer(instruction=instruction, what="done", new_version="9.4.7", by=by)


def test_from_given_to_verified_and_closed(
    instruct: Instruct, alice: Viewer, otto: Viewer, office: PostOffice
) -> None:
    instruction = instruct()
    actions.answer(instruction=instruction, what="started", by=otto)
    assert state_of(instruction) == State.STARTED
    actions.answer(
        instruction=instruction,
        what="done",
        text="再起動して確かめました",
        new_version="9.4.7",
        files=[Upload("画面.png", b"\x89PNG raw")],
        by=otto,
    )
    assert state_of(instruction) == State.DONE
    actions.verify(instruction=instruction, note="show version で確認", by=alice)
    assert state_of(instruction) == State.VERIFIED
    jobs.close(instruction.subject_id)
    assert state_of(instruction) == State.CLOSED
    started, reported = queries.answers_for(alice, instruction)
    assert (started.files, reported.answer.new_version) == ((), "9.4.7")
    assert read_file(reported.files[0].sha256) == b"\x89PNG raw"
    assert [row.action for row in rows_of("instruction", instruction.public_id)] == [
        "measures.instruct",
        "measures.answer_started",
        "measures.answer_done",
        "measures.verify",
        "sharing.revoke_links",
        "measures.close",
    ]
    deliver_all()
    # otto's first two: withheld, since the closing took their links back before they left
    assert [mail["To"].addresses[0].addr_spec for mail in office.received] == [
        "alice@a.example",
        "otto@a.example",
    ]


def test_the_csirt_person_who_instructed_hears_that_it_is_done(
    instruct: Instruct, otto: Viewer, office: PostOffice
) -> None:
    instruction = instruct()
    done(instruction, otto)
    deliver_all()
    (mail,) = office.to("alice@a.example")
    assert mail["Subject"] == "【完了の報告】大阪工場 拠点VPN を 9.4.7 に上げる"
    assert "9.4.7" in text_of(mail)
    assert office.to("ann@a.example") == []


def test_nobody_verifies_the_own_work(
    instruct: Instruct, world: World, alice: Viewer, mana: Viewer
) -> None:
    instruction = instruct(operators=[world.ann])
    ann = world.viewer("ann")
    done(instruction, ann)
    with pytest.raises(Refused, match="You did this work yourself"):
        actions.verify(instruction=instruction, by=ann)
    actions.verify(instruction=instruction, by=mana)
    assert state_of(instruction) == State.VERIFIED


def test_an_operator_cannot_verify(instruct: Instruct, world: World, otto: Viewer) -> None:
    instruction = instruct(operators=[world.otto, world.olga])
    done(instruction, otto)
    with pytest.raises(Forbidden):
        actions.verify(instruction=instruction, by=world.viewer("olga"))


def test_of_two_who_verify_at_once_the_second_is_told(
    instruct: Instruct, alice: Viewer, mana: Viewer, otto: Viewer
) -> None:
    instruction = instruct()
    done(instruction, otto)
    hers = queries.instruction_for(alice, instruction.public_id)
    managers = queries.instruction_for(mana, instruction.public_id)
    actions.verify(instruction=hers, by=alice)
    with pytest.raises(Refused, match="verified already"):
        actions.verify(instruction=managers, by=mana)
    with pytest.raises(Refused, match="verified already"):
        actions.send_back(instruction=managers, text="版が違います", by=mana)


def test_of_two_operators_who_start_at_once_the_second_is_told(
    instruct: Instruct, world: World, otto: Viewer, olga: Viewer
) -> None:
    instruction = instruct(operators=[world.otto, world.olga])
    actions.answer(instruction=instruction, what="started", by=otto)
    with pytest.raises(Refused, match="is working on this"):
        actions.answer(instruction=instruction, what="started", by=olga)
    done(instruction, olga)
    assert state_of(instruction) == State.DONE


def test_done_needs_something_by_which_another_person_can_verify_it(
    instruct: Instruct, otto: Viewer
) -> None:
    instruction = instruct()
    with pytest.raises(Malformed, match="so that another person can verify it"):
        actions.answer(instruction=instruction, what="done", text="  ", by=otto)
    assert state_of(instruction) == State.OPEN


def test_cannot_needs_a_reason_and_goes_to_the_manager_who_decided(
    instruct: Instruct, world: World, alice: Viewer, mana: Viewer, otto: Viewer, office: PostOffice
) -> None:
    instruction = instruct(manager=world.mana)
    with pytest.raises(Malformed, match="Say why"):
        actions.answer(instruction=instruction, what="cannot", by=otto)
    actions.answer(
        instruction=instruction,
        what="cannot",
        reason="cannot_stop",
        text="生産が止まります",
        by=otto,
    )
    deliver_all()
    (mail,) = office.to("mana@a.example")
    assert "生産が止まります" in text_of(mail)
    assert office.to("alice@a.example") == []
    with pytest.raises(Forbidden, match="only the security manager decides"):
        actions.withdraw(instruction=instruction, text="やめます", by=alice)
    actions.instruct_again(
        instruction=instruction,
        text="次の定期停止で",
        due_at=clock.now() + timedelta(days=7),
        operators=[world.otto],
        by=mana,
    )
    assert state_of(instruction) == State.OPEN


@pytest.mark.parametrize(
    ("answer", "where"),
    [({"what": "verified"}, "what"), ({"what": "cannot", "reason": "lazy"}, "reason")],
)
def test_a_word_that_is_not_on_the_list_is_refused_at_its_place(
    instruct: Instruct, otto: Viewer, answer: dict[str, Any], where: str
) -> None:
    instruction = instruct()
    with pytest.raises(Malformed) as refused:
        actions.answer(instruction=instruction, by=otto, **answer)
    assert refused.value.where == where
    assert state_of(instruction) == State.OPEN


def test_a_teams_token_is_nobody_who_could_verify(
    instruct: Instruct, world: World, mana: Viewer, otto: Viewer
) -> None:
    instruction = instruct()
    done(instruction, otto)
    issue_token(name="CI", scopes=["read", "write"], days=7, team=world.teams["a"], by=mana)
    program = viewer_for_token(ApiToken.objects.get())
    with pytest.raises(Forbidden, match="a person does"):
        actions.verify(instruction=instruction, by=program)
    assert state_of(instruction) == State.DONE


def test_what_is_sent_back_goes_on_and_can_be_reported_again(
    instruct: Instruct, alice: Viewer, otto: Viewer, office: PostOffice
) -> None:
    instruction = instruct()
    done(instruction, otto)
    with pytest.raises(Malformed, match="what is missing"):
        actions.send_back(instruction=instruction, text=" ", by=alice)
    actions.send_back(instruction=instruction, text="再起動の後の画面がほしい", by=alice)
    assert state_of(instruction) == State.STARTED
    deliver_all()
    assert "再起動の後の画面がほしい" in text_of(office.to("otto@a.example")[-1])
    done(instruction, otto)
    actions.verify(instruction=instruction, by=alice)
    assert state_of(instruction) == State.VERIFIED


def test_nobody_answers_for_the_operator(
    instruct: Instruct, alice: Viewer, mana: Viewer, olga: Viewer
) -> None:
    instruction = instruct()
    for viewer in (alice, mana):
        with pytest.raises(Forbidden, match="Only the operators named"):
            done(instruction, viewer)
    with pytest.raises(NotFound):
        done(instruction, olga)


def test_an_operator_who_was_suspended_or_moved_on_answers_nothing(
    instruct: Instruct, world: World, mana: Viewer
) -> None:
    instruction = instruct(operators=[world.otto, world.olga])
    suspend_person(person=world.otto, team=world.teams["a"], by=mana)
    with pytest.raises(NotFound):
        done(instruction, world.viewer("otto"))
    leave(person=world.olga, team=world.teams["a"], by=mana)
    with pytest.raises(NotFound):
        done(instruction, world.viewer("olga"))


def test_a_file_over_the_cap_is_refused_and_nothing_is_written(
    instruct: Instruct, alice: Viewer, otto: Viewer
) -> None:
    instruction = instruct()
    big = Upload("big.bin", b"0" * (MAX_FILE_BYTES + 1))
    with pytest.raises(Malformed, match=r"big\.bin is larger than 25 MB"):
        actions.answer(instruction=instruction, what="done", files=[big], by=otto)
    with pytest.raises(Malformed, match="Up to 10 files"):
        actions.answer(
            instruction=instruction, what="done", files=[Upload("a", b"a")] * 11, by=otto
        )
    assert queries.answers_for(alice, instruction) == []
    assert state_of(instruction) == State.OPEN


@pytest.mark.parametrize(
    ("sent_name", "stored_name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\otto\\画面.png", "画面.png"),
        ("report\u202egnp.exe", "reportgnp.exe"),
        ('a"; filename="b.html\r\nX: y', "a__ filename=_b.htmlX_ y"),
        ("\x00\r\n", "file"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_names_of_files_are_made_harmless(
    instruct: Instruct, alice: Viewer, otto: Viewer, sent_name: str, stored_name: str
) -> None:
    instruction = instruct()
    actions.answer(instruction=instruction, what="done", files=[Upload(sent_name, b"x")], by=otto)
    assert queries.answers_for(alice, instruction)[0].files[0].name == stored_name


def test_the_newer_sbom_verifies_what_was_reported_done_and_nothing_else(
    instruct: Instruct, world: World, otto: Viewer, olga: Viewer, office: PostOffice
) -> None:
    reported, untouched = instruct(), instruct(operators=[world.olga])
    done(reported, otto)
    for _ in range(2):  # a job is safe to run twice
        jobs.verify_by_inventory(reported.public_id)
        jobs.verify_by_inventory(untouched.public_id)
    assert (state_of(reported), state_of(untouched)) == (State.VERIFIED, State.OPEN)
    assert reported.verified_by is None
    deliver_all()
    verified = [m for m in office.to("otto@a.example") if "検証済み" in m["Subject"]]
    assert len(verified) == 1


def test_the_area_above_is_told_of_every_step(
    instruct: Instruct, world: World, alice: Viewer, otto: Viewer
) -> None:
    with listening(INSTRUCTION_MOVED, of="assessment") as path:
        instruction = instruct()
        actions.answer(instruction=instruction, what="started", by=otto)
        done(instruction, otto)
        actions.send_back(instruction=instruction, text="画面がほしい", by=alice)
        done(instruction, otto)
        actions.verify(instruction=instruction, by=alice)
        assert waiting_jobs(path) == [instruction.subject_id] * 6
        other = instruct(system=OsakaVpn("S-2"))
        actions.withdraw(instruction=other, text="廃棄済みの装置でした", by=alice)
        assert len(waiting_jobs(path)) == 8


def test_an_area_that_works_on_another_kind_of_subject_is_told_nothing(instruct: Instruct) -> None:
    with listening(INSTRUCTION_MOVED, of="incident") as path:
        instruct()
        assert waiting_jobs(path) == []


def test_withdrawn_work_takes_no_answer(instruct: Instruct, alice: Viewer, otto: Viewer) -> None:
    instruction = instruct()
    with pytest.raises(Malformed, match="why it is withdrawn"):
        actions.withdraw(instruction=instruction, text="", by=alice)
    actions.withdraw(instruction=instruction, text="誤報", by=alice)
    with pytest.raises(Refused, match="has been withdrawn"):
        done(instruction, otto)
    with pytest.raises(Refused, match="has been withdrawn"):
        actions.change_due(
            instruction=instruction, due_at=clock.now() + timedelta(days=1), by=alice
        )


def test_when_the_instructor_has_left_the_csirt_hears_instead(
    instruct: Instruct, world: World, mana: Viewer, otto: Viewer, office: PostOffice
) -> None:
    instruction = instruct()
    suspend_person(person=world.alice, team=world.teams["a"], by=mana)
    done(instruction, otto)
    deliver_all()
    assert office.to("alice@a.example") == []
    assert len(office.to("ann@a.example")) == 1


def test_progress_counts_each_state_and_what_is_late(
    instruct: Instruct, world: World, alice: Viewer, otto: Viewer, olga: Viewer, bob: Viewer
) -> None:
    first, second, third = instruct(), instruct(), instruct(operators=[world.olga])
    actions.answer(instruction=first, what="started", by=otto)
    done(second, otto)
    actions.withdraw(instruction=third, text="不要", by=alice)
    progress = queries.progress_of(alice, first.subject_id)
    assert (progress.total, progress.started, progress.done, progress.withdrawn) == (2, 1, 1, 1)
    assert not progress.is_finished
    # counts are made of visible rows only (rule 2)
    assert queries.progress_of(olga, first.subject_id).total == 0
    assert queries.progress_of(bob, first.subject_id).withdrawn == 0


def test_my_turn_is_to_answer_to_verify_or_to_decide(
    instruct: Instruct, world: World, alice: Viewer, mana: Viewer, otto: Viewer, olga: Viewer
) -> None:
    instruction, stuck = instruct(), instruct(operators=[world.olga])
    assert [queries.mine_for(who).count() for who in (alice, mana, otto, olga)] == [0, 0, 1, 1]
    done(instruction, otto)
    actions.answer(instruction=stuck, what="cannot", reason="no_time", by=olga)
    assert [queries.mine_for(who).count() for who in (alice, mana, otto, olga)] == [1, 2, 0, 0]


def test_a_person_of_the_csirt_who_is_operator_too_does_not_verify_by_another_role(
    instruct: Instruct, world: World
) -> None:
    roles = ["csirt", "operator", "manager"]
    both = add_person(
        mail="rin@a.example", name="凛", team=world.teams["a"], roles=roles, by=SYSTEM
    )
    instruction = instruct(operators=[both])
    done(instruction, viewer_for(both))
    assert queries.mine_for(viewer_for(both)).count() == 0
    with pytest.raises(Refused, match="yourself"):
        actions.verify(instruction=instruction, by=viewer_for(both))
