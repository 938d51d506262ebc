"""The rules a CSAF document must keep: the OASIS schema and the mandatory tests of chapter 6.1.

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
from noroshi.formats.drafts import Problem
from noroshi.formats.node import Node

MOST_PROBLEMS = 100

_SCHEMA = gettext_noop("The document does not keep the schema of CSAF %(version)s: %(reason)s")
_TEST = gettext_noop("Mandatory test %(test)s of CSAF %(version)s fails: %(reason)s")

Test = Callable[[dict[str, Any]], Iterable[Any]]


def broken(document: Node, version: str) -> tuple[Problem, ...]:
    """What the document breaks, schema first; tests run only on what keeps the schema."""
    found = _broken_20(document) if version == "2.0" else _broken_21(document)
    return tuple(problem for problem, _ in zip(found, range(MOST_PROBLEMS), strict=False))


def _broken_20(document: Node) -> Iterator[Problem]:
    schema = [
        _schema_problem("2.0", error.instance_path, error.message)
        for error in _schema_20().iter_errors(document.value)
    ]
    if schema:
        yield from schema
        return
    for test, rule in _tests_20():
        for error in rule(document.value):
            yield _test_problem("2.0", test, error.instance_path, error.message)
    yield from (
        _test_problem("2.0", fault.test, fault.where, fault.reason)
        for fault in mandatory.faults(document, _cwe_names)
    )


def _broken_21(document: Node) -> Iterator[Problem]:
    report = newest = _judge_21(_stages_21()[0])(document.value, preset="mandatory")
    for stage in _stages_21()[1:]:
        if report.results[0].passed:
            break
        report = _judge_21(stage)(document.value, preset="mandatory")
    for result in (report if report.results[0].passed else newest).results:
        for error in () if result.skipped else result.errors:
            path = error.instance_path
            if result.id == "schema":
                yield _schema_problem("2.1", path.split("/"), error.message)
            else:
                yield _test_problem("2.1", result.id, path, error.message)


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
    """A module of the package ``csaf``, which at import installs a log handler nobody asked for."""
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
