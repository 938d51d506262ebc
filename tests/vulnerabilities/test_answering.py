"""A person's yes or no to an uncertain match moves the work and counts for the next advisory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from noroshi.core import jobs
from noroshi.core.errors import Forbidden, NotFound, Refused
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions as measures
from noroshi.vulnerabilities import match_reasons, queries, states
from noroshi.vulnerabilities.actions import answer_match
from noroshi.vulnerabilities.models import Alias
from noroshi.vulnerabilities.states import Certainty, State
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
)


def test_a_yes_opens_the_work_and_is_remembered_for_the_next_advisory(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice, "Plc-500", vendor="ACME")
    received(an_advisory(vendor="Acme", name="PLC"), world.teams["a"], alice)
    (row,) = assessments(alice)
    (affected,) = affected_systems(alice)
    answer_match(assessment=row, affected_id=affected.pk, same=True, by=alice)
    row.refresh_from_db()
    affected.refresh_from_db()
    assert (row.state, affected.certainty, affected.answered_by_name) == (
        State.TO_ASSESS,
        "yes",
        alice.name,
    )
    received(
        an_advisory(tracking_id="ACME-2", vendor="Acme", name="PLC", cve="CVE-2024-0002"),
        world.teams["a"],
        alice,
    )
    later = assessments(alice)[1]
    assert (later.key, later.state) == ("CVE-2024-0002", State.TO_ASSESS)
    (affected,) = affected_systems(alice, later)
    assert affected.certainty == "certain"
    assert (
        match_reasons.sentence(affected.why)
        == "product name equal by alias Acme PLC = ACME Plc-500, version 3.2 < 4.1"
    )


def test_a_no_closes_it_and_is_remembered_for_the_next_advisory(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice, "Plc-500", vendor="ACME")
    received(an_advisory(vendor="Acme", name="PLC"), world.teams["a"], alice)
    (row,) = assessments(alice)
    answer_match(assessment=row, affected_id=affected_systems(alice)[0].pk, same=False, by=alice)
    row.refresh_from_db()
    assert (row.state, row.close_reason) == (State.CLOSED, "not_ours")
    received(
        an_advisory(tracking_id="ACME-2", vendor="Acme", name="PLC", cve="CVE-2024-0002"),
        world.teams["a"],
        alice,
    )
    assert assessments(alice) == [row]


def test_one_answer_answers_the_same_question_everywhere_in_the_team(
    world: World, alice: Viewer
) -> None:
    for host in ("one", "two"):
        a_component(world.teams["a"], alice, "Plc-500", vendor="ACME", host=host)
    for number in (1, 2):
        raw = an_advisory(
            tracking_id=f"A-{number}", vendor="Acme", name="PLC", cve=f"CVE-2024-000{number}"
        )
        received(raw, world.teams["a"], alice)
    first = assessments(alice)[0]
    answer_match(assessment=first, affected_id=affected_systems(alice)[0].pk, same=True, by=alice)
    assert {affected.certainty for affected in affected_systems(alice)} == {"yes"}
    assert {row.state for row in assessments(alice)} == {State.TO_ASSESS}


def test_an_answer_stays_in_the_team_that_gave_it(world: World, alice: Viewer, bob: Viewer) -> None:
    a_component(world.teams["a"], alice, "Plc-500", vendor="ACME")
    a_component(world.teams["b"], bob, "Plc-500", vendor="ACME", host="びわの機械")
    received(an_advisory(vendor="Acme", name="PLC"), world.teams["a"], alice)
    answer_match(
        assessment=assessments(alice)[0],
        affected_id=affected_systems(alice)[0].pk,
        same=True,
        by=alice,
    )
    assert [affected.certainty for affected in affected_systems(bob)] == ["waiting"]
    assert Alias.objects.visible_to(alice).count() == 1
    assert Alias.objects.visible_to(bob).count() == 0


def test_the_second_of_two_answers_is_refused(world: World, alice: Viewer, ann: Viewer) -> None:
    a_component(world.teams["a"], alice, "Plc-500", vendor="ACME")
    received(an_advisory(vendor="Acme", name="PLC"), world.teams["a"], alice)
    (row,) = assessments(alice)
    (affected,) = affected_systems(alice)
    answer_match(assessment=row, affected_id=affected.pk, same=True, by=alice)
    with pytest.raises(Refused, match="answered in the meantime"):
        answer_match(assessment=row, affected_id=affected.pk, same=False, by=ann)


def test_nobody_answers_for_another_team(
    world: World, alice: Viewer, bob: Viewer, eve: Viewer
) -> None:
    a_component(world.teams["a"], alice, "Plc-500", vendor="ACME")
    received(an_advisory(vendor="Acme", name="PLC"), world.teams["a"], alice)
    (row,) = assessments(alice)
    (affected,) = affected_systems(alice)
    for by in (bob, eve):
        with pytest.raises((NotFound, Forbidden)):
            answer_match(assessment=row, affected_id=affected.pk, same=True, by=by)


def test_an_answer_takes_no_part_of_another_assessment(world: World, alice: Viewer) -> None:
    """The parent in the call decides: an id of another assessment's part is not there."""
    a_component(world.teams["a"], alice, "Plc-500", vendor="ACME")
    a_component(world.teams["a"], alice)
    received(an_advisory(tracking_id="A-1", vendor="Acme", name="PLC"), world.teams["a"], alice)
    received(an_advisory(tracking_id="A-2", cve="CVE-2024-0009"), world.teams["a"], alice)
    one, other = assessments(alice)
    with pytest.raises(NotFound):
        answer_match(
            assessment=other, affected_id=affected_systems(alice, one)[0].pk, same=True, by=alice
        )


