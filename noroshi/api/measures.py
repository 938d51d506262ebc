"""Instructions: what operators are to do, what they answer, and who looks at it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpResponse
from ninja import Body, File, Form, Query, UploadedFile

from noroshi.api.operations import Call, Operations, cached_response, list_response, timeline
from noroshi.api.problems import TooLarge
from noroshi.api.references import people, reference_to
from noroshi.api.schemas import measures as shapes
from noroshi.api.schemas.shared import Id, ItemList, Timeline
from noroshi.core import files
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions, checks, presenters, queries
from noroshi.sharing.channels import DOWNLOAD

area = Operations("Instructions")

BYTES = {
    "responses": {
        "200": {
            "description": "The stored bytes, as an attachment.",
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    }
}


@area.reads("/instructions", ItemList[shapes.InstructionRow])
def list_instructions(request: Call, asked: Query[shapes.InstructionsQuery]) -> HttpResponse:
    """Instructions that the token may see, nearest due time first; an operator's shows the own."""
    return cached_response(request, lambda: _list_instructions(request.viewer, asked))


def _list_instructions(viewer: Viewer, asked: shapes.InstructionsQuery) -> HttpResponse:
    filters = queries.Filters(
        view=asked.view, kinds=tuple(asked.kind), states=tuple(asked.state),
        subject_id=asked.subject, system_id=asked.system, words=asked.q,
    )  # fmt: skip
    part = queries.page_for(viewer, filters, **asked.place)
    return list_response([_row(row) for row in part.rows], after=part.after, before=part.before)


@area.reads("/instructions/{instruction_id}", shapes.Instruction)
def get_instruction(request: Call, instruction_id: Id) -> dict[str, Any]:
    """One instruction with its answers and files, and what this token may do with it now."""
    row = queries.instruction_for(request.viewer, instruction_id)
    steps = queries.steps_for(request.viewer, row)
    return {
        **_row(row), "why": row.why, "text": row.text,
        "instructed_by": reference_to(row.instructed_by), "instructed_at": row.instructed_at,
        "manager": reference_to(row.manager), "done_by": reference_to(row.done_by), "done_at": row.done_at,
        "verified_by": reference_to(row.verified_by), "verified_at": row.verified_at,
        "attachments": [_file(one) for one in queries.attachments_for(request.viewer, row)],
        "answers": [_answer(one) for one in queries.answers_for(request.viewer, row)],
        "steps": {name: getattr(steps, name) for name in shapes.Steps.model_fields},
    }  # fmt: skip


@area.reads("/instructions/{instruction_id}/files/{file_id}", None, **BYTES)
def download_file(request: Call, instruction_id: Id, file_id: Id) -> FileResponse:
    """A file given with the instruction, or shown as evidence for it."""
    viewer = request.viewer.through(DOWNLOAD)
    row = queries.instruction_for(viewer, instruction_id)
    found = queries.file_for(viewer, row, file_id)
    return files.download(found.sha256, found.name)


@area.reads("/instructions/{instruction_id}/timeline", Timeline)
def get_instruction_timeline(request: Call, instruction_id: Id) -> dict[str, Any]:
    """What happened to one instruction."""
    row = queries.instruction_for(request.viewer, instruction_id)
    return timeline(presenters.timeline(queries.history_of(row)))


@area.writes("POST", "/instructions/{instruction_id}/answer")
def answer_instruction(
    request: Call,
    instruction_id: Id,
    said: Form[shapes.NewAnswer],
    evidence: File[list[UploadedFile]] = [],  # noqa: B006  # ninja reads it as "none"
) -> None:
    """An operator named in it says: started, done, or cannot, with what shows it."""
    row = queries.instruction_for(request.viewer, instruction_id)
    sent = uploads(evidence, "evidence")
    actions.answer(instruction=row, **said.model_dump(), files=sent, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/verify")
def verify_instruction(request: Call, instruction_id: Id, said: Body[shapes.Verified]) -> None:
    """Another person than the one who did it says that it is done. Not with a team's token."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.verify(instruction=row, note=said.note, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/send-back")
def send_back_instruction(request: Call, instruction_id: Id, said: Body[shapes.SentBack]) -> None:
    """What was reported is not enough: the operator goes on."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.send_back(instruction=row, text=said.text, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/withdraw")
def withdraw_instruction(request: Call, instruction_id: Id, said: Body[shapes.Withdrawn]) -> None:
    """Nothing is to be done any more; the operators hear of it."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.withdraw(instruction=row, text=said.text, by=request.viewer)


@area.writes("PUT", "/instructions/{instruction_id}/due")
def change_due(request: Call, instruction_id: Id, said: Body[shapes.DueChange]) -> None:
    """Move the due time; the operators hear of it."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.change_due(instruction=row, due_at=said.due_at, text=said.text, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/again")
def instruct_again(request: Call, instruction_id: Id, said: Body[shapes.Again]) -> None:
    """Give the work anew, with other words, another day or other operators."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.instruct_again(
        instruction=row, text=said.text, due_at=said.due_at,
        operators=people(request.viewer, said.operators, "operators"), by=request.viewer,
    )  # fmt: skip


def uploads(sent: Sequence[UploadedFile], where: str) -> list[actions.Upload]:
    """Files of a form; too many or too large ones are refused at ``where`` before any is read."""
    if len(sent) > checks.MAX_FILES:
        raise Malformed(where, gettext_noop("Up to %(count)d files."), count=checks.MAX_FILES)
    for one in sent:
        if (one.size or 0) > checks.MAX_FILE_BYTES:
            limit = checks.MAX_FILE_BYTES // 2**20
            raise TooLarge(where, gettext_noop("A file is larger than %(limit)d MB."), limit=limit)
    return [actions.Upload(one.name or "", one.read()) for one in sent]


def _row(row: queries.Instruction) -> dict[str, Any]:
    return {
        "id": row.public_id, "team": reference_to(row.team), "title": row.title, "kind": row.kind,
        "state": row.state, "late": row.is_late, "due_at": row.due_at,
        "subject": {"kind": row.subject_kind, "id": row.subject_id, "key": row.subject_key,
                    "title": row.subject_title},
        "system": {"id": row.system_id, "name": row.system_name}, "exposure": row.exposure,
        "current_version": row.current_version, "wanted_version": row.wanted_version,
        "operators": [reference_to(person) for person in row.operators.all()],
    }  # fmt: skip


def _file(one: Any) -> dict[str, Any]:
    return {"id": one.public_id, "name": one.name, "sha256": one.sha256, "size": one.size}


def _answer(given: queries.AnswerWithFiles) -> dict[str, Any]:
    said = given.answer
    return {
        "what": said.what, "reason": said.reason, "text": said.text,
        "new_version": said.new_version, "by": said.person_name,
        "answered_at": said.answered_at, "evidence": [_file(one) for one in given.files],
    }  # fmt: skip
