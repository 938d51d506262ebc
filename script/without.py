"""Take areas out of a copy of the checkout, and run what remains (ADR 0010).

Out go: the area's folder, its line in ``INSTALLED_APPS`` and in the contract, its operations and
schemas of the API, and ``sample`` with it where the sample's story uses the area. Of the tests
those of the area go, and everywhere else each function that names something that is gone; the
rest of its module stays. Documents, mutations and stored instances tell of the whole house, so
``tests/docs``, ``tests/mutations`` and ``tests/upgrade`` are left out.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = (
    "noroshi",
    "tests",
    "script",
    "docs",
    "manage.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "NOTICE",
    "hatch_build.py",
)


_DOTTED = re.compile(r"\b(?:noroshi|tests)(?:\.\w+)+")
_OPERATION = re.compile(r'@area\.\w+\(\s*(?:"[A-Z]+",\s*)?"(/[a-z-]+)')


# ---- the program ---------------------------------------------------------------------


@dataclass(frozen=True)
class Gone:
    """The parts taken out: packages and modules by dotted name, and how strings speak of them."""

    modules: tuple[str, ...]
    words: re.Pattern[str]

    def has(self, module: str) -> bool:
        return any(module == name or module.startswith(f"{name}.") for name in self.modules)

    def is_named_in(self, text: str) -> bool:
        """Does a text begin with one of the words, or stand for a program that names a module?"""
        return bool(self.words.match(text)) or any(map(self.has, _DOTTED.findall(text)))


def take_out(copy: Path, areas: list[str]) -> Gone:
    """Remove the areas from the program in ``copy``."""
    modules = [f"noroshi.{area}" for area in areas] + [f"tests.{area}" for area in areas]
    spoken = []
    for area in areas:
        declared = (copy / f"noroshi/{area}/area.py").read_text(encoding="utf-8")
        for name in _operations(declared):
            modules += [f"noroshi.api.{name}", f"noroshi.api.schemas.{name}"]
            operations = (copy / f"noroshi/api/{name}.py").read_text(encoding="utf-8")
            spoken += sorted(set(_OPERATION.findall(operations)))
        spoken += [f"{kind}." for kind in _kinds(declared)]
        spoken += [f"/{area}", f"{area}/", f"{area}:", f"{area}.", f"{area}_"]
        spoken += [f"noroshi.{area}", f"noroshi/{area}/"]
    if any(_imports(copy / "noroshi/sample", module) for module in modules):
        modules += ["noroshi.sample", "tests.sample"]
        spoken += ["--sample", "sample", "noroshi.sample", "noroshi/sample/"]
        areas = [*areas, "sample"]
    for module in modules:
        path = copy / module.replace(".", "/")
        shutil.rmtree(path, ignore_errors=True)
        path.with_suffix(".py").unlink(missing_ok=True)
    _edit(copy / "noroshi/config/settings.py", lambda line: _names_app(line, areas))
    _edit(copy / "pyproject.toml", lambda line: _names_app(line, areas))
    layers = copy / "pyproject.toml"
    layers.write_text(_without_layers(layers.read_text(encoding="utf-8"), areas), encoding="utf-8")
    starts = "|".join(sorted(map(re.escape, spoken), key=len, reverse=True))
    return Gone(tuple(modules), re.compile(rf"(?:[A-Z]+ )?(?:api/v1/)?(?:{starts})"))


def _operations(declared: str) -> list[str]:
    for node in ast.walk(ast.parse(declared)):
        if isinstance(node, ast.keyword) and node.arg == "operations":
            return list(ast.literal_eval(node.value))
    return []


def _kinds(declared: str) -> list[str]:
    """The names of its kinds of things, with which the names of mails begin."""
    return [
        str(node.args[0].value)
        for node in ast.walk(ast.parse(declared))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Kind"
        and isinstance(node.args[0], ast.Constant)
    ]


def _imports(folder: Path, module: str) -> bool:
    named = (name for path in folder.rglob("*.py") for name in imported(path))
    return any(name == module or name.startswith(f"{module}.") for name in named)


def imported(path: Path) -> Iterator[str]:
    """Every dotted name that a module imports, ``from a import b`` as ``a`` and ``a.b``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _names_app(line: str, areas: list[str]) -> bool:
    return any(re.match(rf'\s*"noroshi\.{area}[".]', line) for area in areas)


