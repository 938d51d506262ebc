"""The rules of who may read, as data. ``sharing.policy`` makes every direction out of this table.

A *relation* says how a reader stands to a label, once. A *rule* opens labels to the readers in a
relation; a reader needs one rule. A *limit* narrows what rules open. A token's own limits are no
rule: which label leaves by which channel is a table of its own (``sharing.channels``).

A new wall is a row here and its readers in the test of the full product; a new way to stand to a
label is one relation here. Nothing else repeats who may read (ADR 0003).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.db.models import Model

from noroshi.directory.models import READING_ROLES, CircleTeam, Standing
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import NamedReader

Value = bool | int | str
_PLAIN: Final = re.compile(r"[A-Za-z0-9_+-]*")


def plain(value: Value) -> str:
    """The text of a value in a rule. Raises ``ValueError`` unless it is a plain word."""
    text = str(value)
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"No plain word in a rule: {value!r}")
    return text


def _check_plain(where: tuple[tuple[str, Value], ...]) -> None:
    """A check when a row is made, so that rules of which no SQL can be made do not load."""
    for _, value in where:
        plain(value)


# ---- the vocabulary ------------------------------------------------------------------

GOOD: Final = frozenset({Standing.ACTIVE})
# A suspended team keeps its own work.
PRESENT: Final = frozenset({Standing.ACTIVE, Standing.SUSPENDED})


@dataclass(frozen=True, slots=True)
class OwnerTeam:
    """The team that owns the thing."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The teams of which a column of ``Team`` is true."""

    column: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table that join labels with teams or people.

    A row belongs to a label when its ``key`` is the label's ``label_column`` and its columns have
    the values in ``where``; ``column`` holds the team or the person.
    """

    table: type[Model]
    key: str
    label_column: str
    column: str
    where: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        _check_plain(self.where)


@dataclass(frozen=True, slots=True)
class InTeam:
    """The reader has one of ``roles`` (any, when ``None``) in a team of these ``standings``.

    The standings are ``GOOD`` or ``PRESENT``. ``viewer`` names the attribute of ``Viewer`` that
    answers this already, so that no query has to: a set of values of the label's column, or a
    boolean.
    """

    teams: OwnerTeam | Marked | Rows
    roles: frozenset[str] | None
    standings: frozenset[str]
    viewer: str = ""

    def __post_init__(self) -> None:
        # What a viewer knows of their teams tells no other standings apart.
        if self.standings not in (GOOD, PRESENT):
            raise ValueError("A rule speaks of teams in GOOD standing or of teams PRESENT.")


@dataclass(frozen=True, slots=True)
class Listed:
    """The reader stands in rows of people that belong to the label."""

    people: Rows


@dataclass(frozen=True, slots=True)
class TakesPart:
    """The reader has some role in some team in good standing."""


Term = InTeam | Listed | TakesPart


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """How a reader stands to a label: every term holds. With no term it is anybody."""

    name: str
    terms: tuple[Term, ...] = ()

    @property
    def is_by_name(self) -> bool:
        """Does a list of people decide, and not a role alone?"""
        return any(isinstance(term, Listed) for term in self.terms)


ALL: Final = frozenset(Sensitivity)
ANY_STATE: Final = frozenset(State)
DRAFT: Final = frozenset({State.DRAFT})
RELEASED: Final = frozenset({State.RELEASED})


@dataclass(frozen=True, slots=True)
class Labels:
    """Some labels. ``under_embargo`` is ``None`` where embargo makes no difference; ``where`` names
    values that columns of the label must have."""

    sensitivities: frozenset[str] = ALL
    states: frozenset[str] = ANY_STATE
    under_embargo: bool | None = None
    where: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        _check_plain(self.where)


THING: Final = "thing"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """The readers in ``relation`` may read things with these labels.

    ``opens_work`` says, for a relation by name, that the whole team of a named person gets its
    work on the thing (an advisory is matched with the team's inventory): they are the ones who can
    do it. A relation by role always opens the work of its team. ``aspect`` is what opens: the
    thing, or something about it that has readers of its own (where it comes from, a field).
    """

    relation: Relation
    labels: Labels
    opens_work: bool = False
    aspect: str = THING


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """A narrowing on some labels: the relations in ``closes`` open nothing there, and where
    ``only`` names relations, whoever is in none of them reads nothing, whatever else opens."""

    labels: Labels
    closes: frozenset[Relation] = frozenset()
    only: frozenset[Relation] = frozenset()


# ---- relations -----------------------------------------------------------------------

NAMES: Final = Rows(NamedReader, key="label_id", label_column="id", column="person_id")
SEATS: Final = Rows(CircleTeam, key="circle_id", label_column="circle_id", column="team_id")

OWNER: Final = Relation("owner", (InTeam(OwnerTeam(), READING_ROLES, PRESENT),))
NAMED: Final = Relation("named", (TakesPart(), Listed(NAMES)))
# An operator of the owner team sees the instruction that names them.
NAMED_INSIDE: Final = Relation(
    "named inside", (TakesPart(), InTeam(OwnerTeam(), None, PRESENT), Listed(NAMES))
)
IN_CIRCLE: Final = Relation(
    "in the circle", (InTeam(SEATS, READING_ROLES, GOOD, viewer="circle_ids"),)
)
MEMBER: Final = Relation(
    "member", (InTeam(Marked("is_member"), READING_ROLES, GOOD, viewer="is_member"),)
)
ANYBODY: Final = Relation("anybody")

# ---- rules ---------------------------------------------------------------------------

INTERNAL: Final = frozenset({Sensitivity.INTERNAL})
RED: Final = frozenset({Sensitivity.RED})
GREEN: Final = frozenset({Sensitivity.GREEN})
CLEAR: Final = frozenset({Sensitivity.CLEAR})
SHARED: Final = ALL - INTERNAL - RED  # AMBER, AMBER+STRICT, GREEN, CLEAR: these go to a circle

RULES: tuple[Rule, ...] = (
    Rule(OWNER, Labels(ALL - RED)),
    # A draft is its owner team's alone.
    Rule(NAMED_INSIDE, Labels(ALL - RED, DRAFT)),
    Rule(NAMED_INSIDE, Labels(RED, DRAFT), opens_work=True),
    Rule(NAMED_INSIDE, Labels(INTERNAL, RELEASED)),
    Rule(NAMED, Labels(RED, RELEASED), opens_work=True),
    Rule(NAMED, Labels(SHARED, RELEASED)),
    Rule(IN_CIRCLE, Labels(SHARED, RELEASED)),
    # Under embargo, GREEN and CLEAR reach only those whom AMBER would reach.
    Rule(MEMBER, Labels(GREEN, RELEASED, under_embargo=False)),
    Rule(ANYBODY, Labels(CLEAR, RELEASED, under_embargo=False)),
)

LIMITS: tuple[Limit, ...] = ()
