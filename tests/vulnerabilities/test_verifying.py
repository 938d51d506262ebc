"""From "reported done" to verified: the state of an assessment says who moves next."""

from __future__ import annotations

import re
from typing import Any

import pytest

from noroshi.core import jobs
from noroshi.directory.viewer import Viewer
from noroshi.inventory import actions as inventory
from noroshi.measures import actions as measures
from noroshi.measures.models import Instruction
from noroshi.vulnerabilities import queries
from noroshi.vulnerabilities.models import AssessedSystem, Assessment
from noroshi.vulnerabilities.states import State
from tests.harness.people import World
from tests.vulnerabilities.builders import (
    a_component,
    affected_systems,
    an_advisory,
    assessed,
    assessments,
    decided,
    instructed,
    received,
    recorded_steps,
)


@pytest.fixture
def row(world: World, alice: Viewer, mana: Viewer) -> Assessment:
    """Two systems of otto's touched by one vulnerability; mana decided to apply measures."""
    for host in ("first", "second"):
        a_component(world.teams["a"], alice, host=host, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    return decided(assessed(assessments(alice)[0], alice), mana)


def done(instruction: Instruction, by: Viewer) -> None:
    measures.answer(instruction=instruction, what="done", text="4.1 に上げました", by=by)
    jobs.run_waiting()


def left_over(by: Viewer, row: Assessment) -> list[AssessedSystem]:
    return [affected for affected in affected_systems(by, row) if affected.verified_at is None]


def now(row: Assessment) -> str:
    row.refresh_from_db()
    return row.state


def test_it_waits_for_verification_once_every_operator_has_reported_done(
    row: Assessment, alice: Viewer, otto: Viewer
) -> None:
    first, second = instructed(row, alice)
    done(first, otto)
    assert now(row) == State.INSTRUCTED
    done(second, otto)
    assert now(row) == State.VERIFYING
    assert recorded_steps(row)[-1] == "to_verify"
    measures.verify(instruction=first, by=alice)
    jobs.run_waiting()
    assert now(row) == State.VERIFYING
    measures.verify(instruction=second, by=alice)
    jobs.run_waiting()
    assert (now(row), row.close_reason) == (State.CLOSED, "verified")


def test_it_is_with_the_operators_again_when_one_report_is_sent_back_or_work_is_added(
    row: Assessment, alice: Viewer, otto: Viewer
) -> None:
    first, second = instructed(row, alice)
    done(first, otto)
    done(second, otto)
    measures.send_back(instruction=first, text="画面が読めません", by=alice)
    jobs.run_waiting()
    assert (now(row), recorded_steps(row)[-1]) == (State.INSTRUCTED, "to_carry_out")
    done(first, otto)
    assert now(row) == State.VERIFYING
    instructed(row, alice)
    jobs.run_waiting()
    assert now(row) == State.INSTRUCTED


def test_what_an_operator_cannot_do_does_not_wait_for_verification(
    row: Assessment, alice: Viewer, otto: Viewer
) -> None:
    first, second = instructed(row, alice)
    done(first, otto)
    measures.answer(instruction=second, what="cannot", reason="no_time", by=otto)
    jobs.run_waiting()
    assert now(row) == State.INSTRUCTED


def test_a_system_that_nobody_was_told_about_keeps_it_from_waiting_for_verification(
    row: Assessment, alice: Viewer, otto: Viewer
) -> None:
    (first,) = instructed(row, alice, affected_systems(alice, row)[:1])
    done(first, otto)
    assert now(row) == State.INSTRUCTED
    inventory.set_version(
        component=affected_systems(alice, row)[1].component, version="5.0", by=alice
    )
    jobs.run_waiting()  # the inventory shows the other one out of the range: one report is left
    assert now(row) == State.VERIFYING


def test_alice_finds_what_waits_for_verification_by_the_list_and_on_its_page(
    row: Assessment, alice: Viewer, otto: Viewer, world: World, sign_in: Any
) -> None:
    for instruction in instructed(row, alice):
        done(instruction, otto)
    alice = world.viewer("alice")
    assert list(queries.assessments_for(alice, queries.Filters(states=("verifying",)))) == [row]
    assert row in queries.mine_for(alice)
    # on Today it stands as its two instructions, not three times
    assert queries.today_for(alice, 12).mine == []
    browser = sign_in(world.alice)
    assert "To verify" in browser.get("/vulnerabilities/?state=verifying").content.decode()
    page = browser.get(f"/vulnerabilities/{row.public_id}").content.decode()
    assert "verify what was reported done" in page
    assert "Everything was reported done and waits for verification" in page
    japanese = sign_in(world.alice, "ja").get(f"/vulnerabilities/{row.public_id}")
    assert "検証待ち" in japanese.content.decode()


def test_what_comes_after_the_work_was_verified_is_not_verified_with_it(
    row: Assessment, alice: Viewer, otto: Viewer, world: World, sign_in: Any
) -> None:
    first, second = instructed(row, alice)
    done(first, otto)
    measures.verify(instruction=first, by=alice)
    jobs.run_waiting()
    before = next(affected for affected in affected_systems(alice, row) if affected.verified_at)
    inventory.set_version(component=before.component, version="3.9", by=alice)  # affected, too
    a_component(world.teams["a"], alice, host="first", version="2.0", owners=(world.otto,))
    jobs.run_waiting()
    done(second, otto)
    assert now(row) == State.INSTRUCTED  # nobody was told about the first since
    measures.verify(instruction=second, by=alice)
    jobs.run_waiting()
    left = [affected.component.version for affected in left_over(alice, row)]
    assert (left, now(row)) == (["3.9", "2.0"], State.INSTRUCTED)
    host = left_over(alice, row)[0].system.public_id
    page = sign_in(world.alice).get(f"/vulnerabilities/{row.public_id}/instruct").content.decode()
    (box,) = re.findall(f'<input[^>]*value="{host}"[^>]*>', page)
    assert " checked" in box  # the form begins with what is left
    (again,) = instructed(row, alice, left_over(alice, row))
    done(again, otto)
    assert now(row) == State.VERIFYING
    measures.verify(instruction=again, by=alice)
    jobs.run_waiting()
    assert now(row) == State.CLOSED


def test_an_instruction_of_the_last_time_verifies_nothing_this_time(
    row: Assessment, alice: Viewer, mana: Viewer, otto: Viewer
) -> None:
    for instruction in instructed(row, alice):
        done(instruction, otto)
        measures.verify(instruction=instruction, by=alice)
    jobs.run_waiting()
    assert now(row) == State.CLOSED
    for affected in affected_systems(alice, row):
        inventory.set_version(component=affected.component, version="3.9", by=alice)
    jobs.run_waiting()
    decided(assessed(assessments(alice)[0], alice), mana)
    instructed(row, alice, affected_systems(alice, row)[:1])
    jobs.run_waiting()
    assert [affected.verified_at for affected in affected_systems(alice, row)] == [None, None]