def _edit(path: Path, drop: Callable[[str], bool]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not drop(line)), encoding="utf-8")


def _without_layers(text: str, areas: list[str]) -> str:
    """The plan of the house without these floors, or without their part of one."""
    before, start, rest = text.partition("layers = [\n")
    layers, end, after = rest.partition("]\n")
    left = []
    for line in layers.splitlines():
        names = [name for name in line.strip(' ",').split(" | ") if name not in areas]
        left += [f'  "{" | ".join(names)}",'] if names else []
    return before + start + "\n".join(left) + "\n" + end + after


def faults(copy: Path, gone: Gone) -> list[str]:
    """One line for each place in the rest of the program that still names a part taken out."""
    package = copy / "noroshi"
    left = []
    for path in sorted(package.rglob("*.py")):
        names = sorted(name for name in set(imported(path)) if gone.has(name))
        # The console offers the sample where there is one.
        offers_sample = "config" in path.parts and names[:1] == ["noroshi.sample"]
        if names and not offers_sample:
            left.append(f"{path.relative_to(copy)} imports {names[0]}, which is gone.")
    areas = "|".join(name.rpartition(".")[2] for name in gone.modules if name.count(".") == 1)
    address = re.compile(rf"""{{% url ["'](?:{areas}):|href="/(?:{areas})[/"]""")
    page = re.compile(rf"/(?:{areas})/|(?:{areas}):\w")
    left += [
        f"{path.relative_to(copy)} names the page {text}, which is gone."
        for path in sorted(package.rglob("*.py"))
        for text in _texts(path)
        if page.match(text)
    ]
    return left + [
        f"{path.relative_to(copy)} links to a page that is gone."
        for path in sorted(package.rglob("*.html"))
        if address.search(path.read_text(encoding="utf-8"))
    ]


# ---- the tests -----------------------------------------------------------------------


@dataclass
class Module:
    """A module of the tests: its statements, and which names of it are gone."""

    name: str
    path: Path
    statements: list[ast.stmt]
    gone: set[str] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)  # statements, by place


