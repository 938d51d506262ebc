"""The rules that a CSAF document must keep: the OASIS schema and the mandatory tests of chapter 6.1.

The package ``csaf`` brings schemas and tests. Measured on the OASIS test files and on CISA's
advisories it is too strict or too vague in three tests of CSAF 2.0; these are in ``mandatory``.
CSAF 2.1 is not finished: a document is judged by the newest stage whose schema it keeps.
"""

from __future__ import annotations

import importlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, cast

import jsonschema_rs

from noroshi.core.errors import gettext_noop
from noroshi.formats.csaf import mandatory
from noroshi.formats.drafts import Problem, Rejected
from noroshi.formats.node import Node

MOST_PROBLEMS = 100

_LAST_REVISION = 100_000

_SCHEMA = gettext_noop("The document does not keep the schema of CSAF %(version)s: %(reason)s")
_TEST = gettext_noop("Mandatory test %(test)s of CSAF %(version)s fails: %(reason)s")

Test = Callable[[dict[str, Any]], Iterable[Any]]


def violations(document: Node, version: str) -> tuple[Problem, ...]:
    """The rules that the document breaks; the tests run only when it keeps the schema."""
    problems = _violations_20(document) if version == "2.0" else _violations_21(document)
    return tuple(problem for problem, _ in zip(problems, range(MOST_PROBLEMS), strict=False))


def _violations_20(document: Node) -> Iterator[Problem]:
    schema_problems = [
        _schema_problem("2.0", error.instance_path, error.message)
        for error in _schema_20().iter_errors(document.value)
    ]
    if schema_problems:
        yield from schema_problems
        return
    _refuse_far_revisions(document, "2.0")
    for test, rule in _tests_20():
        for error in rule(document.value):
            yield _test_problem("2.0", test, error.instance_path, error.message)
    yield from (
        _test_problem("2.0", fault.test, fault.where, fault.reason)
        for fault in mandatory.faults(document, _cwe_names)
    )


def _violations_21(document: Node) -> Iterator[Problem]:
    schema_problems: list[Problem] = []
    for stage in _stages_21():
        judge = _judge_21(stage)
        errors = judge(document.value, preset="schema").results[0].errors
        if not errors:
            _refuse_far_revisions(document, "2.1")
            for result in judge(document.value, preset="mandatory").results:
                for error in () if result.skipped else result.errors:
                    yield _test_problem("2.1", result.id, error.instance_path, error.message)
            return
        schema_problems = schema_problems or [
            _schema_problem("2.1", error.instance_path.split("/"), error.message)
            for error in errors
        ]
    yield from schema_problems


def _refuse_far_revisions(document: Node, version: str) -> None:
    """Refuse a revision number so high that a test which counts up to it would fill the memory."""
    tracking = document.node("document").node("tracking")
    for entry in (*tracking.nodes("revision_history"), tracking):
        number = entry.text("number") or entry.text("version")
        if int(re.split(r"\D", number)[0]) > _LAST_REVISION:
            reason = f"there are not as many revisions as {number[:40]}"
            raise Rejected((_test_problem(version, "6.1.21", entry.where, reason),))


def _schema_problem(version: str, path: Iterable[str | int], reason: str) -> Problem:
    where = "/".join(str(step) for step in path).strip("/")
    if {"cvss_v2", "cvss_v3", "cvss_v4"} & set(where.split("/")):
        return _test_problem(version, "6.1.8", where, reason)
    return Problem(where, _SCHEMA, {"version": version, "reason": reason[:300]})


def _test_problem(version: str, test: str, where: str, reason: str) -> Problem:
    values: dict[str, object] = {"version": version, "test": test, "reason": reason[:300]}
    return Problem(where.strip("/"), _TEST, values)


@cache
def _package(name: str) -> Any:
    """A module of the package ``csaf``, without the log handler that it installs at import."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    module = importlib.import_module(name)
    root.handlers[:], root.level = handlers, level
    return module


@cache
def _schema_20() -> jsonschema_rs.Draft202012Validator:
    formats = _package("csaf._jsonschema").FORMATS
    folder = files("csaf.csaf.v20").joinpath("schema")

    def schema(name: str) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(folder.joinpath(name).read_text("utf-8")))

    def referenced(uri: str) -> dict[str, Any]:
        return schema("referenced/" + re.sub(r".*/|\?.*", "", uri))

    return jsonschema_rs.Draft202012Validator(
        schema("csaf.json"), retriever=referenced, validate_formats=True, formats=formats
    )


@cache
def _tests_20() -> tuple[tuple[str, Test], ...]:
    _package("csaf.csaf.v20")
    rules: dict[str, Test] = _package("csaf.csaf.v20.rules._registry").all_rules()
    chosen = [test for test in rules if test.startswith("6.1.") and test not in mandatory.TESTS]
    chosen.sort(key=lambda test: [int(number) for number in test.split(".")])
    return tuple((test, rules[test]) for test in chosen)


@cache
def _stages_21() -> tuple[str, ...]:
    return tuple(_package("csaf.csaf").stages("v21"))


@cache
def _judge_21(stage: str) -> Callable[..., Any]:
    judge: Callable[..., Any] = _package(f"csaf.csaf.{stage}._validator").validate
    return judge


@cache
def _cwe_names(number: str) -> frozenset[str]:
    """Every name that the weakness has had in any CWE catalogue; none when it never existed."""
    weakness = _cwe_catalogue().get(number, {"history": []})
    return frozenset(name for _, name in weakness["history"] if name)


@cache
def _cwe_catalogue() -> dict[str, Any]:
    _package("csaf")
    text = files("csaf.csaf.v21").joinpath("cwe", "catalog.json").read_text("utf-8")
    return cast(dict[str, Any], json.loads(text)["weaknesses"])
