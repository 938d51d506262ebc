"""An area of the tests' own that listens to an event, so that no test needs the one above."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from noroshi.core import jobs
from noroshi.directory import areas
from noroshi.directory.areas import Area, Event, Listener


def note(thing_id: str) -> None:
    """A job that has nothing to do."""


@contextmanager
def listening(event: Event, of: str = "") -> Iterator[str]:
    """Inside the block ``event`` enqueues a job of ours too; its path is what the block gets."""
    more = {**areas.installed(), "tests": Area(listens=[Listener(event, note, of=of)])}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(areas, "installed", lambda: more)
        yield jobs.path_of(note)
