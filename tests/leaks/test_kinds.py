"""Every kind of thing with a page is in the sweep, and is found by its number by who may see it."""

from __future__ import annotations

import pytest

from noroshi.directory.areas import Kind, kinds, unlabelled
from noroshi.directory.viewer import Viewer
from noroshi.sharing import search
from tests.harness.canaries import Canaries, Thing
from tests.leaks.conftest import Walked

WITH_PAGE = [kind for kind in kinds() if kind.page]

OUT_OF_SEARCH = {"system retired"}  # what is retired leaves search; its page stays


def things_of(made: Canaries, kind: Kind) -> list[Thing]:
    every = [thing for things in made.things.values() for thing in things]
    return [thing for thing in every if thing.id.startswith(f"{kind.prefix}-")]


def addresses(viewer: Viewer, kind: Kind, number: str) -> list[str]:
    """Where quick search leads with a number."""
    if kind.labelled:
        return [entry.path for entry in search.find(viewer, number) if entry.kind == kind.name]
    return [hit.kind.url(hit.public_id) for hit in unlabelled(viewer, number, 10)]


@pytest.mark.parametrize("kind", WITH_PAGE, ids=lambda kind: kind.name)
def test_a_kind_is_in_the_sweep(walked: Walked, kind: Kind) -> None:
    assert things_of(walked.made, kind), (
        f"No {kind.name} is in the world of words: make some of each label in the area's canaries."
    )


@pytest.mark.parametrize("kind", WITH_PAGE, ids=lambda kind: kind.name)
def test_whoever_may_see_a_thing_finds_it_by_its_number_and_nobody_else_does(
    walked: Walked, kind: Kind
) -> None:
    made = walked.made
    viewers = {name: made.viewer(name) for name in made.world.people}
    met = 0
    for thing in things_of(made, kind):
        for name, viewer in viewers.items():
            sees = thing.sees(viewer)
            met += sees
            is_found = sees and thing.what not in OUT_OF_SEARCH
            expected = [kind.url(thing.id)] if is_found else []
            assert addresses(viewer, kind, thing.id) == expected, f"{name}: {thing.what}"
    assert met, f"Nobody may see any {kind.name}."
