"""``script/test --quick``: style, plan of the house, translations, types, and the nearest tests.

Near are the tests of every area that changed, and of the areas that import it directly those test
modules that import it themselves. What else could break is left to the full run, and named.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
# They walk every page of every area with a browser or for every reader, or start whole instances.
WHOLE = ("browser", "hostile", "journeys", "leaks")
# Their importers' tests load a whole story or start instances: they run when they changed themselves.
SLOW_IMPORTERS = ("sample", "config")
ALWAYS = "tests/leaks/test_registry.py"  # what every area must declare
TYPED = ("noroshi", "tests", "bench", "script")


@dataclass
class Selection:
    """Which tests run, which areas they are for, and what is left to the full run."""

    areas: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)


# What changed


def base() -> str:
    """The commit from which this work began: where it left the branch that others see."""
    for name in ("@{upstream}", "origin/HEAD", "upstream/main", "origin/main", "main"):
        answer = _git("merge-base", "HEAD", name, check=False)
        if answer:
            return answer[0]
    return "HEAD"


def changed(since: str) -> list[str]:
    """Paths that differ from that commit in the working tree, new and removed ones included."""
    return sorted(
        {
            *_git("diff", "--name-only", "--no-renames", since, "--"),
            *_git("ls-files", "--others", "--exclude-standard"),
        }
    )


def _git(*words: str, check: bool = True) -> list[str]:
    # -z would need no quoting, but no file of ours has a name that git quotes
    answer = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if check and answer.returncode:
        sys.exit(answer.stderr)
    return answer.stdout.splitlines() if answer.returncode == 0 else []


# Which tests are near


def select(paths: Iterable[str], root: Path = ROOT) -> Selection:
    """The tests near these paths."""
    chosen = Selection()
    for path in paths:
        _choose(path, chosen)
    graph = grimp.build_graph("noroshi", cache_dir=str(CACHE / "imports"))
    for area in sorted(chosen.areas):
        _add_folder(area, chosen, root)
        for importer in _direct_importers(graph, area):
            if importer in SLOW_IMPORTERS:
                chosen.left.add(f"tests/{importer}")
                continue
            _add_importer(importer, area, chosen, root)
    chosen.tests = {test for test in chosen.tests if (root / test).exists()}
    folders = {test for test in chosen.tests if not test.endswith(".py")}
    chosen.tests -= {test for test in chosen.tests if test.rpartition("/")[0] in folders}
    chosen.left -= chosen.tests
    chosen.left = {path for path in chosen.left if path.rpartition("/")[0] not in folders}
    return chosen


def _choose(path: str, chosen: Selection) -> None:
    match path.split("/"):
        # Every new area has a line there, which the tests of the areas look at.
        case ["noroshi", "config", "settings.py"]:
            chosen.tests.add("tests/areas")
            chosen.left.add("tests/config")
        case ["noroshi", area, _, *_]:
            chosen.areas.add(area)
        case ["noroshi", _]:
            chosen.areas.add("config")
        case ["tests", "harness", *_] | ["tests", "conftest.py"] | ["bench" | "pyproject.toml", *_]:
            chosen.left.add(path)
        case ["tests", _] | ["script" | ".ci", *_]:
            chosen.tests.add("tests/script")
        case ["tests", folder, *_, name]:
            is_test = name.startswith("test_") and name.endswith(".py")
            chosen.tests.add(path if is_test else f"tests/{folder}")
        case ["docs", *_] | [_]:
            chosen.tests.add("tests/docs")


def _add_folder(area: str, chosen: Selection, root: Path) -> None:
    chosen.tests.add(ALWAYS)
    if (root / "tests" / area).is_dir():
        chosen.tests.add(f"tests/{area}")


def _direct_importers(graph: grimp.ImportGraph, area: str) -> list[str]:
    name = f"noroshi.{area}"
    inside = [module for module in graph.modules if f"{module}.".startswith(f"{name}.")]
    importers = {
        importer.split(".")[1]
        for module in inside
        for importer in graph.find_modules_that_directly_import(module)
        if importer.count(".")
    }
    return sorted(importers - {area})


def _add_importer(importer: str, area: str, chosen: Selection, root: Path) -> None:
    for path in sorted((root / "tests" / importer).glob("test_*.py")):
        name = path.relative_to(root).as_posix()
        named = any(f"{module}.".startswith(f"noroshi.{area}.") for module in _imports(path))
        (chosen.tests if named else chosen.left).add(name)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# Types


def types() -> subprocess.Popen[bytes]:
    """Strict mypy by its daemon. The daemon imported our models when it started, for Django's plugin.

    So it starts anew when one of them changed, or something that they import, or what it is set to.
    """
    daemon = ["dmypy", "--status-file", str(CACHE / "dmypy.json")]
    started_with = CACHE / "dmypy.state"
    state = _runtime_state()
    if not started_with.exists() or started_with.read_text() != state:
        _run_quietly(*daemon, "stop")
        started_with.write_text(state)
    return subprocess.Popen(
        [*_program(*daemon), "run", "--timeout", "7200", "--", *TYPED],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _runtime_state() -> str:
    graph = grimp.build_graph("noroshi", cache_dir=str(CACHE / "imports"))
    loaded = {
        module
        for module in graph.modules
        if "migrations" not in module and "models" in module.split(".")
    } | {"noroshi.config.settings"}
    loaded |= {upper for module in loaded for upper in graph.find_upstream_modules(module)}
    digest = hashlib.sha256()
    for module in sorted(loaded):
        folder = ROOT.joinpath(*module.split("."))
        path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
        digest.update(f"{module} {path.read_text()}".encode())
    for name in ("pyproject.toml", "requirements-dev.lock"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _program(*words: str) -> list[str]:
    return [str(Path(sys.executable).with_name(words[0])), *words[1:]]


def _run_quietly(*words: str) -> None:
    subprocess.run(_program(*words), cwd=ROOT, capture_output=True, check=False)


# The run


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/test --quick", description=__doc__)
    parser.add_argument("--since", metavar="REV", help="what changed since that commit")
    since = parser.parse_args().since or base()
    CACHE.mkdir(exist_ok=True)
    selection = select(changed(since))
    print(f"changed since {since[:12]}: {_listed(selection.areas) or 'no area'}")
    began = time.monotonic()
    typing = types()
    failed = [name for name, words in _steps(selection) if not _step(name, words, began)]
    output, _ = typing.communicate()
    print(f"== types ({time.monotonic() - began:.0f} s)\n{output.decode().strip()}", flush=True)
    if typing.returncode:
        failed.append("types")
    print(f"== {time.monotonic() - began:.0f} s; left to the full run: {_left(selection)}")
    if failed:
        print(f"FAILED: {_listed(failed)}")
    return 1 if failed else 0


def _steps(selection: Selection) -> Iterator[tuple[str, list[str]]]:
    yield "style", _program("ruff", "check", "-q", ".")
    yield "format", _program("ruff", "format", "--check", "-q", ".")
    yield "plan of the house", _program("lint-imports", "--cache-dir", str(CACHE / "imports"))
    yield "translations", [sys.executable, "script/translations.py"]
    if selection.tests:
        processes = os.environ.get("NOROSHI_TEST_PROCESSES", "3")
        tests = sorted(selection.tests)
        yield (
            f"tests of {_listed(tests)}",
            [sys.executable, "-m", "pytest", "-p", "tests.timings", "-n", processes, *tests],
        )


def _step(name: str, words: list[str], began: float) -> bool:
    print(f"== {name} ({time.monotonic() - began:.0f} s)", flush=True)
    return subprocess.run(words, cwd=ROOT, check=False).returncode == 0


def _left(selection: Selection) -> str:
    whole = [f"tests/{folder}" for folder in WHOLE]
    return f"system checks, migrations, coverage, {_listed([*whole, *selection.left])}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


if __name__ == "__main__":
    sys.exit(main())
