"""The values of which an example of a door is made: for its path, its query and its form.

The examples themselves stand in ``tests/<area>/examples.py``; ``tests.harness.examples`` gathers them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from noroshi.core import clock
from noroshi.directory.models import Role, Team
from noroshi.directory.viewer import Viewer
from tests.harness.canaries import Canaries, Sees

INSIDE = ("alice", "ann", "mana")  # the readers and writers of team A's own work
ADMIN = ("adam",)
# Everybody: of doors behind which whoever comes in has something of their own.
EVERYBODY = (
    "public",
    "alice",
    "ann",
    "mana",
    "otto",
    "olga",
    "eve",
    "bob",
    "mia",
    "charlie",
    "sora",
    "adam",
    "sam",
    "dora",
    "leo",
    "oki",
)
# What anybody may write through a door that leads to their own account or answer.
PERSON = frozenset({"directory_person", "core_historyrow", "directory_letter", "django_q_ormq"})
API = "api/v1/"
BY_TOKEN = ("token alice", "token mana", "token alice writes")


@dataclass(frozen=True)
class Part:
    """One place of a path: its name, what fills it, and who may know that it is there."""

    name: str
    id: str
    sees: Sees = lambda viewer: True


@dataclass(frozen=True)
class Place:
    """A whole path, and for a secret the words that whoever holds it may read."""

    parts: tuple[Part, ...] = ()
    opens: frozenset[str] = frozenset()

    @property
    def filled(self) -> dict[str, str]:
        return {part.name: part.id for part in self.parts}


Body = Callable[[Canaries], Mapping[str, Any]]


@dataclass(frozen=True)
class Write:
    """A form that is right, by whom and where; everybody not in ``allowed`` is refused.

    ``anybody`` names the tables that everybody may write through this door (their own row).
    ``refers`` names fields that hold ids, with the kind of thing; after a ``=`` the id is kept
    as it is said and opens nothing: what is hidden is taken like what is not there.
    ``why_silent`` says why the right form changes no row.
    """

    by: str = "alice"
    at: Callable[[Canaries], Mapping[str, str]] = lambda made: {}
    body: Body = lambda made: {}
    allowed: tuple[str, ...] = INSIDE
    anybody: frozenset[str] = frozenset()
    refers: Mapping[str, str] = field(default_factory=dict)
    why_silent: str = ""
    multipart: bool = False  # of the API: not JSON but a form with a file


@dataclass(frozen=True)
class Example:
    """``asks`` are the names of its query: each with the kind of thing that it names, ``word``
    (with the sorts of words where not all), or ``=`` and what is asked."""

    places: Callable[[Canaries], list[Place]] = lambda made: [Place()]
    asks: Mapping[str, str] = field(default_factory=dict)
    write: Write | None = None
    slow: bool = False  # for who may see it, once is enough


# ---- what fills a path -----------------------------------------------------------------


def each(kind: str, name: str, **fixed: str) -> Callable[[Canaries], list[Place]]:
    """One place for every thing of a kind."""
    more = tuple(Part(key, value) for key, value in fixed.items())
    return lambda made: [
        Place((Part(name, thing.id, thing.sees), *more)) for thing in made.things[kind]
    ]


def under(parent: str, name: str, child: str, child_name: str) -> Callable[[Canaries], list[Place]]:
    """Every child under its own parent, and under another one, where it is nobody's."""

    def places(made: Canaries) -> list[Place]:
        pairs = []
        for thing in made.things[child]:
            own = next(each for each in made.things[parent] if each.id == thing.parent)
            other = next(each for each in made.things[parent] if each.id != thing.parent)
            pairs.append((own, thing.id, thing.sees))
            if len(pairs) < 12:
                pairs.append((other, thing.id, nobody))
        return [
            Place((Part(name, above.id, above.sees), Part(child_name, child_id, sees)))
            for above, child_id, sees in pairs
        ]

    return places


def in_team(kind: str, called: str, /, **fixed: str) -> Callable[[Canaries], list[Place]]:
    """Somebody or something in its team and in another; who runs the team may know of it."""
    more = tuple(Part(key, value) for key, value in fixed.items())

    def places(made: Canaries) -> list[Place]:
        return [
            Place(
                (
                    Part("team_id", team.id, team.sees),
                    Part(called, thing.id, runs(team.id) if team.id in thing.parent else nobody),
                    *more,
                )
            )
            for team in made.things["team"][:2]
            for thing in made.things[kind][:5]
        ]

    return places


@dataclass(frozen=True)
class RunsTeam:
    """The team's security manager and administrators, in person."""

    team_pk: int

    def __call__(self, viewer: Viewer) -> bool:
        return viewer.scopes is None and (
            viewer.has_role(self.team_pk, Role.MANAGER) or viewer.is_anywhere(Role.ADMIN)
        )


def runs(team_id: str) -> Sees:
    """Whoever runs the team with this id."""
    return RunsTeam(Team.objects.get(public_id=team_id).pk)


def by_secrets(**secrets: tuple[str, tuple[str, ...]]) -> Callable[[Canaries], list[Place]]:
    """Places behind a mailed secret: by its key, the words that its holder may read."""
    return lambda made: [
        Place((Part("secret", made.secrets[key]),), frozenset(opens))
        for key, opens in secrets.values()
    ]


def at(**named: str) -> Callable[[Canaries], Mapping[str, str]]:
    """Path parts by the names of things; ``=text`` stands for itself."""
    return lambda made: {
        name: what[1:] if what.startswith("=") else made.thing(what).id
        for name, what in named.items()
    }


def by_path(
    filled: Callable[[Canaries], Mapping[str, str]], *opens: str
) -> Callable[[Canaries], list[Place]]:
    """The one place that is filled so; what its holder may read stands behind it."""
    return lambda made: [
        Place(tuple(Part(name, value) for name, value in filled(made).items()), frozenset(opens))
    ]


def nobody(viewer: Viewer) -> bool:
    """Something that is nobody's where it stands."""
    return False


def anybody(viewer: Viewer) -> bool:
    """Something that everybody may know of."""
    return True


# ---- what a form holds -----------------------------------------------------------------


def id_of(made: Canaries, what: str) -> str:
    """The id of the thing that is called so."""
    return made.thing(what).id


def link(key: str) -> Callable[[Canaries], Mapping[str, str]]:
    """The path of a mailed link."""
    return lambda made: {"secret": made.secrets[key]}


def file_of(name: str, raw: bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, raw)


def soon() -> str:
    """Five days from now, as a form sends it."""
    return (clock.now() + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")


def moment() -> str:
    """Five days from now, as a program sends it."""
    return (clock.now() + timedelta(days=5)).isoformat()


def day() -> str:
    """The day in three days."""
    return (clock.today() + timedelta(days=3)).isoformat()


def today() -> str:
    """Today."""
    return clock.today().isoformat()


def by_program(
    at: Callable[[Canaries], Mapping[str, str]] = lambda made: {},
    body: Body = lambda made: {},
    by: str = "token alice",
    allowed: tuple[str, ...] = BY_TOKEN,
    **more: Any,
) -> Write:
    """A form that a program sends."""
    return Write(by, at, body, allowed, **more)


# ---- jobs ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """For whom a job acts, and an id with which it is tried; ``None`` where it takes none."""

    rule: str
    id: Callable[[Canaries], str | None] = lambda made: None


def of(what: str) -> Callable[[Canaries], str]:
    """The id of the thing that is called so, for a job."""
    return lambda made: made.thing(what).id
