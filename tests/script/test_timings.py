"""The seconds of a run, by test and folder."""

from __future__ import annotations

from typing import Literal

import pytest

from tests import timings


def _report(
    test: str, when: Literal["setup", "call", "teardown"], seconds: float
) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=f"tests/{test}",
        location=(test, 1, test),
        keywords={},
        outcome="passed",
        longrepr=None,
        when=when,
        duration=seconds,
    )


def test_areas_and_tests_come_with_all_their_seconds_the_longest_first() -> None:
    reports = [
        _report("warnings/test_mail.py::test_short", "call", 0.5),
        _report("measures/test_pages.py::test_long[ja]", "setup", 2.0),
        _report("measures/test_pages.py::test_long[ja]", "call", 1.0),
        _report("measures/test_pages.py::test_long[ja]", "teardown", 0.5),
    ]
    assert timings.lines(reports) == [
        "    3.5  tests/measures: 1 tests",
        "    0.5  tests/warnings: 1 tests",
        "the slowest tests, and how much of it was preparing:",
        "    3.5    2.5  tests/measures/test_pages.py::test_long[ja]",
        "    0.5    0.0  tests/warnings/test_mail.py::test_short",
    ]


def test_only_ten_tests_are_named() -> None:
    reports = [_report(f"a/test_a.py::test_{number}", "call", number) for number in range(12)]
    named = [line for line in timings.lines(reports) if "::" in line]
    assert len(named) == 10
    assert named[0].endswith("::test_11")
