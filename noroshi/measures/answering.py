"""The operator answers: started, done or cannot; signed in or by the mailed link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.files import clean_name, store
from noroshi.core.single_line import single_line
from noroshi.directory.viewer import Viewer
from noroshi.measures import permissions
from noroshi.measures.checks import UploadedFile, check_answer, checked_files, checked_what
from noroshi.measures.models import Answer, Evidence, Instruction, What
from noroshi.measures.notices import ANSWER, notify, notify_subject, recipients_of_answer
from noroshi.measures.states import State, check_step
from noroshi.sharing import links


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
    """Take an operator's answer: started, done with something to verify it by, or cannot and why."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_answer.check(by, _operator_ids(row))
    kind = checked_what(what)
    check_step(row.state, State(kind.value))
    check_answer(kind, text, new_version, files, reason)
    before = row.state
    row.state = State(kind.value)
    if kind is What.DONE:
        row.done_by_id, row.done_at = by.person_id, clock.now()
    row.save(update_fields=["state", "done_by", "done_at"])
    reply = Answer.objects.create(
        instruction=row,
        person_id=by.person_id,
        person_name=by.name,
        what=kind,
        reason=reason,
        text=text.strip(),
        new_version=single_line(new_version, 100),
    )
    _store_evidence(reply, files)
    content = {"new_version": reply.new_version, "reason": reason, "files": len(files)}
    after = {"state": row.state, "text": reply.text, **content}
    history.record(
        f"measures.answer_{kind.value}", row, by=by, before={"state": before}, after=after
    )
    _tell_others(row, reply, content, by)
    return reply


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
    reply = answer(
        instruction=instruction,
        what=what,
        text=text,
        new_version=new_version,
        files=files,
        reason=reason,
        by=by,
    )
    links.used(link, by=by)
    return reply


def _tell_others(row: Instruction, reply: Answer, content: dict[str, Any], by: Viewer) -> None:
    """Mail to those who wait for the answer, but not that work has begun; and to the subject."""
    kind = What(reply.what)
    if kind is not What.STARTED:
        people = recipients_of_answer(row, kind)
        notify(f"answered_{kind.value}", row, people, by=by, note=reply.text, **content)
    notify_subject(row)


def _store_evidence(reply: Answer, uploads: Sequence[UploadedFile]) -> None:
    for upload in checked_files(uploads):
        stored = store(upload.raw)
        Evidence.objects.create(
            answer=reply, sha256=stored.sha256, name=clean_name(upload.name), size=stored.size
        )


def _operator_ids(row: Instruction) -> frozenset[int]:
    return frozenset(row.operators.values_list("pk", flat=True))
