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
def list_warnings(request: Call, asked: Query[shapes.WarningsAsked]) -> HttpResponse:
    """Warnings that the token may read, the last moved first."""
    return cached_response(request, lambda: _list_warnings(request.viewer, asked))


def _list_warnings(viewer: Viewer, asked: shapes.WarningsAsked) -> HttpResponse:
    labels = [FROM_TLP[tlp.removeprefix("TLP:")].value for tlp in asked.tlp]
    found = queries.warnings_for(
        viewer, view=asked.view, words=asked.q.strip(), kinds=asked.kind, labels=labels
    )
    part = page_of(found, ("-moved_at",), **asked.place)
    own = queries.own_states(viewer, part.rows)
    items = [_row(warning, own.get(warning.pk)) for warning in part.rows]
    return list_response(items, after=part.after, before=part.before)


@area.writes("POST", "/warnings", status=201)
def draft_warning(request: Call, said: Body[shapes.NewWarning]) -> HttpResponse:
    """Begin a warning. A draft is the own team's, whatever its label says."""
    about = actions.About("assessment", said.about) if said.about else None
    warning = actions.draft(
        team=own_team(request.viewer, said.team), content=_content(request.viewer, said),
        about=about, by=request.viewer,
    )  # fmt: skip
    return created("/warnings", warning.public_id)


@area.reads("/warnings/{warning_id}", shapes.Warning)
def get_warning(request: Call, warning_id: Id) -> dict[str, Any]:
    """One warning as this reader may see it."""
    viewer = request.viewer
    sight = queries.detail_for(viewer, warning_id)
    warning, label = sight.warning, sight.warning.label
    own = sight.own[0].state if sight.own else None
    return {
        **_row(warning, own), "text": warning.text, "todo": warning.todo_lines,
        "circle": reference_to(label.circle), "embargo_until": label.embargo_until,
        "named": _named(viewer, label) if sight.is_owner else None,
        "drafted_at": warning.drafted_at, "withdrawn_at": warning.withdrawn_at,
        "withdrawn_why": warning.withdrawn_why,
        "answer_for": [reference_to(team) for team in sight.answering],
        "board": _board(sight.board) if sight.board and warning.release_id else None,
    }  # fmt: skip


@area.writes("PUT", "/warnings/{warning_id}")
def change_warning(request: Call, warning_id: Id, said: Body[shapes.Content]) -> None:
    """Write a draft anew. What has been released stays as it was read."""
    warning = queries.draft_for(request.viewer, warning_id)
    actions.change_draft(warning=warning, content=_content(request.viewer, said), by=request.viewer)


@area.writes("DELETE", "/warnings/{warning_id}")
def discard_warning(request: Call, warning_id: Id) -> None:
    """Throw a draft away."""
    actions.discard(warning=queries.draft_for(request.viewer, warning_id), by=request.viewer)


@area.reads("/warnings/{warning_id}/audience", shapes.Audience)
def preview_audience(request: Call, warning_id: Id) -> dict[str, Any]:
    """Who would read a draft if it were released now, who not and why, and what is missing."""
    warning = queries.draft_for(request.viewer, warning_id)
    found = audience_of(warning.label)
    return {
        "seen": actions.fingerprint(warning, found),
        "readers": [_reader(one) for one in found.recipients],
        "own": [_reader(one) for one in found.own],
        "left_out": [_left_out(one) for one in found.left_out],
        "missing": [
            {"where": where, "message": sentence(message, {})}
            for where, message in completeness.missing(warning, warning.label, found)
        ],
    }


@area.writes("POST", "/warnings/{warning_id}/release", scope=Scope.SHARE)
def release_warning(request: Call, warning_id: Id, said: Body[shapes.Release]) -> None:
    """Let a warning out to exactly the audience that was looked at."""
    warning = queries.warning_for(request.viewer, warning_id)
    actions.release(warning=warning, seen=said.seen, by=request.viewer)


