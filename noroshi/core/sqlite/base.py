"""Django's SQLite backend over the ``pysqlite3`` wheel where there is one.

SQLite 3.7.0–3.51.2 can lose committed rows in WAL mode with two connections (the WAL-reset
race). Debian ships such a version, so the wheel's library stands in for the standard module
before Django's backend imports it; ``config.floors`` refuses to start on an old one.

The character NUL is refused in every text and JSON value, as PostgreSQL does, so that both
databases store the same texts and a check that lets a NUL through fails on both.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

try:
    import pysqlite3  # type: ignore[import-untyped,unused-ignore]  # no stubs are published

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
except ImportError:  # other platforms: the system's SQLite, if it is a fixed one
    pass

from django.db.backends.sqlite3 import base, features, operations
from django.db.utils import DataError

from noroshi.core.search.tokens import fold

Database = base.Database  # type: ignore[attr-defined]  # the module in use, the wheel's or the standard one
_NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # behind an escaped backslash it is none


class DatabaseOperations(operations.DatabaseOperations):
    def adapt_json_value(self, value: Any, encoder: Any) -> str:
        text: str = super().adapt_json_value(value, encoder)
        if "\\u0000" in text and _NUL_IN_JSON.search(text):
            raise DataError("A JSON value holds the character NUL.")
        return text


class _Cursor(base.SQLiteCursorWrapper):
    def execute(self, query: str, params: Any = None) -> Any:
        return super().execute(query, params and _without_nul(params))

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        return super().executemany(query, map(_without_nul, param_list))


def _without_nul(params: Any) -> Any:
    for value in params.values() if isinstance(params, Mapping) else params:
        if isinstance(value, str) and "\0" in value:
            raise DataError("A text holds the character NUL.")
    return params


class DatabaseFeatures(features.DatabaseFeatures):
    # SQLite's own limit since 3.32. Django assumes the old 999, which cuts one insert into many.
    max_query_params = 32_766


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: Any) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.create_function("noroshi_fold", 1, fold, deterministic=True)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=_Cursor)


__all__ = ["Database", "DatabaseWrapper"]
