"""Every call that writes a history row and every public action, collected from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import noroshi

PACKAGE = Path(noroshi.__file__).parent
ROOT = PACKAGE.parent
ANYTHING = "*"  # a name that is only known when the program runs


@dataclass(frozen=True)
class RecordCall:
    """One ``history.record(…)`` in the source, with the names that it may write.

    A part of a name that only the running program knows stands as ``*``.
    """

    file: str  # from the root of the checkout
    function: str
    line: int
    end_line: int
    text: str
    names: frozenset[str]

    @property
    def area(self) -> str:
        return self.file.split("/")[1]

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line} ({self.function})"


@dataclass(frozen=True)
class Action:
    """A public function that is one transaction."""

    file: str
    name: str
    line: int

    @property
    def area(self) -> str:
        return self.file.split("/")[1]

    @property
    def dotted(self) -> str:
        return f"{self.file.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}.{self.name}"


def _sources() -> Iterator[tuple[str, str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE).parts
        if (
            inside[0] != "sample"
            and inside[:2] != ("core", "history")
            and "migrations" not in inside
        ):
            source = path.read_text()
            yield path.relative_to(ROOT).as_posix(), source, ast.parse(source)


@cache
def record_calls() -> tuple[RecordCall, ...]:
    """Every call of ``history.record`` in the program."""
    calls = []
    for file, source, tree in _sources():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "history.record":
                        names = frozenset(_texts(node.args[0], function, tree))
                        text = ast.get_source_segment(source, node) or ""
                        end = node.end_lineno or node.lineno
                        calls.append(RecordCall(file, function.name, node.lineno, end, text, names))
    return tuple(calls)


@cache
def actions() -> tuple[Action, ...]:
    """Every public function under ``@transaction.atomic``."""
    return tuple(
        Action(file, node.name, node.lineno)
        for file, _source, tree in _sources()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and any(ast.unparse(decorator) == "transaction.atomic" for decorator in node.decorator_list)
    )


def _texts(node: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> list[str]:
    """Every text that the expression may have; ``*`` stands for what the source does not say."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, function, tree), *_texts(node.orelse, function, tree)]
    if isinstance(node, ast.FormattedValue):
        return _texts(node.value, function, tree)
    if isinstance(node, ast.JoinedStr):
        texts = [""]
        for piece in node.values:
            texts = [text + end for text in texts for end in _texts(piece, function, tree)]
        return texts
    if isinstance(node, ast.Name):
        return _texts_of_name(node.id, function, tree) or [ANYTHING]
    return [ANYTHING]


def _texts_of_name(name: str, function: ast.FunctionDef, tree: ast.Module) -> list[str]:
    """The texts that a local variable is set to, or that calls in the same file pass for a parameter."""
    positions = [argument.arg for argument in function.args.args]
    if name not in positions:
        return [
            text
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
            for text in _texts(node.value, function, tree)
        ]
    at = positions.index(name)
    return [
        text
        for caller in ast.walk(tree)
        if isinstance(caller, ast.FunctionDef)
        for node in ast.walk(caller)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function.name
        for text in _texts(node.args[at], caller, tree)
    ]


# ---- the examples, as their decorator declares them ----------------------------------------


@dataclass(frozen=True)
class Example:
    """A function under ``@leaves(…)`` in the tests of an area, and the rows that it declares."""

    area: str
    title: str
    names: tuple[str, ...]


@cache
def examples() -> tuple[Example, ...]:
    """Every example, without running Django: for whoever only has to name it."""
    return tuple(
        Example(path.parent.name, node.name.replace("_", " "), _declared(decorator))
        for path in sorted((ROOT / "tests").glob("*/history.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "leaves"
    )


def _declared(decorator: ast.Call) -> tuple[str, ...]:
    return tuple(
        str(argument.value) for argument in decorator.args if isinstance(argument, ast.Constant)
    )
