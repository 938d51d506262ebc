"""Reading instructions for nobody: for matching and closing, which decide on what is left to do."""

from __future__ import annotations

from datetime import datetime

from noroshi.measures.models import Instruction
from noroshi.measures.states import UNFINISHED, State
from noroshi.sharing import system

WHY = "an assessment ends by what its instructions show, whoever reads it"


def standing_on(subject_id: str) -> dict[str, list[tuple[datetime, str]]]:
    """The instructions on a subject that were not withdrawn, by system (public id): for each the
    moment of instructing and the state."""
    rows = (
        system.rows(Instruction, WHY).filter(subject_id=subject_id).exclude(state=State.WITHDRAWN)
    )
    standing: dict[str, list[tuple[datetime, str]]] = {}
    for system_id, at, state in rows.values_list("system_id", "instructed_at", "state"):
        standing.setdefault(system_id, []).append((at, state))
    return standing


def unfinished_on(subject_id: str, system_ids: set[str]) -> list[str]:
    """The instructions on a subject that are still open for these systems."""
    rows = system.rows(Instruction, WHY).filter(
        subject_id=subject_id, system_id__in=system_ids, state__in=UNFINISHED
    )
    return list(rows.values_list("public_id", flat=True))
