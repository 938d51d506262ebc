"""Instructing operators, and everything that happens until another person says it is done.

Each action is one transaction: the row is locked and read again, so that of two people who act
at once the second is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction

from noroshi.core import clock, history, jobs
from noroshi.core.errors import Malformed, NotFound, gettext_noop
from noroshi.core.files import clean_name, store
from noroshi.core.history import SYSTEM, Actor
from noroshi.core.lines import one_line
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.queries import people_in
from noroshi.directory.viewer import Viewer
from noroshi.measures import naming, permissions
from noroshi.measures.models import (
    Answer,
    Attachment,
    Evidence,
    Instruction,
    Kind,
    Reason,
    What,
)
from noroshi.measures.states import WITH_OPERATOR, State, check_step
from noroshi.sharing import links, outbox
from noroshi.sharing.models import Release

ANSWER = "measures.answer"  # the purpose of the mailed link
MAX_FILES = 10
MAX_FILE_BYTES = 25 * 1024 * 1024
LINK_DAYS_PAST_DUE = 14
NOTHING_TO_VERIFY = gettext_noop(
    "Give the new version, a line or a file, so that another person can verify it."
)

# Who is told, by kind of subject, that an instruction on it moved. By name, because the area that
# decides stands above this one.
MOVED = {"assessment": "noroshi.vulnerabilities.jobs.measures_moved"}


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


class Sent(Protocol):
    """A file on its way in; ``raw`` may read it from disk each time, so ask once."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def raw(self) -> bytes: ...


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
    attachments: Sequence[Sent] = (),
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
    permissions.check_may_instruct(by, team)
    people = _checked_operators(team, operators)
    _check_order(kind, text, due_at)
    instruction = Instruction.objects.create(
        team=team,
        label=naming.label_for(team, people, red_readers),
        subject_kind=subject.kind,
        subject_id=subject.public_id,
        subject_title=one_line(subject.title, 300),
        subject_key=one_line(subject.key, 60),
        system_id=system.public_id,
        system_name=one_line(system.name, 200),
        exposure=system.exposure,
        current_version=one_line(current_version, 100),
        wanted_version=one_line(wanted_version, 100),
        kind=kind,
        why=why.strip(),
        text=text.strip(),
        due_at=due_at,
        manager=manager,
        instructed_by_id=by.person_id,
    )
    instruction.operators.set(people)
    for upload in _checked_files(attachments):
        kept = store(upload.raw)
        Attachment.objects.create(
            instruction=instruction,
            sha256=kept.sha256,
            name=clean_name(upload.name),
            size=kept.size,
        )
    history.record(
        "measures.instruct", "instruction", instruction.public_id, by=by,
        after={
            "subject": subject.public_id, "system": system.public_id, "kind": kind,
            "due_at": due_at.isoformat(), "operators": [person.public_id for person in people],
            "files": [upload.name for upload in attachments],
        },
    )  # fmt: skip
    _give(instruction, people, by=by, release=naming.release(instruction, by=by))
    _moved(instruction)
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
    row = _locked(instruction, by)
    permissions.check_may_change(by, row)
    if row.state not in WITH_OPERATOR:
        check_step(row.state, State.OPEN)
    people = _checked_operators(row.team, operators)
    _check_order(row.kind, text, due_at)
    before = {"due_at": row.due_at.isoformat(), "state": row.state, "operators": _ids_of(row)}
    gone = [person for person in row.operators.all() if person not in people]
    row.text, row.due_at, row.state = text.strip(), due_at, State.OPEN
    row.operator_reminded_at = row.manager_reminded_at = None
    row.save()
    naming.name_instead(row, people)
    row.operators.set(people)
    links.revoke_for("instruction", row.public_id, by=by)
    history.record(
        "measures.instruct_again", "instruction", row.public_id, by=by, before=before,
        after={
            "due_at": due_at.isoformat(), "operators": [person.public_id for person in people],
            "no_longer": [person.public_id for person in gone],
        },
    )  # fmt: skip
    _give(row, people, by=by, release=naming.release(row, by=by))
    _moved(row)
    return row


@transaction.atomic
def send_link_again(*, instruction: Instruction, by: Viewer) -> None:
    """Take back every link of the instruction and mail fresh ones."""
    row = _locked(instruction, by)
    permissions.check_may_instruct(by, row.team)
    if row.state not in WITH_OPERATOR:
        check_step(row.state, State.STARTED)
    links.revoke_for("instruction", row.public_id, by=by)
    history.record("measures.send_link_again", "instruction", row.public_id, by=by)
    _give(row, list(row.operators.all()), by=by)


@transaction.atomic
def change_due(*, instruction: Instruction, due_at: datetime, text: str = "", by: Viewer) -> None:
    """Move the day; the operators hear of it, and reminders start anew."""
    row = _locked(instruction, by)
    permissions.check_may_instruct(by, row.team)
    if row.state not in WITH_OPERATOR:
        check_step(row.state, State.STARTED)
    _check_due(due_at)
    before = row.due_at
    row.due_at = due_at
    row.operator_reminded_at = row.manager_reminded_at = None
    row.save(update_fields=["due_at", "operator_reminded_at", "manager_reminded_at"])
    history.record(
        "measures.change_due", "instruction", row.public_id, by=by,
        before={"due_at": before.isoformat()},
        after={"due_at": due_at.isoformat(), "text": text.strip()},
    )  # fmt: skip
    _tell(
        "due_changed", row, row.operators.all(), by=by, link=True,
        before_at=before.isoformat(), note=text.strip(),
    )  # fmt: skip


