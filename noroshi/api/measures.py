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
def list_instructions(request: Call, query: Query[shapes.InstructionsQuery]) -> HttpResponse:
    """Instructions that the token may see, nearest due time first; an operator's shows the own."""
    return cached_response(request, lambda: _list_instructions(request.viewer, query))


def _list_instructions(viewer: Viewer, query: shapes.InstructionsQuery) -> HttpResponse:
    filters = queries.Filters(
        view=query.view,
        kinds=tuple(query.kind),
        states=tuple(query.state),
        subject_id=query.subject,
        system_id=query.system,
        words=query.q,
    )
    page = queries.page_for(viewer, filters, **query.place)
    return list_response([_row(row) for row in page.rows], after=page.after, before=page.before)


@area.reads("/instructions/{instruction_id}", shapes.Instruction)
def get_instruction(request: Call, instruction_id: Id) -> dict[str, Any]:
    """One instruction with its answers and files, and what this token may do with it now."""
    row = queries.instruction_for(request.viewer, instruction_id)
    steps = queries.steps_for(request.viewer, row)
    return {
        **_row(row),
        "why": row.why,
        "text": row.text,
        "instructed_by": reference_to(row.instructed_by),
        "instructed_at": row.instructed_at,
        "manager": reference_to(row.manager),
        "done_by": reference_to(row.done_by),
        "done_at": row.done_at,
        "verified_by": reference_to(row.verified_by),
        "verified_at": row.verified_at,
        "attachments": [_file(file) for file in queries.attachments_for(request.viewer, row)],
        "answers": [_answer(answer) for answer in queries.answers_for(request.viewer, row)],
        "steps": {name: getattr(steps, name) for name in shapes.Steps.model_fields},
    }


@area.reads("/instructions/{instruction_id}/files/{file_id}", None, **BYTES)
def download_file(request: Call, instruction_id: Id, file_id: Id) -> FileResponse:
    """A file given with the instruction, or shown as evidence for it."""
    viewer = request.viewer.through(DOWNLOAD)
    row = queries.instruction_for(viewer, instruction_id)
    file = queries.file_for(viewer, row, file_id)
    return files.download(file.sha256, file.name)


@area.reads("/instructions/{instruction_id}/timeline", Timeline)
def get_instruction_timeline(request: Call, instruction_id: Id) -> dict[str, Any]:
    """What happened to one instruction."""
    row = queries.instruction_for(request.viewer, instruction_id)
    return timeline(presenters.timeline(queries.history_of(row)))


@area.writes("POST", "/instructions/{instruction_id}/answer")
def answer_instruction(
    request: Call,
    instruction_id: Id,
    form: Form[shapes.NewAnswer],
    evidence: File[list[UploadedFile]] = [],  # noqa: B006  # ninja reads it as "none"
) -> None:
    """An operator named in it says: started, done, or cannot, with what shows it."""
    row = queries.instruction_for(request.viewer, instruction_id)
    sent = uploads(evidence, "evidence")
    actions.answer(instruction=row, **form.model_dump(), files=sent, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/verify")
def verify_instruction(request: Call, instruction_id: Id, body: Body[shapes.Verified]) -> None:
    """Another person than the one who did it says that it is done. Not with a team's token."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.verify(instruction=row, note=body.note, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/send-back")
def send_back_instruction(request: Call, instruction_id: Id, body: Body[shapes.SentBack]) -> None:
    """What was reported is not enough: the operator goes on."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.send_back(instruction=row, text=body.text, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/withdraw")
def withdraw_instruction(request: Call, instruction_id: Id, body: Body[shapes.Withdrawn]) -> None:
    """Nothing is to be done any more; the operators hear of it."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.withdraw(instruction=row, text=body.text, by=request.viewer)


@area.writes("PUT", "/instructions/{instruction_id}/due")
def change_due(request: Call, instruction_id: Id, body: Body[shapes.DueChange]) -> None:
    """Move the due time; the operators hear of it."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.change_due(instruction=row, due_at=body.due_at, text=body.text, by=request.viewer)


@area.writes("POST", "/instructions/{instruction_id}/again")
def instruct_again(request: Call, instruction_id: Id, body: Body[shapes.Again]) -> None:
    """Give the work anew, with other words, another day or other operators."""
    row = queries.instruction_for(request.viewer, instruction_id)
    actions.instruct_again(
        instruction=row,
        text=body.text,
        due_at=body.due_at,
        operators=people(request.viewer, body.operators, "operators"),
        by=request.viewer,
    )


def uploads(sent: Sequence[UploadedFile], where: str) -> list[actions.Upload]:
    """Files of a form; too many or too large ones are refused at ``where`` before any is read."""
    if len(sent) > checks.MAX_FILES:
        raise Malformed(where, gettext_noop("Up to %(count)d files."), count=checks.MAX_FILES)
    for file in sent:
        if (file.size or 0) > checks.MAX_FILE_BYTES:
            limit = checks.MAX_FILE_BYTES // 2**20
            raise TooLarge(where, gettext_noop("A file is larger than %(limit)d MB."), limit=limit)
    return [actions.Upload(file.name or "", file.read()) for file in sent]


def _row(row: queries.Instruction) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "team": reference_to(row.team),
        "title": row.title,
        "kind": row.kind,
        "state": row.state,
        "late": row.is_late,
        "due_at": row.due_at,
        "subject": {
            "kind": row.subject_kind,
            "id": row.subject_id,
            "key": row.subject_key,
            "title": row.subject_title,
        },
        "system": {"id": row.system_id, "name": row.system_name},
        "exposure": row.exposure,
        "current_version": row.current_version,
        "wanted_version": row.wanted_version,
        "operators": [reference_to(person) for person in row.operators.all()],
    }


def _file(file: Any) -> dict[str, Any]:
    return {"id": file.public_id, "name": file.name, "sha256": file.sha256, "size": file.size}


def _answer(row: queries.AnswerWithFiles) -> dict[str, Any]:
    answer = row.answer
    return {
        "what": answer.what,
        "reason": answer.reason,
        "text": answer.text,
        "new_version": answer.new_version,
        "by": answer.person_name,
        "answered_at": answer.answered_at,
        "evidence": [_file(file) for file in row.files],
    }
