"""Loading into an empty instance: whole or not at all, at any hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine

from noroshi.core import history
from noroshi.core.history.models import HistoryRow
from noroshi.directory.models import Person
from noroshi.sample import loading
from noroshi.sample.replay import TOKYO


def test_a_loading_that_breaks_leaves_nothing(db: None, settings: Any, tmp_path: Any) -> None:
    settings.NOROSHI_VAR = tmp_path / "not a folder"
    settings.NOROSHI_VAR.write_text("where files would go")
    with pytest.raises(OSError, match="ot a directory"):
        loading.load_once()
    assert not Person.objects.exists()
    assert not HistoryRow.objects.exists()


def test_the_story_can_be_told_on_a_sunday_night(db: None) -> None:
    now = datetime(2026, 11, 29, 23, 40, tzinfo=TOKYO)
    with time_machine.travel(now, tick=False):
        loading.load_once()
        assert not list(history.verify())
        assert HistoryRow.objects.latest("number").at <= now
