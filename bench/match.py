"""Matching: exactly the expected pairs, a new advisory ≤ 10 ms (p95), everything again ≤ 5 s.

``script/bench match [--seed N] [--teams N] [--components N] [--advisories N]``. On SQLite in a
fresh file, and on PostgreSQL in a fresh database where ``DATABASE_URL`` names a server. The
baseline of the same run: an index by package in Python and univers' version objects, one team,
nothing written. The ratio is to one team's share of the full rematch on SQLite, written and
committed. ``one_team_s`` is one team matched again alone: old rows out, new ones in, committed.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bench.figures import print_line

_SHARED = os.environ.get("NOROSHI_SHARED", Path(__file__).resolve().parents[2] / "shared")
GENERATOR = Path(_SHARED) / "data" / "make_inventory.py"


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="noroshi-bench-") as name:
        folder = Path(name)
        _generate(folder, arguments)
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        figures: dict[str, Any] = {
            "seed": arguments.seed,
            "expected_pairs": summary["expected_pairs"],
        }
        figures["sqlite"] = _in_own_process(folder, "")
        if os.environ.get("DATABASE_URL"):
            with _fresh_database(os.environ["DATABASE_URL"]) as url:
                figures["postgresql"] = _in_own_process(folder, url)
        baseline = _baseline(folder)
        ratio = round(baseline["one_team_s"] / figures["sqlite"]["rematch_s_per_team"], 1)
        print_line("match", figures, baseline, ratio)
        measured = [
            figures[database] for database in ("sqlite", "postgresql") if database in figures
        ]
        if not all(database["exact"] for database in measured):
            sys.exit("The pairs are not the expected ones.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for option, default in (
        ("teams", 100),
        ("components", 5000),
        ("advisories", 20000),
        ("seed", 1),
    ):
        parser.add_argument(f"--{option}", type=int, default=default)
    return parser.parse_args()


def _generate(folder: Path, arguments: argparse.Namespace) -> None:
    if not GENERATOR.exists():
        sys.exit(f"{GENERATOR} is missing: the synthetic inventory cannot be made.")
    options = [f"--{name}={value}" for name, value in vars(arguments).items()]
    command = [sys.executable, str(GENERATOR), str(folder), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _in_own_process(folder: Path, url: str) -> dict[str, Any]:
    """Django reads its settings once, so each database has a process of its own."""
    environment = {**os.environ, "DATABASE_URL": url, "NOROSHI_VAR": str(folder / "var")}
    command = [sys.executable, "-m", "bench.match_database", str(folder)]
    done = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


class _fresh_database:  # noqa: N801  # a with-block, read as a verb
    """A database of our own on the server of ``url``, dropped afterwards."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = f"noroshi_bench_{os.getpid()}"

    def __enter__(self) -> str:
        self._run(f'CREATE DATABASE "{self.name}"')
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(path=f"/{self.name}"))

    def __exit__(self, *exception: object) -> None:
        self._run(f'DROP DATABASE "{self.name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def _baseline(folder: Path) -> dict[str, Any]:
    """Match the first team in Python, as most programs do it."""
    from univers.version_constraint import VersionConstraint
    from univers.version_range import PypiVersionRange
    from univers.versions import PypiVersion

    components = list(_team(folder, "team-001"))
    advisories = [json.loads(line) for line in (folder / "advisories.jsonl").open(encoding="utf-8")]
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "eq": "="}
    everything = [VersionConstraint(comparator="*", version_class=PypiVersion)]  # type: ignore[arg-type]  # its types are wrong
    started = time.perf_counter()
    index: dict[object, list[tuple[str, PypiVersion]]] = defaultdict(list)
    for row in components:
        version = PypiVersion(row["version"])
        for key in _keys(row):
            index[key].append((row["component_id"], version))
    pairs = set()
    for advisory in advisories:
        for product in advisory["products"]:
            versions = {
                component_id: version
                for key in _keys(product)
                for component_id, version in index.get(key, ())
            }
            for bounds in product["ranges"]:
                limits = [
                    VersionConstraint(comparator=signs[name], version=PypiVersion(text))
                    for name, text in bounds.items()
                ]
                affected = PypiVersionRange(constraints=limits or everything)  # type: ignore[arg-type]  # as above
                pairs |= {
                    (advisory["id"], component_id)
                    for component_id, version in versions.items()
                    if version in affected
                }
    seconds = time.perf_counter() - started
    expected = _expected_of(folder, {row["component_id"] for row in components})
    return {
        "what": "index by package + univers version objects, one team",
        "one_team_s": round(seconds, 3),
        "pairs": len(pairs),
        "missing": len(expected - pairs),
        "wrong": len(pairs - expected),
    }


def _keys(row: dict[str, Any]) -> list[object]:
    """The keys under which the other side may look: purl, CPE, vendor and name."""
    keys: list[object] = []
    if row["purl"]:
        keys.append(row["purl"].partition("@")[0])
    if row["cpe"]:
        keys.append(tuple(row["cpe"].split(":")[3:5]))
    if not row["purl"]:
        keys.append((row["vendor"].lower(), row["name"].lower(), ""))
    return keys


def _team(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / "inventory.csv").open(encoding="utf-8", newline="") as source:
        yield from (row for row in csv.DictReader(source) if row["team"] == name)


def _expected_of(folder: Path, components: set[str]) -> set[tuple[str, str]]:
    with (folder / "expected_matches.csv").open(encoding="utf-8", newline="") as source:
        return {
            (advisory, component)
            for advisory, component in csv.reader(source)
            if component in components
        }


if __name__ == "__main__":
    main()
