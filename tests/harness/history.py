"""The register of actions: every call that writes a history row, and the examples that make them.

Both are collected and not listed: the calls from the source (``tests.harness.register``), the
examples from the ``history`` module of each area's tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from noroshi.core import history
from noroshi.core.models import HistoryRow
from tests.harness import database
from tests.harness.people import World, world_again
from tests.harness.register import PACKAGE, ROOT, Action, RecordCall, actions, record_calls

Said = tuple[Any, Any, Any]  # who acts, the kind of the thing, the thing


# ---- the examples of the areas -------------------------------------------------------------


class Act:
    """The call of an example, and for each of its rows who acts and on what.

    A row is said as a person or ``"system"``, the kind of the thing, and the thing itself. For
    what only the call makes stands a function of the call's result, as ``made``.
    """

    def __init__(self, call: Callable[[], object], *rows: Said) -> None:
        self.call, self.rows = call, rows


def made(result: Any) -> Any:
    """What the call returned."""
    return result


Prepare = Callable[[World], Act]


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
    """The decorated example prepares its world and returns the act that leaves these rows."""

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
    """The traces of an example: its rows, the calls that wrote them, the actions that ran."""

    names: list[str] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)  # who acted, on what
    said: list[tuple[str, ...]] = field(default_factory=list)  # the same, as the example says it
    calls: set[RecordCall] = field(default_factory=set)
    actions: set[Action] = field(default_factory=set)
    loose: list[str] = field(default_factory=list)  # rows outside the action's own transaction
    has_moved: bool = False  # the end of the history
    torn: dict[str, list[str]] = field(default_factory=dict)  # stayed though the row failed


def outcome_of(case: Case) -> Outcome:
    """Run the example, and once more with a database that takes no history row."""
    outcome = Outcome()
    with _rolled_back():
        act = case.prepare(world_again())
        last = HistoryRow.objects.order_by("-number").values_list("number", flat=True).first() or 0
        end = history.end()
        with _watching(outcome), _running(outcome):
            result = act.call()
        rows = HistoryRow.objects.filter(number__gt=last).order_by("number")
        outcome.names = list(rows.values_list("action", flat=True))
        outcome.rows = list(rows.values_list("actor", "actor_name", "thing_kind", "thing_id"))
        outcome.said = [_as_row(said, result) for said in act.rows]
        outcome.has_moved = history.end() != end
    if not case.in_steps:
        outcome.torn = _torn(case)
    return outcome


def _as_row(said: Said, result: object) -> tuple[str, ...]:
    """Who and what as a row holds it: not by ``history``, which is what the examples try."""
    who, kind, thing = (found(result) if callable(found) else found for found in said)
    actor = ("system", "Noroshi") if who == "system" else (who.public_id, who.name)
    return (*actor, kind, thing.public_id)


def _torn(case: Case) -> dict[str, list[str]]:
    with _rolled_back():
        act = case.prepare(world_again())
        before = database.snapshot()
        with connection.execute_wrapper(_no_row):
            try:
                act.call()
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
def _rolled_back() -> Iterator[None]:
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
