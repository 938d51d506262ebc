"""The same people everywhere, made by our own actions so that no test makes an impossible state.

*alice* (team A, circle X, CSIRT), *ann* (her colleague), *mana* (team A, security manager),
*otto* and *olga* (team A, operators), *eve* (team A, executive), *bob* (team B, circle X),
*mia* (team B, manager), *charlie* (team C, circle Y), *sora* (secretariat), *adam*
(technical administrator), *public* (nobody).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

from noroshi.core.history import SYSTEM
from noroshi.core.models import HistoryHead, HistoryRow
from noroshi.directory import actions
from noroshi.directory.models import (
    Circle,
    CircleTeam,
    Membership,
    Organisation,
    Person,
    Role,
    Team,
)
from noroshi.directory.viewer import NOBODY, Viewer, viewer_for
from noroshi.sharing import cache

PASSWORD = "correct horse battery staple"  # of invented people

PEOPLE: dict[str, tuple[str, str, str, Role]] = {
    "alice": ("a", "青木 アリス", "Alice Aoki", Role.CSIRT),
    "ann": ("a", "安藤 杏", "Ann Ando", Role.CSIRT),
    "mana": ("a", "真中 真名", "Mana Manaka", Role.MANAGER),
    "otto": ("a", "大友 音", "Otto Otomo", Role.OPERATOR),
    "olga": ("a", "大賀 織", "Olga Oga", Role.OPERATOR),
    "eve": ("a", "江口 絵", "Eve Eguchi", Role.EXECUTIVE),
    "bob": ("b", "別所 望", "Bob Bessho", Role.CSIRT),
    "mia": ("b", "三上 実", "Mia Mikami", Role.MANAGER),
    "charlie": ("c", "千葉 力", "Charlie Chiba", Role.CSIRT),
    "sora": ("s", "空井 空", "Sora Sorai", Role.SECRETARIAT),
    "adam": ("s", "安達 睦", "Adam Adachi", Role.ADMIN),
}


@dataclass(frozen=True)
class World:
    """Three teams of three organisations, a secretariat, two circles and their people."""

    teams: dict[str, Team]
    circles: dict[str, Circle]
    people: dict[str, Person]

    def __getattr__(self, name: str) -> Person:
        people: dict[str, Person] = self.__dict__.get(
            "people", {}
        )  # none yet while it is unpickled
        try:
            return people[name]
        except KeyError:
            raise AttributeError(name) from None

    def viewer(self, name: str) -> Viewer:
        """Who reads when this person is at the screen; ``public`` is nobody."""
        if name == "public":
            return NOBODY
        return viewer_for(Person.objects.get(pk=self.people[name].pk))


# What ``make_world`` writes, the named before those that name them.
WRITTEN: tuple[type[Model], ...] = (
    Organisation,
    Team,
    Person,
    Membership,
    Circle,
    CircleTeam,
    HistoryRow,
    HistoryHead,
)
_rows: dict[type[Model], list[Model]] = {}
_keys: dict[str, dict[str, int]] = {}


def world_again() -> World:
    """The world that this process made before, written back row by row: a tenth of the time.

    Where people are already there, or nobody was made yet, it is made by the actions.
    """
    if not _rows or Person.objects.exists():
        is_first = not (_rows or Person.objects.exists())
        world = make_world()
        if is_first:
            _rows.update({model: list(model._base_manager.all()) for model in WRITTEN})
            for name in ("teams", "circles", "people"):
                _keys[name] = {key: row.pk for key, row in getattr(world, name).items()}
        return world
    cache._memory = cache._Memory()  # the same history, but not the same instance
    HistoryHead.objects.all().delete()
    for model, rows in _rows.items():
        model._base_manager.bulk_create(rows)
    if connection.vendor == "postgresql":  # a key that is said moves no sequence on
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(WRITTEN)):
                cursor.execute(statement)
    teams, circles = Team.objects.in_bulk(), Circle.objects.in_bulk()
    people = Person.objects.in_bulk()
    return World(
        {key: teams[pk] for key, pk in _keys["teams"].items()},
        {key: circles[pk] for key, pk in _keys["circles"].items()},
        {key: people[pk] for key, pk in _keys["people"].items()},
    )


def make_world() -> World:
    """Build everybody."""
    teams = {}
    for slug, name, name_en in (
        ("a", "あおば製作所 CSIRT", "Aoba CSIRT"),
        ("b", "びわ電機 CSIRT", "Biwa CSIRT"),
        ("c", "ちとせ銀行 CSIRT", "Chitose CSIRT"),
        ("s", "協会事務局", "Secretariat"),
    ):
        organisation = actions.open_organisation(name=name.split()[0], by=SYSTEM)
        teams[slug] = actions.open_team(
            organisation=organisation, name=name, name_en=name_en, slug=slug, by=SYSTEM
        )
    circles = {
        "x": actions.open_circle(
            name="製造の輪", name_en="Makers", teams=[teams["a"], teams["b"]], by=SYSTEM
        ),
        "y": actions.open_circle(name="金融の輪", name_en="Banks", teams=[teams["c"]], by=SYSTEM),
    }
    people = {
        key: actions.add_person(
            mail=f"{key}@{team}.example",
            name=name,
            name_en=name_en,
            team=teams[team],
            roles=[role],
            by=SYSTEM,
        )
        for key, (team, name, name_en, role) in PEOPLE.items()
    }
    return World(teams, circles, people)
