"""Snapshots of every table, to show that nothing was changed; and new databases."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.db import connection

Snapshot = dict[str, dict[str, str]]

# Not content: who is signed in, and how often somebody tried.
PASSING = frozenset({"django_session", "rate_limits"})
# That a token was used is noted when it is used, also to read.
PASSING_COLUMNS = {"directory_apitoken": {"last_used_at"}}


def snapshot() -> Snapshot:
    """Every row of every table as a hash by its key."""
    rows = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in PASSING:
                rows[table] = _rows(cursor, table)
    return rows


def _rows(cursor: Any, table: str) -> dict[str, str]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    names = [column[0] for column in cursor.description]
    left_out = PASSING_COLUMNS.get(table, set())
    compared = [place for place, name in enumerate(names) if name not in left_out]
    rows = {}
    for number, row in enumerate(cursor.fetchall()):
        key = str(row[0]) if names[0] in ("id", "key", "public_id") else f"{number} {row[0]}"
        text = repr(
            [bytes(row[at]) if isinstance(row[at], memoryview) else row[at] for at in compared]
        )
        rows[key] = hashlib.sha256(text.encode()).hexdigest()
    return rows


def changes(before: Snapshot, after: Snapshot) -> dict[str, list[str]]:
    """By table what differs: ``+7`` came, ``-7`` went, ``~7`` is another."""
    tables = {}
    for table in sorted(before.keys() | after.keys()):
        old, new = before.get(table, {}), after.get(table, {})
        if old == new:
            continue
        tables[table] = [
            *(f"+{key}" for key in new.keys() - old.keys()),
            *(f"-{key}" for key in old.keys() - new.keys()),
            *(f"~{key}" for key in new.keys() & old.keys() if new[key] != old[key]),
        ]
    return tables


@contextmanager
def writing() -> Iterator[list[str]]:
    """The statements inside the block that could write, past what is only passing."""
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        verb = sql.lstrip().split(None, 1)[0].upper() if sql.strip() else ""
        used = sql.startswith('UPDATE "directory_apitoken" SET "last_used_at"')
        passing = used or any(f'"{table}"' in sql for table in PASSING)
        if verb in {"INSERT", "UPDATE", "DELETE", "REPLACE"} and not passing:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written


@contextmanager
def new_database(like: str = "") -> Iterator[str]:
    """``DATABASE_URL`` for an instance of its own, on the server that these tests use.

    A copy of the database at the address ``like``, else an empty one; dropped afterwards. Nothing
    where the tests use SQLite, as an instance then has a file in its folder.
    """
    address = os.environ.get("DATABASE_URL", "").strip()
    if not address:
        yield ""
        return
    import psycopg  # only where PostgreSQL is used

    name = f"noroshi_{secrets.token_hex(6)}"
    with psycopg.connect(address, autocommit=True) as server:
        source = f' TEMPLATE "{urlsplit(like).path[1:]}"' if like else ""
        server.execute(f'CREATE DATABASE "{name}"{source}')
        try:
            yield _in_options(address, name)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _in_options(url: str, name: str) -> str:
    """The address with everything in its query, as for a socket: what reads only host and port fails."""
    parts = urlsplit(url)
    options = {
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        **dict(parse_qsl(parts.query)),
    }
    return (
        f"postgresql:///{name}?{urlencode({key: value for key, value in options.items() if value})}"
    )
