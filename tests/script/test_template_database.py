"""The migrated database of the tests: made once, complete or not at all, made anew when it must be."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from noroshi.warnings.models import Warning
from tests import template_database
from tests.template_database import made_once

pytestmark = pytest.mark.django_db
_processes = multiprocessing.get_context("fork")


def _use(file: Path, makers: Path) -> None:
    """One run: it notes itself among the makers if it makes the file."""

    def make(path: Path) -> None:
        with makers.open("a") as lines:
            lines.write(f"{os.getpid()}\n")
        path.write_text("complete")

    with made_once(file, make):
        assert file.read_text() == "complete"


def _die_half_way(file: Path) -> None:
    def make(path: Path) -> None:
        path.write_text("half")
        os._exit(9)

    with made_once(file, make):
        pass


def test_of_two_runs_at_once_only_the_first_makes_it(tmp_path: Path) -> None:
    runs: list[Any] = [
        _processes.Process(target=_use, args=(tmp_path / "world-1.txt", tmp_path / "makers"))
        for _ in range(4)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0, 0, 0, 0]
    assert len((tmp_path / "makers").read_text().split()) == 1


def test_a_run_that_was_killed_leaves_nothing_that_the_next_takes(tmp_path: Path) -> None:
    killed = _processes.Process(target=_die_half_way, args=(tmp_path / "world-1.txt",))
    killed.start()
    killed.join()
    assert killed.exitcode == 9
    _use(tmp_path / "world-1.txt", tmp_path / "makers")


def test_what_was_made_from_other_migrations_is_removed(tmp_path: Path) -> None:
    for name in ("world-1.txt", "other-1.txt", "world-2.txt"):
        _use(tmp_path / name, tmp_path / "makers")
    assert {path.name for path in tmp_path.glob("*.txt")} == {"other-1.txt", "world-2.txt"}


def test_another_column_or_permission_is_another_state(monkeypatch: pytest.MonkeyPatch) -> None:
    states = {template_database.state()}
    monkeypatch.setattr(Warning._meta.get_field("public_id"), "max_length", 21)
    states.add(template_database.state())
    monkeypatch.setattr(Warning._meta, "permissions", [("send_warning", "send")])
    states.add(template_database.state())
    assert len(states) == 3


def test_a_changed_migration_is_another_state(monkeypatch: pytest.MonkeyPatch) -> None:
    before = template_database.state()
    read_text = Path.read_text

    def changed(path: Path, *args: Any, **kwargs: Any) -> str:
        text = read_text(path, *args, **kwargs)
        return f"{text}#" if path.match("warnings/migrations/0001_initial.py") else text

    monkeypatch.setattr(Path, "read_text", changed)
    assert template_database.state() != before


def test_the_copy_has_every_migration() -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
