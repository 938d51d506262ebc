"""Where the seconds of a run went: by area, and the slowest tests. ``script/test`` brings it along.

The seconds of all processes together: with two of them a run takes half of the sum. What tests share
counts for the test that needed it first, as preparing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

SLOWEST = 10


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for same in terminalreporter.stats.values()
        for report in same
        if isinstance(report, pytest.TestReport)
    ]
    if reports:
        terminalreporter.section("seconds")
        for line in lines(reports):
            terminalreporter.write_line(line)


def lines(reports: Iterable[pytest.TestReport]) -> list[str]:
    """What is printed: areas and tests, the longest first."""
    whole: defaultdict[str, float] = defaultdict(float)
    preparing: defaultdict[str, float] = defaultdict(float)
    tests: dict[str, set[str]] = {}
    for report in reports:
        area = _area(report.nodeid)
        tests.setdefault(area, set()).add(report.nodeid)
        for key in (area, report.nodeid):
            whole[key] += report.duration
            if report.when != "call":
                preparing[key] += report.duration
    longest = sorted(whole, key=lambda key: -whole[key])
    slowest = [key for key in longest if key not in tests][:SLOWEST]
    return [
        *(
            f"{whole[area]:7.1f}  {area}: {len(tests[area])} tests"
            for area in longest
            if area in tests
        ),
        "the slowest tests, and how much of it was preparing:",
        *(f"{whole[test]:7.1f} {preparing[test]:6.1f}  {test}" for test in slowest),
    ]


def _area(nodeid: str) -> str:
    return "/".join(nodeid.partition("::")[0].split("/")[:2])
