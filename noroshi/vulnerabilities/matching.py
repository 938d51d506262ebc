"""The join of advisories and inventories, made by the database on sortable keys (ADR 0007).

Range → mapping of products → components of that product whose key lies in the range, where the
component's team may read the advisory. No row passes through Python, but for the few versions
that the advisory and the inventory order by different schemes. The cost follows the rows that
match, because both sides stand in indexes ordered by product and version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction

from noroshi.core import clock
from noroshi.core.errors import Malformed
from noroshi.directory.models import Team
from noroshi.formats.versions import Scheme, key
from noroshi.inventory.models import Component, Product
from noroshi.sharing import team_policy
from noroshi.sharing.models import Label
from noroshi.vulnerabilities import product_mapping
from noroshi.vulnerabilities.models import (
    NO_END,
    Advisory,
    AffectedRange,
    Match,
    ProductMapping,
)

_TABLES: Final = {
    "advisory": Advisory._meta.db_table,
    "component": Component._meta.db_table,
    "mapping": ProductMapping._meta.db_table,
    "label": Label._meta.db_table,
    "match": Match._meta.db_table,
    "product": Product._meta.db_table,
    "range": AffectedRange._meta.db_table,
    "team": Team._meta.db_table,
}

# The ranges that may match products of an inventory, before any component is read; a few rows for
# one advisory, some ten thousand for all. About "under investigation" a person is asked.
_CANDIDATES: Final = """
    SELECT r.id, r.low, r.high, r.scheme, k.product_id, p.scheme <> r.scheme AS other_scheme,
        k.confidence = 100 AND r.status = 'affected' AS is_certain,
        {label_columns}, {to_all} AS to_all
    FROM {range} r
    JOIN {advisory} a ON a.id = r.advisory_id
    JOIN {label} l ON l.id = a.label_id
    JOIN {mapping} k ON k.advised_id = r.product_id
    JOIN {product} p ON p.id = k.product_id
    WHERE {of_advisories} AND r.status IN ('affected', 'under_investigation') AND NOT a.withdrawn
"""

# From a few ranges to the components in them, or from a few components to the ranges around them:
# worked out first, or merged into the join. The planner of SQLite keeps the order of CROSS JOIN.
_RANGES_FIRST: Final = (
    "WITH candidates AS MATERIALIZED ({candidates} ORDER BY r.id)",
    "candidates r CROSS JOIN {component} c",
)
_COMPONENTS_FIRST: Final = ("", "{component} c CROSS JOIN ({candidates}) r")

# A version that lies in the range, by keys of one scheme.
_IN_RANGE: Final = """
    {first} INSERT INTO {match} (affected_range_id, component_id, is_certain)
    SELECT r.id, c.id, r.is_certain FROM {loops}
    WHERE c.product_id = r.product_id AND c.gone_at IS NULL AND {of_components}
        AND NOT r.other_scheme AND c.version_key >= r.low AND c.version_key < r.high AND {readable}
    {once}
"""

# The pairs that keys do not decide: a component without a version, a range that nobody can read, two schemes.
# Certain only where every version is affected.
_WITHOUT_KEY: Final = """
    {first} INSERT INTO {match} (affected_range_id, component_id, is_certain)
    SELECT r.id, c.id, r.is_certain AND r.low IS NOT NULL AND r.low = %(no_start)s
        AND r.high = %(no_end)s
    FROM {loops}
    WHERE c.product_id = r.product_id AND c.gone_at IS NULL AND {of_components} AND {unknown}
        AND {readable}
    {once}
"""
_UNKNOWN: Final = (
    "r.low IS NOT NULL AND NOT r.other_scheme AND c.version_key IS NULL",
    "(r.low IS NULL OR r.other_scheme)",
)
_ONCE: Final = "ON CONFLICT DO NOTHING"

_OTHER_SCHEME: Final = """
    {first} SELECT r.id, c.id, c.version, r.scheme, r.low, r.high
    FROM {loops}
    WHERE c.product_id = r.product_id AND c.gone_at IS NULL AND {of_components}
        AND r.other_scheme AND r.low IS NOT NULL AND c.version <> '' AND EXISTS (
            SELECT 1 FROM {match} x WHERE x.affected_range_id = r.id AND x.component_id = c.id)
"""

_FORGET_ADVISORY: Final = """
    DELETE FROM {match}
    WHERE affected_range_id IN (SELECT id FROM {range} WHERE advisory_id = %(advisory)s)
