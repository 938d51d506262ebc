"""A whole instance on loopback: web and jobs as people start them, on a database of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds until it must answer


def fill(folder: Path, database: str, language: str) -> None:
    """Put the people of the tests into a new instance, or change their language."""
    env = {**os.environ, "NOROSHI_VAR": str(folder), "DATABASE_URL": database}
    fill = [sys.executable, "-m", "tests.journeys.cast", language]
    subprocess.run(fill, env=env, cwd=ROOT, check=True)


@contextmanager
def running(folder: Path, database: str, *, smtp_port: int) -> Iterator[str]:
    """The address of the instance in ``folder`` while it runs."""
    port = _free_port()
    env = {
        **os.environ,
        "NOROSHI_VAR": str(folder),
        "DATABASE_URL": database,
        "NOROSHI_SMTP_HOST": "127.0.0.1",
        "NOROSHI_SMTP_PORT": str(smtp_port),
        "NOROSHI_URL": f"http://127.0.0.1:{port}",
    }
    serve = [sys.executable, "-m", "noroshi", "serve", "--port", str(port), "--web-workers", "1"]
    with (folder / "log").open("wb") as log:
        program = subprocess.Popen(serve, env=env, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(port, program, folder / "log")
        yield env["NOROSHI_URL"]
    finally:
        program.terminate()
        program.wait(30)


def _wait_for(port: int, program: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and program.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError(f"The instance does not answer:\n{log.read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
