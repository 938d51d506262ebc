"""Verified work stays verified until something new is published; then it is proposed anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from noroshi.core import clock, jobs
from noroshi.directory.viewer import Viewer
from noroshi.inventory import actions as inventory
from noroshi.measures import actions as measures
from noroshi.vulnerabilities import proposals
from noroshi.vulnerabilities.actions import reconsider
from noroshi.vulnerabilities.jobs import rematch_everything
from noroshi.vulnerabilities.models import Assessment
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

Receive = Callable[..., Any]


@pytest.fixture
def row(world: World, alice: Viewer, mana: Viewer, otto: Viewer) -> Assessment:
    """Patched without a new version in the inventory, and verified by alice: closed."""
    a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    row = decided(assessed(assessments(alice)[0], alice), mana)
    (instruction,) = instructed(row, alice)
    measures.answer(instruction=instruction, what="done", text="修正を入れました", by=otto)
    measures.verify(instruction=instruction, by=alice)
    jobs.run_waiting()
    row.refresh_from_db()
    assert (row.state, row.close_reason) == (State.CLOSED, "verified")
    return row


@pytest.fixture
def receive(world: World, alice: Viewer) -> Receive:
    return lambda **changes: received(an_advisory(**changes), world.teams["a"], alice)


def now(row: Assessment) -> str:
    row.refresh_from_db()
    return row.state


def test_it_stays_closed_however_often_everything_is_matched_again(
    row: Assessment, receive: Receive, alice: Viewer
) -> None:
    rematch_everything()
    receive(revision=3, title="Only the title is new")
    receive(tracking_id="CERT-7", versions="vers:generic/>=1.0|<4.1", title="Another voice")
    rematch_everything()
    assert now(row) == State.CLOSED
    assert affected_systems(alice)[0].verified_at is not None
    assert recorded_steps(row)[-1] == "close"


def test_another_version_that_is_affected_too_opens_it_again_and_says_so(
    row: Assessment, alice: Viewer, world: World, sign_in: Any
) -> None:
    inventory.set_version(component=affected_systems(alice)[0].component, version="3.9", by=alice)
    jobs.run_waiting()
    assert now(row) == State.TO_ASSESS
    assert affected_systems(alice)[0].verified_at is None
    browser = sign_in(world.alice)
    page = browser.get(f"/vulnerabilities/{row.public_id}").content.decode()
    assert "プレス1号機: 3.2 became 3.9, which is affected too. Proposed now: " in page
    assert "version 3.9 &lt; 4.1" in page
    page = sign_in(world.alice, "ja").get(f"/vulnerabilities/{row.public_id}").content.decode()
    assert "プレス1号機：3.2 から 3.9 に変わりましたが、これも影響を受けます。" in page


def test_a_revision_with_other_affected_versions_opens_it_again_and_says_which(
    row: Assessment, receive: Receive, alice: Viewer, world: World, sign_in: Any
) -> None:
    receive(revision=3, versions="vers:generic/<4.2")
    assert now(row) == State.TO_ASSESS
    page = sign_in(world.alice).get(f"/vulnerabilities/{row.public_id}").content.decode()
    assert "ACME-2024-001 changed the affected versions." in page


def test_what_was_opened_again_has_the_day_and_priority_that_the_tables_propose_from_then(
    row: Assessment, receive: Receive
) -> None:
    assert row.due_at is not None
    before = row.due_at
    later = clock.now() + timedelta(days=200)
    with time_machine.travel(later, tick=False):
        receive(revision=3, versions="vers:generic/<4.2")
        row.refresh_from_db()
        assert row.reopened_at == clock.now()
        assert row.priority == row.proposals["deployer"]["priority"]
        expected = proposals.propose(proposals.Inputs(**row.inputs), timezone.localdate())
        assert row.proposals == expected
        assert row.due_at == proposals.end_of_day(proposals.due_on(expected))
    assert row.due_at > later > before


def test_a_person_who_opens_it_again_gets_a_new_proposal_too(
    row: Assessment, alice: Viewer
) -> None:
    with time_machine.travel(clock.now() + timedelta(days=200), tick=False):
        reconsider(assessment=row, reason="別の拠点にもありました", by=alice)
        row.refresh_from_db()
        assert row.due_at is not None
        assert row.due_at > clock.now()


def test_a_version_that_moved_while_the_work_was_open_does_not_open_it_again_afterwards(
    world: World, alice: Viewer, mana: Viewer, otto: Viewer
) -> None:
    component = a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    inventory.set_version(component=component, version="3.5", by=alice)
    jobs.run_waiting()
    row = decided(assessed(assessments(alice)[0], alice), mana)
    (instruction,) = instructed(row, alice)
    measures.answer(instruction=instruction, what="done", text="設定で塞ぎました", by=otto)
    measures.verify(instruction=instruction, by=alice)
    jobs.run_waiting()
    rematch_everything()
    assert now(row) == State.CLOSED
