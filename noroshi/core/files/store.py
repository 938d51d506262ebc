"""A content-addressed store: write aside, sync, rename, then register.

A crash leaves at most a file that no row names (``noroshi check`` lists them), never a row
whose bytes are missing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from noroshi.core import clock
from noroshi.core.errors import NotFound
from noroshi.core.files.models import StoredFile


def folder() -> Path:
    """The folder of this instance's files."""
    return Path(settings.NOROSHI_VAR) / "files"


def path_of(sha256: str) -> Path:
    """The place of the content with this hash, whether it is there or not."""
    return folder() / sha256[:2] / sha256


def store(raw: bytes) -> StoredFile:
    """Store ``raw`` and return its row; the same bytes twice are a single file."""
    sha256 = hashlib.sha256(raw).hexdigest()
    target = path_of(sha256)
    if not target.exists():
        _write(target, raw)
    row, _ = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": len(raw), "stored_at": clock.now()}
    )
    return row


def file_row(sha256: str) -> StoredFile:
    """The row of this hash, or ``NotFound``."""
    row = StoredFile.objects.filter(sha256=sha256).first()
    if row is None:
        raise NotFound
    return row


def open_file(sha256: str) -> BinaryIO:
    """The stored bytes as an open file; raises ``NotFound`` when they are not there."""
    try:
        return path_of(sha256).open("rb")
    except FileNotFoundError:
        raise NotFound from None


def read_file(sha256: str) -> bytes:
    """The stored bytes in one piece."""
    with open_file(sha256) as source:
        return source.read()


def _write(target: Path, raw: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as output:
            output.write(raw)
            output.flush()
            os.fsync(output.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(path: Path) -> None:
    """Without this the rename itself can be lost with the power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
