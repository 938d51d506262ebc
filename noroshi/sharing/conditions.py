"""Conditions on labels as SQL text with its values, put together from ``sharing.rules``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from noroshi.directory.models import Team
from noroshi.sharing.rules import (
    ALL,
    ANY_STATE,
    Labels,
    Limit,
    Marked,
    Relation,
    Rows,
    Rule,
    Value,
    plain,
)

# The text, with a %s for each value. NOW stands for the moment of reading, which is not known
# while the text is made.
Sql = tuple[str, tuple[object, ...]]
NOW: Final = object()

TRUE: Final[Sql] = ("1 = 1", ())
FALSE: Final[Sql] = ("1 = 0", ())
TEAM: Final = Team._meta.db_table


@dataclass(frozen=True, slots=True)
class At:
    """Where the columns of a label stand in a statement; ``key`` is the column of its id."""

    alias: str
    key: str = "id"

    def column(self, name: str) -> str:
        """One column of the label."""
        return f"{self.alias}.{self.key if name == 'id' else name}"


def every(conditions: Iterable[Sql]) -> Sql:
    """All of the conditions."""
    needed = [condition for condition in conditions if condition is not TRUE]
    if FALSE in needed:
        return FALSE
    if not needed:
        return TRUE
    return " AND ".join(text for text, _ in needed), _values(needed)


def some(conditions: Iterable[Sql]) -> Sql:
    """At least one of the conditions; in brackets, so that it may stand among others."""
    possible = [condition for condition in conditions if condition is not FALSE]
    if TRUE in possible:
        return TRUE
    if len(possible) < 2:
        return possible[0] if possible else FALSE
    return f"({' OR '.join(f'({text})' for text, _ in possible)})", _values(possible)


def untrue(condition: Sql) -> Sql:
    """The condition is false, or an empty column leaves it unknown."""
    text, values = condition
    return f"({text}) IS NOT TRUE", values


def one_of(column: str, ids: Collection[int]) -> Sql:
    """The column holds one of these keys."""
    if not ids:
        return FALSE
    return f"{column} IN ({', '.join(['%s'] * len(ids))})", tuple(ids)


def words(column: str, allowed: Iterable[str]) -> Sql:
    """The column holds one of these words of ours."""
    quoted = sorted(literal(str(word)) for word in allowed)
    if len(quoted) == 1:
        return f"{column} = {quoted[0]}", ()
    return (f"{column} IN ({', '.join(quoted)})", ()) if quoted else FALSE


def literal(value: Value) -> str:
    """A value from the table of rules as SQL. Raises ``ValueError`` unless it is a plain word."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    text = plain(value)
    return text if isinstance(value, int) else f"'{text}'"


def equal(alias: str, where: Iterable[tuple[str, Value]]) -> Sql:
    """The columns of ``alias`` hold these values."""
    return every([(f"{alias}.{column} = {literal(value)}", ()) for column, value in where])


def in_rows(rows: Rows, label: At, condition: Sql) -> Sql:
    """A row of ``rows`` that belongs to the label fits ``condition`` (on the alias ``listed``)."""
    belongs = (f"listed.{rows.key} = {label.column(rows.label_column)}", ())
    text, values = every([belongs, condition, equal("listed", rows.where)])
    table = rows.table._meta.db_table
    return f"EXISTS (SELECT 1 FROM {table} listed WHERE {text})", values  # noqa: S608  # our own names


def is_in_rows(expression: str, rows: Rows, label: At) -> Sql:
    """The expression is a team or person in the rows that belong to the label.

    Like :func:`in_rows`, but from the few rows of the label to the expression.
    """
    belongs = (f"listed.{rows.key} = {label.column(rows.label_column)}", ())
    text, values = every([belongs, equal("listed", rows.where)])
    return (
        f"{expression} IN (SELECT listed.{rows.column} FROM {rows.table._meta.db_table} listed"  # noqa: S608  # our own names
        f" WHERE {text})"
    ), values


def in_marked(teams: Marked, condition: Sql) -> Sql:
    """A team of which the column is true fits ``condition`` (on the alias ``listed``)."""
    text, values = every([(f"listed.{teams.column}", ()), condition])
    return f"EXISTS (SELECT 1 FROM {TEAM} listed WHERE {text})", values  # noqa: S608  # our own names


@cache
def on_labels(labels: Labels, label: At) -> Sql:
    """The label is one of ``labels``."""
    conditions: list[Sql] = []
    if labels.sensitivities != ALL:
        conditions.append(words(label.column("sensitivity"), labels.sensitivities))
    if labels.states != ANY_STATE:
        conditions.append(words(label.column("state"), labels.states))
    until = label.column("embargo_until")
    if labels.under_embargo is False:
        conditions.append((f"({until} IS NULL OR {until} <= %s)", (NOW,)))
    elif labels.under_embargo:
        conditions.append((f"{until} > %s", (NOW,)))
    for column, value in labels.where:
        conditions.append((f"{label.column(column)} = {literal(value)}", ()))
    return every(conditions)


@lru_cache(maxsize=64)
def openings(
    rules: tuple[Rule, ...], limits: tuple[Limit, ...], label: At
) -> tuple[tuple[Relation, Sql], ...]:
    """The relations of these rules, each with the condition on the labels that it opens."""
    opened: dict[Relation, list[Sql]] = {}
    for rule in rules:
        opened.setdefault(rule.relation, []).append(on_labels(rule.labels, label))
    openings = []
    for relation, conditions in opened.items():
        closing = [limit.labels for limit in limits if relation in limit.closes]
        not_closed = [untrue(on_labels(labels, label)) for labels in closing]
        openings.append((relation, every([some(conditions), *not_closed])))
    return tuple(openings)


def _values(conditions: Iterable[Sql]) -> tuple[object, ...]:
    return tuple(value for _, values in conditions for value in values)
