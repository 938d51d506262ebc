"""What is late: the operator hears first, then the manager, each once."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from noroshi.core import clock
from noroshi.core.history import rows_of
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions, jobs, queries
from noroshi.measures.models import Instruction
from tests.harness.people import World
from tests.harness.smtp import PostOffice, text_of
from tests.measures.builders import deliver_all
from tests.measures.conftest import Instruct

HOUR = timedelta(hours=1)


def after(instruction: Instruction, span: timedelta) -> time_machine.travel:
    instruction.refresh_from_db()
    return time_machine.travel(instruction.due_at + span, tick=False)


def reminders(instruction: Instruction) -> list[str]:
    rows = rows_of("instruction", instruction.public_id).filter(
        action__startswith="measures.remind"
    )
    return [row.action.rpartition("_")[2] for row in rows]


def test_the_operator_is_reminded_once_and_a_day_later_the_manager_once(
    instruct: Instruct, world: World, office: PostOffice
) -> None:
    instruction = instruct(manager=world.mana)
    with after(instruction, -HOUR):
        jobs.remind_late()
    assert reminders(instruction) == []
    with after(instruction, HOUR):
        jobs.remind_late()
        jobs.remind_late()
        deliver_all()
    assert reminders(instruction) == ["operator"]
    assert [mail["Subject"][:6] for mail in office.to("otto@a.example")][1:] == ["【期限超過】"]
    assert office.to("mana@a.example") == []
    with after(instruction, 25 * HOUR):
        jobs.remind_late()
        jobs.remind_late()
        deliver_all()
    assert reminders(instruction) == ["operator", "manager"]
    (mail,) = office.to("mana@a.example")
    assert "大友 音 さんに督促しましたが" in text_of(mail)


def test_after_a_long_stop_of_the_jobs_both_are_told_in_one_run(
    instruct: Instruct, world: World, office: PostOffice
) -> None:
    instruction = instruct(manager=world.mana)
    with after(instruction, 30 * HOUR):
        jobs.remind_late()
    assert reminders(instruction) == ["operator", "manager"]


def test_reported_or_withdrawn_work_is_not_late(
    instruct: Instruct, alice: Viewer, otto: Viewer
) -> None:
    reported, withdrawn = instruct(), instruct()
    actions.answer(instruction=reported, what="done", new_version="9.4.7", by=otto)
    actions.withdraw(instruction=withdrawn, text="不要", by=alice)
    with after(reported, 48 * HOUR):
        jobs.remind_late()
        assert not reported.is_late
    assert (reminders(reported), reminders(withdrawn)) == ([], [])


def test_a_new_due_time_starts_the_reminders_anew(
    instruct: Instruct, alice: Viewer, office: PostOffice
) -> None:
    instruction = instruct()
    with after(instruction, HOUR):
        jobs.remind_late()
        actions.change_due(
            instruction=instruction, due_at=clock.now() + 5 * HOUR, text="部品待ち", by=alice
        )
        deliver_all()
        jobs.remind_late()
    assert reminders(instruction) == ["operator"]
    moved = office.to("otto@a.example")[-1]
    assert moved["Subject"].startswith("【期限の変更】")
    assert "部品待ち" in text_of(moved)
    with after(instruction, HOUR):
        jobs.remind_late()
    assert reminders(instruction) == ["operator", "operator"]


def test_late_work_stands_in_the_late_view_of_those_who_see_it(
    instruct: Instruct, world: World
) -> None:
    instruction = instruct()
    with after(instruction, HOUR):
        counts = {
            name: queries.view_counts(world.viewer(name))["late"]
            for name in ("alice", "mana", "otto", "olga", "bob")
        }
        assert queries.progress_of(world.viewer("alice"), instruction.subject_id).late == 1
    assert counts == {"alice": 1, "mana": 1, "otto": 1, "olga": 0, "bob": 0}