@transaction.atomic
def withdraw(*, instruction: Instruction, text: str, by: Viewer) -> None:
    """Nothing is to be done any more: the links end, the operators hear of it."""
    row = _locked(instruction, by)
    permissions.check_may_change(by, row)
    check_step(row.state, State.WITHDRAWN)
    _check_said("text", text, gettext_noop("Say in a line why it is withdrawn."))
    before = row.state
    row.state = State.WITHDRAWN
    row.save(update_fields=["state"])
    links.revoke_for("instruction", row.public_id, by=by)
    history.record(
        "measures.withdraw", "instruction", row.public_id, by=by,
        before={"state": before}, after={"state": row.state, "text": text.strip()},
    )  # fmt: skip
    _tell("withdrawn", row, row.operators.all(), by=by, note=text.strip())
    _moved(row)


# ---- the operator answers ------------------------------------------------------------


@transaction.atomic
def answer(
    *,
    instruction: Instruction,
    what: str,
    text: str = "",
    new_version: str = "",
    files: Sequence[Sent] = (),
    reason: str = "",
    by: Viewer,
) -> Answer:
    """An operator says: started, done (with something to verify it by), or cannot, because …"""
    row = _locked(instruction, by)
    permissions.check_may_answer(by, _operator_ids(row))
    said = _checked_what(what)
    check_step(row.state, State(said.value))
    _check_answer(said, text, new_version, files, reason)
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
        new_version=one_line(new_version, 100),
    )
    for upload in _checked_files(files):
        kept = store(upload.raw)
        Evidence.objects.create(
            answer=given, sha256=kept.sha256, name=clean_name(upload.name), size=kept.size
        )
    history.record(
        f"measures.answer_{said.value}", "instruction", row.public_id, by=by,
        before={"state": before},
        after={
            "state": row.state, "new_version": given.new_version, "reason": reason,
            "text": given.text, "files": len(files),
        },
    )  # fmt: skip
    if said is not What.STARTED:
        _tell(
            f"answered_{said.value}", row, _who_hears(row, said), by=by, note=given.text,
            new_version=given.new_version, reason=reason, files=len(files),
        )  # fmt: skip
    _moved(row)
    return given


