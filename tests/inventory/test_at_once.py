"""People change what a file brings in at the same moment: nobody waits for another in a ring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from noroshi.inventory import actions
from noroshi.inventory.models import Component
from tests.harness.people import make_world
from tests.inventory.builders import taken_in
from tests.sharing.test_racing_a_release import at_once, own_connections

__all__ = ["at_once", "own_connections"]  # fixtures

TIMES = 6


def table(number: int) -> bytes:
    """Ten systems with ten components each; every file says something else of all of them."""
    exposure = "internet" if number % 2 else "internal"
    rows = [
        f"host {host},product {digit},{number}.{digit},{exposure}"
        for host in range(10)
        for digit in range(10)
    ]
    return "\n".join(["system,product,version,exposure", *rows]).encode()


def test_alice_enters_versions_while_the_teams_file_is_taken_in(
    at_once: Callable[..., dict[str, Any]],
) -> None:
    world = make_world()
    team, alice = world.teams["a"], world.viewer("alice")
    taken_in(table(0), "a.csv", team, alice)
    component = Component.objects.visible_to(alice).order_by("-pk")[0]
    ended = at_once(
        file=lambda: [
            taken_in(table(number), "a.csv", team, alice).state for number in range(1, TIMES)
        ],
        alice=lambda: [
            actions.set_version(component=component, version=f"x{number}", by=alice)
            for number in range(40)
        ],
    )
    assert ended["file"] == ["done"] * (TIMES - 1)
    assert isinstance(ended["alice"], list)
