"""Matches become work; revisions and inventories move it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from noroshi.core import jobs
from noroshi.directory.viewer import Viewer
from noroshi.inventory import actions as inventory
from noroshi.inventory.models import Component
from noroshi.sharing import system
from noroshi.vulnerabilities import opening, queries
from noroshi.vulnerabilities.actions import answer_match
from noroshi.vulnerabilities.jobs import rematch_everything
from noroshi.vulnerabilities.states import Certainty, State
from tests.harness.people import World
from tests.inventory.builders import named, sbom, taken_in
from tests.vulnerabilities.builders import (
    a_component,
    affected_systems,
    an_advisory,
    assessed,
    assessments,
    decided,
    received,
    recorded_steps,
)

Counting = Callable[[int], AbstractContextManager[Any]]


def test_a_certain_match_opens_an_assessment_by_itself(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    (row,) = assessments(alice)
    assert (row.key, row.state, row.severity, row.base_score) == (
        "CVE-2024-0001",
        State.TO_ASSESS,
        "high",
        7.5,
    )
    assert row.label.text == "INTERNAL"
    assert recorded_steps(row) == ["open"]


def test_two_advisories_on_one_vulnerability_are_one_piece_of_work(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    received(an_advisory(tracking_id="CERT-7", title="Another voice"), world.teams["a"], alice)
    (row,) = assessments(alice)
    assert len(affected_systems(alice, row)) == 1
    assert recorded_steps(row) == ["open"]


def test_a_system_added_later_finds_the_advisories_that_came_before(
    world: World, alice: Viewer
) -> None:
    received(an_advisory(), world.teams["a"], alice)
    assert assessments(alice) == []
    a_component(world.teams["a"], alice)
    jobs.run_waiting()
    assert [row.key for row in assessments(alice)] == ["CVE-2024-0001"]


def test_everything_may_run_twice(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice)
    advisory = received(an_advisory(), world.teams["a"], alice).advisory
    (row,) = assessments(alice)
    opening.open_for_advisory(advisory)
    rematch_everything()
    assert recorded_steps(row) == ["open"]
    assert len(affected_systems(alice)) == 1


def test_a_newer_revision_that_names_more_systems_reopens_a_closed_assessment(
    world: World, alice: Viewer
) -> None:
    component = a_component(world.teams["a"], alice, host="first")
    a_component(world.teams["a"], alice, version="4.1.5", host="second")
    received(an_advisory(), world.teams["a"], alice)
    inventory.set_version(component=component, version="4.2", by=alice)
    jobs.run_waiting()
    (row,) = assessments(alice)
    assert row.state == State.CLOSED
    newer = an_advisory(revision=3, versions="vers:generic/<4.2")
    received(newer, world.teams["a"], alice)
    row.refresh_from_db()
    assert (row.state, row.closed_at, row.close_reason) == (State.TO_ASSESS, None, "")
    assert row.reopened_at is not None
    assert {
        affected.system.name: bool(affected.verified_at) for affected in affected_systems(alice)
    } == {
        "first": True,
        "second": False,
    }
    assert recorded_steps(row) == ["open", "verify_by_inventory", "close", "reopen"]


def test_the_next_bill_of_materials_verifies_what_was_upgraded(world: World, alice: Viewer) -> None:
    team = world.teams["a"]
    taken_in(sbom(("leftpad", "1.2.0"), ("other", "1.0.0")), "bom.json", team, alice)
    advisory = an_advisory(
        vendor="leftpad", name="leftpad", purl="pkg:npm/leftpad", versions="vers:npm/<1.3.0"
    )
    received(advisory, team, alice)
    (row,) = assessments(alice)
    assert row.state == State.TO_ASSESS
    taken_in(sbom(("leftpad", "1.3.0"), ("other", "1.0.0")), "bom.json", team, alice)
    jobs.run_waiting()
    row.refresh_from_db()
    (affected,) = affected_systems(alice)
    assert affected.verified_by_sbom
    assert affected.verified_at is not None
    assert (row.state, row.close_reason) == (State.CLOSED, "sbom")


def test_a_component_that_is_gone_is_verified_and_one_that_comes_back_is_opened_again(
    world: World, alice: Viewer
) -> None:
    team = world.teams["a"]
    advisory = an_advisory(
        vendor="leftpad", name="leftpad", purl="pkg:npm/leftpad", versions="vers:npm/<1.3.0"
    )
    received(advisory, team, alice)
    states = []
    for listed in (
        (("leftpad", "1.2.0"), ("other", "1")),
        (("other", "1"),),
        (("leftpad", "1.2.0"), ("other", "1")),
    ):
        taken_in(sbom(*listed), "bom.json", team, alice)
        jobs.run_waiting()
        states.append(assessments(alice)[0].state)
    assert states == [State.TO_ASSESS, State.CLOSED, State.TO_ASSESS]
    assert len(affected_systems(alice)) == 1
    assert affected_systems(alice)[0].verified_at is None


def test_what_a_withdrawn_advisory_named_is_left_out_and_closed(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    received(an_advisory(revision=3, versions="vers:generic/<1.0"), world.teams["a"], alice)
    (row,) = assessments(alice)
    assert (row.state, row.close_reason) == (State.CLOSED, "withdrawn")
    assert not affected_systems(alice)[0].verified_by_sbom
    assert recorded_steps(row) == ["open", "leave_out", "close"]


def test_what_an_advisory_dropped_and_names_again_is_work_again_and_says_why(
    world: World, alice: Viewer, sign_in: Any
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    received(an_advisory(revision=3, versions="vers:generic/<1.0"), world.teams["a"], alice)
    received(an_advisory(revision=4, versions="vers:generic/<5"), world.teams["a"], alice)
    (row,) = assessments(alice)
    assert (row.state, row.close_reason) == (State.TO_ASSESS, "")
    (affected,) = affected_systems(alice)
    assert affected.certainty == Certainty.CERTAIN
    assert recorded_steps(row) == ["open", "leave_out", "close", "reopen"]
    page = sign_in(world.alice).get(f"/vulnerabilities/{row.public_id}").content.decode()
    assert "ACME-2024-001 names it again." in page


def test_what_a_person_said_is_not_ours_stays_so_when_the_advisory_is_revised(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice, "Plc-500", vendor="ACME")
    received(an_advisory(vendor="Acme", name="PLC"), world.teams["a"], alice)
    (affected,) = affected_systems(alice)
    assert affected.certainty == Certainty.WAITING
    answer_match(assessment=affected.assessment, affected_id=affected.pk, same=False, by=alice)
    again = an_advisory(vendor="Acme", name="PLC", revision=3, versions="vers:generic/<5")
    received(again, world.teams["a"], alice)
    assert affected_systems(alice)[0].certainty == Certainty.NO


def test_what_one_advisory_drops_and_another_names_stays_until_that_drops_it_too(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    states = []
    for tracking_id, revision, versions in (
        ("A-1", 2, "<4.1"),
        ("A-2", 2, "<4.1"),
        ("A-1", 3, "<1.0"),
        ("A-2", 3, "<1.0"),
    ):
        raw = an_advisory(
            tracking_id=tracking_id, revision=revision, versions=f"vers:generic/{versions}"
        )
        received(raw, world.teams["a"], alice)
        states.append(assessments(alice)[0].state)
    assert states == [State.TO_ASSESS, State.TO_ASSESS, State.TO_ASSESS, State.CLOSED]


# ---- cost ----------------------------------------------------------------------------


def test_opening_asks_the_database_as_often_for_one_system_as_for_thirty(
    world: World, alice: Viewer, django_assert_num_queries: Counting
) -> None:
    counts = []
    for number, systems in enumerate((1, 30)):
        for host in range(systems):
            a_component(world.teams["a"], alice, f"Press {number}", host=f"{number}-{host}")
        jobs.run_waiting()
        raw = an_advisory(
            tracking_id=f"A-{number}", name=f"Press {number}", cve=f"CVE-2024-000{number}"
        )
        counts.append(_queries(raw, world, alice))
    assert counts[0] == counts[1]


def _queries(raw: bytes, world: World, by: Viewer) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        received(raw, world.teams["a"], by)
    return len(captured)


def test_a_component_that_was_given_another_product_is_no_longer_affected(
    world: World, alice: Viewer
) -> None:
    component = a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    from noroshi.formats.drafts import ComponentDraft

    row = system.rows(Component, "a test").get(pk=component.pk)
    inventory.change_component(
        component=row, draft=ComponentDraft(name="Nothing of theirs", version="3.2"), by=alice
    )
    jobs.run_waiting()
    assert assessments(alice)[0].state == State.CLOSED
    assert named(alice, "プレス1号機").name == "プレス1号機"


def test_nobody_is_asked_any_longer_about_a_system_that_is_gone(
    world: World, alice: Viewer, mana: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    decided(assessed(assessments(alice)[0], alice), mana)
    a_component(world.teams["a"], alice, vendor="", host="プレス2号機")
    jobs.run_waiting()
    assert queries.mine_for(alice).exists()
    inventory.retire_system(system=named(alice, "プレス2号機"), by=alice)
    jobs.run_waiting()
    assert not queries.mine_for(alice).exists()


def test_a_vulnerability_titled_by_its_number_is_named_as_its_advisory_is(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    document = json.loads(an_advisory())
    document["vulnerabilities"][0]["title"] = "CVE-2024-0001"
    received(json.dumps(document).encode(), world.teams["a"], alice)
    assert [one.title for one in assessments(alice)] == ["Acme Press Controller"]
