"""A world with one random word in one thing of every kind, sensitivity and state.

Each area puts its own words in (``tests/<area>/canaries.py``); here they are gathered. Everything is
made by our own actions. A word may be read by whoever may see a thing that carries it: mostly one
thing, sometimes also one that it was carried over to on purpose (an instruction tells its operators
the title of the vulnerability, an issued report tells the executives). Who that is stands in plain
values, so that a world is made once for a run and taken up again by each process
(``tests.harness.copies``).
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from types import ModuleType
from typing import Any

from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import Person, Role, Standing, Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing import links, policy
from noroshi.sharing.models import Label, Link
from tests.harness.areas import gathered, modules
from tests.harness.people import PASSWORD, World, make_world

Sees = Callable[[Viewer], bool]  # a frozen dataclass: a world is pickled with who may see what


def new_word() -> str:
    """A word that stands nowhere else and passes escaping, folding and search unchanged."""
    return f"kanaria{secrets.token_hex(5)}"


@dataclass
class Canary:
    """A word, what carries it, and who may read it: nobody until somebody is let in."""

    what: str
    word: str = field(default_factory=new_word)
    lets_in: list[Sees] = field(default_factory=list)

    def sees(self, viewer: Viewer) -> bool:
        return any(rule(viewer) for rule in self.lets_in)

    def stands_under(self, *labels: Label) -> None:
        """Whoever may see a thing with one of these labels reads it."""
        self.lets_in.append(by_label(*labels))

    def is_for(self, sees: Sees) -> None:
        """These read it, by a rule that is no label's."""
        self.lets_in.append(sees)


@dataclass(frozen=True)
class Thing:
    """Something with an id that a path may name: its kind, its word, its label, who may see it."""

    kind: str
    id: str
    what: str
    sees: Sees
    parent: str = ""  # the id of the thing that it stands under in a path


@dataclass(frozen=True)
class ByLabel:
    """Whoever may see a thing with one of these labels, as the policy says it now."""

    labels: tuple[int, ...]

    def __call__(self, viewer: Viewer) -> bool:
        return any(
            policy.may_see(viewer, label) for label in Label.objects.filter(pk__in=self.labels)
        )


@dataclass(frozen=True)
class Only:
    """These people in person."""

    people: frozenset[int]

    def __call__(self, viewer: Viewer) -> bool:
        return viewer.scopes is None and viewer.person_id in self.people


@dataclass(frozen=True)
class ReadsFor:
    """Whoever reads what is one of these teams' own."""

    teams: frozenset[int]

    def __call__(self, viewer: Viewer) -> bool:
        return bool(viewer.reading_team_ids & self.teams)


def by_label(*labels: Label) -> ByLabel:
    """Whoever may see a thing with one of these labels."""
    return ByLabel(tuple(label.pk for label in labels))


def only(*names: str) -> Only:
    """These people, by the part of their address in front of the @."""
    return Only(
        frozenset(
            person.pk for person in Person.objects.all() if person.mail.partition("@")[0] in names
        )
    )


def reads_for(*teams: Team) -> ReadsFor:
    """Whoever reads what is one of these teams' own."""
    return ReadsFor(frozenset(team.pk for team in teams))


def run_jobs(mail: bool = False) -> list[tuple[str, Any]]:
    """Run the waiting jobs, those that mail only on demand; the path and result of each."""
    results: list[tuple[str, Any]] = []
    while True:
        waiting = [(row, SignedPackage.loads(row.payload)) for row in OrmQ.objects.order_by("id")]
        due = [(row, job) for row, job in waiting if mail or ".exchange." not in job["func"]]
        if not due:
            return results
        for row, job in due:
            row.delete()
            results.append((job["func"], import_string(job["func"])(*job["args"])))


