"""The label of an instruction, which names its operators, also on a TLP:RED matter.

The label of such an instruction is RED too: it carries the matter's title and key. It names the
people whom the matter names and the chosen operators, the release register keeps that audience,
and mail takes a notice without content whose link asks to sign in.
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

_FROZEN_FIELDS = (
    "subject_key",
    "subject_title",
    "system_name",
    "kind",
    "why",
    "text",
    "current_version",
    "wanted_version",
    "due_at",
)


def label_for(team: Team, operators: Collection[Person], red_readers: Iterable[Person]) -> Label:
    """An INTERNAL label that names the operators; a RED one, in draft, where the matter is RED."""
    readers = list(red_readers)
    if not readers:
        return labelling.own_label(team, named=operators)
    return labelling.draft_label(team, Sensitivity.RED, named=[*readers, *operators])


def is_red(instruction: Instruction) -> bool:
    """Whether only the people whom it names may read it."""
    return instruction.label.sensitivity == Sensitivity.RED


def release(instruction: Instruction, *, by: Viewer) -> Release | None:
    """Put a RED instruction into the register with its exact readers; ``None`` for any other."""
    if not is_red(instruction):
        return None
    entry, _audience = register.release(
        thing_kind="instruction",
        thing_id=instruction.public_id,
        label=instruction.label,
        text=_frozen_text(instruction),
        by=by,
    )
    return entry


def rename_operators(instruction: Instruction, operators: Collection[Person]) -> None:
    """Name these operators and no longer those before; people whom a RED matter names stay."""
    if not is_red(instruction):
        labelling.name(instruction.label, operators)
        return
    gone = set(instruction.operators.values_list("pk", flat=True))
    gone -= {instruction.instructed_by_id, instruction.manager_id}
    others = Person.objects.filter(pk__in=instruction.label.named_ids() - gone)
    labelling.name(instruction.label, [*others, *operators])


def _frozen_text(instruction: Instruction) -> str:
    fields = {name: getattr(instruction, name) for name in _FROZEN_FIELDS}
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS).decode()
