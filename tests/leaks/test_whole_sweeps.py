"""The rules that hold only for a sweep as a whole, tested from the notes of all its cases.

They begin last, see ``tests/conftest.py``: another process may still be at a case.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.readers import usual
from tests.leaks import test_canaries, test_writes
from tests.leaks.cases import Notes
from tests.leaks.conftest import Walked

# Words that nobody may meet anywhere, and why.
NEVER_SHOWN = {
    "name of a passkey": "a key's name is shown to nobody",
    "name of the token alice revoked": "a list holds the tokens that work",
    "component in a file under way": "the file is not read yet",
}


def test_every_word_that_somebody_may_read_was_met_on_a_page(walked: Walked, notes: Notes) -> None:
    """A word that those who may read it never met proves nothing about the others."""
    test = test_canaries.test_nobody_reads_on_any_page_what_is_not_for_them.__name__
    met = {what for note in notes.of(test, test_canaries.PAGES) for what in note.met}
    viewers = [reader.viewer() for reader in walked.people.values() if usual(reader)]
    readable = {
        canary.what
        for canary in walked.made.words
        if any(canary.sees(viewer) for viewer in viewers)
    }
    assert readable - met == NEVER_SHOWN.keys() & readable


def test_programs_met_words_through_the_api(notes: Notes) -> None:
    test = test_canaries.test_no_program_reads_what_is_not_for_its_person.__name__
    seen = notes.of(test, test_canaries.OPERATIONS)
    assert len({what for note in seen for what in note.met}) > 25


def test_the_right_forms_wrote_on_pages_and_through_the_api(notes: Notes) -> None:
    for test, areas, least in (
        (test_writes.test_no_page_writes_for_whoever_may_not, test_canaries.PAGES, 40),
        (test_writes.test_no_operation_writes_for_whoever_may_not, test_canaries.OPERATIONS, 15),
    ):
        seen = notes.of(test.__name__, areas)
        assert len({route for note in seen for route in note.wrote}) > least


# ---- and what a part of a sweep says -------------------------------------------------------


def in_two_areas(folder: Path, *chosen: str) -> Notes:
    return Notes(folder, frozenset(chosen or ("test_x[desk]", "test_x[warnings]")))


def test_a_sweep_says_what_all_its_cases_saw(tmp_path: Path) -> None:
    notes = in_two_areas(tmp_path)
    for case, what in (("test_x[desk]", "a"), ("test_x[warnings]", "b")):
        with notes.noting(case) as note:
            note.met.append(what)
    seen = notes.of("test_x", ["desk", "warnings"])
    assert sorted(what for note in seen for what in note.met) == ["a", "b"]


def test_a_sweep_without_a_note_of_one_case_fails(tmp_path: Path) -> None:
    notes = in_two_areas(tmp_path)
    with notes.noting("test_x[desk]"):
        pass
    with pytest.raises(pytest.fail.Exception, match=r"No note was left by test_x\[warnings\]"):
        notes.of("test_x", ["desk", "warnings"])


def test_a_sweep_of_which_one_case_failed_fails(tmp_path: Path) -> None:
    notes = in_two_areas(tmp_path)
    with notes.noting("test_x[desk]"):
        pass
    with pytest.raises(ZeroDivisionError), notes.noting("test_x[warnings]"):
        raise ZeroDivisionError
    with pytest.raises(pytest.fail.Exception, match=r"see test_x\[warnings\]"):
        notes.of("test_x", ["desk", "warnings"])


def test_a_sweep_that_did_not_run_as_a_whole_fails(tmp_path: Path) -> None:
    notes = in_two_areas(tmp_path, "test_x[desk]")
    with notes.noting("test_x[desk]"):
        pass
    with pytest.raises(pytest.fail.Exception, match=r"test_x\[warnings\] did not run"):
        notes.of("test_x", ["desk", "warnings"])
