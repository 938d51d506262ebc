"""A database that is filled once for a run: each process has its own copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from noroshi.core import files
from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import Organisation
from tests.harness.copies import Copies, standing_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def _django_db_helper(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """No transaction about the test, as when a process begins."""
    with django_db_blocker.unblock():
        yield


class Filling:
    """Makes one organisation and a file, and counts how often."""

    times = 0

    def __call__(self) -> str:
        self.times += 1
        directory.open_organisation(name="あおば製作所", by=SYSTEM)
        return files.store(b"drawing").sha256


def test_what_is_filled_once_is_there_in_every_copy(tmp_path: Path, settings: Any) -> None:
    copies, fill = Copies(tmp_path), Filling()
    with copies.of("aoba", fill) as first, copies.of("aoba", fill) as second:
        assert fill.times == 1
        for number, copy in enumerate((first, second)):
            settings.NOROSHI_VAR = tmp_path / str(number)
            copy.lay_files()
            assert files.read_file(copy.value) == b"drawing"
            with standing_on(copy.database):
                assert Organisation.objects.count() == 1


def test_what_one_process_writes_in_its_copy_no_other_sees(tmp_path: Path) -> None:
    copies, fill = Copies(tmp_path), Filling()
    with copies.of("aoba", fill) as first, copies.of("aoba", fill) as second:
        with standing_on(first.database):
            Organisation.objects.all().delete()
        with standing_on(second.database):
            assert Organisation.objects.count() == 1
    assert not Organisation.objects.exists()  # nor do tests on the empty database


def test_who_comes_after_it_was_taken_away_fills_it_anew(tmp_path: Path) -> None:
    copies, fill = Copies(tmp_path), Filling()
    for _ in range(2):
        with copies.of("aoba", fill) as copy, standing_on(copy.database):
            assert Organisation.objects.count() == 1
    assert fill.times == 2