@area.writes("POST", "/warnings/{warning_id}/withdraw", scope=Scope.SHARE)
def withdraw_warning(request: Call, warning_id: Id, said: Body[shapes.Withdrawal]) -> None:
    """Take a released warning back; everybody who was told is told so."""
    warning = queries.warning_for(request.viewer, warning_id)
    actions.withdraw(warning=warning, why=said.why, by=request.viewer)


@area.writes("POST", "/warnings/{warning_id}/answer")
def answer_warning(request: Call, warning_id: Id, said: Body[shapes.NewAnswer]) -> None:
    """Say for a receiving team whether it is concerned; the newest answer counts."""
    warning = queries.warning_for(request.viewer, warning_id)
    actions.answer(
        warning=warning, state=said.state, note=said.note, team_id=said.team or "",
        by=request.viewer,
    )  # fmt: skip


@area.reads("/warnings/{warning_id}/answers", shapes.Answers)
def get_answers(request: Call, warning_id: Id) -> dict[str, Any]:
    """Which team answered what, to the team that warned; the silent ones last."""
    warning = queries.warning_for(request.viewer, warning_id)
    lines = queries.answers_on(request.viewer, warning)
    board = queries.tally(lines)
    return {"recipients": board.recipients, "counts": board.counts,
            "teams": [_line(line) for line in lines]}  # fmt: skip


@area.reads("/warnings/{warning_id}/timeline", Timeline)
def get_warning_timeline(request: Call, warning_id: Id) -> dict[str, Any]:
    """What happened: every step to the team that warned, to others its release and their answers."""
    return timeline(presenters.timeline(queries.detail_for(request.viewer, warning_id)))


@area.reads("/warnings/{warning_id}/release", shapes.Released)
def get_release(request: Call, warning_id: Id) -> dict[str, Any]:
    """The register's entry, to the team that warned: what left, to whom, and how it reached them."""
    entry, told = queries.release_of(request.viewer, warning_id)
    return {
        "id": entry.public_id, "sha256": entry.text_sha256, "label": entry.label_then,
        "released_at": entry.released_at, "released_by": entry.released_by_name,
        "recipients": [
            {"person": one.person_name, "team": one.team_shown, "mail": one.mail.value,
             "receipts": list(one.receipts)}
            for one in told
        ],
    }  # fmt: skip


def _content(viewer: Viewer, said: shapes.Content) -> actions.Content:
    texts = ("kind", "title", "title_en", "text", "cve", "answer_by", "embargo_until")
    return actions.Content(
        sensitivity=FROM_TLP[said.tlp.removeprefix("TLP:")],
        circle=circle(viewer, said.circle),
        named=people(viewer, said.named, "named"),
        todo="\n".join(said.todo),
        **{name: getattr(said, name) for name in texts},
    )


def _row(warning: Any, own: str | None) -> dict[str, Any]:
    return {
        "id": warning.public_id, "team": reference_to(warning.team), "tlp": warning.label.text,
        "state": warning.state, "kind": warning.kind, "title": warning.title,
        "title_en": warning.title_en, "cve": warning.cve, "answer_by": warning.answer_by,
        "released_at": warning.released_at, "moved_at": warning.moved_at, "own_answer": own,
    }  # fmt: skip


def _named(viewer: Viewer, label: Any) -> list[dict[str, str] | None]:
    people = people_for(viewer).filter(pk__in=label.named_ids()).order_by("name", "pk")
    return [reference_to(person) for person in people]


def _board(board: queries.Tally) -> dict[str, Any]:
    return {"recipients": board.recipients, "counts": board.counts}


def _reader(one: Reader) -> dict[str, Any]:
    return {
        "person": reference_to(one.person),
        "team": reference_to(one.team),
        "mail": one.mail.value,
    }


def _left_out(one: LeftOut) -> dict[str, str]:
    return {"name": one.name, "why": sentence(one.why, {})}


def _line(line: queries.TeamAnswer) -> dict[str, Any]:
    given = line.answer
    return {
        "team": line.team_name, "state": given.state if given else None,
        "note": given.note if given else "", "by": given.person_name if given else "",
        "at": given.at if given else None,
    }  # fmt: skip
