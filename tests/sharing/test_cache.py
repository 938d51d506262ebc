"""An answer cached for a reader is the reader's own, and gone with the next action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.core import history
from noroshi.core.history import SYSTEM
from noroshi.directory.viewer import Viewer
from noroshi.sharing.cache import cached
from tests.harness.people import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def counting() -> Callable[[], int]:
    """A look-up with another answer each time."""
    numbers = iter(range(100))
    return lambda: next(numbers)


def act(what: str) -> None:
    with transaction.atomic():
        history.record("sharing.test", ("thing", what), by=SYSTEM)


def test_an_answer_is_looked_up_once_while_nothing_happens(
    alice: Viewer, counting: Callable[[], int]
) -> None:
    assert [cached(alice, "n", counting) for _ in range(3)] == [0, 0, 0]
    assert cached(alice, "another thing", counting) == 1


def test_any_action_by_anybody_makes_it_looked_up_again(
    alice: Viewer, counting: Callable[[], int]
) -> None:
    assert cached(alice, "n", counting) == 0
    act("somebody did something")
    assert cached(alice, "n", counting) == 1


def test_a_minute_later_it_is_looked_up_again(alice: Viewer, counting: Callable[[], int]) -> None:
    assert cached(alice, "n", counting) == 0
    assert cached(replace(alice, now=alice.now + timedelta(minutes=1)), "n", counting) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"person_id": 4711},
        {"roles": {}},
        {"good_team_ids": frozenset()},
        {"circle_ids": frozenset({99})},
        {"is_member": None},
        {"scopes": frozenset({"read"})},
        {"channels": ("download",)},
        {"language": "en"},
        {"time_zone": "Europe/Berlin"},
    ],
)
def test_who_differs_in_anything_that_counts_is_another_reader(
    alice: Viewer, counting: Callable[[], int], other: dict[str, object]
) -> None:
    assert cached(alice, "n", counting) == 0
    if "is_member" in other:
        other = {"is_member": not alice.is_member}
    assert cached(replace(alice, **other), "n", counting) == 1  # type: ignore[arg-type]
    assert cached(alice, "n", counting) == 0


def test_before_the_first_action_of_an_instance_nothing_is_cached(
    counting: Callable[[], int],
) -> None:
    assert not history.end()
    assert [cached(Viewer(), "n", counting) for _ in range(2)] == [0, 1]


def test_all_of_a_page_that_is_only_read_is_of_one_state(
    world: World, sign_in: Callable[..., Client]
) -> None:
    browser = sign_in(world.alice)
    for path in ("/", "/vulnerabilities/", "/measures/", "/warnings/"):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(path).status_code == 200
        assert sum("core_historyhead" in query["sql"] for query in captured) == 1, path
