"""Early warnings: written, released, answered, taken back. TLP:RED goes through no program."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Body, Query

from noroshi.api.operations import (
    Call,
    Operations,
    cached_response,
    created,
    list_response,
    timeline,
)
from noroshi.api.problems import sentence
from noroshi.api.references import circle, own_team, people, reference_to
from noroshi.api.schemas import warnings as shapes
from noroshi.api.schemas.shared import Id, ItemList, Timeline
from noroshi.core.paging import page_of
from noroshi.directory.models import Scope
from noroshi.directory.queries import people_for
from noroshi.directory.viewer import Viewer
from noroshi.sharing.audience import LeftOut, Reader, audience_of
from noroshi.sharing.labels import FROM_TLP
from noroshi.warnings import actions, completeness, presenters, queries

area = Operations("Early warnings")


@area.reads("/warnings", ItemList[shapes.WarningRow])
def list_warnings(request: Call, query: Query[shapes.WarningsAsked]) -> HttpResponse:
    """Warnings that the token may read, the last moved first."""
    return cached_response(request, lambda: _list_warnings(request.viewer, query))


def _list_warnings(viewer: Viewer, query: shapes.WarningsAsked) -> HttpResponse:
    labels = [FROM_TLP[tlp.removeprefix("TLP:")].value for tlp in query.tlp]
    warnings = queries.warnings_for(
        viewer, view=query.view, words=query.q.strip(), kinds=query.kind, labels=labels
    )
    page = page_of(warnings, ("-moved_at",), **query.place)
    own = queries.own_states(viewer, page.rows)
    items = [_row(warning, own.get(warning.pk)) for warning in page.rows]
    return list_response(items, after=page.after, before=page.before)


@area.writes("POST", "/warnings", status=201)
def draft_warning(request: Call, body: Body[shapes.NewWarning]) -> HttpResponse:
    """Begin a warning. A draft is the own team's, whatever its label says."""
    about = actions.About("assessment", body.about) if body.about else None
    warning = actions.draft(
        team=own_team(request.viewer, body.team),
        content=_content(request.viewer, body),
        about=about,
        by=request.viewer,
    )
    return created("/warnings", warning.public_id)


@area.reads("/warnings/{warning_id}", shapes.Warning)
def get_warning(request: Call, warning_id: Id) -> dict[str, Any]:
    """One warning as this reader may see it."""
    viewer = request.viewer
    sight = queries.detail_for(viewer, warning_id)
    warning, label = sight.warning, sight.warning.label
    own = sight.own[0].state if sight.own else None
    return {
        **_row(warning, own),
        "text": warning.text,
        "todo": warning.todo_lines,
        "circle": reference_to(label.circle),
        "embargo_until": label.embargo_until,
        "named": _named(viewer, label) if sight.is_owner else None,
        "drafted_at": warning.drafted_at,
        "withdrawn_at": warning.withdrawn_at,
        "withdrawn_why": warning.withdrawn_why,
        "answer_for": [reference_to(team) for team in sight.answering],
        "board": _board(sight.board) if sight.board and warning.release_id else None,
    }


@area.writes("PUT", "/warnings/{warning_id}")
def change_warning(request: Call, warning_id: Id, body: Body[shapes.Content]) -> None:
    """Write a draft anew. What has been released stays as it was read."""
    warning = queries.draft_for(request.viewer, warning_id)
    actions.change_draft(warning=warning, content=_content(request.viewer, body), by=request.viewer)


@area.writes("DELETE", "/warnings/{warning_id}")
def discard_warning(request: Call, warning_id: Id) -> None:
    """Throw a draft away."""
    actions.discard(warning=queries.draft_for(request.viewer, warning_id), by=request.viewer)


@area.reads("/warnings/{warning_id}/audience", shapes.Audience)
def preview_audience(request: Call, warning_id: Id) -> dict[str, Any]:
    """Who would read a draft if it were released now, who not and why, and what is missing."""
    warning = queries.draft_for(request.viewer, warning_id)
    audience = audience_of(warning.label)
    return {
        "seen": actions.fingerprint(warning, audience),
        "readers": [_reader(reader) for reader in audience.recipients],
        "own": [_reader(reader) for reader in audience.own],
        "left_out": [_left_out(line) for line in audience.left_out],
        "missing": [
            {"where": where, "message": sentence(message, {})}
            for where, message in completeness.missing(warning, warning.label, audience)
        ],
    }


