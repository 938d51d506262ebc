"""The sweeps in cases of an area and a door, which processes share; and what each case saw.

A case writes a note when it ends, into a folder that all processes of a run share. What holds only
for a sweep as a whole is tested from the notes of all its cases.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

from tests.harness.examples import AREAS
from tests.harness.routes import Route, all_routes


def cases(*, api: bool) -> dict[str, list[Route]]:
    """The routes of this door by area; those without an example in a case of their own, which fails."""
    by_area: dict[str, list[Route]] = defaultdict(list)
    for route in all_routes():
        if route.is_api is api:
            by_area[AREAS.get(route.key, "no example")].append(route)
    return dict(by_area)


@dataclass
class Note:
    """The outcome of a case: whether it ended well, words by what carries them, routes that wrote."""

    ended_well: bool = False
    requests: int = 0
    met: list[str] = field(default_factory=list)
    wrote: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Notes:
    """The notes of a run, of which ``chosen`` are the names of all tests in it.

    ``patience`` is how many seconds other processes have to end their cases.
    """

    folder: Path
    chosen: frozenset[str]
    patience: float = 0

    @contextmanager
    def noting(self, case: str) -> Iterator[Note]:
        """The note of this case, written when the block ends, however it ends."""
        note = Note()
        try:
            yield note
            note.ended_well = True
        finally:
            self.folder.mkdir(parents=True, exist_ok=True)
            new = self.folder / f".{case}"
            new.write_text(json.dumps(asdict(note)))
            new.rename(self.folder / case)

    def of(self, test: str, areas: Iterable[str]) -> list[Note]:
        """The notes of every case of a test, when all have ended; fails where there are not all."""
        names = {f"{test}[{area}]" for area in areas}
        if left_out := sorted(names - self.chosen):
            pytest.fail(
                "Only a part of the sweep was chosen, so nothing can be said of it as a whole: "
                f"{', '.join(left_out)} did not run."
            )
        until = time.monotonic() + self.patience
        while missing := sorted(case for case in names if not (self.folder / case).exists()):
            if time.monotonic() >= until:
                pytest.fail(f"No note was left by {', '.join(missing)}.")
            time.sleep(0.2)
        notes = {case: Note(**json.loads((self.folder / case).read_text())) for case in names}
        if failed := sorted(case for case, note in notes.items() if not note.ended_well):
            pytest.fail(f"Not all of the sweep ended well, see {', '.join(failed)}.")
        return list(notes.values())
