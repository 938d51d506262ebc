"""``script/without``: what goes with an area, what stays, and what is named when it cannot go."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script/without.py"

PROJECT = {
    "noroshi/__init__.py": "",
    "noroshi/config/settings.py": 'INSTALLED_APPS = [\n    "noroshi.core",\n    "noroshi.notes",\n]\n',
    "noroshi/core/words.py": "LONGEST = 60\n",
    "noroshi/notes/area.py": 'AREA = Area(operations=["notes", "pins"])\n',
    "noroshi/api/notes.py": '@area.writes(\n    "POST", "/pinboards/{board_id}")\ndef pin(): ...\n',
    "noroshi/api/pins.py": "",
    "noroshi/api/schemas/pins.py": "",
    "noroshi/sample/story.py": "from noroshi.notes import actions\n",
    "pyproject.toml": 'layers = [\n  "sample",\n  "notes | core",\n]\nallowed = [\n  "noroshi.notes.jobs",\n]\n',
    "tests/__init__.py": "",
    "tests/notes/build.py": "def a_note(): ...\n",
    "tests/harness/filling.py": (
        "from tests.notes.build import a_note\n"
        "def fill_notes():\n    a_note()\n\n"
        "def fill_words(): ...\n"
    ),
    "tests/core/conftest.py": (
        "import pytest\nfrom tests.harness import filling\n\n"
        "@pytest.fixture\ndef noted():\n    filling.fill_notes()\n"
    ),
    "tests/core/test_words.py": (
        "from tests.harness.filling import fill_notes, fill_words\n\n"
        "def test_words():\n    fill_words()\n\n"
        "def test_by_a_builder():\n    fill_notes()\n\n"
        "def test_by_a_fixture(noted): ...\n\n"
        'def test_by_an_address():\n    assert "/notes/N-1"\n\n'
        'def test_by_an_operation():\n    assert "/pinboards"\n\n'
        'def test_by_a_program():\n    assert "import os\\nfrom noroshi.notes import actions"\n'
    ),
}


@pytest.fixture(scope="module")
def without() -> ModuleType:
    spec = importlib.util.spec_from_file_location("without", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["without"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_an_area_goes_with_its_operations_its_lines_and_the_sample_that_uses_it(
    without: Any, project: Path
) -> None:
    gone = without.take_out(project, ["notes"])
    left = {str(path.relative_to(project)) for path in project.glob("noroshi/**/*.py")}
    assert left == {"noroshi/__init__.py", "noroshi/config/settings.py", "noroshi/core/words.py"}
    assert "notes" not in (project / "noroshi/config/settings.py").read_text()
    assert (project / "pyproject.toml").read_text() == 'layers = [\n  "core",\n]\nallowed = [\n]\n'
    assert without.faults(project, gone) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("noroshi/core/upward.py", "def late():\n    from noroshi.notes import actions\n"),
        ("noroshi/core/templates/core/page.html", '<a href="/notes/">Notes</a>'),
        ("noroshi/core/templates/core/page.html", '{% url "notes:list" as url %}'),
        ("noroshi/core/pages.py", 'def new():\n    return reverse("notes:new")\n'),
        ("noroshi/core/today.py", 'URL = "/notes/?view=mine"\n'),
    ],
)
def test_what_still_names_the_area_is_a_fault(
    without: Any, project: Path, name: str, text: str
) -> None:
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    (fault,) = without.faults(project, without.take_out(project, ["notes"]))
    assert fault.startswith(name)


def test_of_other_tests_those_go_that_need_the_area_and_the_rest_of_their_module_stays(
    without: Any, project: Path
) -> None:
    gone = without.take_out(project, ["notes"])
    assert without.trim(project, gone) == (5, 1)
    words = (project / "tests/core/test_words.py").read_text()
    assert "def test_words" in words and words.count("def ") == 1
    assert "import fill_words" in words
    compile(words, "test_words.py", "exec")
