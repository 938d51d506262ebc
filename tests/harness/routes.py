"""Every door of the program, read from it and not listed: routes, operations, jobs, mail templates."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

import noroshi

PACKAGE = Path(noroshi.__file__).parent
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>|\^\(\?P<(\w+)>[^)]*\)\$")
_INCLUDED = re.compile(r'{% include "([^"]+)"')
_JOB_PATH = re.compile(r'"(noroshi\.[a-z_.]+\.jobs\.[a-z_]+)"')


@dataclass(frozen=True, slots=True)
class Route:
    """One door: its pattern, who is behind it, and the rule that it declares (empty: none).

    ``method`` is empty for a page, which decides itself; an operation of the API has exactly one,
    and ``asks`` what its query may hold.
    """

    path: str
    view: Callable[..., Any]
    rule: str
    method: str = ""
    asks: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """The name of its example: ``warnings/<public_id>`` or ``GET api/v1/systems``."""
        plain = _PLACE.sub(lambda match: f"<{match[1] or match[2]}>", self.path)
        return f"{self.method} {plain}".strip()

    @property
    def names(self) -> list[str]:
        """The names of what its path is filled with, in order."""
        return [match[1] or match[2] for match in _PLACE.finditer(self.path)]

    @property
    def module(self) -> str:
        """The module of its view."""
        return str(inspect.unwrap(self.view).__module__)

    @property
    def is_api(self) -> bool:
        return bool(self.method)

    def url(self, parts: Mapping[str, str]) -> str:
        """Its address; raises ``KeyError`` for a part that is missing."""
        return "/" + _PLACE.sub(
            lambda match: quote(parts[match[1] or match[2]], safe="~"), self.path
        )


def all_routes() -> list[Route]:
    """Every route of the resolver, and every operation behind an API path."""
    return list(routes_in(get_resolver().url_patterns))


def routes_in(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes_in(pattern.url_patterns, path)
            continue
        operations = _operations_behind(pattern.callback)
        if not operations:
            yield Route(path, pattern.callback, getattr(pattern.callback, "rule", ""))
        for operation in operations:
            yield from _operation(path, pattern.callback, operation)


def _operations_behind(view: Callable[..., Any]) -> list[Any]:
    """Ninja keeps one view for each path, which chooses the operation by the method."""
    inner = inspect.unwrap(view)
    if not inspect.isfunction(inner):
        return []
    return list(getattr(inspect.getclosurevars(inner).nonlocals.get("self"), "operations", []))


def _operation(path: str, view: Callable[..., Any], operation: Any) -> Iterator[Route]:
    """An operation's rule is its scope, and that its view says it stands behind the gate."""
    gate = operation.auth_callbacks[0] if operation.auth_callbacks else None
    scope = getattr(gate, "scope", "")
    rule = f"{getattr(view, 'rule', '')}: {scope}" if scope and hasattr(view, "rule") else ""
    asks = frozenset(getattr(gate, "asked", ()))
    for method in operation.methods:
        yield Route(path, operation.view_func, rule, method, asks)


# ---- jobs ----------------------------------------------------------------------------


def job_functions() -> dict[str, Callable[..., Any]]:
    """Every public function of every ``jobs`` module by its dotted path."""
    functions: dict[str, Callable[..., Any]] = {}
    for path in sorted(PACKAGE.rglob("jobs.py")):
        name = ".".join(("noroshi", *path.relative_to(PACKAGE).with_suffix("").parts))
        module = import_module(name)
        for function, value in inspect.getmembers(module, inspect.isfunction):
            if value.__module__ == name and not function.startswith("_"):
                functions[f"{name}.{function}"] = value
    return functions


def enqueued_paths() -> dict[str, str]:
    """Every dotted path of a job that the source names, and where."""
    return {
        named: str(path.relative_to(PACKAGE.parent))
        for path in sorted(PACKAGE.rglob("*.py"))
        for named in _JOB_PATH.findall(path.read_text())
    }


# ---- mails ---------------------------------------------------------------------------


def mail_templates() -> set[str]:
    """Every text that the outbox can send, without ``.txt``: not what others include, nor the frame."""
    paths = sorted(PACKAGE.rglob("templates/*/mail/*.txt"))
    parts = {name for path in paths for name in _INCLUDED.findall(path.read_text())}
    names = {"/".join(path.parts[-3:]) for path in paths}
    return {name.removesuffix(".txt") for name in names - parts} - {"sharing/mail/frame"}


# ---- what pages look up in the address ---------------------------------------------------


_LOOK_UP = re.compile(r"(?:GET|query|asked)\.get(?:list)?\(\s*\"(\w+)\"")


def query_names() -> dict[str, str]:
    """Every name that our code looks up in a query string, and one place where it does."""
    places = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for name in _LOOK_UP.findall(path.read_text()):
            places[name] = str(path.relative_to(PACKAGE.parent))
    return places
