"""Who may read which label: asked in every direction, answered from one table of rules.

``may_see``: may this reader see this. ``visible_to``: which rows may this reader see, in SQL.
``readers_of``: who may see this. ``Reading``: for which of their teams does somebody read this.
``sharing.team_policy``: which labels does a whole team read, in SQL.

All are made from ``sharing.rules`` and must always agree: a test asks them about the full product
of labels and readers. The first two ask the channel table as well, for the channels by which the
reader comes (``Viewer.channels``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, F, Func, Q, QuerySet

from noroshi.core import clock
from noroshi.directory.models import READING_ROLES, Membership, Person, PersonState, Standing, Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing import channels, rules
from noroshi.sharing import conditions as sql
from noroshi.sharing.channels import Passage
from noroshi.sharing.conditions import At, Sql
from noroshi.sharing.models import Label
from noroshi.sharing.rules import (
    PRESENT,
    THING,
    InTeam,
    Labels,
    Listed,
    Marked,
    OwnerTeam,
    Relation,
    Rows,
    Rule,
    TakesPart,
    Term,
)

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler


# ---- which rules speak of a label ----------------------------------------------------


@lru_cache(maxsize=64)
def _rules_for(table: tuple[Rule, ...], aspect: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in table if rule.aspect == aspect)


def _opening(label: Label, now: datetime, aspect: str = THING) -> list[Relation]:
    """The relations that open this label, each once."""
    limits = [limit for limit in rules.LIMITS if _is_one_of(limit.labels, label, now)]
    closed = frozenset[Relation]().union(*(limit.closes for limit in limits))
    opening = {
        rule.relation: None
        for rule in _rules_for(rules.RULES, aspect)
        if _is_one_of(rule.labels, label, now)
    }
    return [relation for relation in opening if relation not in closed]


def _narrowing(label: Label, now: datetime) -> list[frozenset[Relation]]:
    """Sets of relations; who reads this label stands in one of each set."""
    return [
        limit.only for limit in rules.LIMITS if limit.only and _is_one_of(limit.labels, label, now)
    ]


def _is_one_of(labels: Labels, label: Label, now: datetime) -> bool:
    is_under_embargo = label.embargo_until is not None and label.embargo_until > now
    return (
        label.sensitivity in labels.sensitivities
        and label.state in labels.states
        and labels.under_embargo in (None, is_under_embargo)
        and all(getattr(label, column) == value for column, value in labels.where)
    )


def _teams(teams: OwnerTeam | Marked | Rows, label: Label, path: str = "") -> Q:
    """The condition on teams at ``path`` that stand like this to the label."""
    if isinstance(teams, OwnerTeam):
        return Q(**{f"{path}pk": label.owner_id})
    if isinstance(teams, Marked):
        return Q(**{f"{path}{teams.column}": True})
    return Q(**{f"{path}pk__in": _of_label(teams, label)})


def _in_rows(rows: Rows, label: Label) -> frozenset[int]:
    """The ids of the teams or people in these rows."""
    if rows is rules.NAMES:
        return label.named_ids()  # asked once for each label, and known of one not saved yet
    return frozenset(_of_label(rows, label))


def _of_label(rows: Rows, label: Label) -> QuerySet[Any, Any]:
    """The teams or people in the rows that belong to the label."""
    key = getattr(label, rows.label_column)
    belonging = rows.table._base_manager.filter(**{rows.key: key}, **dict(rows.where))
    return (belonging.none() if key is None else belonging).values_list(rows.column, flat=True)


# ---- one reader, one label -----------------------------------------------------------


def may_see(viewer: Viewer, label: Label, *, aspect: str = THING) -> bool:
    """May this reader see the thing with this label now?"""
    if channels.least(label.sensitivity, viewer.channels) is not Passage.WHOLE:
        return False

    def stands_in_any(relations: Iterable[Relation]) -> bool:
        return any(_stands(viewer, relation, label) for relation in relations)

    return stands_in_any(_opening(label, viewer.now, aspect)) and all(
        stands_in_any(only) for only in _narrowing(label, viewer.now)
    )


def _stands(viewer: Viewer, relation: Relation, label: Label) -> bool:
    return all(_holds(viewer, term, label) for term in relation.terms)


def _holds(viewer: Viewer, term: Term, label: Label) -> bool:
    if isinstance(term, TakesPart):
        return bool(viewer.good_team_ids)
    if isinstance(term, Listed):
        return viewer.person_id is not None and viewer.person_id in _in_rows(term.people, label)
    if term.viewer and isinstance(term.teams, Rows):
        return getattr(label, term.teams.label_column) in getattr(viewer, term.viewer)
    if term.viewer:
        return bool(getattr(viewer, term.viewer))
    ids = _own_teams(viewer, term)
    if isinstance(term.teams, OwnerTeam):
        return label.owner_id in ids
    return Team.objects.filter(_teams(term.teams, label), pk__in=ids).exists()


def _own_teams(viewer: Viewer, term: InTeam) -> frozenset[int]:
    """The reader's own teams in which they have such a role and which take part like that."""
    return frozenset(
        team
        for team, roles in viewer.roles.items()
        if (term.roles is None or roles & term.roles)
        and (Standing.SUSPENDED in term.standings or team in viewer.good_team_ids)
    )


