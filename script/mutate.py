"""Break one security rule at a time, in a copy of the checkout, and see a test turn red.

A line for each mutation, and at the end one line of JSON. Killed is a mutation under which a test
beside it fails; that the copy no longer starts counts for nothing. Ends with 1 when one survived.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutations import Mutation, Unfit
from tests.mutations.lists import by_name

ROOT = Path(__file__).resolve().parents[1]
AT_ONCE = int(os.environ.get("NOROSHI_TEST_PROCESSES", "2"))
LONGEST = 600  # seconds for the tests of one mutation
KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"
_FAILED = re.compile(r"^FAILED (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Copy:
    """A copy of the checkout with an instance's folder of its own."""

    root: Path
    number: int

    def run(self, *command: str, postgresql: bool = False) -> tuple[int, str]:
        """Run Python in the copy; its exit code and everything that it printed."""
        var = self.root.parent / f"var{self.number}"
        var.mkdir(exist_ok=True)
        environment = {**os.environ, "NOROSHI_VAR": str(var)}
        url = environment.pop("DATABASE_URL", "")
        if postgresql:
            address, _, _name = url.rpartition("/")
            environment["DATABASE_URL"] = f"{address}/mutate{self.number}"
        try:
            ended = subprocess.run(
                [sys.executable, *command],
                cwd=self.root,
                env=environment,
                timeout=LONGEST,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return -1, f"not ended after {LONGEST} seconds"
        return ended.returncode, ended.stdout

    def test(self, tests: Iterable[str], *, postgresql: bool = False) -> tuple[int, str]:
        options = ("-x", "-n", "0", "-q", "-p", "no:cacheprovider", "--tb=line", "-rfE")
        return self.run("-m", "pytest", *options, *tests, postgresql=postgresql)


@dataclass(frozen=True)
class Result:
    """The outcome of one mutation: ``by`` is the test that failed, or the reason for no outcome."""

    name: str
    state: str
    seconds: float
    by: str


def main(selection: Sequence[str]) -> int:
    begun = time.monotonic()
    mutations = _chosen(selection)
    with tempfile.TemporaryDirectory(prefix="noroshi-mutate-") as folder:
        copies = [_copy(Path(folder) / f"copy{number}", number) for number in range(AT_ONCE)]
        _check_unbroken(copies, mutations.values())
        results = _run_all(copies, mutations)
    counts = {
        state: [result.name for result in results if result.state == state]
        for state in (SURVIVED, BROKEN)
    }
    print(
        json.dumps(
            {
                "mutations": len(results),
                "killed": sum(result.state == KILLED for result in results),
                "survived": counts[SURVIVED],
                "broken": counts[BROKEN],
                "seconds": round(time.monotonic() - begun),
            },
            ensure_ascii=False,
        )
    )
    return 0 if all(result.state == KILLED for result in results) else 1


def _chosen(selection: Sequence[str]) -> dict[str, Mutation]:
    """The mutations of these lists or names; each of them fits the code as it is."""
    mutations = {name.replace(" ", "-"): mutation for name, mutation in by_name().items()}
    names = [name.replace(" ", "-") for name in selection]
    for name in names:
        if not any(known == name or known.startswith(f"{name}/") for known in mutations):
            sys.exit(f"There is no mutation {name}. The lists are tests/mutations/*.py.")
    chosen = {
        known: mutation
        for known, mutation in mutations.items()
        if not names or known in names or known.partition("/")[0] in names
    }
    for name, mutation in chosen.items():
        try:
            compile(mutation.applied((ROOT / mutation.file).read_text()), mutation.file, "exec")
        except (Unfit, SyntaxError) as error:
            sys.exit(f"{name} must be written anew: {error}")
    return chosen


def _copy(root: Path, number: int) -> Copy:
    """A copy of every file that Git knows or would add, with compiled catalogues."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    copy = Copy(root, number)
    ended, output = copy.run("-m", "noroshi.config.catalogues")
    if ended:
        sys.exit(output)
    return copy


def _check_unbroken(copies: Sequence[Copy], mutations: Iterable[Mutation]) -> None:
    """A test that fails anyway would kill everything."""
    by_database: dict[bool, set[str]] = {False: set(), True: set()}
    for mutation in mutations:
        by_database[mutation.postgresql] |= set(mutation.tests)
    tests = sorted(by_database[False])
    shares = [(copy, tests[copy.number :: len(copies)], False) for copy in copies]
    shares.append((copies[0], sorted(by_database[True]), True))
    with ThreadPoolExecutor(len(copies)) as threads:
        runs = [
            threads.submit(copy.test, share, postgresql=postgresql)
            for copy, share, postgresql in shares
            if share
        ]
        for run in runs:
            ended, output = run.result()
            if ended:
                sys.exit(f"Without a mutation these must pass:\n{output}")


def _run_all(copies: Sequence[Copy], mutations: dict[str, Mutation]) -> list[Result]:
    """Each in whichever copy is free."""
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def run(name: str) -> Result:
        copy = free.get()
        try:
            result = _run_mutation(copy, name, mutations[name])
        finally:
            free.put(copy)
        print(f"{result.state:8} {result.seconds:5.1f} s  {name}  {result.by}", flush=True)
        return result

    with ThreadPoolExecutor(len(copies)) as threads:
        return list(threads.map(run, mutations))


def _run_mutation(copy: Copy, name: str, mutation: Mutation) -> Result:
    begun = time.monotonic()
    path = copy.root / mutation.file
    path.write_text(mutation.applied(path.read_text()))
    try:
        ended, output = copy.test(mutation.tests, postgresql=mutation.postgresql)
    finally:
        shutil.copy2(ROOT / mutation.file, path)  # with its time, by which Python knows it compiled
    seconds = time.monotonic() - begun
    failed = _FAILED.search(output)
    if ended == 0:
        return Result(name, SURVIVED, seconds, "")
    if ended == 1 and failed:
        return Result(name, KILLED, seconds, failed[1])
    return Result(name, BROKEN, seconds, output.strip()[-300:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
