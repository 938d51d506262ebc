"""H1: every route × reader × thing; nobody meets a word that the policy does not give them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from noroshi.warnings import queries as warnings
from tests.harness import database
from tests.harness.examples import EXAMPLES
from tests.harness.readers import WHOLE, Reader, usual
from tests.harness.routes import Route, all_routes
from tests.harness.sweep import ASKING, Sweep, sweep_paths, sweep_query
from tests.leaks.cases import Note, Notes, cases
from tests.leaks.conftest import Walked, report

PAGES, OPERATIONS = cases(api=False), cases(api=True)


def check_reading(
    walked: Walked, routes: list[Route], readers: Mapping[str, Reader], note: Note
) -> None:
    """Ask those of these routes that read, as everybody who usually asks."""
    sweep = Sweep(walked.made, walked.knowledge)
    before = database.snapshot()
    with database.writing() as sweep.statements:
        for route in routes:
            if route.method not in ("", "GET"):
                continue
            for reader in readers.values():
                if usual(reader):
                    sweep_paths(sweep, route, EXAMPLES[route.key], reader)
                    if WHOLE or reader.name in ASKING or reader.token:
                        sweep_query(sweep, route, EXAMPLES[route.key], reader)
    note.requests = sweep.requests
    note.met = [canary.what for canary in walked.made.words if canary.word in sweep.met]
    assert not sweep.faults, report(sweep)
    # Also by what no statement of ours would show: the rows of every table are the same after.
    assert not database.changes(before, database.snapshot())


@pytest.mark.parametrize("area", PAGES)
def test_nobody_reads_on_any_page_what_is_not_for_them(
    walked: Walked, notes: Notes, area: str, request: pytest.FixtureRequest
) -> None:
    with notes.noting(request.node.name) as note:
        check_reading(walked, PAGES[area], walked.people, note)


@pytest.mark.parametrize("area", OPERATIONS)
def test_no_program_reads_what_is_not_for_its_person(
    walked: Walked, notes: Notes, area: str, request: pytest.FixtureRequest
) -> None:
    with notes.noting(request.node.name) as note:
        check_reading(walked, OPERATIONS[area], walked.programs, note)


def test_the_sweep_turns_red_when_one_query_forgets_who_reads(
    walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    (route,) = [route for route in all_routes() if route.key == "warnings/"]
    charlie = walked.people["charlie"]
    before = Sweep(walked.made)
    sweep_paths(before, route, EXAMPLES[route.key], charlie)
    assert not before.faults, report(before)

    visible = warnings._visible
    alice = walked.people["alice"].viewer()
    monkeypatch.setattr(warnings, "_visible", lambda viewer: visible(alice))
    after = Sweep(walked.made)
    sweep_paths(after, route, EXAMPLES[route.key], charlie)
    assert any("warnings/" in fault and "charlie" in fault for fault in after.faults), report(after)
