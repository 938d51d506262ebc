"""Advisories as received and understood, and files of them taken in."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpResponse
from ninja import File, Form, Query, UploadedFile

from noroshi.api.measures import BYTES
from noroshi.api.operations import Call, Operations, accepted, cached_response, list_response
from noroshi.api.problems import TooLarge, sentence
from noroshi.api.references import circle, own_team, reference_to
from noroshi.api.schemas import vulnerabilities as shapes
from noroshi.api.schemas.shared import CreatedIds, Id, ItemList, ListQuery
from noroshi.core import files
from noroshi.core.errors import gettext_noop
from noroshi.core.paging import Page, page_of
from noroshi.directory.viewer import Viewer
from noroshi.sharing.channels import DOWNLOAD
from noroshi.sharing.labels import FROM_TLP, Sensitivity
from noroshi.vulnerabilities import actions, match_reasons, queries

area = Operations("Advisories")

_PLAIN = (
    "format", "publisher", "namespace", "tracking_id", "revision", "stage", "title", "withdrawn",
    "published_at", "updated_at", "received_at",
)  # fmt: skip
_ROW = ("pk", "public_id", "team__public_id", "team__name", "label__sensitivity", *_PLAIN)
_ENTRY = ("key", "title", "text", "severity", "cwes", "scores", "kev_added_on", "remediations",
          "references")  # fmt: skip


@area.reads("/advisories", ItemList[shapes.AdvisoryRow])
def list_advisories(request: Call, asked: Query[shapes.AdvisoriesAsked]) -> HttpResponse:
    """Advisories, the last received first. ``q`` finds titles, ids and CVE numbers."""
    return cached_response(request, lambda: _list_advisories(request.viewer, asked))


def _list_advisories(viewer: Viewer, asked: shapes.AdvisoriesAsked) -> HttpResponse:
    found: Any = queries.advisories_for(viewer, words=asked.q).select_related(None)
    part: Page[Any] = page_of(
        found.values_list(*_ROW, named=True), ("-received_at",), **asked.place
    )
    items = [
        {
            "id": row.public_id,
            "team": {"id": row.team__public_id, "name": row.team__name},
            "tlp": Sensitivity(row.label__sensitivity).text,
            **dict(zip(_PLAIN, row[5:], strict=True)),
        }
        for row in part.rows
    ]
    return list_response(items, after=part.after, before=part.before)


@area.reads("/advisories/{advisory_id}", shapes.Advisory)
def get_advisory(request: Call, advisory_id: Id) -> dict[str, Any]:
    """One advisory as understood, and what changed with each revision."""
    viewer = request.viewer
    row = queries.advisory_for(viewer, advisory_id)
    entries = queries.entries_of(viewer, row)
    ours: dict[str, list[str]] = defaultdict(list)
    for one in queries.assessments_of(viewer, [entry.key for entry in entries]):
        ours[one.key].append(one.public_id)
    return {
        "id": row.public_id, "team": reference_to(row.team), "tlp": row.label.text,
        **{name: getattr(row, name) for name in _PLAIN},
        "summary": row.summary, "language": row.language, "references": row.references,
        "problems": [
            {"where": one["where"], "message": sentence(one["message"], one["values"])}
            for one in row.problems
        ],
        "vulnerabilities": [
            {**{name: getattr(entry, name) for name in _ENTRY}, "assessments": ours[entry.key]}
            for entry in entries
        ],
        "ranges": [_range(one) for one in queries.ranges_of(viewer, entries)],
        "revisions": [_revision(one) for one in queries.revisions_of(viewer, row)],
    }  # fmt: skip


@area.reads("/advisories/{advisory_id}/document", None, **BYTES)
def download_advisory(request: Call, advisory_id: Id) -> FileResponse:
    """The document exactly as it was received."""
    row = queries.advisory_for(request.viewer.through(DOWNLOAD), advisory_id)
    return files.download(row.raw_sha256, f"{row.tracking_id}.json")


@area.reads("/advisory-imports", ItemList[shapes.AdvisoryImport])
def list_advisory_imports(request: Call, asked: Query[ListQuery]) -> HttpResponse:
    """Files of advisories taken in, newest first."""
    part = page_of(queries.imports_for(request.viewer), ("-created_at",), **asked.place)
    return list_response(
        [_import(batch) for batch in part.rows], after=part.after, before=part.before
    )


@area.writes("POST", "/advisory-imports", status=202, answer=CreatedIds)
def start_advisory_import(
    request: Call, said: Form[shapes.NewAdvisoryImport], files: File[list[UploadedFile]]
) -> HttpResponse:
    """Take advisories in: CSAF 2.0 or 2.1, CVE JSON 5, as .jsonl, or packed as .zip or .tar.gz.

    The bytes are kept first. The answer comes at once; ``Location`` shows how far the work is.
    """
    if sum(one.size or 0 for one in files) > settings.NOROSHI_MAX_UPLOAD:
        limit = settings.NOROSHI_MAX_UPLOAD // 2**20
        raise TooLarge("files", gettext_noop("The files are larger than %(limit)d MB."), limit=limit)  # fmt: skip
    batch = actions.start_import(
        team=own_team(request.viewer, said.team), uploads=files,
        circle=circle(request.viewer, said.circle),
        unlabelled=FROM_TLP[said.tlp.removeprefix("TLP:")], by=request.viewer,
    )  # fmt: skip
    return accepted("/advisory-imports", [batch.public_id])


@area.reads("/advisory-imports/{import_id}", shapes.AdvisoryImportWithOutcomes)
def get_advisory_import(request: Call, import_id: Id) -> dict[str, Any]:
    """How far an import is."""
    batch = queries.import_for(request.viewer, import_id)
    return {**_import(batch), "outcomes": queries.outcome_counts(request.viewer, batch)}


@area.reads("/advisory-imports/{import_id}/documents", ItemList[shapes.Document])
def list_documents(request: Call, import_id: Id, asked: Query[shapes.DocumentsAsked]) -> HttpResponse:  # fmt: skip
    """What became of each document of an import."""
    batch = queries.import_for(request.viewer, import_id)
    found = queries.import_files(request.viewer, batch, asked.outcome)
    part = page_of(found, (), **asked.place)
    # An import is the team's, what it brought may be for named people only: asked for itself.
    seen = queries.advisories_of(request.viewer, part.rows)
    items = [_document(one, seen.get(one.advisory_id or 0)) for one in part.rows]
    return list_response(items, after=part.after, before=part.before)


def _range(one: queries.AffectedRange) -> dict[str, Any]:
    return {"vendor": one.vendor, "product": one.name, "status": one.status, "text": one.text,
            "range": one.normal}  # fmt: skip


def _revision(one: Any) -> dict[str, Any]:
    return {
        "revision": one.revision, "sha256": one.sha256, "received_at": one.received_at,
        "by": one.by_name, "is_older": one.is_older, "changes": match_reasons.changes(one.difference),
    }  # fmt: skip


def _import(batch: Any) -> dict[str, Any]:
    return {
        "id": batch.public_id, "team": reference_to(batch.team), "state": batch.state,
        "total": batch.total, "done": batch.done, "by": batch.by_name,
        "created_at": batch.created_at, "started_at": batch.started_at,
        "finished_at": batch.finished_at,
    }  # fmt: skip


def _document(one: Any, advisory: Any) -> dict[str, Any]:
    return {
        "name": one.name, "sha256": one.sha256, "outcome": one.outcome,
        "advisory": {"id": advisory.public_id, "name": advisory.title} if advisory else None,
        "where": one.where, "message": sentence(one.message, one.values) if one.message else "",
    }  # fmt: skip
