"""Backup and restore: one tar file with the database and every file it names.

Taken while people work: SQLite's online backup (or ``pg_dump``) is one consistent moment, and
a written file never changes, so every file that the database names at that moment can be copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction

from noroshi import __version__
from noroshi.config import checking
from noroshi.core import clock
from noroshi.core.errors import Malformed, Refused, Unavailable
from noroshi.core.files.models import StoredFile
from noroshi.core.files.store import path_of

DATABASE, MANIFEST, KEY = "database", "manifest.json", "secret_key"
_NAMES = re.compile(rf"{DATABASE}|{re.escape(MANIFEST)}|{KEY}|files/[0-9a-f]{{2}}/[0-9a-f]{{64}}")


def backup(target: Path) -> dict[str, Any]:
    """Write ``target`` (mode 0600) and return its manifest. Raises ``Refused`` when it exists."""
    if target.exists():
        raise Refused("%(file)s is there already; a backup never overwrites one.", file=str(target))
    with tempfile.TemporaryDirectory(dir=settings.NOROSHI_VAR) as folder:
        dump = Path(folder) / DATABASE
        counts, files = _dump(dump)
        manifest = {
            "noroshi": __version__,
            "engine": connection.vendor,
            "taken_at": clock.now().isoformat(),
            "counts": counts,
            "database_sha256": _sha256(dump),
            "files": len(files),
        }
        unfinished = target.with_name(target.name + ".part")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as raw:
            _pack(raw, manifest, dump, files)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(target)
    return manifest


def _pack(raw: BinaryIO, manifest: dict[str, Any], dump: Path, files: list[str]) -> None:
    described = dump.with_name(MANIFEST)
    described.write_text(json.dumps(manifest), encoding="utf-8")
    key = Path(settings.NOROSHI_VAR) / KEY
    with tarfile.open(fileobj=raw, mode="w") as archive:
        archive.add(described, MANIFEST)
        archive.add(dump, DATABASE)
        if key.exists():
            archive.add(key, KEY)
        for sha256 in files:
            archive.add(path_of(sha256), f"files/{sha256[:2]}/{sha256}")


def restore(source: Path) -> dict[str, Any]:
    """Bring a backup into this empty instance and return its manifest.

    Raises ``Refused`` when there is anything here, ``Malformed`` when the file is not a whole backup.
    """
    var = Path(settings.NOROSHI_VAR)
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not _is_empty():
        raise Refused("There is an instance here already; a backup is restored into an empty one.")
    with tempfile.TemporaryDirectory(dir=var) as name:
        folder = Path(name)
        manifest = _unpack_checked(source, folder)
        _restore_files(source, folder, manifest)
        if (folder / KEY).exists():
            shutil.move(folder / KEY, var / KEY)
        _load(folder / DATABASE)
    return manifest


def _unpack_checked(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack the backup into ``folder`` and return its manifest, which its database must match."""
    try:
        with tarfile.open(source) as archive:
            _unpack(archive, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Malformed(
            str(source), "This is not a backup of Noroshi: %(why)s", why=str(error)
        ) from error
    if manifest["engine"] != connection.vendor:
        raise Refused("This backup is of %(engine)s; restore it there.", engine=manifest["engine"])
    if _sha256(folder / DATABASE) != manifest["database_sha256"]:
        raise Malformed(str(source), "The database in this backup is damaged.")
    return manifest


def _restore_files(source: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Move the unpacked files to their places; raises ``Malformed`` when one is missing or damaged."""
    files = [path for path in sorted((folder / "files").rglob("*")) if path.is_file()]
    if len(files) != manifest["files"]:  # a tar that ends behind a whole file reads as whole
        raise Malformed(
            str(source),
            "This backup is not whole: %(present)d of %(expected)d files are there.",
            present=len(files),
            expected=manifest["files"],
        )
    for path in files:
        if _sha256(path) != path.name:
            raise Malformed(f"files/{path.name}", "A file in this backup is damaged.")
        target = path_of(path.name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(path, target)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Unpack files with our own names only: no link and no path out of ``folder``.

    By hand, because Python 3.11 before 3.11.4 has no extraction filters.
    """
    for member in archive:
        if not member.isfile() or not _NAMES.fullmatch(member.name):
            raise tarfile.TarError(member.name[:100])
        target = folder / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(member)
        if source is None:
            raise tarfile.TarError(member.name[:100])
        with source, target.open("wb") as output:
            shutil.copyfileobj(source, output)


def _dump(target: Path) -> tuple[dict[str, int], list[str]]:
    """Write the database as of a single moment; return the rows by table and the files it names."""
    if connection.vendor == "sqlite":
        from noroshi.core.sqlite.base import Database  # only where SQLite is used

        connection.ensure_connection()
        copy = Database.connect(str(target))
        try:
            connection.connection.backup(copy)
            counts = {
                table: copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608  # our own table names
                for table in checking.tables()
            }
            files = [row[0] for row in copy.execute("SELECT sha256 FROM core_storedfile")]
        finally:
            copy.close()
        return counts, files
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        moment = cursor.fetchone()[0]
        options = ("--format=custom", "--no-owner", f"--snapshot={moment}", f"--file={target}")
        _postgres("pg_dump", *options, "--dbname")
        return checking.counts(), list(StoredFile.objects.values_list("sha256", flat=True))


def _load(dump: Path) -> None:
    if connection.vendor == "sqlite":
        connection.close()
        name = Path(connection.settings_dict["NAME"])
        for suffix in ("-wal", "-shm"):
            name.with_name(name.name + suffix).unlink(missing_ok=True)
        shutil.move(dump, name)
        return
    options = ("--no-owner", "--single-transaction", "--exit-on-error")
    _postgres("pg_restore", *options, str(dump), "--dbname")


def _postgres(program: str, *arguments: str) -> None:
    database = connection.settings_dict
    try:
        subprocess.run(
            [program, *arguments, address(database)],
            check=True,
            env={**os.environ, "PGPASSWORD": _password(database)},
            capture_output=True,
        )
    except FileNotFoundError as error:
        raise Unavailable(
            "%(program)s is missing: install postgresql-client.", program=program
        ) from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(
            "%(program)s: %(why)s", program=program, why=error.stderr.decode()[-500:]
        ) from error


def address(database: Mapping[str, Any]) -> str:
    """The address of ``DATABASES["default"]`` with its options, in the form that libpq reads.

    Without the password: everybody on the machine can read the arguments of a program.
    """
    from psycopg.conninfo import make_conninfo  # only where PostgreSQL is used

    names = {"NAME": "dbname", "HOST": "host", "PORT": "port", "USER": "user"}
    parameters = {
        **database["OPTIONS"],
        **{names[name]: database[name] for name in names if database[name]},
    }
    parameters.pop("password", None)
    return make_conninfo(**parameters)


def _password(database: Mapping[str, Any]) -> str:
    return str(database["PASSWORD"] or database["OPTIONS"].get("password", ""))


def _is_empty() -> bool:
    """Whether there are no tables yet; on SQLite tables without a person count as none.

    There the file with the tables is replaced as a whole.
    """
    if "directory_person" not in connection.introspection.table_names():
        return True
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM directory_person")
        return bool(cursor.fetchone()[0] == 0)


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