@area.writes("POST", "/warnings/{warning_id}/release", scope=Scope.SHARE)
def release_warning(request: Call, warning_id: Id, body: Body[shapes.Release]) -> None:
    """Let a warning out to exactly the audience that was looked at."""
    warning = queries.warning_for(request.viewer, warning_id)
    actions.release(warning=warning, seen=body.seen, by=request.viewer)


@area.writes("POST", "/warnings/{warning_id}/withdraw", scope=Scope.SHARE)
def withdraw_warning(request: Call, warning_id: Id, body: Body[shapes.Withdrawal]) -> None:
    """Take a released warning back; everybody who was told is told so."""
    warning = queries.warning_for(request.viewer, warning_id)
    actions.withdraw(warning=warning, why=body.why, by=request.viewer)


@area.writes("POST", "/warnings/{warning_id}/answer")
def answer_warning(request: Call, warning_id: Id, body: Body[shapes.NewAnswer]) -> None:
    """Say for a receiving team whether it is concerned; the newest answer counts."""
    warning = queries.warning_for(request.viewer, warning_id)
    actions.answer(
        warning=warning,
        state=body.state,
        note=body.note,
        team_id=body.team or "",
        by=request.viewer,
    )


@area.reads("/warnings/{warning_id}/answers", shapes.Answers)
def get_answers(request: Call, warning_id: Id) -> dict[str, Any]:
    """Which team answered what, to the team that warned; the silent ones last."""
    warning = queries.warning_for(request.viewer, warning_id)
    lines = queries.answers_on(request.viewer, warning)
    board = queries.tally(lines)
    return {
        "recipients": board.recipients,
        "counts": board.counts,
        "teams": [_line(line) for line in lines],
    }


@area.reads("/warnings/{warning_id}/timeline", Timeline)
def get_warning_timeline(request: Call, warning_id: Id) -> dict[str, Any]:
    """What happened: every step to the team that warned, to others its release and their answers."""
    return timeline(presenters.timeline(queries.detail_for(request.viewer, warning_id)))


@area.reads("/warnings/{warning_id}/release", shapes.Released)
def get_release(request: Call, warning_id: Id) -> dict[str, Any]:
    """The register's entry, to the team that warned: what left, to whom, and how it reached them."""
    entry, recipients = queries.release_of(request.viewer, warning_id)
    return {
        "id": entry.public_id,
        "sha256": entry.text_sha256,
        "label": entry.label_then,
        "released_at": entry.released_at,
        "released_by": entry.released_by_name,
        "recipients": [
            {
                "person": recipient.person_name,
                "team": recipient.team_shown,
                "mail": recipient.mail.value,
                "receipts": list(recipient.receipts),
            }
            for recipient in recipients
        ],
    }


def _content(viewer: Viewer, body: shapes.Content) -> actions.Content:
    texts = ("kind", "title", "title_en", "text", "cve", "answer_by", "embargo_until")
    return actions.Content(
        sensitivity=FROM_TLP[body.tlp.removeprefix("TLP:")],
        circle=circle(viewer, body.circle),
        named=people(viewer, body.named, "named"),
        todo="\n".join(body.todo),
        **{name: getattr(body, name) for name in texts},
    )


def _row(warning: Any, own: str | None) -> dict[str, Any]:
    return {
        "id": warning.public_id,
        "team": reference_to(warning.team),
        "tlp": warning.label.text,
        "state": warning.state,
        "kind": warning.kind,
        "title": warning.title,
        "title_en": warning.title_en,
        "cve": warning.cve,
        "answer_by": warning.answer_by,
        "released_at": warning.released_at,
        "moved_at": warning.moved_at,
        "own_answer": own,
    }


def _named(viewer: Viewer, label: Any) -> list[dict[str, str] | None]:
    people = people_for(viewer).filter(pk__in=label.named_ids()).order_by("name", "pk")
    return [reference_to(person) for person in people]


def _board(board: queries.Tally) -> dict[str, Any]:
    return {"recipients": board.recipients, "counts": board.counts}


def _reader(reader: Reader) -> dict[str, Any]:
    return {
        "person": reference_to(reader.person),
        "team": reference_to(reader.team),
        "mail": reader.mail.value,
    }


def _left_out(line: LeftOut) -> dict[str, str]:
    return {"name": line.name, "why": sentence(line.why, {})}


def _line(line: queries.TeamAnswer) -> dict[str, Any]:
    answer = line.answer
    return {
        "team": line.team_name,
        "state": answer.state if answer else None,
        "note": answer.note if answer else "",
        "by": answer.person_name if answer else "",
        "at": answer.at if answer else None,
    }
