"""One world with its words for all tests here: made once for a run, and no test leaves a change."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import override_settings

from noroshi.config.logs import LineFormatter
from tests.directory.canaries import end_tokens
from tests.harness import canaries
from tests.harness.canaries import Canaries
from tests.harness.copies import Copies, Filled, standing_on
from tests.harness.readers import Reader, programs, readers, sessions
from tests.harness.sweep import Knowledge, Sweep
from tests.leaks.cases import Notes

NOW = datetime(2026, 11, 24, 5, 10, tzinfo=UTC)


@dataclass
class Walked:
    """The world, and everybody who asks in it."""

    made: Canaries
    signed_in: dict[str, Any]
    knowledge: Knowledge  # of the world before a test changes it
    people: dict[str, Reader] = field(default_factory=dict)
    programs: dict[str, Reader] = field(default_factory=dict)

    def everybody(self) -> dict[str, Reader]:
        return {**self.people, **self.programs}


def report(sweep: Sweep) -> str:
    """Every fault on a line of its own."""
    return f"{len(sweep.faults)} faults in {sweep.requests} requests:\n" + "\n".join(
        sweep.faults[:150]
    )


@pytest.fixture(scope="session")
def leaks_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leaks")
    (folder / "static").mkdir()
    return folder


def changed_settings(folder: Path) -> dict[str, Any]:
    return {
        "NOROSHI_VAR": folder / "var",
        "STATIC_ROOT": folder / "static",
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        "ACCOUNT_RATE_LIMITS": False,  # one address asks for everybody here
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, leaks_folder: Path) -> None:
    """The files of the one world, in place of a folder for each test."""
    for name, value in changed_settings(leaks_folder).items():
        setattr(settings, name, value)


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    """Time stands still, or two answers would differ in "one minute ago"."""
    with time_machine.travel(NOW, tick=False):
        yield


class Lines(logging.Handler):
    """Collects the lines of the log, as the program's own formatter writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(LineFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(autouse=True)
def log() -> Iterator[list[str]]:
    """Ten thousand refused requests are no news on the terminal; the lines are kept for reading."""
    lines = Lines()
    loggers = [logging.getLogger(name) for name in ("django", "noroshi", "allauth")]
    for logger in loggers:
        logger.addHandler(lines)
        logger.propagate = False
    yield lines.lines
    for logger in loggers:
        logger.removeHandler(lines)
        logger.propagate = True


def _fill() -> tuple[Canaries, dict[str, Any]]:
    """The world with its words, and the cookies of everybody from before some lost their rights."""
    with time_machine.travel(NOW, tick=False):
        world = canaries.make_people()
        signed_in = sessions(world)
        made = canaries.fill(world)
        canaries.take_rights_away(world)
        end_tokens(made)
        return made, signed_in


@pytest.fixture(scope="session")
def _copy(
    django_db_setup: None, django_db_blocker: Any, copies: Copies, leaks_folder: Path
) -> Iterator[Filled[Any]]:
    with (
        django_db_blocker.unblock(),
        override_settings(**changed_settings(leaks_folder)),
        copies.of("words", _fill) as filled,
    ):
        filled.lay_files()
        gc.collect()
        gc.freeze()  # ten thousand requests need not look through this again and again
        yield filled
        gc.unfreeze()


@pytest.fixture(scope="package")
def _made(_copy: Filled[Any], django_db_blocker: Any) -> Iterator[Walked]:
    with django_db_blocker.unblock(), standing_on(_copy.database):
        made, signed_in = _copy.value
        yield Walked(made, signed_in, Knowledge(made))


@pytest.fixture(scope="session")
def notes(run_folder: Path, request: pytest.FixtureRequest) -> Notes:
    """The notes of the cases of all sweeps, from every process."""
    chosen = frozenset(item.name for item in request.session.items)
    others = 600 if "PYTEST_XDIST_WORKER" in os.environ else 0
    return Notes(run_folder / "notes", chosen, patience=others)


@pytest.fixture
def walked(_made: Walked, db: None) -> Walked:
    """The world as it was made; what a test changes is taken back."""
    _made.people = readers(_made.made, _made.signed_in)
    _made.programs = programs(_made.made, _made.signed_in)
    return _made
