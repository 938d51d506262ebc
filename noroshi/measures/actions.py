"""Instructing operators, and everything that happens until another person says it is done.

Each action is one transaction: the row is locked and read again, so that of two people who act
at once the second is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.errors import gettext_noop
from noroshi.core.files import clean_name, store
from noroshi.core.history import SYSTEM, Actor
from noroshi.core.single_line import single_line
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.measures import labelling, permissions
from noroshi.measures.checks import (
    UploadedFile,
    check_answer,
    check_due,
    check_order,
    check_text,
    checked_files,
    checked_operators,
    checked_what,
)
from noroshi.measures.models import (
    Answer,
    Attachment,
    Evidence,
    Instruction,
    What,
)
from noroshi.measures.notices import (
    ANSWER,
    hand_over,
    managers,
    notify,
    notify_subject,
    recipients_of_answer,
)
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
class Upload:
    """A file as it came, with the name its sender gave it."""

    name: str
    raw: bytes

    @property
    def size(self) -> int:
        return len(self.raw)


# ---- the CSIRT instructs -------------------------------------------------------------


@transaction.atomic
def instruct(
    *,
    team: Team,
    subject: Subject,
    system: System,
    kind: str,
    text: str,
    due_at: datetime,
    operators: Iterable[Person],
    attachments: Sequence[UploadedFile] = (),
    why: str = "",
    current_version: str = "",
    wanted_version: str = "",
    manager: Person | None = None,
    red_readers: Iterable[Person] = (),
    by: Viewer,
) -> Instruction:
    """Tell the operators of one system what to do until when; each gets a mail with a link.

    ``why`` is for the operator, in plain words. ``manager`` is who decided: told when it is late.
    ``red_readers`` are the people whom a TLP:RED matter names (see ``naming``).
    """
    permissions.may_instruct.check(by, team.pk)
    people = checked_operators(team, operators)
    check_order(kind, text, due_at)
    instruction = Instruction.objects.create(
        team=team,
        label=labelling.label_for(team, people, red_readers),
        subject_kind=subject.kind,
        subject_id=subject.public_id,
        subject_title=single_line(subject.title, 300),
        subject_key=single_line(subject.key, 60),
        system_id=system.public_id,
        system_name=single_line(system.name, 200),
        exposure=system.exposure,
        current_version=single_line(current_version, 100),
        wanted_version=single_line(wanted_version, 100),
        kind=kind,
        why=why.strip(),
        text=text.strip(),
        due_at=due_at,
        manager=manager,
        instructed_by_id=by.person_id,
    )
    instruction.operators.set(people)
    for upload in checked_files(attachments):
        kept = store(upload.raw)
        Attachment.objects.create(
            instruction=instruction,
            sha256=kept.sha256,
            name=clean_name(upload.name),
            size=kept.size,
        )
    history.record(
        "measures.instruct", instruction, by=by,
        after={
            "subject": subject.public_id, "system": system.public_id, "kind": kind,
            "due_at": due_at.isoformat(), "operators": [person.public_id for person in people],
            "files": [upload.name for upload in attachments],
        },
    )  # fmt: skip
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
    before = {"due_at": row.due_at.isoformat(), "state": row.state, "operators": _ids_of(row)}
    gone = [person for person in row.operators.all() if person not in people]
    row.text, row.due_at, row.state = text.strip(), due_at, State.OPEN
    row.operator_reminded_at = row.manager_reminded_at = None
    row.save()
    labelling.rename_operators(row, people)
    row.operators.set(people)
    links.revoke_for("instruction", row.public_id, by=by)
    history.record(
        "measures.instruct_again", row, by=by, before=before,
        after={
            "due_at": due_at.isoformat(), "operators": [person.public_id for person in people],
            "no_longer": [person.public_id for person in gone],
        },
    )  # fmt: skip
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
    before = row.due_at
    row.due_at = due_at
    row.operator_reminded_at = row.manager_reminded_at = None
    row.save(update_fields=["due_at", "operator_reminded_at", "manager_reminded_at"])
    history.record(
        "measures.change_due", row, by=by,
        before={"due_at": before.isoformat()},
        after={"due_at": due_at.isoformat(), "text": text.strip()},
    )  # fmt: skip
    notify(
        "due_changed", row, row.operators.all(), by=by, link=True,
        before_at=before.isoformat(), note=text.strip(),
    )  # fmt: skip


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
        "measures.withdraw", row, by=by,
        before={"state": before}, after={"state": row.state, "text": text.strip()},
    )  # fmt: skip
    notify("withdrawn", row, row.operators.all(), by=by, note=text.strip())
    notify_subject(row)


# ---- the operator answers ------------------------------------------------------------


@transaction.atomic
def answer(
    *,
    instruction: Instruction,
    what: str,
    text: str = "",
    new_version: str = "",
    files: Sequence[UploadedFile] = (),
    reason: str = "",
    by: Viewer,
) -> Answer:
    """An operator says: started, done (with something to verify it by), or cannot, because …"""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_answer.check(by, _operator_ids(row))
    said = checked_what(what)
    check_step(row.state, State(said.value))
    check_answer(said, text, new_version, files, reason)
    before = row.state
    row.state = State(said.value)
    if said is What.DONE:
        row.done_by_id, row.done_at = by.person_id, clock.now()
    row.save(update_fields=["state", "done_by", "done_at"])
    given = Answer.objects.create(
        instruction=row,
        person_id=by.person_id,
        person_name=by.name,
        what=said,
        reason=reason,
        text=text.strip(),
        new_version=single_line(new_version, 100),
    )
    for upload in checked_files(files):
        kept = store(upload.raw)
        Evidence.objects.create(
            answer=given, sha256=kept.sha256, name=clean_name(upload.name), size=kept.size
        )
    history.record(
        f"measures.answer_{said.value}", row, by=by,
        before={"state": before},
        after={
            "state": row.state, "new_version": given.new_version, "reason": reason,
            "text": given.text, "files": len(files),
        },
    )  # fmt: skip
    if said is not What.STARTED:
        notify(
            f"answered_{said.value}", row, recipients_of_answer(row, said), by=by, note=given.text,
            new_version=given.new_version, reason=reason, files=len(files),
        )  # fmt: skip
    notify_subject(row)
    return given


@transaction.atomic
def answer_by_link(
    *,
    secret: str,
    what: str,
    text: str = "",
    new_version: str = "",
    files: Sequence[UploadedFile] = (),
    reason: str = "",
) -> Answer:
    """The same answer by the mailed link, with no account; the use is noted."""
    link, by = links.opened(secret, ANSWER)
    instruction = Instruction.objects.one_for(by, public_id=link.thing_id)
    given = answer(
        instruction=instruction, what=what, text=text, new_version=new_version, files=files,
        reason=reason, by=by,
    )  # fmt: skip
    links.used(link, by=by)
    return given


# ---- another person looks ------------------------------------------------------------


@transaction.atomic
def send_back(*, instruction: Instruction, text: str, by: Viewer) -> None:
    """What was reported is not enough: the operator goes on."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_instruct.check(by, row.team_id)
    if row.state != State.DONE:
        check_step(row.state, State.VERIFIED)
    check_text("text", text, gettext_noop("Say in a line what is missing."))
    row.state, row.done_by, row.done_at = State.STARTED, None, None
    row.save(update_fields=["state", "done_by", "done_at"])
    history.record(
        "measures.send_back", row, by=by,
        before={"state": State.DONE}, after={"state": row.state, "text": text.strip()},
    )  # fmt: skip
    notify("sent_back", row, row.operators.all(), by=by, link=True, note=text.strip())
    notify_subject(row)