def trim(copy: Path, gone: Gone) -> tuple[int, int]:
    """Take out of the tests what names something that is gone; how many tests went, and stay."""
    for folder in ("docs", "mutations", "upgrade"):
        shutil.rmtree(copy / "tests" / folder, ignore_errors=True)
    modules = {}
    for path in sorted((copy / "tests").rglob("*.py")):
        name = ".".join(path.relative_to(copy).with_suffix("").parts).removesuffix(".__init__")
        modules[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")).body)
    changed = True
    while changed:  # a function that uses one that goes must go, too
        changed = sum(_drop_more(module, modules, gone) for module in modules.values()) > 0
    counts = [0, 0]
    for module in modules.values():
        for place, statement in enumerate(module.statements):
            if getattr(statement, "name", "").startswith("test_"):
                counts[place not in module.dropped] += 1
        if module.dropped or module.gone:
            module.path.write_text(_left(module), encoding="utf-8")
    return counts[0], counts[1]


def _drop_more(module: Module, modules: dict[str, Module], gone: Gone) -> bool:
    before = (len(module.gone), len(module.dropped))
    fixtures = set().union(*(conftest.gone for conftest in _above(module, modules)))
    partly: dict[str, set[str]] = {}
    for statement in module.statements:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            _look_at_import(module, modules, gone, statement, partly)
    for place, statement in enumerate(module.statements):
        if isinstance(statement, ast.Import | ast.ImportFrom) or place in module.dropped:
            continue
        if _names(statement, module.gone, fixtures, partly, gone):
            module.dropped.add(place)
            module.gone |= _bound(statement)
    return before != (len(module.gone), len(module.dropped))


def _above(module: Module, modules: dict[str, Module]) -> Iterator[Module]:
    """The ``conftest`` of its folder and of those above it, whose fixtures it may take."""
    parts = module.name.split(".")
    for end in range(1, len(parts)):
        conftest = modules.get(".".join([*parts[:end], "conftest"]))
        if conftest is not None and conftest is not module:
            yield conftest


def _look_at_import(
    module: Module,
    modules: dict[str, Module],
    gone: Gone,
    statement: ast.Import | ast.ImportFrom,
    partly: dict[str, set[str]],
) -> None:
    source = statement.module or "" if isinstance(statement, ast.ImportFrom) else ""
    for alias in statement.names:
        whole = f"{source}.{alias.name}".lstrip(".")
        name = alias.asname or alias.name.partition(".")[0]
        origin = modules.get(source)
        if gone.has(whole) or gone.has(source) or (origin and alias.name in origin.gone):
            module.gone.add(name)
        elif whole in modules:
            partly[name] = modules[whole].gone


def _names(
    statement: ast.stmt,
    names: set[str],
    fixtures: set[str],
    partly: dict[str, set[str]],
    gone: Gone,
) -> bool:
    """Does a statement name something that is gone, by a name, an argument or a string?"""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name) if name in names:
                return True
            case ast.arg(arg=name) if name in names | fixtures:
                return True
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in partly.get(name, ()):
                return True
            case ast.Constant(value=str(text)) if (
                gone.is_named_in(text) or text in names | fixtures
            ):
                return True
            case ast.ImportFrom(module=str(module)) if gone.has(module):
                return True
    return False


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement makes."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return {statement.name}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _left(module: Module) -> str:
    """The module's text without what was dropped, imports without the names that are gone."""
    lines = module.path.read_text(encoding="utf-8").splitlines()
    for place, statement in reversed(list(enumerate(module.statements))):
        first = min([statement.lineno, *(decorator.lineno for decorator in _decorators(statement))])
        span = slice(first - 1, statement.end_lineno)
        if place in module.dropped:
            lines[span] = []
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names = [
                alias
                for alias in statement.names
                if (alias.asname or alias.name.partition(".")[0]) not in module.gone
            ]
            if len(names) < len(statement.names):
                statement.names = names
                lines[span] = [ast.unparse(statement)] if names else []
    return "\n".join(lines) + "\n"


def _decorators(statement: ast.stmt) -> list[ast.expr]:
    return getattr(statement, "decorator_list", [])


# ---- running -------------------------------------------------------------------------


def run(copy: Path, *command: str) -> bool:
    """Run one step inside the copy, as ``script/test`` does in a checkout."""
    print(f"== {' '.join(command[1:])}", flush=True)
    env = {**os.environ, "NOROSHI_VAR": str(copy / "var"), "PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=env, check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/without")
    parser.add_argument("areas", nargs="+", metavar="AREA")
    parser.add_argument("--check-only", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave the copy where it is")
    parser.add_argument("--tests", nargs="+", default=["tests"], help="only these of the tests")
    args = parser.parse_args()
    unknown = [area for area in args.areas if not (ROOT / f"noroshi/{area}/area.py").exists()]
    if unknown:
        parser.error(f"no area declares itself as {', '.join(unknown)}")
    copy = Path(tempfile.mkdtemp(prefix="noroshi-without-"))
    try:
        return _prove(copy, args.areas, [] if args.check_only else args.tests)
    finally:
        if args.keep:
            print(copy)
        else:
            shutil.rmtree(copy, ignore_errors=True)


def _prove(copy: Path, areas: list[str], tests: list[str]) -> int:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, copy / name)
    gone = take_out(copy, areas)
    left = faults(copy, gone)
    print("\n".join(left) or f"Nothing that remains names {' or '.join(gone.modules)}.")
    python, contracts = sys.executable, str(Path(sys.executable).with_name("lint-imports"))
    good = not left
    good = run(copy, python, "manage.py", "check", "--fail-level", "WARNING") and good
    good = run(copy, contracts, "--no-cache") and good
    if good and tests:
        went, stay = trim(copy, gone)
        print(f"{went} tests name what is gone and go with it; {stay} stay.", flush=True)
        run(copy, python, "-m", "noroshi.config.catalogues")
        processes = os.environ.get("NOROSHI_TEST_PROCESSES", "2")
        good = run(copy, python, "-m", "pytest", "-n", processes, "-p", "no:cacheprovider", *tests)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
