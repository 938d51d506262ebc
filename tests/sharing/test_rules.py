"""A new wall is one row of the rules: every direction follows, and nothing else is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from noroshi.core import clock
from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import (
    READING_ROLES,
    CircleTeam,
    Membership,
    Person,
    Role,
    Standing,
    Team,
)
from noroshi.sharing import policy, rules
from noroshi.sharing.audience import audience_of
from noroshi.sharing.conditions import literal
from noroshi.sharing.labelling import draft_label
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label, NamedReader
from noroshi.sharing.rules import (
    GOOD,
    IN_CIRCLE,
    INTERNAL,
    NAMED,
    NAMED_INSIDE,
    NAMES,
    OWNER,
    PRESENT,
    RELEASED,
    SEATS,
    SHARED,
    InTeam,
    Labels,
    Limit,
    Listed,
    Marked,
    OwnerTeam,
    Relation,
    Rows,
    Rule,
    TakesPart,
    Term,
    Value,
)
from tests.harness.people import World
from tests.sharing.directions import (
    READERS,
    Compared,
    compare_audience,
    compare_readers,
    compare_teams,
    every_label,
    gather,
    readers_of_each,
)

EXECUTIVE = frozenset({str(Role.EXECUTIVE)})


@pytest.fixture
def crowd(world: World) -> dict[str, Person]:
    people = gather(world)
    # Executives where the walls below speak of them: in a circle's team and in a suspended one.
    for name, team in (("bob_operator", "b"), ("outsider", "c")):
        Membership.objects.create(person=people[name], team=world.teams[team], role=Role.EXECUTIVE)
    return people


def is_red(label: Label) -> bool:
    """Of these labels alone a named person opens the work of their team."""
    return label.sensitivity == Sensitivity.RED


def all_agree(comparisons: list[Compared]) -> None:
    """All directions agree, and the comparison was about something."""
    assert [fault for compared in comparisons for fault in compared.faults] == []
    assert all(min(compared.yes, compared.no) > 20 for compared in comparisons)


def everything(
    world: World,
    crowd: dict[str, Person],
    *,
    by_name: Callable[[Label], frozenset[int]] = Label.named_ids,
) -> None:
    labels = every_label(world, crowd, ([], READERS), hours=(None, 1))
    readers = readers_of_each(labels)
    all_agree(
        [
            compare_readers(labels, crowd, readers),
            compare_teams(labels, works=is_red),
            compare_audience(labels, readers, by_name=by_name),
        ]
    )


def may_see(world: World, name: str, label: Label) -> bool:
    return policy.may_see(world.viewer(name), label)


def test_a_ceiling_of_a_circle_is_one_row(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No seat of circle X opens AMBER+STRICT; who is named reads it all the same."""
    x = world.circles["x"]
    ceiling = Limit(
        Labels(frozenset({Sensitivity.AMBER_STRICT}), where=(("circle_id", x.pk),)),
        closes=frozenset({IN_CIRCLE}),
    )
    monkeypatch.setattr(rules, "LIMITS", (*rules.LIMITS, ceiling))
    strict, amber = (
        draft_label(
            world.teams["a"], sensitivity, circle=x, named=[world.charlie], state=State.RELEASED
        )
        for sensitivity in (Sensitivity.AMBER_STRICT, Sensitivity.AMBER)
    )
    assert [may_see(world, name, strict) for name in ("alice", "bob", "charlie")] == [
        True,
        False,
        True,
    ]
    assert may_see(world, "bob", amber)
    everything(world, crowd)


