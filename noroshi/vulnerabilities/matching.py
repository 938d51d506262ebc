"""The join of advisories and inventories, made by the database on sortable keys (ADR 0007).

Range → kinship of products → components of that product whose key lies in the range, where the
component's team may read the advisory. No row passes through Python, but for the few versions
that the advisory and the inventory order by different schemes. The cost follows the rows that
match, because both sides stand in indexes ordered by product and version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction

from noroshi.core import clock
from noroshi.core.errors import Malformed
from noroshi.directory.models import CircleTeam, Membership, Person, Team
from noroshi.formats.versions import Scheme, key
from noroshi.inventory.models import Component, Product
from noroshi.sharing.models import Label, NamedReader
from noroshi.vulnerabilities import kinship
from noroshi.vulnerabilities.models import (
    NO_END,
    Advisory,
    AffectedRange,
    Kinship,
    Match,
)

_TABLES: Final = {
    "advisory": Advisory._meta.db_table,
    "component": Component._meta.db_table,
    "kinship": Kinship._meta.db_table,
    "label": Label._meta.db_table,
    "match": Match._meta.db_table,
    "membership": Membership._meta.db_table,
    "named": NamedReader._meta.db_table,
    "person": Person._meta.db_table,
    "product": Product._meta.db_table,
    "range": AffectedRange._meta.db_table,
    "seat": CircleTeam._meta.db_table,
    "team": Team._meta.db_table,
}

# ``sharing.policy`` for a whole team and in SQL: what a reading role in the component's team may
# see, and of RED what names somebody of the team. A test holds it against ``policy.may_see``.
_TEAM_MAY_READ: Final = """
    (
        (l.state = 'released' AND l.sensitivity = 'clear'
            AND (l.embargo_until IS NULL OR l.embargo_until <= %(now)s))
        OR (l.owner_id = c.team_id AND l.sensitivity <> 'red')
        OR (l.state = 'released'
            AND l.sensitivity IN ('amber', 'amber+strict', 'green', 'clear') AND EXISTS (
            SELECT 1 FROM {seat} s JOIN {team} t ON t.id = s.team_id
            WHERE s.circle_id = l.circle_id AND s.team_id = c.team_id AND t.standing = 'active'))
        OR (l.state = 'released' AND l.sensitivity = 'green'
            AND (l.embargo_until IS NULL OR l.embargo_until <= %(now)s) AND EXISTS (
            SELECT 1 FROM {team} t
            WHERE t.id = c.team_id AND t.is_member AND t.standing = 'active'))
        OR (l.sensitivity = 'red' AND (l.state = 'released' OR l.owner_id = c.team_id) AND EXISTS (
            SELECT 1 FROM {named} n JOIN {membership} m ON m.person_id = n.person_id
            JOIN {team} t ON t.id = m.team_id JOIN {person} q ON q.id = n.person_id
            WHERE n.label_id = l.id AND m.team_id = c.team_id AND t.standing = 'active'
                AND q.state = 'active'))
    )
"""

# Ranges that ask something of an inventory; "under investigation" asks a person.
_ASKS: Final = "r.status IN ('affected', 'under_investigation') AND NOT a.withdrawn"

# CROSS JOIN fixes the order of the loops for SQLite; PostgreSQL plans by itself.
_FROM_ADVISORY: Final = """
    FROM {range} r
    CROSS JOIN {advisory} a
    CROSS JOIN {label} l
    CROSS JOIN {kinship} k
    CROSS JOIN {product} p
    CROSS JOIN {component} c
    WHERE a.id = r.advisory_id AND l.id = a.label_id AND k.advised_id = r.product_id
        AND p.id = k.product_id AND c.product_id = k.product_id AND c.gone_at IS NULL
"""
_FROM_COMPONENT: Final = """
    FROM {component} c
    CROSS JOIN {product} p
    CROSS JOIN {kinship} k
    CROSS JOIN {range} r
    CROSS JOIN {advisory} a
    CROSS JOIN {label} l
    WHERE p.id = c.product_id AND k.product_id = c.product_id AND r.product_id = k.advised_id
        AND a.id = r.advisory_id AND l.id = a.label_id AND c.gone_at IS NULL
"""

# A version that lies in the range, by keys of one scheme.
_IN_RANGE: Final = """
    INSERT INTO {match} (affected_range_id, component_id, is_certain)
    SELECT r.id, c.id, k.confidence = 100 AND r.status = 'affected'
    {begin} AND {only} AND p.scheme = r.scheme
        AND c.version_key >= r.low AND c.version_key < r.high AND {asks} AND {team_may_read}
    {once}
"""

# What keys cannot tell: a component without a version, a range that nobody can read, two schemes.
# Certain only where every version is affected.
_WITHOUT_KEY: Final = """
    INSERT INTO {match} (affected_range_id, component_id, is_certain)
    SELECT r.id, c.id, k.confidence = 100 AND r.status = 'affected' AND r.low IS NOT NULL
        AND r.low = %(no_start)s AND r.high = %(no_end)s
    {begin} AND {only} AND {unknown} AND {asks} AND {team_may_read}
    {once}
"""
_UNKNOWN: Final = (
    "r.low IS NOT NULL AND p.scheme = r.scheme AND c.version_key IS NULL",
    "(r.low IS NULL OR p.scheme <> r.scheme)",
)
_ONCE: Final = "ON CONFLICT DO NOTHING"

_FORGET_ADVISORY: Final = """
    DELETE FROM {match}
    WHERE affected_range_id IN (SELECT id FROM {range} WHERE advisory_id = %(advisory)s)
