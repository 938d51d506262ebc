"""A real instance in a folder of its own, driven by the console script as an operator would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SET_UP = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "noroshi.config.settings"
import django
django.setup()
"""


@dataclass(frozen=True)
class Instance:
    """``var`` is its folder; ``run`` calls ``noroshi`` with it.

    ``database`` is the address of a database of its own, nothing for SQLite in the folder.
    """

    var: Path
    database: str = ""

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the console script; with ``check`` a failure fails the test."""
        done = self._python("-m", "noroshi", *arguments)
        assert not check or done.returncode == 0, done.stderr
        return done

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """The environment of this instance, without the settings that the tests started with."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("NOROSHI_")
        }
        return {**inherited, "NOROSHI_VAR": str(self.var), "DATABASE_URL": self.database}

    def python(self, code: str) -> str:
        """Run Python inside the instance, Django set up."""
        done = self._python("-c", SET_UP + code)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def check(self) -> dict[str, Any]:
        """The answer of ``noroshi check``."""
        report: dict[str, Any] = json.loads(self.run("check", "--json", check=False).stdout)
        return report
