"""The history finds a changed, a removed, an added and a cut-off row, and names it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from noroshi.core import history
from noroshi.core.history import SYSTEM, Fault
from noroshi.core.history.models import HistoryHead, HistoryRow
from tests.sharing.test_racing_a_release import at_once, own_connections

__all__ = ["at_once", "own_connections"]  # fixtures


@pytest.fixture
def five(db: None) -> None:
    with transaction.atomic():
        for number in range(1, 6):
            history.record(
                "area.verb",
                ("thing", f"T-{number}"),
                by=SYSTEM,
                before=None,
                after={"番号": number, "a": 0.5},
            )


def test_an_untouched_history_holds(five: None) -> None:
    assert list(history.verify()) == []
    assert HistoryHead.objects.get().count == 5


def test_an_empty_history_holds(db: None) -> None:
    assert list(history.verify()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("after", {"番号": 9}),
        ("before", {}),
        ("actor", "P-1"),
        ("actor_name", "誰か"),
        ("action", "area.other"),
        ("thing_id", "T-9"),
        ("thing_kind", "other"),
    ],
)
def test_a_changed_row_is_named(five: None, field: str, value: object) -> None:
    HistoryRow.objects.filter(number=3).update(**{field: value})
    assert list(history.verify()) == [Fault(3, "changed")]


def test_a_row_whose_time_was_moved_is_named(five: None) -> None:
    row = HistoryRow.objects.get(number=2)
    HistoryRow.objects.filter(number=2).update(at=row.at.replace(year=2001))
    assert list(history.verify()) == [Fault(2, "changed")]


def test_a_row_rewritten_with_a_fitting_hash_breaks_the_next(five: None) -> None:
    row = HistoryRow.objects.get(number=3)
    row.after = {"番号": 9}
    from noroshi.core.history.chain import _hash

    row.row_hash = _hash(row)
    row.save()
    assert list(history.verify()) == [Fault(4, "does not follow the row before it")]


@pytest.mark.parametrize("number", [1, 3])
def test_a_removed_row_is_named(five: None, number: int) -> None:
    HistoryRow.objects.filter(number=number).delete()
    assert Fault(number, "missing") in list(history.verify())


def test_a_cut_off_end_is_named(five: None) -> None:
    HistoryRow.objects.filter(number__gte=4).delete()
    assert list(history.verify()) == [Fault(4, "missing"), Fault(5, "missing")]


def test_everything_removed_is_named(five: None) -> None:
    HistoryRow.objects.all().delete()
    assert [fault.number for fault in history.verify()] == [1, 2, 3, 4, 5]


def test_a_row_added_behind_the_head_is_named(five: None) -> None:
    last = HistoryRow.objects.get(number=5)
    last.number, last.previous_hash = 6, last.row_hash
    from noroshi.core.history.chain import _hash

    last.row_hash = _hash(last)
    last.save(force_insert=True)
    assert list(history.verify()) == [Fault(6, "was added behind the head of the chain")]


@pytest.mark.django_db(transaction=True)
def test_a_row_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        history.record("area.verb", ("thing", "T-1"), by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_an_action_that_fails_leaves_no_row() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        history.record("area.verb", ("thing", "T-1"), by=SYSTEM)
        raise ZeroDivisionError
    assert not HistoryRow.objects.exists()
    assert list(history.verify()) == []


def test_writing_a_row_costs_the_same_however_long_the_history_is(
    five: None, django_assert_num_queries: object
) -> None:
    with transaction.atomic(), django_assert_num_queries(3, connection=connection):  # type: ignore[operator]
        history.record("area.verb", ("thing", "T-1"), by=SYSTEM)


def test_nobody_waits_while_the_history_is_verified(at_once: Callable[..., dict[str, Any]]) -> None:
    """Somebody is in the middle of an action, and verifying ends before that action does."""
    verified, in_the_middle = threading.Event(), threading.Event()

    with transaction.atomic():
        history.record("area.verb", ("thing", "T-0"), by=SYSTEM)

    def act() -> bool:
        with transaction.atomic():
            history.record("area.verb", ("thing", "T-1"), by=SYSTEM)
            in_the_middle.set()
            return verified.wait(timeout=20)

    def verify() -> list[Fault]:
        in_the_middle.wait(timeout=20)
        faults = list(history.verify())
        verified.set()
        return faults

    assert at_once(act=act, verify=verify) == {"act": True, "verify": []}


def test_what_others_do_while_the_history_is_verified_is_no_fault(
    at_once: Callable[..., dict[str, Any]],
) -> None:
    def act() -> None:
        for number in range(60):
            with transaction.atomic():
                history.record("area.verb", ("thing", f"T-{number}"), by=SYSTEM)

    def verify() -> list[Fault]:
        return [fault for _ in range(60) for fault in history.verify()]

    assert at_once(act=act, verify=verify) == {"act": None, "verify": []}
    assert HistoryHead.objects.get().count == 60
