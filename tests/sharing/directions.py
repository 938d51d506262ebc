"""Every direction of the policy, asked about many labels and readers and compared.

The words of the rules are not repeated here: one direction is held against another, and what a
team may read against what somebody may read who has that team alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from django.db import connection

from noroshi.core import clock
from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import (
    READING_ROLES,
    CircleTeam,
    Membership,
    Person,
    PersonState,
    Role,
    Standing,
    Team,
)
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.sharing import policy, rules, team_policy
from noroshi.sharing.audience import audience_of
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label, NamedReader
from noroshi.sharing.rules import THING
from tests.harness.people import World

READERS = (
    "alice",
    "mana",
    "otto",
    "eve",
    "bob",
    "charlie",
    "sora",
    "adam",
    "suspended_person",
    "left_person",
    "suspended_team",
    "left_team",
    "outsider",
    "double",
    "bob_operator",
)


def gather(world: World) -> dict[str, Person]:
    """One of every kind of reader, stopped and gone people and teams among them."""
    people = {name: world.people[name] for name in READERS[:8]}

    def add(key: str, team: Team, *roles: Role) -> None:
        people[key] = actions.add_person(
            mail=f"{key}@x.example", name=key, team=team, roles=roles, by=SYSTEM
        )

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
    Membership.objects.create(person=people["double"], team=made["susp"], role=Role.OPERATOR)
    Person.objects.filter(pk=people["suspended_person"].pk).update(state=PersonState.SUSPENDED)
    Person.objects.filter(pk=people["left_person"].pk).update(state=PersonState.LEFT)
    Team.objects.filter(slug="susp").update(standing=Standing.SUSPENDED)
    Team.objects.filter(slug="gone").update(standing=Standing.LEFT)
    return people


def every_label(
    world: World,
    crowd: Mapping[str, Person],
    names: Sequence[Sequence[str]],
    hours: Sequence[int | None] = (None, -1, 1),
) -> list[Label]:
    """Sensitivity × owner × circle × named × state × embargo: every combination.

    The rows that ``draft_label`` writes, all of them in two statements.
    """
    now = clock.now()
    combinations = list(
        itertools.product(
            Sensitivity,
            [world.teams["a"], Team.objects.get(slug="susp")],
            [None, world.circles["x"], world.circles["y"]],
            names,
            State,
            hours,
        )
    )
    labels = Label.objects.bulk_create(
        Label(
            sensitivity=sensitivity,
            owner=owner,
            circle=circle,
            state=state,
            embargo_until=None if until is None else now + timedelta(hours=until),
        )
        for sensitivity, owner, circle, _, state, until in combinations
    )
    NamedReader.objects.bulk_create(
        NamedReader(label=label, person=crowd[name])
        for label, (_, _, _, named, _, _) in zip(labels, combinations, strict=True)
        for name in named
    )
    return labels


@dataclass
class Compared:
    """How often the directions said yes and no, and each place where they did not agree."""

    yes: int = 0
    no: int = 0
    faults: list[str] = field(default_factory=list)

    def note(self, first: bool, second: bool, where: str, of: object, label: Label) -> None:
        self.yes, self.no = self.yes + first, self.no + (not first)
        if first != second:
            self.faults.append(f"{first} against {second}: {where} {of} | {_words(label)}")


def readers_of_each(labels: Iterable[Label], aspect: str = THING) -> dict[int, set[int]]:
    """The ids of everybody who may see each label, as the label itself tells; a query for each."""
    return {
        label.pk: set(policy.readers_of(label, aspect=aspect).values_list("pk", flat=True))
        for label in labels
    }


def compare_readers(
    labels: Iterable[Label],
    people: Mapping[str, Person],
    readers: Mapping[int, set[int]],
    aspect: str = THING,
) -> Compared:
    """One reader and one label, against the rows of the reader, against the readers of the label
    (``readers_of_each``)."""
    compared = Compared()
    for name, person in people.items():
        viewer = viewer_for(Person.objects.get(pk=person.pk))
        rows = Label.objects.filter(policy.visible_to(viewer, "", aspect=aspect))
        visible = set(rows.values_list("pk", flat=True))
        for label in labels:
            single = policy.may_see(viewer, label, aspect=aspect)
            compared.note(single, label.pk in visible, "rows of", name, label)
            # Who has no account to sign in with is no reader, also of what anybody may read.
            counted = single and viewer.is_signed_in
            compared.note(counted, person.pk in readers[label.pk], "readers", name, label)
    return compared


def compare_teams(labels: Iterable[Label], *, works: Callable[[Label], bool]) -> Compared:
    """A whole team in SQL, against somebody who has that team alone; ``works`` says of which labels
    a named person opens the work of their team."""
    compared = Compared()
    pairs = team_pairs()
    teams = list(Team.objects.all())
    virtual = {team.pk: _alone(Viewer(), team, frozenset({Role.CSIRT})) for team in teams}
    real = {team.pk: _people_alone(team) for team in teams}
    for label in labels:
        for team in teams:
            reads = policy.may_see(virtual[team.pk], label) or (
                works(label)
                and any(policy.may_see(viewer, label) for viewer in real[team.pk].values())
            )
            compared.note(reads, (label.pk, team.pk) in pairs, "team", team.slug, label)
    return compared


def compare_audience(
    labels: Iterable[Label],
    readers: Mapping[int, set[int]],
    *,
    by_name: Callable[[Label], frozenset[int]],
) -> Compared:
    """For which team people are in the audience, against what that team alone opens to them;
    ``by_name`` gives those whom a list of people opens the label to."""
    compared = Compared()
    memberships = list(Membership.objects.select_related("team", "person"))
    alone = {row.pk: Alone(row) for row in memberships}
    for label in labels:
        if label.state != State.RELEASED:
            continue
        audience = audience_of(label)
        listed = [*audience.readers, *audience.own]
        in_teams = {(row.person.pk, row.team.pk) for row in listed if row.team}
        recipients = {row.person.pk for row in listed if row.is_recipient}
        may_read, named = readers[label.pk], by_name(label)
        same = {row.person.pk for row in listed} == may_read
        compared.note(True, same, "audience", "", label)
        rows = [row for row in memberships if row.person_id in may_read]
        teams_of = _teams_of([alone[row.pk] for row in rows], label, named)
        for row in rows:
            person = row.person_id
            if person in teams_of:
                reads = row.team_id in teams_of[person]
                compared.note(reads, (person, row.team_id) in in_teams, "team of", row, label)
            is_recipient = person in teams_of or person in named
            compared.note(is_recipient, person in recipients, "recipient", row, label)
    return compared


class Alone:
    """A role in a team and nothing else: of somebody without a name, and of its own person."""

    def __init__(self, row: Membership) -> None:
        roles = frozenset({row.role})
        self.row = row
        self.nameless = _alone(Viewer(), row.team, roles)
        self.person = _alone(viewer_for(row.person), row.team, roles)


def _teams_of(alone: Iterable[Alone], label: Label, named: frozenset[int]) -> dict[int, set[int]]:
    """The teams for which each of these people reads; those who read by name alone are not there.

    A limit holds for a person: what no role of theirs opens within the limits, several together
    do, and then they read for the teams to which it opens.
    """
    reads: dict[int, set[int]] = {}
    opens: dict[int, set[int]] = {}
    with pytest.MonkeyPatch.context() as patch:
        unlimited = tuple(replace(limit, only=frozenset()) for limit in rules.LIMITS)
        patch.setattr(rules, "LIMITS", unlimited)
        opened = [one for one in alone if _opens_for(one, label, named)]
    for one in opened:
        person, team = one.row.person_id, one.row.team_id
        opens.setdefault(person, set()).add(team)
        if policy.may_see(one.person, label) or (team == label.owner_id and person in named):
            reads.setdefault(person, set()).add(team)
    return opens | reads


def _opens_for(one: Alone, label: Label, named: frozenset[int]) -> bool:
    """Does this role in this team open the label, as far as no list of people has to?"""
    row, nameless = one.row, one.nameless
    if row.team_id == label.owner_id and row.person_id in named:
        return row.team.standing != Standing.LEFT
    is_present = row.team_id in nameless.good_team_ids or row.team_id == label.owner_id
    reads_by_role = row.role in READING_ROLES or not policy.may_see(Viewer(), label)
    return is_present and reads_by_role and policy.may_see(nameless, label)


def team_pairs() -> set[tuple[int, int]]:
    """Labels and the teams that read them, as a statement over all of them says."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.label_id, c.id FROM (SELECT {team_policy.label_columns('l')},"
            f" {team_policy.open_to_all('l')} AS to_all FROM sharing_label l) r"
            f" CROSS JOIN directory_team c WHERE {team_policy.may_read('r', 'c.id')}",
            {"now": clock.now()},
        )
        return set(cursor.fetchall())


