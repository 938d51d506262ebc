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


@dataclass(frozen=True)
class Instance:
    """``var`` is its folder; ``run`` calls ``noroshi`` with it.

    ``database`` is the address of a database of its own, nothing for SQLite in the folder.
    """

    var: Path
    database: str = ""

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one command of the console script; fails the test when it fails, unless told."""
        done = subprocess.run(
            [sys.executable, "-m", "noroshi", *arguments],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done

    def environment(self) -> dict[str, str]:
        """Of this instance alone, nothing of the one that the tests were started in."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("NOROSHI_")
        }
        return {**kept, "NOROSHI_VAR": str(self.var), "DATABASE_URL": self.database}

    def python(self, code: str) -> str:
        """Run Python inside the instance, Django set up."""
        done = subprocess.run(
            [sys.executable, "-c", f"import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'noroshi.config.settings'\nimport django\ndjango.setup()\n{code}"],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def check(self) -> dict[str, Any]:
        """What ``noroshi check`` says."""
        found: dict[str, Any] = json.loads(self.run("check", "--json", check=False).stdout)
        return found