@transaction.atomic
def answer_by_link(
    *,
    secret: str,
    what: str,
    text: str = "",
    new_version: str = "",
    files: Sequence[Sent] = (),
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
    row = _locked(instruction, by)
    permissions.check_may_instruct(by, row.team)
    if row.state != State.DONE:
        check_step(row.state, State.VERIFIED)
    _check_said("text", text, gettext_noop("Say in a line what is missing."))
    row.state, row.done_by, row.done_at = State.STARTED, None, None
    row.save(update_fields=["state", "done_by", "done_at"])
    history.record(
        "measures.send_back", "instruction", row.public_id, by=by,
        before={"state": State.DONE}, after={"state": row.state, "text": text.strip()},
    )  # fmt: skip
    _tell("sent_back", row, row.operators.all(), by=by, link=True, note=text.strip())
    _moved(row)


@transaction.atomic
def verify(*, instruction: Instruction, note: str = "", by: Viewer) -> None:
    """Another person than the one who did it says that it is done."""
    row = _locked(instruction, by)
    check_step(row.state, State.VERIFIED)
    permissions.check_may_verify(by, row)
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
        "measures.close", "instruction", row.public_id, by=SYSTEM,
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
        history.record("measures.remind_operator", "instruction", row.public_id, by=SYSTEM)
        _tell("late_operator", row, row.operators.all(), by=SYSTEM, link=True)
    if row.manager_reminded_at is None and row.due_at + manager_after <= now:
        row.manager_reminded_at = now
        row.save(update_fields=["manager_reminded_at"])
        history.record("measures.remind_manager", "instruction", row.public_id, by=SYSTEM)
        _tell("late_manager", row, _managers(row), by=SYSTEM)


# ---- parts ---------------------------------------------------------------------------


def _locked(instruction: Instruction, by: Viewer) -> Instruction:
    """The row as it is now, held until the transaction ends."""
    row = (
        Instruction.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("team", "label")
        .filter(pk=instruction.pk)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def _verified(row: Instruction, *, note: str, by: Actor) -> None:
    row.state, row.verified_at = State.VERIFIED, clock.now()
    row.save(update_fields=["state", "verified_by", "verified_at"])
    history.record(
        "measures.verify", "instruction", row.public_id, by=by,
        before={"state": State.DONE}, after={"state": row.state, "text": note},
    )  # fmt: skip
    _tell("verified", row, row.operators.all(), by=by, note=note)
    _moved(row)


def _moved(row: Instruction) -> None:
    """Let the area above look at what is left to do on the subject."""
    if path := MOVED.get(row.subject_kind):
        jobs.enqueue(path, row.subject_id)


def _give(
    instruction: Instruction,
    people: Sequence[Person],
    *,
    by: Viewer,
    release: Release | None = None,
) -> None:
    _tell("given", instruction, people, by=by, link=True, release=release)


def _tell(
    event: str,
    row: Instruction,
    to: Iterable[Person],
    *,
    by: Actor,
    link: bool = False,
    release: Release | None = None,
    **more: Any,
) -> None:
    """Post one notice to some people; who acted is not told what he did himself.

    What is RED opens by no mailed secret: whoever has the mail would read it.
    """
    with_link: dict[str, Any] = {}
    if link and not naming.is_red(row):
        days = max((row.due_at - clock.now()).days + 1, 0) + LINK_DAYS_PAST_DUE
        with_link = {
            "link_purpose": ANSWER,
            "link_path": "/measures/answer/{secret}",
            "link_days": days,
        }
    notice = outbox.Notice(
        kind=f"instruction.{event}",
        thing_kind="instruction",
        thing_id=row.public_id,
        template=f"measures/mail/{event}",
        path=f"/measures/{row.public_id}",
        context={
            "id": row.public_id, "kind": row.kind, "system": row.system_name,
            "current_version": row.current_version, "wanted_version": row.wanted_version,
            "subject": row.subject_title, "subject_key": row.subject_key, "why": row.why,
            "text": row.text, "due_at": row.due_at.isoformat(), "by": by.actor_name,
            "operators": [person.name for person in row.operators.all()], **more,
        },
        **with_link,
    )  # fmt: skip
    others = [one for one in to if one.public_id != by.actor_id]
    outbox.post(notice, row.label, to=others, release=release)


def _who_hears(row: Instruction, said: What) -> list[Person]:
    return _managers(row) if said is What.CANNOT else _instructors(row)


def _instructors(row: Instruction) -> list[Person]:
    """Who instructed, while still in the CSIRT; else the team's CSIRT, else its manager."""
    people = list(people_in(row.team, Role.CSIRT, Role.MANAGER))
    return (
        [person for person in people if person.pk == row.instructed_by_id]
        or list(people_in(row.team, Role.CSIRT))
        or people
    )


def _managers(row: Instruction) -> list[Person]:
    """Who decided, while still a manager; else the team's managers, else its CSIRT."""
    people = list(people_in(row.team, Role.MANAGER))
    decided = [person for person in people if person.pk == row.manager_id]
    return decided or people or _instructors(row)


def _operator_ids(row: Instruction) -> frozenset[int]:
    return frozenset(row.operators.values_list("pk", flat=True))


def _ids_of(row: Instruction) -> list[str]:
    return list(row.operators.values_list("public_id", flat=True))


def _checked_operators(team: Team, operators: Iterable[Person]) -> list[Person]:
    wanted = {person.pk: person for person in operators}
    if not wanted:
        raise Malformed("operators", gettext_noop("Choose at least one operator."))
    if people_in(team).filter(pk__in=wanted).count() != len(wanted):
        raise Malformed("operators", gettext_noop("Every operator must be in your team now."))
    return list(wanted.values())


def _check_order(kind: str, text: str, due_at: datetime) -> None:
    if kind not in Kind.values:
        raise Malformed(
            "kind", gettext_noop("Choose one of: %(known)s."), known=", ".join(Kind.values)
        )
    _check_said("text", text, gettext_noop("Say what the operator is to do."))
    _check_due(due_at)


def _check_due(due_at: datetime) -> None:
    if due_at <= clock.now():
        raise Malformed("due_at", gettext_noop("Choose a time that is still to come."))


def _check_said(where: str, text: str, sentence: str) -> None:
    if not text.strip():
        raise Malformed(where, sentence)


def _checked_what(what: str) -> What:
    if what not in What.values:
        raise Malformed(
            "what", gettext_noop("Choose one of: %(known)s."), known=", ".join(What.values)
        )
    return What(what)


def _check_answer(
    said: What, text: str, new_version: str, given: Sequence[Sent], reason: str
) -> None:
    if reason and reason not in Reason.values:
        raise Malformed(
            "reason", gettext_noop("Choose one of: %(known)s."), known=", ".join(Reason.values)
        )
    if said is What.DONE and not (text.strip() or new_version.strip() or given):
        raise Malformed("text", NOTHING_TO_VERIFY)
    if said is What.CANNOT and not (reason or text.strip()):
        raise Malformed("reason", gettext_noop("Say why, so that another way can be found."))


def _checked_files(uploads: Sequence[Sent]) -> Sequence[Sent]:
    if len(uploads) > MAX_FILES:
        raise Malformed("files", gettext_noop("Up to %(count)d files."), count=MAX_FILES)
    for upload in uploads:
        if upload.size > MAX_FILE_BYTES:
            raise Malformed(
                "files",
                gettext_noop("%(name)s is larger than %(size)d MB."),
                name=clean_name(upload.name),
                size=MAX_FILE_BYTES // (1024 * 1024),
            )
    return uploads
