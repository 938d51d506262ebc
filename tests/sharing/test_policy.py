"""The heart: every label, every reader, every direction, one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from noroshi.core import clock
from noroshi.directory import actions
from noroshi.directory.models import Person, Standing, Team
from noroshi.directory.viewer import NOBODY, viewer_for
from noroshi.sharing import policy
from noroshi.sharing.labelling import draft_label
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label
from tests.harness.people import World
from tests.sharing.directions import (
    READERS,
    compare_audience,
    compare_readers,
    compare_teams,
    every_label,
    gather,
    readers_of_each,
    team_pairs,
)

# Three of the owner team, one of its circle, one of another circle, the secretariat, and nobody.
PEOPLE = ("alice", "otto", "eve", "bob", "charlie", "sora", "public")


@pytest.fixture
def crowd(world: World) -> dict[str, Person]:
    return gather(world)


def _labels(world: World, crowd: dict[str, Person]) -> list[Label]:
    names: tuple[Sequence[str], ...] = (
        [],
        ["otto", "bob_operator"],
        ["charlie", "suspended_team", "suspended_person"],
        READERS,
    )
    return every_label(world, crowd, names)


def test_every_direction_gives_one_answer_for_every_label_every_reader_and_every_team(
    world: World, crowd: dict[str, Person]
) -> None:
    labels = _labels(world, crowd)
    assert len(labels) == 6 * 2 * 3 * 4 * 2 * 3
    readers = readers_of_each(labels)
    for compared in (
        compare_readers(labels, crowd, readers),
        compare_teams(labels, works=lambda label: label.sensitivity == Sensitivity.RED),
        compare_audience(labels, readers, by_name=Label.named_ids),
    ):
        assert compared.faults == []
        assert min(compared.yes, compared.no) > 400


def test_a_stopped_or_departed_person_named_in_red_opens_no_work_to_their_team(
    world: World, crowd: dict[str, Person]
) -> None:
    """Their team, unlike that of somebody named who is there, gets no match."""
    named = {"suspended_person": False, "left_person": False, "bob_operator": True}
    for name, opens in named.items():
        label = draft_label(
            world.teams["a"], Sensitivity.RED, named=[crowd[name]], state=State.RELEASED
        )
        assert ((label.pk, world.teams["b"].pk) in team_pairs()) is opens, name


def test_nobody_reads_only_what_is_clear_and_free(world: World, crowd: dict[str, Person]) -> None:
    labels = _labels(world, crowd)
    listed = set(Label.objects.filter(policy.visible_to(NOBODY, "")).values_list("pk", flat=True))
    for label in labels:
        free = label.embargo_until is None or label.embargo_until <= clock.now()
        expected = label.sensitivity == Sensitivity.CLEAR and label.state == State.RELEASED and free
        assert policy.may_see(NOBODY, label) == expected == (label.pk in listed)


@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_a_draft_is_open_to_nobody_outside_the_owner_team_not_even_by_name(
    world: World, sensitivity: Sensitivity
) -> None:
    label = draft_label(
        world.teams["a"], sensitivity, circle=world.circles["x"], named=[world.otto, world.bob]
    )
    readers = {name for name in PEOPLE if policy.may_see(world.viewer(name), label)}
    assert readers == ({"otto"} if sensitivity is Sensitivity.RED else {"alice", "otto"})


def test_what_is_internal_opens_by_name_inside_the_team_alone(world: World) -> None:
    label = draft_label(
        world.teams["a"],
        Sensitivity.INTERNAL,
        circle=world.circles["x"],
        named=[world.otto, world.bob],
        state=State.RELEASED,
    )
    readers = {name for name in PEOPLE if policy.may_see(world.viewer(name), label)}
    assert readers == {"alice", "otto"}


@pytest.mark.parametrize("sensitivity", [Sensitivity.RED, Sensitivity.AMBER])
def test_being_named_opens_nothing_to_somebody_whose_only_team_is_suspended(
    world: World, sensitivity: Sensitivity
) -> None:
    label = draft_label(world.teams["a"], sensitivity, named=[world.bob], state=State.RELEASED)
    assert policy.may_see(world.viewer("bob"), label)
    Team.objects.filter(pk=world.teams["b"].pk).update(standing=Standing.SUSPENDED)
    assert not policy.may_see(world.viewer("bob"), label)


def test_a_programs_token_reads_no_red_even_when_its_person_is_named(world: World) -> None:
    label = draft_label(
        world.teams["a"], Sensitivity.RED, named=[world.alice], state=State.RELEASED
    )
    by_token = viewer_for(world.alice, scopes=["read"])
    assert policy.may_see(world.viewer("alice"), label)
    assert not policy.may_see(by_token, label)
    assert not Label.objects.filter(policy.visible_to(by_token, "")).exists()


def test_a_person_who_leaves_reads_nothing_a_second_later(world: World) -> None:
    label = draft_label(
        world.teams["a"], Sensitivity.AMBER, circle=world.circles["x"], state=State.RELEASED
    )
    assert policy.may_see(world.viewer("bob"), label)
    actions.leave(person=world.bob, team=world.teams["b"], by=world.viewer("adam"))
    assert not policy.may_see(world.viewer("bob"), label)
    assert world.bob not in policy.readers_of(label)


def test_an_embargo_opens_by_itself_when_its_moment_comes(world: World) -> None:
    until = clock.now() + timedelta(hours=1)
    label = draft_label(
        world.teams["a"],
        Sensitivity.GREEN,
        circle=world.circles["x"],
        state=State.RELEASED,
        embargo_until=until,
    )
    charlie = world.viewer("charlie")
    assert policy.may_see(world.viewer("bob"), label)
    assert not policy.may_see(charlie, label)
    later = replace(charlie, now=until)
    assert policy.may_see(later, label)
    assert Label.objects.filter(policy.visible_to(later, "")).exists()
