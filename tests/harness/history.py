"""The register of actions: every call that writes a history row, and the examples that make them.

Both are collected and not listed: the calls from the source, the examples from the ``history``
module of each area's tests.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

import noroshi
from noroshi.core import history
from noroshi.core.models import HistoryRow
from tests.harness import database
from tests.harness.people import World, world_again

PACKAGE = Path(noroshi.__file__).parent
ROOT = PACKAGE.parent
ANYTHING = "*"  # a name that is only known when the program runs

Act = Callable[[], object]
Prepare = Callable[[World], Act]


# ---- the calls in the source ---------------------------------------------------------------


@dataclass(frozen=True)
class RecordCall:
    """One ``history.record(…)`` in the source, with the names that it may write.

    A part of a name that only the running program knows stands as ``*``.
    """

    file: str  # from the root of the checkout
    function: str
    line: int
    end_line: int
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


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE).parts
        if (
            inside[0] != "sample"
            and inside[:2] != ("core", "history")
            and "migrations" not in inside
        ):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


@cache
def record_calls() -> tuple[RecordCall, ...]:
    """Every call of ``history.record`` in the program."""
    calls = []
    for file, tree in _sources():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and ast.unparse(node.func) == "history.record":
                        names = frozenset(_texts(node.args[0], function, tree))
                        end = node.end_lineno or node.lineno
                        calls.append(RecordCall(file, function.name, node.lineno, end, names))
    return tuple(calls)


@cache
def actions() -> tuple[Action, ...]:
    """Every public function under ``@transaction.atomic``."""
    return tuple(
        Action(file, node.name, node.lineno)
        for file, tree in _sources()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and any(ast.unparse(one) == "transaction.atomic" for one in node.decorator_list)
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
    """What a local variable is set to, or what the calls in the same file pass as a parameter."""
    positions = [one.arg for one in function.args.args]
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


# ---- the examples of the areas -------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """An example of one action: what it needs is prepared, then it is called.

    ``in_steps`` is an action of several transactions, as the work of a long import: what the
    earlier ones wrote stays when a later one fails.
    """

    area: str
    title: str
    names: tuple[str, ...]
    prepare: Prepare
    in_steps: bool = False


_cases: list[Case] = []


def leaves(*names: str, in_steps: bool = False) -> Callable[[Prepare], Prepare]:
    """The decorated example prepares its world and returns the call that leaves these rows."""

    def add(prepare: Prepare) -> Prepare:
        area = prepare.__module__.split(".")[1]
        title = prepare.__name__.replace("_", " ")
        _cases.append(Case(area, title, names, prepare, in_steps))
        return prepare

    return add


@cache
def cases() -> tuple[Case, ...]:
    """The examples in every ``tests/<area>/history.py``."""
    for path in sorted((ROOT / "tests").glob("*/history.py")):
        if path.parent.name != "harness":
            import_module(f"tests.{path.parent.name}.history")
    return tuple(_cases)


# ---- running them --------------------------------------------------------------------------


@dataclass
class Outcome:
    """What an example left behind: its rows, the calls that wrote them, the actions that ran."""

    names: list[str] = field(default_factory=list)
    calls: set[RecordCall] = field(default_factory=set)
    actions: set[Action] = field(default_factory=set)
    loose: list[str] = field(default_factory=list)  # rows outside the action's own transaction
    has_moved: bool = False  # the end of the history
    torn: dict[str, list[str]] = field(default_factory=dict)  # stayed though the row failed


def outcome_of(case: Case) -> Outcome:
    """Run the example, and once more with a database that takes no history row."""
    outcome = Outcome()
    with _taken_back():
        act = case.prepare(world_again())
        last = HistoryRow.objects.order_by("-number").values_list("number", flat=True).first() or 0
        end = history.end()
        with _watching(outcome), _running(outcome):
            act()
        rows = HistoryRow.objects.filter(number__gt=last).order_by("number")
        outcome.names = list(rows.values_list("action", flat=True))
        outcome.has_moved = history.end() != end
    if not case.in_steps:
        outcome.torn = _torn(case)
    return outcome


def _torn(case: Case) -> dict[str, list[str]]:
    with _taken_back():
        act = case.prepare(world_again())
        before = database.snapshot()
        with connection.execute_wrapper(_no_row):
            try:
                act()
            except HistoryIsFull:
                pass
            else:
                return {"core_historyrow": ["the action goes on without its row"]}
        changed = database.changes(before, database.snapshot())
        changed.pop(
            "core_storedfile", None
        )  # a file is stored first; what no row names is harmless
        return changed


class HistoryIsFull(DatabaseError):
    """The database takes no more history rows."""


def _no_row(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith('INSERT INTO "core_historyrow"'):
        raise HistoryIsFull
    return execute(sql, params, many, context)


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _watching(outcome: Outcome) -> Iterator[None]:
    """Note for each new row which call wrote it, and whether it stands in a transaction."""
    outside = len(connection.savepoint_ids)

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "core_historyrow"'):
            call = _call_that_runs()
            if call is not None:
                outcome.calls.add(call)
            if len(connection.savepoint_ids) <= outside:
                outcome.loose.append(call.where if call else "a row")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def _call_that_runs() -> RecordCall | None:
    """The ``history.record`` in which the program is at this moment."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE):
            file = path.relative_to(ROOT).as_posix()
            for call in record_calls():
                if call.file == file and call.line <= frame.f_lineno <= call.end_line:
                    return call
    return None


@contextmanager
def _running(outcome: Outcome) -> Iterator[None]:
    """Note which actions run."""
    by_place = {(str(ROOT / action.file), action.name): action for action in actions()}

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            action = by_place.get((frame.f_code.co_filename, frame.f_code.co_name))
            if action is not None:
                outcome.actions.add(action)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
