"""Who may read what. The one place; it answers in three directions that must always agree.

The rules, for a viewer V and a label L (ADR 0003):

* owner side: V has a reading role (CSIRT, manager) in the owner team.
* named: L names V, and V has a team in good standing.
* draft: the owner team only: owner side, or named inside the owner team; RED needs naming.
* released INTERNAL: owner side, or named inside the owner team (an operator sees what is his).
* released RED: named, and nothing else.
* released AMBER, AMBER+STRICT: owner side, named, or a reading role in a good team of the circle.
* released GREEN: those, or a reading role in a good member team.
* released CLEAR: anybody.
* a token reads no RED: the channel table sends RED through no program.
* under embargo, GREEN and CLEAR reach only those whom AMBER would reach.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, F, Func, Q, QuerySet

from noroshi.core import clock
from noroshi.directory.models import (
    READING_ROLES,
    CircleTeam,
    Membership,
    Person,
    PersonState,
    Standing,
)
from noroshi.directory.viewer import Viewer
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

CIRCLE = (Sensitivity.AMBER, Sensitivity.AMBER_STRICT)
OPEN = (Sensitivity.GREEN, Sensitivity.CLEAR)


def may_see(viewer: Viewer, label: Label) -> bool:
    """May this reader see the thing with this label now?"""
    sensitivity = Sensitivity(label.sensitivity)
    owner_side = label.owner_id in viewer.reading_team_ids
    named = viewer.named_id is not None and viewer.named_id in label.named_ids()
    named_inside = named and label.owner_id in viewer.team_ids
    if sensitivity is Sensitivity.RED:
        if viewer.scopes is not None:
            return False
        return named_inside if label.state == State.DRAFT else named
    if label.state == State.DRAFT or sensitivity is Sensitivity.INTERNAL:
        return owner_side or named_inside
    if (
        owner_side
        or named
        or (label.circle_id is not None and label.circle_id in viewer.circle_ids)
    ):
        return True
    if sensitivity in CIRCLE or (
        label.embargo_until is not None and label.embargo_until > viewer.now
    ):
        return False
    return sensitivity is Sensitivity.CLEAR or viewer.is_member


def visible_to(viewer: Viewer, path: str = "label") -> Q:
    """The condition on rows whose label stands at ``path`` that this viewer may see now.

    ``path`` is empty where the rows are labels themselves.
    """
    return Q(_Seen(F(path or "pk"), *_condition(viewer)))


class _Seen(Func):
    """The label at this column is one that the condition lets through.

    Written in SQL because every query of every page carries it: built from lookups it cost more
    time than the query itself. ``EXISTS`` finds the label by its key and repeats no row.
    """

    output_field = BooleanField()

    def __init__(self, column: F, condition: str, values: tuple[Any, ...]) -> None:
        super().__init__(column)
        self.condition, self.values = condition, values

    def as_sql(  # type: ignore[override]  # the stubs know parameters of text and numbers only
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        column, given = compiler.compile(self.source_expressions[0])
        adapt = connection.ops.adapt_datetimefield_value
        values = [adapt(one) if isinstance(one, datetime) else one for one in self.values]
        return (
            f"EXISTS (SELECT 1 FROM sharing_label seen WHERE seen.id = {column}"  # noqa: S608  # our own columns; every value is a parameter
            f" AND ({self.condition}))"
        ), [*given, *values]


_NAMES_ME = (
    "EXISTS (SELECT 1 FROM sharing_namedreader reader"
    " WHERE reader.label_id = seen.id AND reader.person_id = %s)"
)
_RELEASED = "seen.state = 'released'"
_NOT_RED = "seen.sensitivity <> 'red'"
_FREE = "(seen.embargo_until IS NULL OR seen.embargo_until <= %s)"


def _condition(viewer: Viewer) -> tuple[str, tuple[Any, ...]]:
    """SQL on the label ``seen`` with its parameters: the rules above, each a way to see it."""
    ways: list[str] = []
    values: list[Any] = []

    def way(*conditions: str, given: Iterable[Any] = ()) -> None:
        ways.append(" AND ".join(conditions))
        values.extend(given)

    def one_of(column: str, ids: Collection[int]) -> str:
        return f"seen.{column} IN ({', '.join(['%s'] * len(ids))})" if ids else "1 = 0"

    teams, mine, circles = viewer.reading_team_ids, viewer.team_ids, viewer.circle_ids
    way(one_of("owner_id", teams), _NOT_RED, given=teams)
    way(
        one_of("circle_id", circles),
        _RELEASED,
        "seen.sensitivity IN ('amber', 'amber+strict', 'green', 'clear')",
        given=circles,
    )
    way(_RELEASED, "seen.sensitivity = 'clear'", _FREE, given=[viewer.now])
    if viewer.is_member:
        way(_RELEASED, "seen.sensitivity = 'green'", _FREE, given=[viewer.now])
    if viewer.named_id is not None:
        crosses = f"{_RELEASED} AND seen.sensitivity <> 'internal'"
        inside = f"{one_of('owner_id', mine)} AND (seen.state = 'draft' OR seen.sensitivity = 'internal')"
        way(f"({crosses} OR {inside})", _NAMES_ME, given=[*mine, viewer.named_id])
    seen = " OR ".join(f"({one})" for one in ways)
    if viewer.scopes is not None:
        seen = f"{_NOT_RED} AND ({seen})"
    return seen, tuple(values)


def readers_of(label: Label) -> QuerySet[Person]:
    """Everybody with an account who may see the thing with this label now, each once."""
    active = Person.objects.filter(state=PersonState.ACTIVE)
    present = Membership.objects.exclude(team__standing=Standing.LEFT)
    good = Membership.objects.filter(team__standing=Standing.ACTIVE)
    reading = good.filter(role__in=READING_ROLES)

    owner_side = Q(
        pk__in=present.filter(team_id=label.owner_id, role__in=READING_ROLES).values("person_id")
    )
    named = Q(pk__in=label.named_ids()) & Q(pk__in=good.values("person_id"))
    named_inside = named & Q(pk__in=present.filter(team_id=label.owner_id).values("person_id"))

    sensitivity = Sensitivity(label.sensitivity)
    if sensitivity is Sensitivity.RED:
        return active.filter(named_inside if label.state == State.DRAFT else named)
    if label.state == State.DRAFT or sensitivity is Sensitivity.INTERNAL:
        return active.filter(owner_side | named_inside)
    circle_id = label.circle_id or 0  # no circle has the key 0
    seats = CircleTeam.objects.filter(circle_id=circle_id).values("team_id")
    seen = owner_side | named | Q(pk__in=reading.filter(team_id__in=seats).values("person_id"))
    if sensitivity in CIRCLE or (
        label.embargo_until is not None and label.embargo_until > clock.now()
    ):
        return active.filter(seen)
    if sensitivity is Sensitivity.CLEAR:
        return active
    return active.filter(seen | Q(pk__in=reading.filter(team__is_member=True).values("person_id")))
