"""The names that the source gives things, from kinds to events, read from the code and not listed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import noroshi
from noroshi.directory.areas import Event

PACKAGE = Path(noroshi.__file__).parent
# Functions whose arguments at these places are the name of a kind.
PLACES = {"record": 1, "rows_of": 0, "revoke_for": 0, "drop": 0}


def _calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield name, node


def _modules() -> Iterator[Path]:
    return (path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def kinds_named() -> dict[str, str]:
    """Every kind that an action records, posts, links or puts into search, and a module that does."""
    named: dict[str, str] = {}
    for path in _modules():
        for name, call in _calls(path):
            place = PLACES.get(name, -1)
            words = [
                _text(keyword.value) for keyword in call.keywords if keyword.arg == "thing_kind"
            ]
            if 0 <= place < len(call.args):
                words.append(_text(call.args[place]))
            named |= {word: str(path.relative_to(PACKAGE)) for word in words if word}
    return named


def kinds_put() -> set[str]:
    """Every kind that ``search.put`` gets."""
    return {
        _text(keyword.value)
        for path in _modules()
        for name, call in _calls(path)
        if name == "put" and isinstance(call.func, ast.Attribute)
        for keyword in call.keywords
        if keyword.arg == "kind"
    }


def kinds_mailed() -> set[str]:
    """Every kind that a notice in the outbox is about."""
    return {
        _text(keyword.value)
        for path in _modules()
        for name, call in _calls(path)
        if name == "Notice"
        for keyword in call.keywords
        if keyword.arg == "thing_kind"
    }


def prefixes_made() -> dict[str, str]:
    """Every prefix of an id that a model makes, and its area."""
    return {
        _text(call.args[0]): path.relative_to(PACKAGE).parts[0]
        for path in _modules()
        for name, call in _calls(path)
        if name == "public_id" and call.args
    }


def modules_of_operations() -> set[str]:
    """Every module of ``noroshi.api`` that has operations, whether somebody serves it or not."""
    return {
        path.stem
        for path in sorted(PACKAGE.glob("api/*.py"))
        if any(name == "Operations" for name, _call in _calls(path))
    }


def events_declared() -> dict[str, Event]:
    """Every event of an ``events`` module, by the dotted path of its constant."""
    names = [
        ".".join(("noroshi", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in _modules()
        if path.name == "events.py"
    ]
    return {
        f"{name}.{constant}": value
        for name in names
        for constant, value in vars(import_module(name)).items()
        if isinstance(value, Event)
    }