def _people_alone(team: Team) -> dict[int, Viewer]:
    """The people of a team, each with nothing but it."""
    roles: dict[int, set[str]] = {}
    for row in Membership.objects.filter(team=team):
        roles.setdefault(row.person_id, set()).add(row.role)
    people = Person.objects.in_bulk(roles)
    return {
        pk: _alone(viewer_for(people[pk]), team, frozenset(roles_there))
        for pk, roles_there in roles.items()
        if viewer_for(people[pk]).is_signed_in
    }


def _alone(viewer: Viewer, team: Team, roles: frozenset[str]) -> Viewer:
    """The viewer with no other team than this one."""
    good = team.standing == Standing.ACTIVE
    reads = good and bool(roles & READING_ROLES)
    seats = CircleTeam.objects.filter(team=team).values_list("circle_id", flat=True)
    return replace(
        viewer,
        roles={} if team.standing == Standing.LEFT else {team.pk: roles},
        good_team_ids=frozenset({team.pk} if good else ()),
        circle_ids=frozenset(seats) if reads else frozenset(),
        is_member=reads and team.is_member,
    )


def _words(label: Label) -> str:
    return (
        f"{label.text} {label.state} owner {label.owner.slug} circle {label.circle_id}"
        f" names {sorted(label.named_ids())} embargo {label.embargo_until}"
    )
