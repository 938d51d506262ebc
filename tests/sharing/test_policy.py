"""The heart: every label, every reader, three directions, one answer."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from noroshi.core import clock
from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import Membership, Person, PersonState, Role, Standing, Team
from noroshi.directory.viewer import NOBODY, viewer_for
from noroshi.sharing import policy
from noroshi.sharing.labelling import draft_label
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label
from tests.harness.people import World

READERS = (
    "alice", "mana", "otto", "eve", "bob", "charlie", "sora", "adam",
    "suspended_person", "left_person", "suspended_team", "left_team", "outsider", "double", "bob_operator",
)  # fmt: skip


@pytest.fixture
def crowd(world: World) -> dict[str, Person]:
    """One of every kind of reader."""
    people = {
        name: world.people[name]
        for name in ("alice", "mana", "otto", "eve", "bob", "charlie", "sora", "adam")
    }

    def add(key: str, team: Team, *roles: Role) -> Person:
        people[key] = actions.add_person(
            mail=f"{key}@x.example", name=key, team=team, roles=roles, by=SYSTEM
        )
        return people[key]

    organisation = actions.open_organisation(name="ほか", by=SYSTEM)
    made = {
        slug: actions.open_team(
            organisation=organisation, name=slug, slug=slug, is_member=member, by=SYSTEM
        )
        for slug, member in (("susp", True), ("gone", True), ("out", False))
    }
    for slug in ("susp", "gone"):
        world.circles["x"].seats.create(team=made[slug])
    add("suspended_person", world.teams["b"], Role.CSIRT)
    add("left_person", world.teams["b"], Role.CSIRT)
    add("suspended_team", made["susp"], Role.CSIRT)
    add("left_team", made["gone"], Role.CSIRT)
    add("outsider", made["out"], Role.CSIRT)
    add("bob_operator", world.teams["b"], Role.OPERATOR)
    add("double", world.teams["c"], Role.CSIRT)
    Membership.objects.create(person=people["double"], team=world.teams["a"], role=Role.OPERATOR)
    Person.objects.filter(pk=people["suspended_person"].pk).update(state=PersonState.SUSPENDED)
    Person.objects.filter(pk=people["left_person"].pk).update(state=PersonState.LEFT)
    Team.objects.filter(slug="susp").update(standing=Standing.SUSPENDED)
    Team.objects.filter(slug="gone").update(standing=Standing.LEFT)
    return people


def _labels(world: World, crowd: dict[str, Person]) -> list[Label]:
    """Sensitivity × owner × circle × named × state × embargo: every combination."""
    now = clock.now()
    owners = [world.teams["a"], Team.objects.get(slug="susp")]
    circles = [None, world.circles["x"], world.circles["y"]]
    names: list[list[str]] = [
        [],
        ["otto", "bob_operator"],
        ["charlie", "suspended_team", "suspended_person"],
        list(READERS),
    ]
    embargoes = [None, now - timedelta(hours=1), now + timedelta(hours=1)]
    return [
        draft_label(
            owner,
            sensitivity,
            circle=circle,
            named=[crowd[n] for n in named],
            state=state,
            embargo_until=embargo,
        )
        for sensitivity, owner, circle, named, state, embargo in itertools.product(
            Sensitivity, owners, circles, names, State, embargoes
        )
    ]


def test_the_three_directions_give_one_answer_for_every_label_and_every_reader(
    world: World, crowd: dict[str, Person]
) -> None:
    labels = _labels(world, crowd)
    assert len(labels) == 6 * 2 * 3 * 4 * 2 * 3
    by_query = {
        key: {person.pk for person in policy.readers_of(label)} for key, label in enumerate(labels)
    }
    seen = {True: 0, False: 0}
    for name in READERS:
        viewer = viewer_for(Person.objects.get(pk=crowd[name].pk))
        listed = set(
            Label.objects.filter(policy.visible_to(viewer, "")).values_list("pk", flat=True)
        )
        for key, label in enumerate(labels):
            single = policy.may_see(viewer, label)
            assert single == (label.pk in listed), (name, key, label, "one against many")
            if viewer.is_signed_in:
                assert single == (crowd[name].pk in by_query[key]), (
                    name,
                    key,
                    label,
                    "one against readers",
                )
            else:
                assert crowd[name].pk not in by_query[key], (name, label)
            seen[single] += 1
    assert min(seen.values()) > 1000


def test_nobody_reads_only_what_is_clear_and_free(world: World, crowd: dict[str, Person]) -> None:
    labels = _labels(world, crowd)
    listed = set(Label.objects.filter(policy.visible_to(NOBODY, "")).values_list("pk", flat=True))
    for label in labels:
        free = label.embargo_until is None or label.embargo_until <= clock.now()
        expected = label.sensitivity == Sensitivity.CLEAR and label.state == State.RELEASED and free
        assert policy.may_see(NOBODY, label) == expected == (label.pk in listed)


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
