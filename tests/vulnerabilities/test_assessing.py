"""People assess, decide, instruct and reconsider: by whom, with which reason, and in which order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused
from noroshi.core.history import SYSTEM
from noroshi.directory.actions import add_person
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.vulnerabilities.actions import assess, decide, mark_reported, reconsider
from noroshi.vulnerabilities.models import Assessment
from noroshi.vulnerabilities.states import State
from tests.harness.people import World
from tests.vulnerabilities.builders import (
    a_component,
    affected_systems,
    an_advisory,
    assessed,
    assessments,
    chosen,
    decided,
    instructed,
    received,
    recorded_steps,
)


@pytest.fixture
def row(world: World, alice: Viewer) -> Assessment:
    a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    return assessments(alice)[0]


def later(days: int) -> Any:
    return timezone.localdate() + timedelta(days=days)


# ---- assess --------------------------------------------------------------------------


def test_what_the_tables_propose_needs_no_reason(row: Assessment, alice: Viewer) -> None:
    done = assessed(row, alice)
    assert (done.state, done.assessed_by_id, done.choice_reason) == (
        State.TO_DECIDE,
        alice.person_id,
        "",
    )
    assert done.priority == done.proposals["deployer"]["priority"]
    assert recorded_steps(row) == ["open", "assess"]


@pytest.mark.parametrize("differs", ["priority", "due_on"])
def test_another_priority_or_day_needs_a_reason_and_keeps_it(
    row: Assessment, alice: Viewer, differs: str
) -> None:
    proposed = chosen(row, alice)
    other = next(word for word in ("defer", "immediate") if word != proposed.priority)
    otherwise = {"priority": other} if differs == "priority" else {"due_on": later(400)}
    with pytest.raises(Malformed) as refused:
        assessed(row, alice, **otherwise, reason="  ")
    assert refused.value.where == "reason"
    row.refresh_from_db()
    assert (row.state, row.assessed_at, recorded_steps(row)) == (State.TO_ASSESS, None, ["open"])
    done = assessed(row, alice, **otherwise, reason="盆の停止まで待つため")
    assert done.choice_reason == "盆の停止まで待つため"


def test_a_word_that_the_table_does_not_know_is_refused_at_its_place(
    row: Assessment, alice: Viewer
) -> None:
    for name in ("exploitation", "exposure", "automatable", "human_impact", "priority"):
        with pytest.raises(Malformed) as refused:
            assessed(row, alice, **{name: "maybe"})
        assert refused.value.where == name


def test_operators_executives_and_other_teams_assess_nothing(
    row: Assessment, world: World, alice: Viewer
) -> None:
    choice = chosen(row, alice)
    for name in ("otto", "eve", "bob", "sora", "adam", "public"):
        with pytest.raises((NotFound, Forbidden)):
            assess(assessment=row, choice=choice, by=world.viewer(name))
    assert recorded_steps(row) == ["open"]


# ---- decide --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "until", "state"),
    [
        ("apply", None, State.INSTRUCTED),
        ("accept", 30, State.ACCEPTED),
        ("not_affected", None, State.NOT_AFFECTED),
    ],
)
def test_the_manager_decides_in_each_of_three_ways(
    row: Assessment, alice: Viewer, mana: Viewer, decision: str, until: int | None, state: State
) -> None:
    day = later(until) if until else None
    done = decided(assessed(row, alice), mana, decision, day)
    assert (done.state, done.decision, done.accept_until) == (state, decision, day)
    assert (done.decided_by_id, done.decision_text) == (mana.person_id, "外から届くため")


def test_a_decision_without_a_sentence_or_with_a_day_gone_by_is_refused_at_its_place(
    row: Assessment, alice: Viewer, mana: Viewer
) -> None:
    assessed(row, alice)
    for fields, where in (
        ({"decision": "apply", "text": " "}, "text"),
        ({"decision": "wait", "text": "x"}, "decision"),
        ({"decision": "accept", "text": "x"}, "accept_until"),
        ({"decision": "accept", "text": "x", "accept_until": later(0)}, "accept_until"),
    ):
        with pytest.raises(Malformed) as refused:
            decide(assessment=row, **fields, by=mana)
        assert refused.value.where == where
    row.refresh_from_db()
    assert (row.state, row.decided_at) == (State.TO_DECIDE, None)


def test_a_manager_who_assessed_does_not_decide_and_another_manager_does(
    row: Assessment, world: World, mana: Viewer
) -> None:
    assessed(row, mana)
    with pytest.raises(Refused, match="You assessed this vulnerability yourself"):
        decided(row, mana)
    row.refresh_from_db()
    assert row.state == State.TO_DECIDE
    with pytest.raises(IntegrityError), transaction.atomic():  # nor past the action
        Assessment.objects.visible_to(mana).filter(pk=row.pk).update(decided_by=world.mana)
    other = add_person(
        mail="rin@a.example", name="凛", team=world.teams["a"], roles=["manager"], by=SYSTEM
    )
    assert decided(row, viewer_for(other)).state == State.INSTRUCTED


def test_the_csirt_does_not_decide(row: Assessment, alice: Viewer, ann: Viewer) -> None:
    assessed(row, alice)
    with pytest.raises(Forbidden, match="Only the security manager decides"):
        decided(row, ann)


def test_of_two_managers_who_decide_at_once_the_second_is_refused(
    row: Assessment, world: World, alice: Viewer, mana: Viewer
) -> None:
    other = add_person(
        mail="rin@a.example", name="凛", team=world.teams["a"], roles=["manager"], by=SYSTEM
    )
    hers = assessed(row, alice)
    theirs = Assessment.objects.visible_to(viewer_for(other)).get(pk=row.pk)
    decided(hers, mana)
    with pytest.raises(Refused, match="has moved on in the meantime"):
        decided(theirs, viewer_for(other), "not_affected")
    row.refresh_from_db()
    assert (row.decision, row.decided_by_id) == ("apply", mana.person_id)


def test_nothing_is_decided_before_it_is_assessed(row: Assessment, mana: Viewer) -> None:
    with pytest.raises(Refused):
        decided(row, mana)


# ---- reconsider, instruct, report ----------------------------------------------------


def test_the_manager_sends_it_back_with_a_question_and_it_is_assessed_again(
    row: Assessment, alice: Viewer, mana: Viewer
) -> None:
    assessed(row, alice)
    with pytest.raises(Malformed, match="what should be looked at again"):
        reconsider(assessment=row, reason=" ", by=mana)
    reconsider(assessment=row, reason="無線からも届きますか", by=mana)
    row.refresh_from_db()
    assert row.state == State.TO_ASSESS
    assert assessed(row, alice).state == State.TO_DECIDE
    assert recorded_steps(row) == ["open", "assess", "reconsider", "assess"]


def test_instructions_follow_the_decision_and_go_to_the_systems_own_operators(
    row: Assessment, world: World, alice: Viewer, mana: Viewer
) -> None:
    assessed(row, alice)
    with pytest.raises(Refused, match="follow the security manager's decision"):
        instructed(row, alice)
    decided(row, mana)
    (instruction,) = instructed(row, alice)
    assert list(instruction.operators.all()) == [world.otto]
    assert (instruction.subject_id, instruction.current_version, instruction.manager_id) == (
        row.public_id,
        "3.2",
        mana.person_id,
    )
    with pytest.raises(Malformed) as refused:
        instructed(row, alice, [])
    assert refused.value.where == "systems"


def test_a_system_without_an_operator_is_named_and_nobody_is_instructed(
    world: World, alice: Viewer, mana: Viewer
) -> None:
    a_component(world.teams["a"], alice, host="無人の装置")
    received(an_advisory(), world.teams["a"], alice)
    row = decided(assessed(assessments(alice)[0], alice), mana)
    with pytest.raises(Malformed) as refused:
        instructed(row, alice)
    assert refused.value.values == {"system": "無人の装置"}
    chosen_operator = {affected_systems(alice, row)[0].system_id: [world.olga]}
    (instruction,) = instructed(row, alice, operators=chosen_operator)
    assert list(instruction.operators.all()) == [world.olga]


def test_a_report_follows_the_decision_and_is_noted_once(
    row: Assessment, alice: Viewer, mana: Viewer
) -> None:
    assessed(row, alice)
    with pytest.raises(Refused, match="follows the decision"):
        mark_reported(assessment=row, by=alice)
    decided(row, mana, "not_affected")
    assert mark_reported(assessment=row, by=alice).reported_at is not None
    with pytest.raises(Refused, match="already"):
        mark_reported(assessment=row, by=alice)