"""
# By the primary key alone: an index by component would cost every new advisory as many random
# pages as it has matches. A component that was given another product leaves rows without a
# kinship behind, and whoever reads matches joins that.
_FORGET_COMPONENTS: Final = """
    DELETE FROM {match} WHERE (affected_range_id, component_id) IN (
        SELECT r.id, c.id FROM {component} c
        JOIN {kinship} k ON k.product_id = c.product_id
        JOIN {range} r ON r.product_id = k.advised_id
        WHERE {only})
"""
_SYSTEMS: Final = 200  # in one short transaction

_OTHER_SCHEME: Final = """
    SELECT r.id, c.id, c.version, r.scheme, r.low, r.high
    {begin} AND {only} AND r.low IS NOT NULL AND p.scheme <> r.scheme AND c.version <> ''
        AND {asks} AND EXISTS (
            SELECT 1 FROM {match} x WHERE x.affected_range_id = r.id AND x.component_id = c.id)
"""


@transaction.atomic
def match_advisory(advisory_id: int) -> None:
    """Match one advisory against every inventory whose team may read it. Safe to run twice."""
    ids = {"advisory": advisory_id}
    with _planned("join_collapse_limit = 1"):
        forget_advisory(advisory_id)
        _insert(_FROM_ADVISORY, "r.advisory_id = %(advisory)s", ids)


def forget_advisory(advisory_id: int) -> None:
    """Take an advisory's matches away, before its ranges are replaced."""
    _execute(_FORGET_ADVISORY, {"advisory": advisory_id})


def match_systems(system_ids: Iterable[int]) -> None:
    """Match every component of some systems against every advisory. Safe to run twice."""
    kinship.relate_products()
    ordered = sorted(set(system_ids))
    for start in range(0, len(ordered), _SYSTEMS):
        ids = {f"s{place}": one for place, one in enumerate(ordered[start : start + _SYSTEMS])}
        only = f"c.system_id IN ({', '.join(f'%({name})s' for name in ids)})"
        with transaction.atomic(), _planned("join_collapse_limit = 1"):
            _execute(_FORGET_COMPONENTS, ids, only=only)
            _insert(_FROM_COMPONENT, only, ids)


def rematch_all() -> None:
    """Make the whole table anew; until it commits, readers wait on PostgreSQL only."""
    kinship.relate_products()
    with transaction.atomic(), _planned("maintenance_work_mem = '256MB'"):
        if connection.vendor == "postgresql":  # sorts rows into an index faster than it inserts
            _execute("TRUNCATE {match}; ALTER TABLE {match} DROP CONSTRAINT {match}_pkey")
        else:
            _execute("DELETE FROM {match}")
        _insert(_FROM_ADVISORY, "1 = 1", {}, once="")
        if connection.vendor == "postgresql":
            _execute(
                "ALTER TABLE {match} ADD CONSTRAINT {match}_pkey "
                "PRIMARY KEY (affected_range_id, component_id)"
            )


@contextmanager
def _planned(setting: str) -> Iterator[None]:
    """PostgreSQL: the joins in the order written, or else planning takes longer than matching.

    And never compiled: that costs three seconds for any statement of this size.
    """
    if connection.vendor != "postgresql":
        yield
        return
    _execute(f"SET LOCAL jit = off; SET LOCAL {setting}")
    yield
    _execute(f"SET LOCAL jit = DEFAULT; SET LOCAL {setting.partition(' ')[0]} = DEFAULT")


def _insert(begin: str, only: str, ids: Mapping[str, Any], once: str = _ONCE) -> None:
    values = {"now": clock.now(), "no_start": b"", "no_end": NO_END, **ids}
    parts = {"begin": begin, "only": only, "once": once}
    _execute(_IN_RANGE, values, **parts)
    unknown = sum(_execute(_WITHOUT_KEY, values, **parts, unknown=each) for each in _UNKNOWN)
    if unknown:
        _drop_outside(values, parts)


def _drop_outside(values: Mapping[str, Any], parts: Mapping[str, str]) -> None:
    """Take away the uncompared pairs whose version, read by the range's scheme, lies outside.

    An advisory may order versions in general where the inventory knows the package's own scheme.
    """
    with connection.cursor() as cursor:
        cursor.execute(_written(_OTHER_SCHEME, **parts), values)
        outside = [
            (range_id, component_id)
            for range_id, component_id, version, scheme, low, high in cursor.fetchall()
            if not _may_hold(version, scheme, bytes(low), bytes(high))
        ]
        cursor.executemany(
            _written("DELETE FROM {match} WHERE affected_range_id = %s AND component_id = %s"),
            outside,
        )


def _may_hold(version: str, scheme: str, low: bytes, high: bytes) -> bool:
    try:
        return low <= key(version, Scheme(scheme)) < high
    except Malformed:
        return True


def _execute(statement: str, values: Mapping[str, Any] | None = None, **parts: str) -> int:
    """Run raw SQL (the ORM has no INSERT … SELECT); returns the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(_written(statement, **parts), values)
        return max(int(cursor.rowcount), 0)


def _written(statement: str, **parts: str) -> str:
    """The statement with the names of tables and its fixed parts; values stay parameters."""
    while "{" in statement:
        statement = statement.format(**_TABLES, **parts, asks=_ASKS, team_may_read=_TEAM_MAY_READ)
    return statement
