"""The tests that ``script/test --quick`` takes after a change; the others wait for the full run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import quick


def test_a_changed_area_runs_its_own_tests_and_what_every_area_must_declare() -> None:
    chosen = quick.select(["noroshi/measures/actions.py"])
    assert chosen.areas == {"measures"}
    assert {"tests/measures", "tests/leaks/test_registry.py"} <= chosen.tests


def test_an_area_that_imports_it_runs_the_tests_that_do_so_themselves_and_names_the_others() -> (
    None
):
    chosen = quick.select(["noroshi/measures/actions.py"])
    assert "tests/vulnerabilities/test_reopening.py" in chosen.tests
    assert "tests/vulnerabilities/test_matching.py" in chosen.left
    assert not any(test.startswith("tests/warnings") for test in chosen.tests | chosen.left)


def test_sweeps_and_browsers_run_when_they_were_changed_themselves() -> None:
    near = quick.select(["noroshi/ui/forms.py", "noroshi/sharing/policy.py"]).tests
    assert near & {"tests/browser", "tests/leaks", "tests/journeys", "tests/hostile"} == set()
    chosen = quick.select(["tests/leaks/test_canaries.py", "tests/browser/conftest.py"])
    assert chosen.tests == {"tests/leaks/test_canaries.py", "tests/browser"}


def test_a_new_area_with_its_line_in_the_settings_starts_no_instances() -> None:
    chosen = quick.select(["noroshi/config/settings.py", "noroshi/reports/queries.py"])
    assert {"tests/reports", "tests/areas"} <= chosen.tests
    assert {"tests/config", "tests/sample"} <= chosen.left
    assert "tests/config" in quick.select(["noroshi/config/backup.py"]).tests


def test_a_test_that_runs_with_its_folder_is_not_named_twice() -> None:
    chosen = quick.select(["tests/measures/conftest.py", "tests/measures/test_late.py"])
    assert chosen.tests == {"tests/measures"}


def test_a_removed_test_is_not_asked_for() -> None:
    assert quick.select(["tests/measures/test_gone.py"]).tests == set()


def test_what_all_tests_share_is_left_to_the_full_run() -> None:
    assert quick.select(["tests/harness/people.py"]).left == {"tests/harness/people.py"}


def test_new_changed_and_removed_files_are_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "ROOT", tmp_path)

    def git(*words: str) -> None:
        person = ["-c", "user.name=A", "-c", "user.email=a@a.example"]
        subprocess.run(["git", *person, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-b", "main")
    for name in ("same", "edited", "removed", "committed"):
        (tmp_path / name).write_text(name)
    git("add", ".")
    git("commit", "-m", "All of it")
    git("checkout", "-b", "work")
    (tmp_path / "committed").write_text("other")
    git("commit", "-am", "Work")
    (tmp_path / "edited").write_text("other")
    (tmp_path / "removed").unlink()
    (tmp_path / "new").write_text("new")
    assert quick.changed(quick.base()) == ["committed", "edited", "new", "removed"]
    assert quick.changed("HEAD") == ["edited", "new", "removed"]