"""
# By the primary key alone: an index by component would cost every new advisory as many random
# pages as it has matches. A component that was given another product leaves rows without a
# mapping behind, and whoever reads matches joins that.
_FORGET_COMPONENTS: Final = """
    DELETE FROM {match} WHERE (affected_range_id, component_id) IN (
        SELECT r.id, c.id FROM {component} c
        JOIN {mapping} k ON k.product_id = c.product_id
        JOIN {range} r ON r.product_id = k.advised_id
        WHERE {of_components})
"""
_PAIRS: Final = """
    SELECT x.affected_range_id, x.component_id
    FROM {component} c
    CROSS JOIN {mapping} k
    CROSS JOIN {range} r
    CROSS JOIN {match} x
    WHERE k.product_id = c.product_id AND r.product_id = k.advised_id
        AND x.affected_range_id = r.id AND x.component_id = c.id
        AND c.gone_at IS NULL AND {of_components}
    ORDER BY x.affected_range_id, x.component_id
"""
_EPOCH: Final = re.compile(r"^\d+:")
_SYSTEMS: Final = 200  # in one short transaction

# Which of these advisories a team may read, whether they name anything of it or not.
_READABLE: Final = """
    SELECT r.id FROM (
        SELECT a.id, {label_columns}, {to_all} AS to_all
        FROM {advisory} a JOIN {label} l ON l.id = a.label_id
        WHERE a.id IN ({these})
    ) r CROSS JOIN (SELECT id AS team_id FROM {team} WHERE id = %(team)s) c
    WHERE {team_may_read}
"""

_CLEAR: Final = "SELECT {to_all} FROM {advisory} a JOIN {label} l ON l.id = a.label_id WHERE a.id = %(advisory)s"


@transaction.atomic
def match_advisory(advisory_id: int) -> None:
    """Match one advisory against every inventory whose team may read it. Safe to run twice."""
    values = _values(advisory=advisory_id)
    with _planned("join_collapse_limit = 1"), connection.cursor() as cursor:
        forget_advisory(advisory_id)
        cursor.execute(_sql(_CLEAR), values)
        to_all = cursor.fetchone()
        _insert(
            values,
            of_advisories="r.advisory_id = %(advisory)s",
            # An advisory for everybody needs no condition on teams, and no time to plan one.
            readable="r.to_all" if to_all and to_all[0] else None,
        )


def forget_advisory(advisory_id: int) -> None:
    """Take an advisory's matches away, before its ranges are replaced."""
    _execute(_FORGET_ADVISORY, {"advisory": advisory_id})


def match_systems(system_ids: Iterable[int]) -> None:
    """Match every component of some systems against every advisory. Safe to run twice."""
    product_mapping.map_inventory_products()
    ordered = sorted(set(system_ids))
    for start in range(0, len(ordered), _SYSTEMS):
        ids = _numbered(ordered[start : start + _SYSTEMS])
        of_components = _of_components(ids)
        with transaction.atomic(), _planned():
            _execute(_FORGET_COMPONENTS, ids, of_components=of_components)
            _insert(_values(**ids), join=_COMPONENTS_FIRST, of_components=of_components)


def match_pairs(system_ids: Iterable[int]) -> list[tuple[int, int]]:
    """The matches of some systems as (range, component), found from the components' side."""
    with connection.cursor() as cursor:
        ids = _numbered(sorted(set(system_ids)))
        cursor.execute(_sql(_PAIRS, of_components=_of_components(ids)), ids)
        return [(range_id, component_id) for range_id, component_id in cursor.fetchall()]


def readable_advisories(team_id: int, advisory_ids: Iterable[int]) -> set[int]:
    """Those of these advisories that a team may read now, as matching asks it."""
    ids = _numbered(sorted(set(advisory_ids)))
    if not ids:
        return set()
    with connection.cursor() as cursor:
        statement = _sql(_READABLE, these=_placeholders(ids))
        cursor.execute(statement, _values(team=team_id, **ids))
        return {pk for (pk,) in cursor.fetchall()}


def _numbered(ids: Iterable[int]) -> dict[str, int]:
    """The ids as named parameters of a statement."""
    return {f"id{place}": pk for place, pk in enumerate(ids)}


