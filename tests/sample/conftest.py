"""The sample, loaded once for a module at a fixed moment and taken back afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.sample import loading
from noroshi.sample.replay import TOKYO

NOW = datetime(2026, 11, 24, 14, 10, tzinfo=TOKYO)  # a Tuesday


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Path]:
    """Ten weeks up to ``NOW``; the folder in which its files lie."""
    folder: Path = tmp_path_factory.mktemp("sample")
    with (
        django_db_blocker.unblock(),
        override_settings(NOROSHI_VAR=folder),
        time_machine.travel(NOW, tick=False),
        transaction.atomic(),
    ):
        loading.load()
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def sample(loaded: Path, db: None, settings: Any) -> None:
    """The loaded sample at the moment of its loading."""
    settings.NOROSHI_VAR = loaded


@pytest.fixture
def reader(sample: None) -> Callable[[str], Viewer]:
    """``reader("suzuki")`` is that person at the screen."""

    def viewer(name: str) -> Viewer:
        return viewer_for(Person.objects.get(mail__startswith=f"{name}@"))

    return viewer
