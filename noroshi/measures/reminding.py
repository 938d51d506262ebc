"""Late work: its operators are reminded, later its manager."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.history import SYSTEM
from noroshi.measures.models import Instruction
from noroshi.measures.notices import managers, notify
from noroshi.measures.states import WITH_OPERATOR


@transaction.atomic
def remind(*, row: Instruction, manager_after: timedelta) -> None:
    """Remind of late work: the operators, then the manager, each once. ``jobs`` has locked it."""
    now = clock.now()
    if row.state not in WITH_OPERATOR or row.due_at > now:
        return
    if row.operator_reminded_at is None:
        row.operator_reminded_at = now
        row.save(update_fields=["operator_reminded_at"])
        history.record("measures.remind_operator", row, by=SYSTEM)
        notify("late_operator", row, row.operators.all(), by=SYSTEM, link=True)
    if row.manager_reminded_at is None and row.due_at + manager_after <= now:
        row.manager_reminded_at = now
        row.save(update_fields=["manager_reminded_at"])
        history.record("measures.remind_manager", row, by=SYSTEM)
        notify("late_manager", row, managers(row), by=SYSTEM)
