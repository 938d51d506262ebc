"""Built as a wheel, the program works outside its checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.config.instance import ROOT, Instance


def test_the_wheel_carries_templates_styles_translations_and_sample_and_runs_elsewhere(
    tmp_path: Path,
) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    expected = {
        "ui/locale/ja/LC_MESSAGES/django.mo",
        "ui/templates/ui/shell.html",
        "ui/static/ui/icons.svg",
    }
    assert {f"noroshi/{name}" for name in expected} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "script/"))]

    outside = tmp_path / "elsewhere"
    outside.mkdir()
    instance = Instance(tmp_path / "var")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "noroshi",
            "invite",
            "a@a.example",
            "--team",
            "a",
            "--organisation",
            "O",
        ],
        cwd=outside,
        env={**instance.environment(), "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "/invitation/invite_" in done.stdout
