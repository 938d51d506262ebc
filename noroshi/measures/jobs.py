"""Background entries: they act for no viewer, so they lock the row themselves and call an action."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from noroshi.core import clock
from noroshi.measures import actions, searching
from noroshi.measures.models import Instruction
from noroshi.measures.states import WITH_OPERATOR, State
from noroshi.sharing import system

REMIND_EVERY_MINUTES = 10
MANAGER_AFTER = timedelta(hours=24)  # how long after the due time the manager hears of it


def remind_late() -> None:
    """Remind of every late instruction, in one short transaction each; twice reminds once."""
    now = clock.now()
    late = _rows().filter(
        Q(operator_reminded_at=None) | Q(manager_reminded_at=None, due_at__lte=now - MANAGER_AFTER),
        state__in=WITH_OPERATOR,
        due_at__lte=now,
    )
    for public_id in list(late.order_by("due_at").values_list("public_id", flat=True)):
        with transaction.atomic():
            for row in _locked(public_id=public_id):
                actions.remind(row=row, manager_after=MANAGER_AFTER)


@transaction.atomic
def verify_by_inventory(instruction_id: str) -> None:
    """A newer SBOM shows that the work is done: that verifies it like another person would."""
    for row in _locked(public_id=instruction_id):
        actions.verify_by_inventory(row=row)


@transaction.atomic
def close(subject_id: str) -> None:
    """The subject is closed: so is each of its verified instructions."""
    for row in _locked(subject_id=subject_id, state=State.VERIFIED):
        actions.close(row=row)


@transaction.atomic
def make_findable(instruction_id: str) -> None:
    """An upgrade asks for each instruction once: before, none stood in quick search."""
    for row in _locked(public_id=instruction_id):
        searching.make_findable(row)


def _rows() -> QuerySet[Instruction]:
    return system.rows(Instruction, "reminding, and what the inventory shows, act for nobody")


def _locked(**conditions: str) -> QuerySet[Instruction]:
    return (
        _rows()
        .select_for_update(of=("self",))
        .select_related("team", "label")
        .filter(**conditions)
        .order_by("pk")
    )
