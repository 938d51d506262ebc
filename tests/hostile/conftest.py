"""Hostile things go through by the thousand: their files lie in memory, where a sync costs nothing."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from noroshi.config.logs import LineFormatter

MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def _files_in_memory(_own_folder: None, settings: object) -> Iterator[None]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        settings.NOROSHI_VAR = Path(folder)  # type: ignore[attr-defined]  # pytest-django's wrapper
        yield


class Log(logging.Handler):
    """Every event as our formatter writes it, from the chattiest level on."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(LineFormatter())
        self.lines: list[str] = []
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines.append(line)
        if record.levelno >= logging.ERROR:
            self.errors.append(line)


@pytest.fixture
def log() -> Iterator[Log]:
    """The log while the test runs."""
    handler = Log()
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)
