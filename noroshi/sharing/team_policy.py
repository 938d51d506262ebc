"""``sharing.policy`` for a whole team, as SQL for statements that join labels with many teams.

A team reads a label when somebody with a reading role, and with no other team, would; and where a
rule by name opens work (``rules.Rule.opens_work``), when it opens to somebody of the team. Whoever
builds the statement takes the label's columns (:func:`label_columns`) into a subquery with
:func:`open_to_all` as its column ``to_all``, so that what anybody may read needs no look at teams.
The moment of reading is the parameter ``%(now)s``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from noroshi.directory.models import READING_ROLES, Membership, Person, PersonState, Standing
from noroshi.sharing import conditions as sql
from noroshi.sharing import rules
from noroshi.sharing.conditions import TEAM, At, Sql
from noroshi.sharing.models import Label
from noroshi.sharing.rules import InTeam, Limit, Listed, Marked, OwnerTeam, Relation, Rule

MEMBERSHIP: Final = Membership._meta.db_table
PERSON: Final = Person._meta.db_table


def label_columns(label: str) -> str:
    """The columns of the label at this alias, for the subquery; its key is called ``label_id``."""
    names = [field.column for field in Label._meta.concrete_fields]
    return ", ".join(
        f"{label}.{name} AS label_id" if name == "id" else f"{label}.{name}" for name in names
    )


def open_to_all(label: str) -> str:
    """The condition on a label that every team may read it, whatever the team."""
    return _open_to_all(rules.RULES, rules.LIMITS, At(label))


def may_read(row: str, team: str) -> str:
    """The condition on a row of the subquery and the expression of a team's id."""
    return _may_read(rules.RULES, rules.LIMITS, At(row, "label_id"), team)


Rules = tuple[Rule, ...]
Limits = tuple[Limit, ...]


@lru_cache(maxsize=16)
def _open_to_all(table: Rules, limits: Limits, label: At) -> str:
    opened = [labels for relation, labels in _openings(table, limits, label) if not relation.terms]
    not_narrowed = [_untouched(limit, label) for limit in _narrowing(limits)]
    return _text(sql.every([sql.some(opened), *not_narrowed]))


@lru_cache(maxsize=16)
def _may_read(table: Rules, limits: Limits, label: At, team: str) -> str:
    by_role: list[Sql] = []
    by_name: list[Sql] = []
    for relation, labels in _openings(table, limits, label):
        if relation.is_by_name:
            by_name.append(sql.every([labels, _somebody(relation, limits, label, team)]))
        elif relation.terms:
            by_role.append(sql.every([labels, _by_role(relation, label, team)]))
    within_limits = [
        sql.some([_untouched(limit, label), *(_by_role(only, label, team) for only in limit.only)])
        for limit in _narrowing(limits)
    ]
    to_all = (f"{label.alias}.to_all", ())
    return _text(sql.some([to_all, sql.every([sql.some(by_role), *within_limits]), *by_name]))


def _openings(table: Rules, limits: Limits, label: At) -> tuple[tuple[Relation, Sql], ...]:
    work = tuple(
        rule
        for rule in table
        if rule.aspect == rules.THING and (rule.opens_work or not rule.relation.is_by_name)
    )
    return sql.openings(work, limits, label)


def _narrowing(limits: Limits) -> list[Limit]:
    """The limits that let only some relations read."""
    return [limit for limit in limits if limit.only]


def _untouched(limit: Limit, label: At) -> Sql:
    """The limit does not speak of this label."""
    return sql.untrue(sql.on_labels(limit.labels, label))


def _by_role(relation: Relation, label: At, team: str) -> Sql:
    """Somebody with a reading role in the team, and nothing else, stands in the relation."""
    conditions: list[Sql] = []
    standings = frozenset(Standing)
    for term in relation.terms:
        if isinstance(term, Listed) or _excludes_readers(term):
            return sql.FALSE
        if isinstance(term, InTeam):
            standings &= term.standings
            conditions.append(_is_one_of(term, label, team))
        else:
            standings &= rules.GOOD
    in_standing, _ = sql.every([(f"t.id = {team}", ()), sql.words("t.standing", standings)])
    conditions.append((f"EXISTS (SELECT 1 FROM {TEAM} t WHERE {in_standing})", ()))  # noqa: S608  # our own names
    return sql.every(conditions)


def _excludes_readers(term: object) -> bool:
    """Does the term ask for a role that is none of those that read by role?"""
    return isinstance(term, InTeam) and term.roles is not None and not term.roles & READING_ROLES


def _is_one_of(term: InTeam, label: At, team: str) -> Sql:
    if isinstance(term.teams, OwnerTeam):
        return f"{label.column('owner_id')} = {team}", ()
    if isinstance(term.teams, Marked):
        return sql.in_marked(term.teams, (f"listed.id = {team}", ()))
    return sql.in_rows(term.teams, label, (f"listed.{term.teams.column} = {team}", ()))


def _somebody(relation: Relation, limits: Limits, label: At, team: str) -> Sql:
    """An active person of the team, and of it alone, stands in the relation and in every limit."""
    within_limits = [
        sql.some([_untouched(limit, label), *(_person(only, label, team) for only in limit.only)])
        for limit in _narrowing(limits)
    ]
    text, values = sql.every([_person(relation, label, team), *within_limits])
    return (
        f"EXISTS (SELECT 1 FROM {MEMBERSHIP} m JOIN {TEAM} t ON t.id = m.team_id"  # noqa: S608  # our own names
        f" JOIN {PERSON} p ON p.id = m.person_id WHERE m.team_id = {team}"
        f" AND p.state = '{PersonState.ACTIVE.value}' AND t.standing <> '{Standing.LEFT.value}'"
        f" AND {text})"
    ), values


def _person(relation: Relation, label: At, team: str) -> Sql:
    """The person ``p`` with the role ``m`` in the team ``t`` stands in the relation."""
    conditions: list[Sql] = []
    for term in relation.terms:
        if isinstance(term, Listed):
            conditions.append(sql.is_in_rows("m.person_id", term.people, label))
            continue
        standings = term.standings if isinstance(term, InTeam) else rules.GOOD
        conditions.append(sql.words("t.standing", standings))
        if isinstance(term, InTeam):
            conditions.append(_is_one_of(term, label, team))
            if term.roles is not None:
                conditions.append(sql.words("m.role", term.roles))
    return sql.every(conditions)


def _text(condition: Sql) -> str:
    """The only value that such conditions have is the moment of reading."""
    return condition[0].replace("%s", "%(now)s")
