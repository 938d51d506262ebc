"""A package that promises all its branches fails the run below that."""

from __future__ import annotations

from pathlib import Path

import pytest
from coverage import CoverageData

from noroshi.formats import jsontext
from tests import branches


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a run that imported one module and ran two of its lines."""
    data = CoverageData(basename=str(tmp_path / "run.1"))
    data.add_arcs({jsontext.__file__: [(-1, 3), (3, 4)]})
    data.close()
    return tmp_path


def test_below_the_promise_the_module_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "PROMISED", {"noroshi/formats": 100.0})
    text, is_reached = branches.report(folder)
    assert not is_reached
    assert "noroshi/formats/jsontext.py" in text
    assert "promised 100 %" in text


def test_a_kept_promise_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "PROMISED", {"noroshi/formats": 0.0})
    text, is_reached = branches.report(folder)
    assert is_reached
    assert text.count("\n") == 1
