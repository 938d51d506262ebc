"""A database that is filled once for a run, and copied to each process that works on it.

The process that wants it first fills it, in a copy of the tests' empty database; its files and what
Python knows of it stand next to it in a folder that all processes of the run share. On SQLite a
database is a file, PostgreSQL copies one itself (``TEMPLATE``).
"""

from __future__ import annotations

import fcntl
import pickle
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import override_settings

T = TypeVar("T")


@dataclass(frozen=True)
class Filled(Generic[T]):
    """A filled database, what Python knows of it, and the folder with its files."""

    database: str
    value: T
    folder: Path

    def lay_files(self) -> None:
        """Copy the stored files to where this process keeps them now."""
        if (self.folder / "files").exists():
            shutil.copytree(
                self.folder / "files", Path(settings.NOROSHI_VAR) / "files", dirs_exist_ok=True
            )


class Copies:
    """The filled databases of a run. ``folder`` is the same for every process of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def of(self, name: str, make: Callable[[], T]) -> Iterator[Filled[T]]:
        """A copy of what ``make`` fills.

        It is filled when no process of this run has done so yet. Whoever filled it takes it away at
        the end, and a process that comes later still fills it anew.
        """
        place = self.folder / name
        with _alone(place):
            is_maker = not place.with_suffix(".pickle").exists()
            if is_maker:
                self._fill(place, make)
            filled: Filled[T] = pickle.loads(place.with_suffix(".pickle").read_bytes())
            own = _clone(_connected_to(filled.database), place)
        try:
            yield Filled(own, filled.value, place)
        finally:
            _drop(own)
            if is_maker:
                with _alone(place):
                    place.with_suffix(".pickle").unlink()
                    _drop(filled.database)

    def _fill(self, place: Path, make: Callable[[], T]) -> None:
        database = _clone(connections["default"], place)
        as_in_tests = {
            "NOROSHI_VAR": place,
            "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        }
        with standing_on(database), override_settings(**as_in_tests), transaction.atomic():
            value = make()
        place.with_suffix(".pickle").write_bytes(pickle.dumps(Filled(database, value, place)))


@contextmanager
def standing_on(database: str) -> Iterator[None]:
    """Within the block everything reads and writes this database instead of the tests' empty one."""
    usual = connections["default"]
    connections["default"] = other = _connected_to(database)
    try:
        yield
    finally:
        other.close()
        connections["default"] = usual


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """No other process of the run is in here for the same place."""
    place.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _connected_to(database: str) -> BaseDatabaseWrapper:
    """A connection like the tests' own, to another database."""
    connection = connections["default"].copy()
    connection.settings_dict["NAME"] = database
    return connection


def _clone(source: BaseDatabaseWrapper, place: Path) -> str:
    """Copy the database of a connection, which is closed where it is no file; returns the copy's name."""
    unique = secrets.token_hex(6)
    if source.vendor == "sqlite":
        from noroshi.core.sqlite.base import Database

        name = str(place / f"{unique}.sqlite3")
        source.ensure_connection()
        with closing(Database.connect(name)) as copy:
            source.connection.backup(copy)
    else:
        name = f"noroshi_{place.name}_{unique}"
        source.close()  # nobody may be connected to what is copied
        usual = source.ops.quote_name(source.settings_dict["NAME"])
        with source._nodb_cursor() as server:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE {usual}')
    if source is not connections["default"]:
        source.close()
    return name


def _drop(database: str) -> None:
    usual = connections["default"]
    if usual.vendor == "sqlite":
        Path(database).unlink()
    else:
        with usual._nodb_cursor() as server:
            server.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