def _placeholders(ids: Mapping[str, int]) -> str:
    return ", ".join(f"%({name})s" for name in ids)


def _of_components(ids: Mapping[str, int]) -> str:
    return f"c.system_id IN ({_placeholders(ids)})"


def rematch_all() -> None:
    """Make the whole table anew; until it commits, readers wait on PostgreSQL only."""
    product_mapping.map_inventory_products()
    postgres = connection.vendor == "postgresql"
    # Nested loops read the versions in each range from the index alone, in the order of the key.
    settings = ("enable_hashjoin = off", "enable_mergejoin = off", "maintenance_work_mem = '256MB'")
    with transaction.atomic(), _planned(*settings):
        if postgres:  # sorts rows into an index faster than it inserts them
            _execute("TRUNCATE {match}; ALTER TABLE {match} DROP CONSTRAINT {match}_pkey")
        else:
            _execute("DELETE FROM {match}")
        _insert(_values(), once="")
        if postgres:
            _execute(
                "ALTER TABLE {match} ADD CONSTRAINT {match}_pkey "
                "PRIMARY KEY (affected_range_id, component_id)"
            )


@contextmanager
def _planned(*settings: str) -> Iterator[None]:
    """PostgreSQL: settings for these statements. Compiling them would take three seconds."""
    if connection.vendor != "postgresql":
        yield
        return
    settings = ("jit = off", *settings)
    _execute("; ".join(f"SET LOCAL {setting}" for setting in settings))
    yield
    names = [setting.partition(" ")[0] for setting in settings]
    _execute("; ".join(f"SET LOCAL {name} = DEFAULT" for name in names))


def _values(**ids: int) -> dict[str, Any]:
    return {"now": clock.now(), "no_start": b"", "no_end": NO_END, **ids}


def _insert(
    values: Mapping[str, Any],
    *,
    join: tuple[str, str] = _RANGES_FIRST,
    of_advisories: str = "1 = 1",
    of_components: str = "1 = 1",
    readable: str | None = None,
    once: str = _ONCE,
) -> None:
    """Insert the matches; ``readable`` is the condition on the team, by default the policy's."""
    candidates = _sql(_CANDIDATES, of_advisories=of_advisories)
    first, loops = (_sql(fragment, candidates=candidates) for fragment in join)
    fragments = {
        "first": first,
        "loops": loops,
        "of_components": of_components,
        "readable": readable or team_policy.may_read("r", "c.team_id"),
        "once": once,
    }
    _execute(_IN_RANGE, values, **fragments)
    undecided = sum(
        _execute(_WITHOUT_KEY, values, **fragments, unknown=condition) for condition in _UNKNOWN
    )
    if undecided:
        _drop_outside(values, fragments)


def _drop_outside(values: Mapping[str, Any], fragments: Mapping[str, str]) -> None:
    """Take away the uncompared pairs whose version, read by the range's scheme, lies outside.

    An advisory may order versions in general where the inventory knows the package's own scheme.
    """
    with connection.cursor() as cursor:
        cursor.execute(_sql(_OTHER_SCHEME, **fragments), values)
        outside = [
            (range_id, component_id)
            for range_id, component_id, version, scheme, low, high in cursor.fetchall()
            if not _may_hold(version, scheme, bytes(low), bytes(high))
        ]
        cursor.executemany(
            _sql("DELETE FROM {match} WHERE affected_range_id = %s AND component_id = %s"),
            outside,
        )


def _may_hold(version: str, scheme: str, low: bytes, high: bytes) -> bool:
    """Also without a distribution's epoch (``2:1.0-1``): publishers do not number with it."""
    try:
        keys = {key(text, Scheme(scheme)) for text in (version, _EPOCH.sub("", version))}
    except Malformed:
        return True
    return any(low <= each < high for each in keys)


def _execute(statement: str, values: Mapping[str, Any] | None = None, **fragments: str) -> int:
    """Run raw SQL (the ORM has no INSERT … SELECT); returns the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(statement, **fragments), values)
        return max(int(cursor.rowcount), 0)


def _sql(statement: str, **fragments: str) -> str:
    """The statement with the names of tables, the policy and its fragments; values stay parameters."""
    return statement.format(
        **_TABLES,
        label_columns=team_policy.label_columns("l"),
        to_all=team_policy.open_to_all("l"),
        team_may_read=team_policy.may_read("r", "c.team_id"),
        **fragments,
    )
