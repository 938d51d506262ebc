"""Whom an instruction names. Instructing on a TLP:RED matter names its operators, on the record.

The label of such an instruction is RED too: it carries the matter's title and key. It names whom
the matter names and the operators chosen, the release register keeps that audience, and mail
takes a notice without content whose link asks to sign in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import orjson

from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.measures.models import Instruction
from noroshi.sharing import labelling, register
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label, Release


def label_for(team: Team, operators: Collection[Person], red_readers: Iterable[Person]) -> Label:
    """INTERNAL, naming the operators; RED, in draft until it is released, where the matter is."""
    readers = list(red_readers)
    if not readers:
        return labelling.own_label(team, named=operators)
    return labelling.draft_label(team, Sensitivity.RED, named=[*readers, *operators])


def is_red(instruction: Instruction) -> bool:
    """May nobody read it but the people it names?"""
    return instruction.label.sensitivity == Sensitivity.RED


def release(instruction: Instruction, *, by: Viewer) -> Release | None:
    """Put a RED instruction into the register, with the exact people; an INTERNAL one stays home."""
    if not is_red(instruction):
        return None
    entry, _audience = register.release(
        thing_kind="instruction",
        thing_id=instruction.public_id,
        label=instruction.label,
        text=_frozen(instruction),
        by=by,
    )
    return entry


def rename_operators(instruction: Instruction, operators: Collection[Person]) -> None:
    """Name these operators and no longer those before; whom a RED matter names stays."""
    if not is_red(instruction):
        labelling.name(instruction.label, operators)
        return
    gone = set(instruction.operators.values_list("pk", flat=True))
    gone -= {instruction.instructed_by_id, instruction.manager_id}
    kept = Person.objects.filter(pk__in=instruction.label.named_ids() - gone)
    labelling.name(instruction.label, [*kept, *operators])


def _frozen(instruction: Instruction) -> str:
    whole = {
        name: getattr(instruction, name)
        for name in (
            "subject_key", "subject_title", "system_name", "kind", "why", "text",
            "current_version", "wanted_version", "due_at",
        )
    }  # fmt: skip
    return orjson.dumps(whole, option=orjson.OPT_SORT_KEYS).decode()
