"""Django's SQLite backend over the ``pysqlite3`` wheel where there is one.

SQLite 3.7.0–3.51.2 can lose committed rows in WAL mode with two connections (the WAL-reset
race). Debian ships such a version, so the wheel's library stands in for the standard module
before Django's backend imports it; ``config.floors`` refuses to start on an old one.
"""

from __future__ import annotations

import sys

try:
    import pysqlite3  # type: ignore[import-untyped,unused-ignore]  # no stubs are published

    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
except ImportError:  # other platforms: the system's SQLite, if it is a fixed one
    pass

from django.db.backends.sqlite3 import base

Database = base.Database  # type: ignore[attr-defined]  # the module in use, the wheel's or the standard one
DatabaseWrapper = base.DatabaseWrapper

__all__ = ["Database", "DatabaseWrapper"]
