"""The command that serves a program of a bench, with 2 processes as ``noroshi serve`` runs it."""

from __future__ import annotations

import sys


def web_command(application: str, port: int, *options: str) -> list[str]:
    """The arguments of granian for the application on loopback."""
    usual = "--interface wsgi --host 127.0.0.1 --workers 2 --blocking-threads 4"
    granian = [sys.executable, "-m", "granian", *usual.split()]
    return [*granian, "--port", str(port), *options, application]
