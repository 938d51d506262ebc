"""The CSIRT instructs operators, instructs again, moves the day, or withdraws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import transaction

from noroshi.core import history
from noroshi.core.errors import gettext_noop
from noroshi.core.files import clean_name, store
from noroshi.core.single_line import single_line
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.measures import labelling, permissions
from noroshi.measures.checks import (
    UploadedFile,
    check_due,
    check_order,
    check_text,
    checked_files,
    checked_operators,
)
from noroshi.measures.models import Attachment, Instruction
from noroshi.measures.notices import hand_over, notify, notify_subject
from noroshi.measures.searching import make_findable
from noroshi.measures.states import WITH_OPERATOR, State, check_step
from noroshi.sharing import links


@dataclass(frozen=True, slots=True)
class Subject:
    """Why there is something to do: an assessment, with the CVE id as ``key``."""

    kind: str
    public_id: str
    title: str
    key: str = ""


class System(Protocol):
    """The system to work on, as the inventory knows it."""

    @property
    def public_id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def exposure(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Order:
    """The work on one system: what is to be done until when; ``why`` is in plain words."""

    kind: str
    text: str
    due_at: datetime
    why: str = ""
    current_version: str = ""
    wanted_version: str = ""
    attachments: Sequence[UploadedFile] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, with the name its sender gave it."""

    name: str
    raw: bytes

    @property
    def size(self) -> int:
        return len(self.raw)


@transaction.atomic
def instruct(
    *,
    team: Team,
    subject: Subject,
    system: System,
    order: Order,
    operators: Iterable[Person],
    manager: Person | None = None,
    red_readers: Iterable[Person] = (),
    by: Viewer,
) -> Instruction:
    """Tell the operators of one system what to do until when; each gets a mail with a link.

    ``manager`` decided on it and hears of it when it is late. ``red_readers`` are the people whom
    a TLP:RED matter names (see ``labelling``).
    """
    permissions.may_instruct.check(by, team.pk)
    people = checked_operators(team, operators)
    check_order(order.kind, order.text, order.due_at)
    instruction = _unsaved(subject, system, order)
    instruction.team = team
    instruction.label = labelling.label_for(team, people, red_readers)
    instruction.manager = manager
    instruction.instructed_by_id = by.person_id
    instruction.save(force_insert=True)
    instruction.operators.set(people)
    _attach(instruction, order.attachments)
    after = {
        "subject": subject.public_id,
        "system": system.public_id,
        "kind": order.kind,
        "due_at": order.due_at.isoformat(),
        "operators": [person.public_id for person in people],
        "files": [upload.name for upload in order.attachments],
    }
    history.record("measures.instruct", instruction, by=by, after=after)
    hand_over(instruction, people, by=by, release=labelling.release(instruction, by=by))
    notify_subject(instruction)
    make_findable(instruction)
    return instruction


@transaction.atomic
def instruct_again(
    *,
    instruction: Instruction,
    text: str,
    due_at: datetime,
    operators: Iterable[Person],
    by: Viewer,
) -> Instruction:
    """Give the work anew: other words, another day or other operators. Old links end."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_change.check(by, row)
    if row.state not in WITH_OPERATOR:
        check_step(row.state, State.OPEN)
    people = checked_operators(row.team, operators)
    check_order(row.kind, text, due_at)
    before = {
        "due_at": row.due_at.isoformat(),
        "state": row.state,
        "operators": list(row.operators.values_list("public_id", flat=True)),
    }
    gone = [person for person in row.operators.all() if person not in people]
    row.text, row.due_at, row.state = text.strip(), due_at, State.OPEN
    row.operator_reminded_at = row.manager_reminded_at = None
    row.save()
    labelling.rename_operators(row, people)
    row.operators.set(people)
    links.revoke_for("instruction", row.public_id, by=by)
    after = {
        "due_at": due_at.isoformat(),
        "operators": [person.public_id for person in people],
        "no_longer": [person.public_id for person in gone],
    }
    history.record("measures.instruct_again", row, by=by, before=before, after=after)
    hand_over(row, people, by=by, release=labelling.release(row, by=by))
    notify_subject(row)
    make_findable(row)
    return row


@transaction.atomic
def send_link_again(*, instruction: Instruction, by: Viewer) -> None:
    """Take back every link of the instruction and mail fresh ones."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_instruct.check(by, row.team_id)
    if row.state not in WITH_OPERATOR:
        check_step(row.state, State.STARTED)
    links.revoke_for("instruction", row.public_id, by=by)
    history.record("measures.send_link_again", row, by=by)
    hand_over(row, list(row.operators.all()), by=by)


@transaction.atomic
def change_due(*, instruction: Instruction, due_at: datetime, text: str = "", by: Viewer) -> None:
    """Move the day; the operators hear of it, and reminders start anew."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_instruct.check(by, row.team_id)
    if row.state not in WITH_OPERATOR:
        check_step(row.state, State.STARTED)
    check_due(due_at)
    before = row.due_at.isoformat()
    note = text.strip()
    row.due_at = due_at
    row.operator_reminded_at = row.manager_reminded_at = None
    row.save(update_fields=["due_at", "operator_reminded_at", "manager_reminded_at"])
    history.record(
        "measures.change_due",
        row,
        by=by,
        before={"due_at": before},
        after={"due_at": due_at.isoformat(), "text": note},
    )
    notify("due_changed", row, row.operators.all(), by=by, link=True, before_at=before, note=note)


@transaction.atomic
def withdraw(*, instruction: Instruction, text: str, by: Viewer) -> None:
    """Nothing is to be done any more: the links end, the operators hear of it."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_change.check(by, row)
    check_step(row.state, State.WITHDRAWN)
    check_text("text", text, gettext_noop("Say in a line why it is withdrawn."))
    before = row.state
    row.state = State.WITHDRAWN
    row.save(update_fields=["state"])
    links.revoke_for("instruction", row.public_id, by=by)
    history.record(
        "measures.withdraw",
        row,
        by=by,
        before={"state": before},
        after={"state": row.state, "text": text.strip()},
    )
    notify("withdrawn", row, row.operators.all(), by=by, note=text.strip())
    notify_subject(row)


def _unsaved(subject: Subject, system: System, order: Order) -> Instruction:
    return Instruction(
        subject_kind=subject.kind,
        subject_id=subject.public_id,
        subject_title=single_line(subject.title, 300),
        subject_key=single_line(subject.key, 60),
        system_id=system.public_id,
        system_name=single_line(system.name, 200),
        exposure=system.exposure,
        current_version=single_line(order.current_version, 100),
        wanted_version=single_line(order.wanted_version, 100),
        kind=order.kind,
        why=order.why.strip(),
        text=order.text.strip(),
        due_at=order.due_at,
    )


def _attach(instruction: Instruction, uploads: Sequence[UploadedFile]) -> None:
    for upload in checked_files(uploads):
        stored = store(upload.raw)
        Attachment.objects.create(
            instruction=instruction,
            sha256=stored.sha256,
            name=clean_name(upload.name),
            size=stored.size,
        )
