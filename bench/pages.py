"""Pages: ≤ 12 queries that do not grow with rows; at least half as quick as a bare Django page.

``script/bench pages`` fills a fresh SQLite instance with 10,000 assessments, 500 systems and
40,000 history rows, serves it with 2 processes and asks list, detail, search and Today with 1 and
8 clients. The baseline of the same run is ``bench/bare.py`` under the same server. ``busy`` are
the same pages with one client while somebody acts twice a second, so that little comes from a cache.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.figures import percentile, print_line
from bench.serving import web_command

ASSESSMENTS, SYSTEMS, HISTORY = 10_000, 500, 40_000
SECONDS = float(os.environ.get("NOROSHI_BENCH_SECONDS", "6"))
CLIENTS = (1, 8)
MOST_QUERIES, LEAST_RATIO = 12, 0.5


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="noroshi-bench-") as name:
        folder = Path(name)
        os.environ |= {
            "NOROSHI_VAR": str(folder / "var"),
            "NOROSHI_BENCH_BARE": str(folder / "bare.sqlite3"),
            "DJANGO_SETTINGS_MODULE": "noroshi.config.settings",
        }
        filled = json.loads(_run("bench.pages_filling").splitlines()[-1])
        _run("-c", "from bench import bare; bare.make()")
        with _serving("bench.bare:application") as port:
            bare = {f"clients_{n}": _ask(port, "/", "", n) for n in CLIENTS}
        figures: dict[str, Any] = {"queries": filled["queries"], "rows": filled["rows"]}
        with _serving("noroshi.config.wsgi:application") as port:
            for page, path in filled["paths"].items():
                figures[page] = {
                    f"clients_{n}": _ask(port, path, filled["session"], n) for n in CLIENTS
                }
            with _acting():
                for page, path in filled["paths"].items():
                    figures[page]["busy"] = _ask(port, path, filled["session"], 1)
        ratios = {
            page: {n: round(figures[page][n]["per_s"] / bare[n]["per_s"], 2) for n in bare}
            for page in filled["paths"]
        }
        figures["ratios"] = ratios
        lowest = min(ratio for by_clients in ratios.values() for ratio in by_clients.values())
        print_line("pages", figures, {"bare_django_page": bare}, lowest)
        few, many = filled["queries"]["few"], filled["queries"]["many"]
        if few != many or max(many.values()) > MOST_QUERIES or lowest < LEAST_RATIO:
            sys.exit("A promise is not kept.")


def _run(*arguments: str) -> str:
    options = arguments if arguments[0] == "-c" else ("-m", *arguments)
    done = subprocess.run([sys.executable, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


@contextmanager
def _serving(application: str) -> Iterator[int]:
    """The application on a free port with 2 processes, as ``noroshi serve`` runs it."""
    port = 8291 if "bare" in application else 8292
    options = ("--backpressure", "64", "--log-level", "warning")
    server = subprocess.Popen(web_command(application, port, *options))
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _acting() -> Iterator[None]:
    """Somebody who acts twice a second, in a process of their own."""
    person = subprocess.Popen([sys.executable, "-m", "bench.pages_filling", "act"])
    try:
        yield
    finally:
        person.terminate()
        person.wait()


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("The server did not start.")


def _ask(port: int, path: str, session: str, clients: int) -> dict[str, float]:
    """Requests a second and the 95th percentile in ms over ``SECONDS``, after a short warm-up."""
    times: list[float] = []
    lock = threading.Lock()
    headers = {"Cookie": f"sessionid={session}"} if session else {}

    def client(until: float, collected: list[float]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        mine = []
        while time.perf_counter() < until:
            begun = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                sys.exit(f"{path} answered {answer.status}")
            mine.append(time.perf_counter() - begun)
        with lock:
            collected += mine

    client(time.perf_counter() + 1, [])
    begun = time.perf_counter()
    threads = [
        threading.Thread(target=client, args=(begun + SECONDS, times)) for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "per_s": round(len(times) / (time.perf_counter() - begun), 1),
        "p95_ms": round(percentile(times, 0.95) * 1000, 1),
    }


if __name__ == "__main__":
    main()
