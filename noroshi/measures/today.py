"""The rows of Today about instructions."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from noroshi.directory.areas import NothingToDo, Today
from noroshi.directory.viewer import Viewer
from noroshi.measures import queries
from noroshi.measures.queries import Instruction
from noroshi.ui.shapes import Row


def today_for(viewer: Viewer, most: int) -> Today:
    """Instructions to answer, to verify and to decide, and those that operators work on."""
    mine, with_operators = queries.today_for(viewer, most)
    return Today(
        mine=_mine(mine),
        others=_others(with_operators),
        nothing=NothingToDo(
            _("Nothing waits for you. Instructions that name you appear here, and come by mail.")
        ),
    )


def _mine(instructions: Iterable[Instruction]) -> list[Row]:
    return [
        Row(
            row.title if row.state in ("open", "started") else _to_check(row),
            reverse("measures:instruction", args=[row.public_id]),
            meta=[text for text in (row.subject_title, row.subject_key) if text],
            due=row.due_at,
            icon="task",
            tone="bad" if row.is_late else "go",
        )
        for row in instructions
    ]


def _others(instructions: Iterable[Instruction]) -> list[Row]:
    return [
        Row(
            row.title,
            reverse("measures:instruction", args=[row.public_id]),
            meta=(row.subject_key or row.subject_title,),
            due=row.due_at,
            end=", ".join(str(person) for person in row.operators.all()),
        )
        for row in instructions
    ]


def _to_check(row: Instruction) -> str:
    word = _("Verify: %(title)s") if row.state == "done" else _("Decide what comes next: %(title)s")
    return word % {"title": row.title}