@dataclass
class Canaries:
    """The world, its words, its things by kind, and secrets that lead to some of them."""

    world: World
    words: list[Canary] = field(default_factory=list)
    things: dict[str, list[Thing]] = field(default_factory=lambda: defaultdict(list))
    secrets: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)  # what examples need by name

    def canary(self, what: str, sees: Sees | None = None) -> Canary:
        """A new word. Whoever makes its thing says then who reads it, unless it is known before.

        Raises ``ValueError`` for a name that another word has.
        """
        if any(canary.what == what for canary in self.words):
            raise ValueError(f"Two words are called {what!r}.")
        canary = Canary(what, lets_in=[sees] if sees else [])
        self.words.append(canary)
        return canary

    def about(self, what: str) -> Canary:
        """The word of what is called so; raises ``KeyError``."""
        for canary in self.words:
            if canary.what == what:
                return canary
        raise KeyError(what)

    def add(self, kind: str, row: Any, what: str, sees: Sees, **more: str) -> None:
        self.things[kind].append(Thing(kind, row.public_id, what, sees, **more))

    def thing(self, what: str) -> Thing:
        """The thing that is called so; raises ``KeyError``."""
        for things in self.things.values():
            for thing in things:
                if thing.what == what:
                    return thing
        raise KeyError(what)

    def mailed(self, thing: Thing, name: str) -> str:
        """The secret of the first link to this thing that was mailed to somebody."""
        person = Person.objects.get(mail__startswith=f"{name}@")
        link = Link.objects.filter(thing_id=thing.id, person=person).order_by("pk").first()
        assert link is not None, f"nobody mailed {name} a link to {thing.what}"
        return links.secret_of(link)

    def viewer(self, name: str) -> Viewer:
        return self.world.viewer(name)

    def person(self, name: str) -> Person:
        return self.world.people[name]


# Further people: whoever has no part any more, and operators of the other teams.
MORE = {
    "oki": ("b", Role.OPERATOR),
    "sam": ("b", Role.CSIRT),  # suspended
    "leo": ("b", Role.CSIRT),  # has left
    "dora": ("d", Role.CSIRT),  # her team is suspended, though in circle X
    "cleo": ("c", Role.OPERATOR),
    "erin": ("e", Role.CSIRT),  # circle Y
}


def make_people() -> World:
    """Everybody of ``tests.harness.people``, and those who have no part any more before they lose it."""
    world = make_world()
    for slug, name, name_en in (
        ("d", "どうなん工業 CSIRT", "Donan CSIRT"),
        ("e", "えちご信託 CSIRT", "Echigo CSIRT"),
    ):
        organisation = directory.open_organisation(name=name.split()[0], by=SYSTEM)
        world.teams[slug] = directory.open_team(
            organisation=organisation, name=name, name_en=name_en, slug=slug, by=SYSTEM
        )
    for name, (slug, role) in MORE.items():
        world.people[name] = directory.add_person(
            mail=f"{name}@{slug}.example",
            name=f"{name} 氏",
            name_en=name.title(),
            team=world.teams[slug],
            roles=[role],
            by=SYSTEM,
        )
    for circle, slugs in (("x", "abd"), ("y", "ce")):
        teams = [world.teams[slug] for slug in slugs]
        directory.set_circle_teams(
            circle=world.circles[circle], teams=teams, by=world.viewer("adam")
        )
    ann = world.people["ann"]
    ann.set_password(PASSWORD)  # before anybody signs in: a new password ends every session
    ann.save()
    return world


def take_rights_away(world: World) -> None:
    """Sam is suspended, Leo leaves, Dora's team is suspended."""
    adam = world.viewer("adam")
    directory.suspend_person(person=world.people["sam"], team=world.teams["b"], by=adam)
    directory.leave(person=world.people["leo"], team=world.teams["b"], by=adam)
    directory.set_standing(team=world.teams["d"], standing=Standing.SUSPENDED, by=adam)


# ---- the areas -----------------------------------------------------------------------


def wordless() -> dict[str, str]:
    """Guarded models that hold no text of anybody, and why."""
    return {model: why for model, (_area, why) in gathered("canaries", "WORDLESS").items()}


def fill(world: World) -> Canaries:
    """Put the words into the world, area by area."""
    made = Canaries(world)
    for step in ("fill", "leave_waiting"):
        for area in _in_order():
            getattr(area, step, _nothing)(made)
    return made


def house() -> Canaries:
    """Everybody and the words, nobody gone yet: what tests with a browser share."""
    return fill(make_people())


def add_more(made: Canaries) -> None:
    """A further thing of every kind of team A, none of it for an operator who is not named, an
    executive of the team, or another circle."""
    more = Canaries(
        made.world,
        things=defaultdict(list, {kind: list(things) for kind, things in made.things.items()}),
        rows=dict(made.rows),
        secrets=dict(made.secrets),
        words=list(made.words),
    )
    for area in _in_order():
        getattr(area, "add_more", _nothing)(more)
    run_jobs()


def _in_order() -> Iterator[ModuleType]:
    """The areas' modules, each after those that it names in ``AFTER`` and that are there."""
    areas = modules("canaries")
    after = {
        area: [name for name in getattr(module, "AFTER", ()) if name in areas]
        for area, module in areas.items()
    }
    return (areas[area] for area in TopologicalSorter(after).static_order())


def _nothing(made: Canaries) -> None:
    """The step of an area that has none."""
