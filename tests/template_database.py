"""The database of the tests: migrated once for each state of the migrations, then only copied.

On SQLite it is a file below ``.cache/``, on PostgreSQL a database from which the server makes
others. Its name holds the hash of all that it was made from. Whoever comes first makes it under a
lock, and gives it its name when it is complete: a run that is killed leaves nothing that another
would take for a database.
"""

from __future__ import annotations

import fcntl
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "databases"
connection: Any = connections["default"]  # the stubs know nothing that only one database has


def migrated_database(folder: Path = FOLDER) -> AbstractContextManager[None]:
    """Django's connection inside the block leads to a migrated database of its own."""
    if connection.vendor == "sqlite":
        return _in_memory(folder)
    return _on_server()


def state() -> str:
    """The hash of everything that decides how a migrated database looks."""
    digest = hashlib.sha256()
    for line in _decides():
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()[:16]


def _decides() -> Iterator[str]:
    yield f"{django.VERSION} {settings.DATABASES['default']['ENGINE']}"
    if connection.vendor == "sqlite":
        yield str(connection.Database.sqlite_version)
    yield (ROOT / "noroshi/config/settings.py").read_text()
    for app in apps.get_app_configs():
        name, _ = MigrationLoader.migrations_module(app.label)
        for path in sorted((Path(app.path) / "migrations").glob("*.py")):
            yield f"{name} {path.name} {path.read_text()}"
    # Django fills tables from the models, and a field of ours may choose another column.
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        yield f"{meta.label} {meta.db_table} {meta.default_permissions} {meta.permissions}"
        for field in meta.local_fields:
            yield f"{field.column} {field.db_parameters(connection)}"


def _migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before


# SQLite: the file is read into the memory of each process.


@contextmanager
def _in_memory(folder: Path) -> Iterator[None]:
    file = folder / f"migrated-{state()}.sqlite3"
    with _connected_to("file:memorydb_default?mode=memory&cache=shared"):
        with made_once(file, _write):
            _read(file)
        yield


@contextmanager
def made_once(file: Path, make: Callable[[Path], None]) -> Iterator[None]:
    """Inside the block the file is there: made by whoever came first, and complete.

    Its name is ``<what>-<state>.<suffix>``; files of the same thing in other states are removed.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    thing = file.name.partition("-")[0]
    with (file.parent / f"{thing}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the system ends it with the process
        if not file.exists():
            for old in file.parent.glob(f"{thing}-*"):
                old.unlink()
            making = file.with_name(f"{thing}-making")
            make(making)
            making.rename(file)
        yield


def _write(file: Path) -> None:
    _migrate()
    target = connection.Database.connect(file)
    connection.connection.backup(target)
    target.close()


def _read(file: Path) -> None:
    connection.ensure_connection()
    source = connection.Database.connect(f"file:{file}?mode=ro", uri=True)
    source.backup(connection.connection)
    source.close()


# PostgreSQL: locks are the server's, which ends them with the connection that took them.

_TEMPLATE = "test_noroshi_template_"
_COPY = "test_noroshi_copy_"


@contextmanager
def _on_server() -> Iterator[None]:
    template, copy = _TEMPLATE + state(), _COPY + secrets.token_hex(8)
    with connection.creation._nodb_cursor() as server:
        _lock(server, _TEMPLATE)
        _drop_abandoned(server)
        if template not in _databases(server, _TEMPLATE):
            _make_template(server, template)
        _lock(server, copy)  # until the end: whose lock is free is abandoned
        server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{template}"')
        server.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_TEMPLATE])
        try:
            with _connected_to(copy):
                yield
        finally:
            server.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')


def _make_template(server: Any, template: str) -> None:
    for old in _databases(server, _TEMPLATE):  # of other migrations, or not complete
        server.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
    making = f"{_TEMPLATE}making"
    server.execute(f'CREATE DATABASE "{making}"')
    with _connected_to(making):
        _migrate()
    server.execute(f'ALTER DATABASE "{making}" RENAME TO "{template}"')


def _drop_abandoned(server: Any) -> None:
    """Copies of runs that were killed."""
    for copy in _databases(server, _COPY):
        server.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [copy])
        if server.fetchone()[0]:
            server.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
            server.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [copy])


def _databases(server: Any, prefix: str) -> list[str]:
    server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
    return [name for (name,) in server.fetchall()]


def _lock(server: Any, name: str) -> None:
    server.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