@transaction.atomic
def verify(*, instruction: Instruction, note: str = "", by: Viewer) -> None:
    """Another person than the one who did it says that it is done."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    check_step(row.state, State.VERIFIED)
    permissions.may_verify.check(by, row)
    row.verified_by_id = by.person_id
    _verified(row, note=note.strip(), by=by)


@transaction.atomic
def verify_found(*, row: Instruction) -> None:
    """The inventory shows the work: nobody's eyes, so nobody's name. ``jobs`` has locked ``row``."""
    if row.state == State.DONE:
        _verified(row, note="", by=SYSTEM)


@transaction.atomic
def close(*, row: Instruction) -> None:
    """The matter is closed above; what was verified is closed with it. ``jobs`` has locked it."""
    if row.state != State.VERIFIED:
        return
    row.state = State.CLOSED
    row.save(update_fields=["state"])
    links.revoke_for("instruction", row.public_id, by=SYSTEM)
    history.record(
        "measures.close", row, by=SYSTEM,
        before={"state": State.VERIFIED}, after={"state": row.state},
    )  # fmt: skip


# ---- what is late --------------------------------------------------------------------


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


# ---- parts ---------------------------------------------------------------------------


def _verified(row: Instruction, *, note: str, by: Actor) -> None:
    row.state, row.verified_at = State.VERIFIED, clock.now()
    row.save(update_fields=["state", "verified_by", "verified_at"])
    history.record(
        "measures.verify", row, by=by,
        before={"state": State.DONE}, after={"state": row.state, "text": note},
    )  # fmt: skip
    notify("verified", row, row.operators.all(), by=by, note=note)
    notify_subject(row)


def _operator_ids(row: Instruction) -> frozenset[int]:
    return frozenset(row.operators.values_list("pk", flat=True))


def _ids_of(row: Instruction) -> list[str]:
    return list(row.operators.values_list("public_id", flat=True))
