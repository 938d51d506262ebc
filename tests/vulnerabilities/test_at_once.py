"""Advisories come in while people work on what they name: nobody waits for another in a ring."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from noroshi.vulnerabilities.actions import assess, receive_advisory
from noroshi.vulnerabilities.models import Outcome
from tests.harness.people import make_world
from tests.sharing.test_racing_a_release import at_once, own_connections
from tests.vulnerabilities.builders import (
    a_component,
    an_advisory,
    assessments,
    chosen,
    received,
    recorded_steps,
)

__all__ = ["at_once", "own_connections"]  # fixtures

Run = Callable[..., dict[str, Any]]
TIMES = 8


def _times(call: Callable[[int], Any]) -> list[Any]:
    return [call(number) for number in range(TIMES)]


def test_alice_assesses_while_others_bring_in_more_advisories_on_the_same_vulnerability(
    at_once: Run,
) -> None:
    world = make_world()
    team, alice = world.teams["a"], world.viewer("alice")
    for number in range(20):
        a_component(team, alice, host=f"host {number}")
    received(an_advisory(), team, alice)
    (row,) = assessments(alice)
    choice = chosen(row, alice)
    ended = at_once(
        more=lambda: _times(
            lambda number: receive_advisory(
                raw=an_advisory(tracking_id=f"MORE-{number}"), team=team, by=alice
            )
        ),
        work=lambda: _times(lambda _: assess(assessment=row, choice=choice, by=alice)),
    )
    assert [len(one) if isinstance(one, list) else one for one in ended.values()] == [TIMES, TIMES]
    assert recorded_steps(row).count("assess") == TIMES


def test_two_people_bring_in_the_same_document_at_once(at_once: Run) -> None:
    world = make_world()
    for number in range(TIMES):
        take = partial(
            receive_advisory, raw=an_advisory(tracking_id=f"D-{number}"), team=world.teams["a"]
        )
        ended = at_once(
            alice=partial(take, by=world.viewer("alice")), ann=partial(take, by=world.viewer("ann"))
        )
        outcomes = [getattr(one, "outcome", one) for one in ended.values()]
        assert sorted(map(str, outcomes)) == [Outcome.NEW, Outcome.SAME]
