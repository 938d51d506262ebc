"""H2: every route that writes, sent by whoever may not, with what is not theirs, changes nothing."""

from __future__ import annotations

import pytest

from noroshi.inventory import permissions, queries
from noroshi.inventory.models import Component
from tests.harness import database
from tests.harness.examples import EXAMPLES
from tests.harness.readers import Reader
from tests.harness.routes import Route, all_routes
from tests.harness.sweep import Sweep
from tests.harness.writes import Writes, sweep_methods, sweep_write, taken_methods
from tests.leaks.cases import Note, Notes, cases
from tests.leaks.conftest import Walked, report

PAGES, OPERATIONS = cases(api=False), cases(api=True)


def swept(walked: Walked, routes: list[Route]) -> Writes:
    """Send every case of these routes."""
    sweep = Sweep(walked.made, walked.knowledge)
    writes = Writes(sweep, walked.everybody(), database.snapshot())
    with database.writing() as sweep.statements:
        for route in routes:
            if EXAMPLES[route.key].write is not None:
                sweep_write(writes, route, EXAMPLES[route.key])
    return writes


def check_writing(walked: Walked, routes: list[Route], note: Note) -> None:
    """Nobody writes through these routes who may not."""
    writes = swept(walked, routes)
    note.requests, note.wrote = writes.requests, list(writes.wrote)
    assert not writes.sweep.faults, report(writes.sweep)


@pytest.mark.parametrize("area", PAGES)
def test_no_page_writes_for_whoever_may_not(
    walked: Walked, notes: Notes, area: str, request: pytest.FixtureRequest
) -> None:
    with notes.noting(request.node.name) as note:
        check_writing(walked, PAGES[area], note)


@pytest.mark.parametrize("area", OPERATIONS)
def test_no_operation_writes_for_whoever_may_not(
    walked: Walked, notes: Notes, area: str, request: pytest.FixtureRequest
) -> None:
    with notes.noting(request.node.name) as note:
        check_writing(walked, OPERATIONS[area], note)


def check_methods(walked: Walked, swept: list[Route], reader: Reader) -> None:
    """Ask each address of these routes with every method that it does not take."""
    sweep = Sweep(walked.made, walked.knowledge)
    writes = Writes(sweep, walked.everybody(), database.snapshot())
    routes = all_routes()
    with database.writing() as sweep.statements:
        for route in {route.path: route for route in swept}.values():
            sweep_methods(writes, route, EXAMPLES[route.key], taken_methods(route, routes), reader)
    assert not sweep.faults, report(sweep)


@pytest.mark.parametrize("area", PAGES)
def test_a_method_that_a_page_does_not_take_does_nothing(walked: Walked, area: str) -> None:
    check_methods(walked, PAGES[area], walked.people["alice"])


@pytest.mark.parametrize("area", OPERATIONS)
def test_a_method_that_an_operation_does_not_take_does_nothing(walked: Walked, area: str) -> None:
    check_methods(walked, OPERATIONS[area], walked.programs["token alice"])


def test_the_sweep_turns_red_when_one_action_forgets_who_may(
    walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator sees their system; that they may not retire it is one check."""
    routes = [route for route in all_routes() if route.key == "systems/<system_id>/retire"]
    assert not (before := swept(walked, routes)).sweep.faults, report(before.sweep)
    monkeypatch.setattr(permissions.may_edit, "check", lambda viewer, team_id: None)
    faults = swept(walked, routes).sweep.faults
    assert any("as otto" in fault and "inventory_system" in fault for fault in faults), faults


def test_the_sweep_turns_red_when_a_child_is_found_without_its_parent(
    walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check A, change B: the component in the address is of another system than the address says."""
    key = "systems/<system_id>/components/<component_id>/remove"
    routes = [route for route in all_routes() if route.key == key]
    assert not (before := swept(walked, routes)).sweep.faults, report(before.sweep)
    monkeypatch.setattr(
        queries,
        "component_for",
        lambda viewer, system, public_id: Component.objects.one_for(viewer, public_id=public_id),
    )
    faults = swept(walked, routes).sweep.faults
    assert any("as alice" in fault and "inventory_component" in fault for fault in faults), faults