@pytest.mark.parametrize("decision", ["not_affected", "accept"])
def test_a_yes_opens_again_what_was_settled_without_that_system(
    world: World, alice: Viewer, mana: Viewer, decision: str
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    until = timezone.localdate() + timedelta(days=90)
    row = decided(assessed(assessments(alice)[0], alice), mana, decision, until)
    a_component(world.teams["a"], alice, vendor="", host="プレス2号機")
    jobs.run_waiting()
    (_known, doubtful) = affected_systems(alice, row)
    assert doubtful.certainty == Certainty.WAITING
    answer_match(assessment=row, affected_id=doubtful.pk, same=True, by=alice)
    row.refresh_from_db()
    assert (row.state, row.reopened_at is not None) == (State.TO_ASSESS, True)


def test_a_yes_takes_back_that_everything_waits_for_verification_only(
    world: World, alice: Viewer, mana: Viewer, otto: Viewer
) -> None:
    a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    row = decided(assessed(assessments(alice)[0], alice), mana)
    (instruction,) = instructed(row, alice)
    a_component(world.teams["a"], alice, vendor="", host="プレス2号機")
    measures.answer(instruction=instruction, what="done", text="修正を入れました", by=otto)
    jobs.run_waiting()
    row.refresh_from_db()
    assert row.state == State.VERIFYING
    answer_match(
        assessment=row, affected_id=affected_systems(alice, row)[1].pk, same=True, by=alice
    )
    row.refresh_from_db()
    assert row.state == State.INSTRUCTED


@pytest.mark.parametrize("decision", ["not_affected", "accept", "apply"])
def test_who_settled_or_instructed_is_still_asked_about_a_system_that_comes_later(
    world: World, alice: Viewer, mana: Viewer, decision: str
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    until = timezone.localdate() + timedelta(days=90)
    row = decided(assessed(assessments(alice)[0], alice), mana, decision, until)
    assert not queries.mine_for(alice).exists()
    a_component(world.teams["a"], alice, vendor="", host="プレス2号機")
    jobs.run_waiting()
    assert [one.pk for one in queries.today_for(alice, 9).mine] == [row.pk]
    assert [one.pk for one in queries.mine_for(alice)] == [row.pk]
    (_known, doubtful) = affected_systems(alice, row)
    answer_match(assessment=row, affected_id=doubtful.pk, same=False, by=alice)
    assert not queries.mine_for(alice).exists()
    row.refresh_from_db()
    assert row.state == states.DECIDED[states.Decision(decision)]
