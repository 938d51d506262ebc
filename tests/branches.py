"""Branch coverage of the packages that promise it. The full run of ``script/test`` fails below.

Python before 3.12 is slow while it is watched (tests of pages take three quarters longer), so it is
watched only while it imports and in the tests that are there for these packages.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage

# Percent of lines and branches.
PROMISED = {"noroshi/formats": 100.0, "noroshi/sharing": 100.0}
WATCHED_IN = ("tests/formats/", "tests/sharing/", "tests/exchange/", "tests/warnings/")
# But not in these, which take long and reach no branch that another does not.
UNWATCHED = (
    "tests/exchange/test_delivery.py::test_a_server_that_says_later",
    "tests/formats/test_csaf.py::test_cisas_advisories",
    "tests/formats/test_csaf.py::test_the_mandatory_test_files_of_csaf_2_1",
    "tests/formats/test_cve.py::test_every_real_record",
    "tests/formats/test_hostile.py::test_any_value",
    "tests/formats/test_reading.py::test_every_development_file_is_read_or_refused_with_a_place",
    "tests/formats/test_versions_order.py::test_debian",
    "tests/formats/test_versions_order.py::test_maven",
    "tests/sharing/test_channels.py::test_one_cell",
    "tests/sharing/test_policy.py::test_every_direction_gives_one_answer",
    "tests/sharing/test_rules.py::test_a_confidential_thing",
    "tests/sharing/test_rules.py::test_a_role_may_open",
    "tests/warnings/test_board.py",
    "tests/warnings/test_pages.py::test_the_list",
    "tests/warnings/test_pages.py::test_pages_ask",
)

_COVERAGE = pytest.StashKey[Coverage]()
_REPORT = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Begin before Django imports what is watched, in each process of the run."""
    if "COVERAGE_FOLDER" not in os.environ:  # the processes of pytest-xdist inherit it
        os.environ["COVERAGE_FOLDER"] = tempfile.mkdtemp()
    data_file = Path(os.environ["COVERAGE_FOLDER"], "run")
    early_config.stash[_COVERAGE] = Coverage(data_file=str(data_file), data_suffix=str(os.getpid()))
    early_config.stash[_COVERAGE].start()
    return (yield)


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[_COVERAGE].stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    name = item.nodeid
    if not name.startswith(WATCHED_IN) or name.startswith(UNWATCHED):
        return (yield)
    item.config.stash[_COVERAGE].start()
    try:
        return (yield)
    finally:
        item.config.stash[_COVERAGE].stop()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    watched = session.config.stash[_COVERAGE]
    watched.stop()
    watched.save()
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ.pop("COVERAGE_FOLDER"))
    session.config.stash[_REPORT], is_reached = report(folder)
    shutil.rmtree(folder)
    if not is_reached and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def report(folder: Path) -> tuple[str, bool]:
    """What is missing, as text, and whether every package reaches what it promises."""
    together = Coverage(data_file=str(folder / "run"))
    together.combine([str(folder)])
    lines, is_reached = [], True
    for package, percent in PROMISED.items():
        text = io.StringIO()
        reached = together.report(include=[f"{package}/*"], file=text)
        if reached < percent:
            is_reached = False
            lines.append(text.getvalue())
        lines.append(f"{package}: {reached:.2f} %, promised {percent:.0f} %\n")
    return "".join(lines), is_reached


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("branches")
    terminalreporter.write(terminalreporter.config.stash.get(_REPORT, ""))
