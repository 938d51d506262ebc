"""H1: every route × reader × thing; nobody meets a word that the policy does not give him."""

from __future__ import annotations

import pytest

from noroshi.warnings import queries as warnings
from tests.harness import database
from tests.harness.canaries import Canaries
from tests.harness.examples import EXAMPLES
from tests.harness.routes import all_routes
from tests.harness.sweep import ASKING, WHOLE, Reader, Sweep, sweep_paths, sweep_query, usual
from tests.leaks.conftest import Walked, told

# Words that nobody may meet anywhere, and why.
NEVER_SHOWN = {
    "name of a passkey": "a key's name is shown to nobody",
    "name of the token alice revoked": "a list holds the tokens that work",
    "component in a file under way": "the file is not read yet",
}


def swept(made: Canaries, readers: dict[str, Reader], *, api: bool) -> Sweep:
    """Ask every route that reads."""
    sweep = Sweep(made)
    with database.writing() as sweep.statements:
        for route in all_routes():
            if route.is_api is not api or route.method not in ("", "GET"):
                continue
            for reader in readers.values():
                if usual(reader):
                    sweep_paths(sweep, route, EXAMPLES[route.key], reader)
                    if WHOLE or reader.name in ASKING or reader.token:
                        sweep_query(sweep, route, EXAMPLES[route.key], reader)
    return sweep


def test_nobody_reads_on_any_page_what_is_not_for_him(walked: Walked) -> None:
    before = database.snapshot()
    sweep = swept(walked.made, walked.people, api=False)
    assert not sweep.faults, told(sweep)
    # Also by what no statement of ours would show: the rows of every table are the same after.
    assert not database.changes(before, database.snapshot())
    viewers = [reader.viewer() for reader in walked.people.values() if usual(reader)]
    readable = {
        canary.what: canary.word
        for canary in walked.made.words
        if any(canary.sees(viewer) for viewer in viewers)
    }
    # A word that those who may read it never met proves nothing about the others.
    unmet = {what for what, word in readable.items() if word not in sweep.met}
    assert unmet == NEVER_SHOWN.keys() & readable.keys()


def test_no_program_reads_what_is_not_for_its_person(walked: Walked) -> None:
    before = database.snapshot()
    sweep = swept(walked.made, walked.programs, api=True)
    assert not sweep.faults, told(sweep)
    assert not database.changes(before, database.snapshot())
    assert len(sweep.met) > 40


def test_the_sweep_turns_red_when_one_query_forgets_who_reads(
    walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    (route,) = [one for one in all_routes() if one.key == "warnings/"]
    charlie = walked.people["charlie"]
    before = Sweep(walked.made)
    sweep_paths(before, route, EXAMPLES[route.key], charlie)
    assert not before.faults, told(before)

    asked = warnings._visible
    alice = walked.people["alice"].viewer()
    monkeypatch.setattr(warnings, "_visible", lambda viewer: asked(alice))
    after = Sweep(walked.made)
    sweep_paths(after, route, EXAMPLES[route.key], charlie)
    assert any("warnings/" in fault and "charlie" in fault for fault in after.faults), told(after)