@pytest.mark.parametrize("during", [True, False])
def test_a_wall_may_stand_as_long_as_an_embargo_lasts_or_from_its_end_on(
    during: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before or after the end of its embargo, a GREEN thing is closed to circle and members."""
    wall = Limit(
        Labels(rules.GREEN, under_embargo=during), closes=frozenset({IN_CIRCLE, rules.MEMBER})
    )
    monkeypatch.setattr(rules, "LIMITS", (*rules.LIMITS, wall))
    before, after = (
        draft_label(
            world.teams["a"],
            Sensitivity.GREEN,
            circle=world.circles["x"],
            embargo_until=clock.now() + timedelta(hours=hours),
            state=State.RELEASED,
        )
        for hours in (1, -1)
    )
    bob = world.viewer("bob")
    opened = after if during else before
    assert [label for label in (before, after) if policy.may_see(bob, label)] == [opened]
    assert list(Label.objects.filter(policy.visible_to(bob, ""))) == [opened]


def test_a_confidential_thing_is_one_row(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """INTERNAL things of team A are read by those of the team whom it names, and by nobody else."""
    confidential = Limit(
        Labels(INTERNAL, where=(("owner_id", world.teams["a"].pk),)),
        only=frozenset({NAMED_INSIDE}),
    )
    monkeypatch.setattr(rules, "LIMITS", (*rules.LIMITS, confidential))
    label = draft_label(
        world.teams["a"], Sensitivity.INTERNAL, named=[world.otto, world.bob], state=State.RELEASED
    )
    assert [may_see(world, name, label) for name in ("otto", "alice", "mana", "bob")] == [
        True,
        False,
        False,
        False,
    ]
    everything(world, crowd)


def test_what_anybody_may_read_can_be_narrowed_too(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then no team gets its work without a look at the team, and nobody is told for another."""
    narrowing = Limit(
        Labels(where=(("owner_id", world.teams["a"].pk),)),
        only=frozenset({IN_CIRCLE, NAMED}),
    )
    monkeypatch.setattr(rules, "LIMITS", (*rules.LIMITS, narrowing))
    label = draft_label(
        world.teams["a"], Sensitivity.CLEAR, circle=world.circles["x"], state=State.RELEASED
    )
    assert [may_see(world, name, label) for name in ("bob", "charlie", "public")] == [
        True,
        False,
        False,
    ]
    Membership.objects.create(person=crowd["double"], team=world.teams["b"], role=Role.CSIRT)
    assert crowd["double"] in audience_of(label).people
    assert audience_of(label).teams == (world.teams["b"],)
    everything(world, crowd)


def test_a_wall_holds_for_whoever_is_named_and_for_the_work_of_their_team(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """RED in a circle: a name opens it to those alone who read for a team of the circle."""
    circle_alone = Limit(Labels(rules.RED), only=frozenset({IN_CIRCLE}))
    monkeypatch.setattr(rules, "LIMITS", (*rules.LIMITS, circle_alone))
    label = draft_label(
        world.teams["a"],
        Sensitivity.RED,
        circle=world.circles["x"],
        named=[world.bob, world.charlie],
        state=State.RELEASED,
    )
    assert [may_see(world, name, label) for name in ("bob", "charlie", "mia")] == [
        True,
        False,
        False,
    ]
    everything(world, crowd)


def test_guests_without_a_team_that_takes_part_are_one_relation_and_one_row(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of people opens by itself; here the executives of the owner stand for the list."""
    guests = Rows(
        Membership,
        key="team_id",
        label_column="owner_id",
        column="person_id",
        where=(("role", Role.EXECUTIVE.value),),
    )
    row = Rule(Relation("guest", (Listed(guests),)), Labels(SHARED, RELEASED))
    monkeypatch.setattr(rules, "RULES", (*rules.RULES, row))
    suspended = Team.objects.get(slug="susp")
    Membership.objects.create(person=crowd["left_team"], team=suspended, role=Role.EXECUTIVE)
    label = draft_label(world.teams["a"], Sensitivity.AMBER, state=State.RELEASED)
    assert may_see(world, "eve", label)
    assert not may_see(world, "otto", label)
    assert world.eve in policy.readers_of(label)

    def guests_of(label: Label) -> frozenset[int]:
        if label.sensitivity not in SHARED or label.state != State.RELEASED:
            return label.named_ids()
        owner = Membership.objects.filter(team_id=label.owner_id, role=Role.EXECUTIVE)
        return label.named_ids() | frozenset(owner.values_list("person_id", flat=True))

    everything(world, crowd, by_name=guests_of)


WORKING_GROUP = Rows(
    Membership,
    key="team_id",
    label_column="owner_id",
    column="person_id",
    where=(("role", Role.ADMIN.value),),
)


def join_working_group(world: World, label: Label, people: list[Person], rows: Rows) -> None:
    """Name the people in the label, or where the test keeps the list elsewhere, put them there."""
    if rows is NAMES:
        NamedReader.objects.bulk_create(NamedReader(label=label, person=one) for one in people)
        return
    for one in people:
        Membership.objects.get_or_create(person=one, team=label.owner, role=Role.ADMIN)


@pytest.mark.parametrize("rows", [NAMES, WORKING_GROUP], ids=["the named", "a list of its own"])
def test_whoever_a_circle_has_in_its_working_group_reads_for_their_team(
    rows: Rows, world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """AMBER goes to those of the circle alone who stand in a list, and to them for their teams.

    An operator in the list reads nothing; and of their team, as of a suspended one with somebody
    in the list, the preview says that nobody reads. A team with nobody in the list is not missed.
    """
    amber = frozenset({Sensitivity.AMBER})
    group = Relation("in the working group", (Listed(rows),))
    wall = Limit(Labels(amber), closes=frozenset({NAMED}), only=frozenset({group, OWNER}))
    monkeypatch.setattr(rules, "LIMITS", (wall,))
    x, c = world.circles["x"], world.teams["c"]
    CircleTeam.objects.create(circle=x, team=c)
    actions.add_person(mail="oc@x.example", name="oc", team=c, roles=(Role.OPERATOR,), by=SYSTEM)
    label = draft_label(world.teams["a"], Sensitivity.AMBER, circle=x, state=State.RELEASED)
    operator = Person.objects.get(name="oc")
    join_working_group(world, label, [world.bob, operator, crowd["suspended_team"]], rows)
    assert [may_see(world, name, label) for name in ("alice", "bob", "mia", "charlie")] == [
        True,
        True,
        False,
        False,
    ]
    audience = audience_of(label)
    assert audience.people == (world.bob,)
    assert audience.teams == (world.teams["b"],)
    assert {left.team.slug for left in audience.left_out if left.team} == {"c", "susp"}

    def by_name(label: Label) -> frozenset[int]:
        return frozenset() if label.sensitivity in amber else label.named_ids()

    everything(world, crowd, by_name=by_name)


def test_a_role_may_open_in_one_team_what_a_name_in_another_keeps_open(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seat of their team opens it, and inside the owner team they are named: they read for the
    team with the seat."""
    inside = Limit(
        Labels(frozenset({Sensitivity.AMBER})),
        closes=frozenset({NAMED}),
        only=frozenset({NAMED_INSIDE}),
    )
    monkeypatch.setattr(rules, "LIMITS", (inside,))
    double, b = crowd["double"], world.teams["b"]
    Membership.objects.create(person=double, team=b, role=Role.CSIRT)
    label = draft_label(
        world.teams["a"],
        Sensitivity.AMBER,
        circle=world.circles["x"],
        named=[double],
        state=State.RELEASED,
    )
    audience = audience_of(label)
    assert audience.people == (double,)
    assert audience.teams == (b,)

    def by_name(label: Label) -> frozenset[int]:
        is_amber = label.sensitivity == Sensitivity.AMBER
        return frozenset() if is_amber else label.named_ids()

    everything(world, crowd, by_name=by_name)


@pytest.mark.parametrize(
    ("term", "reader"),
    [
        (InTeam(OwnerTeam(), EXECUTIVE, PRESENT), "eve"),
        (InTeam(SEATS, EXECUTIVE, GOOD), "eve"),  # and team B, which has none, gets no work
        (InTeam(SEATS, READING_ROLES, GOOD), "bob"),
        (InTeam(Marked("is_member"), READING_ROLES, GOOD), "charlie"),
        (TakesPart(), "charlie"),
    ],
    ids=[
        "a role in the owner team",
        "a role in the circle",
        "a seat in the circle",
        "a mark of the team",
        "any team",
    ],
)
def test_a_relation_by_role_needs_no_help_from_the_viewer(
    term: Term, reader: str, world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attribute of the viewer saves a query and changes no answer."""
    row = Rule(Relation("new", (term,)), Labels(frozenset({Sensitivity.AMBER}), RELEASED))
    without = tuple(rule for rule in rules.RULES if rule.relation is not IN_CIRCLE)
    monkeypatch.setattr(rules, "RULES", (*without, row))
    label = draft_label(
        world.teams["a"], Sensitivity.AMBER, circle=world.circles["x"], state=State.RELEASED
    )
    assert may_see(world, reader, label)
    assert may_see(world, "otto", label) is isinstance(term, TakesPart)
    audience = audience_of(label)
    assert world.people[reader] in {row.person for row in (*audience.readers, *audience.own)}
    labels = every_label(world, crowd, ([],), hours=(None,))
    readers = compare_readers(labels, crowd, readers_of_each(labels))
    teams = compare_teams(labels, works=is_red)
    assert readers.faults + teams.faults == []


def test_a_name_may_count_in_a_role_only_and_then_opens_the_work_of_that_team(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    relation = Relation(
        "named reader", (InTeam(OwnerTeam(), READING_ROLES, PRESENT), Listed(rules.NAMES))
    )
    without = tuple(rule for rule in rules.RULES if not rule.opens_work)
    row = Rule(relation, Labels(rules.RED), opens_work=True)
    monkeypatch.setattr(rules, "RULES", (*without, row))
    labels = every_label(world, crowd, ([], ["otto"], READERS), hours=(None,))
    readers = readers_of_each(labels)
    all_agree([compare_readers(labels, crowd, readers), compare_teams(labels, works=is_red)])


def test_an_aspect_has_rules_of_its_own_and_every_limit_holds_for_it(
    world: World, crowd: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a thing comes from is for its owner, and while an embargo holds for nobody."""
    origin = Rule(rules.OWNER, Labels(), aspect="origin")
    silence = Limit(Labels(under_embargo=True), closes=frozenset({rules.OWNER}))
    monkeypatch.setattr(rules, "RULES", (*rules.RULES, origin))
    monkeypatch.setattr(rules, "LIMITS", (silence,))
    label = draft_label(world.teams["a"], Sensitivity.CLEAR, state=State.RELEASED)
    assert may_see(world, "bob", label)
    assert not policy.may_see(world.viewer("bob"), label, aspect="origin")
    assert policy.may_see(world.viewer("alice"), label, aspect="origin")
    labels = every_label(world, crowd, ([], READERS), hours=(None, 1))
    all_agree(
        [
            compare_readers(labels, crowd, readers_of_each(labels, aspect), aspect)
            for aspect in (rules.THING, "origin")
        ]
    )


@pytest.mark.parametrize(
    "standings",
    [frozenset(), frozenset({Standing.SUSPENDED}), frozenset(Standing)],
    ids=["of no standing", "suspended alone", "even those that left"],
)
def test_a_rule_speaks_of_teams_in_good_standing_or_present_and_of_no_others(
    standings: frozenset[str],
) -> None:
    with pytest.raises(ValueError, match="GOOD standing or of teams PRESENT"):
        InTeam(OwnerTeam(), READING_ROLES, standings)


def test_a_value_in_the_rules_is_a_plain_word_or_the_rules_do_not_load() -> None:
    assert [literal(value) for value in (True, False, 7, "amber+strict")] == [
        "TRUE",
        "FALSE",
        "7",
        "'amber+strict'",
    ]
    with pytest.raises(ValueError, match="plain"):
        literal("' OR 1 = 1 --")


@pytest.mark.parametrize(
    "make",
    [
        lambda where: Labels(where=where),
        lambda where: Rows(NamedReader, "label_id", "id", "person_id", where),
    ],
    ids=["labels", "rows"],
)
def test_a_rule_with_a_value_that_is_no_plain_word_cannot_be_written(
    make: Callable[[tuple[tuple[str, Value], ...]], object],
) -> None:
    """It is refused where it stands, and not when somebody first reads."""
    make((("owner_id", 7), ("is_member", True)))
    with pytest.raises(ValueError, match="plain"):
        make((("owner_id", 7), ("circle_id", "' OR 1=1")))