# ---- one reader, every label ---------------------------------------------------------

_SEEN = At("seen")


def visible_to(
    viewer: Viewer, path: str = "label", *, least: Passage = Passage.WHOLE, aspect: str = THING
) -> Q:
    """The condition on rows whose label stands at ``path`` that this viewer may see now.

    ``path`` is empty where the rows are labels themselves. ``least`` is for those who show less
    than the whole thing and ask the channel table themselves what that is.
    """
    return Q(_MayRead(F(path or "pk"), viewer, _condition(viewer, least, aspect)))


class _MayRead(Func):
    """The label at this column is one that the condition lets through.

    Written in SQL because every query of every page carries it: built from lookups it cost more
    time than the query itself. ``EXISTS`` finds the label by its key and repeats no row.
    """

    output_field = BooleanField()

    def __init__(self, column: F, viewer: Viewer, condition: Sql) -> None:
        super().__init__(column)
        self.now, self.condition = viewer.now, condition

    def as_sql(  # type: ignore[override]  # the stubs know parameters of text and numbers only
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        column, column_values = compiler.compile(self.source_expressions[0])
        text, values = self.condition
        now = connection.ops.adapt_datetimefield_value(self.now)
        return (
            f"EXISTS (SELECT 1 FROM sharing_label seen WHERE seen.id = {column}"  # noqa: S608  # our own columns; every value is a parameter
            f" AND ({text}))"
        ), [*column_values, *(now if value is sql.NOW else value for value in values)]


def _condition(viewer: Viewer, least: Passage, aspect: str) -> Sql:
    """SQL on the label ``seen``: what the rules open to this viewer by their channels."""
    key = rules.RULES, rules.LIMITS, aspect
    opened = viewer.memo.get(key)
    if opened is None:
        opened = viewer.memo[key] = _opened(viewer, aspect)
    shut = channels.shut_to(viewer.channels, least)
    if not shut:
        return opened
    return sql.every([sql.words("seen.sensitivity", rules.ALL - shut), opened])


def _opened(viewer: Viewer, aspect: str) -> Sql:
    table, limits = _rules_for(rules.RULES, aspect), rules.LIMITS
    ways = [
        sql.every((labels, *_standing(viewer, relation)))
        for relation, labels in sql.openings(table, limits, _SEEN)
    ]
    conditions = [sql.some(ways)]
    for limit in limits:
        if limit.only:
            ways_left = [sql.every(_standing(viewer, relation)) for relation in limit.only]
            outside = sql.untrue(sql.on_labels(limit.labels, _SEEN))
            conditions.append(sql.some([outside, *ways_left]))
    return sql.every(conditions)


def _standing(viewer: Viewer, relation: Relation) -> list[Sql]:
    """The conditions under which this viewer stands in the relation to the label ``seen``."""
    return [_holds_sql(viewer, term) for term in relation.terms]


def _holds_sql(viewer: Viewer, term: Term) -> Sql:
    if isinstance(term, InTeam):
        return _in_team_sql(viewer, term)
    if isinstance(term, TakesPart):
        return sql.TRUE if viewer.good_team_ids else sql.FALSE
    if viewer.person_id is None:
        return sql.FALSE
    person = (f"listed.{term.people.column} = %s", (viewer.person_id,))
    return sql.in_rows(term.people, _SEEN, person)


def _in_team_sql(viewer: Viewer, term: InTeam) -> Sql:
    teams = term.teams
    if term.viewer:
        known = getattr(viewer, term.viewer)
        if isinstance(teams, Rows):
            return sql.one_of(_SEEN.column(teams.label_column), known)
        return sql.TRUE if known else sql.FALSE
    ids = _own_teams(viewer, term)
    if isinstance(teams, OwnerTeam) or not ids:
        return sql.one_of("seen.owner_id", ids)
    if isinstance(teams, Rows):
        return sql.in_rows(teams, _SEEN, sql.one_of(f"listed.{teams.column}", ids))
    return sql.in_marked(teams, sql.one_of("listed.id", ids))


# ---- one label, every reader ---------------------------------------------------------


def readers_of(label: Label, *, aspect: str = THING) -> QuerySet[Person]:
    """Everybody with an account who may see the thing with this label now, each once."""

    def fits(term: Term) -> Q:
        return _fits(term, label)

    now = clock.now()
    readers = Person.objects.filter(
        _in_any(_opening(label, now, aspect), fits), state=PersonState.ACTIVE
    )
    for only in _narrowing(label, now):
        readers = readers.filter(_in_any(only, fits))
    return readers


def _in_any(relations: Iterable[Relation], fits: Callable[[Term], Q]) -> Q:
    """The condition that all terms of one of these relations fit."""
    readers = Q(pk__in=())
    for relation in relations:
        standing = Q()
        for term in relation.terms:
            standing &= fits(term)
        if not relation.terms:
            return Q()
        readers |= standing
    return readers


def _fits(term: Term, label: Label) -> Q:
    if isinstance(term, Listed):
        return Q(pk__in=_in_rows(term.people, label))
    if isinstance(term, TakesPart):
        seats = Membership.objects.filter(team__standing=Standing.ACTIVE)
    else:
        seats = Membership.objects.filter(
            _teams(term.teams, label, "team__"), team__standing__in=term.standings
        )
        if term.roles is not None:
            seats = seats.filter(role__in=term.roles)
    return Q(pk__in=seats.values("person_id"))


# ---- one label, the teams of its readers ---------------------------------------------


class Reading:
    """For which of their teams people read the thing with this label now.

    A query for each list of teams or people, however many are asked about.
    """

    def __init__(self, label: Label) -> None:
        now = clock.now()
        self.label = label
        self._opening = _opening(label, now)
        self._by_role = [relation for relation in self._opening if not relation.is_by_name]
        self._narrowing = _narrowing(label, now)
        self._listed: dict[Rows, frozenset[int]] = {}

    @cached_property
    def named_ids(self) -> frozenset[int]:
        """Those who stand in a list that opens the label."""
        terms = [term for relation in self._opening for term in relation.terms]
        lists = [self._in_rows(term.people) for term in terms if isinstance(term, Listed)]
        return frozenset[int]().union(*lists)

    def teams_of(self, person: Person) -> list[Team]:
        """Those of a reader's teams for which they read it, the owner's included; each once.

        The memberships and their teams are loaded already.
        """
        ours: list[Membership] = []
        opened: list[Membership] = []
        for row in person.memberships.all():
            if row.team.pk == self.label.owner_id and self._is_named_inside(row):
                ours.append(row)
            elif self._opens_for_any(self._by_role, row):
                opened.append(row)
        within = [
            row for row in opened if all(self._opens_for_any(only, row) for only in self._narrowing)
        ]
        # A limit holds for a person: where no row is within the limits, several together are.
        return list({row.team.pk: row.team for row in [*ours, *within] or opened}.values())

    def teams_expected(self) -> QuerySet[Team]:
        """The teams besides the owner to which a relation by role opens it, if somebody reads there.

        A limit by name expects the teams of those whom it lists.
        """
        expected = Q(pk__in=())
        for term in (term for relation in self._by_role for term in relation.terms):
            if isinstance(term, InTeam):
                expected |= _teams(term.teams, self.label)
        teams = Team.objects.filter(expected).exclude(pk=self.label.owner_id)
        for only in self._narrowing:
            teams = teams.filter(_in_any(only, self._expects))
        return teams

    def _expects(self, term: Term) -> Q:
        """The condition on teams of which somebody may fit the term."""
        if isinstance(term, InTeam):
            return _teams(term.teams, self.label)
        if isinstance(term, TakesPart):
            return Q()
        people = self._in_rows(term.people)
        return Q(pk__in=Membership.objects.filter(person__in=people).values("team_id"))

    def _is_named_inside(self, row: Membership) -> bool:
        return row.person_id in self.named_ids and row.team.standing in PRESENT

    def _opens_for_any(self, relations: Iterable[Relation], row: Membership) -> bool:
        return any(self._opens_for(relation, row) for relation in relations)

    def _opens_for(self, relation: Relation, row: Membership) -> bool:
        """With the role and team of this row alone; what is open to anybody, by a reading role."""
        if not relation.terms:
            return row.role in READING_ROLES and row.team.standing == Standing.ACTIVE
        return all(self._fits(term, row) for term in relation.terms)

    def _fits(self, term: Term, row: Membership) -> bool:
        if isinstance(term, Listed):
            return row.person_id in self._in_rows(term.people)
        if isinstance(term, TakesPart):
            return row.team.standing == Standing.ACTIVE
        return (
            row.team.standing in term.standings
            and (term.roles is None or row.role in term.roles)
            and self._is_one_of(term.teams, row.team)
        )

    def _is_one_of(self, teams: OwnerTeam | Marked | Rows, team: Team) -> bool:
        if isinstance(teams, OwnerTeam):
            return team.pk == self.label.owner_id
        if isinstance(teams, Marked):
            return bool(getattr(team, teams.column))
        return team.pk in self._in_rows(teams)

    def _in_rows(self, rows: Rows) -> frozenset[int]:
        """The ids of the teams or people in these rows; each list is asked once."""
        if rows not in self._listed:
            self._listed[rows] = _in_rows(rows, self.label)
        return self._listed[rows]
