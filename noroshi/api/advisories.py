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
    "format",
    "publisher",
    "namespace",
    "tracking_id",
    "revision",
    "stage",
    "title",
    "withdrawn",
    "published_at",
    "updated_at",
    "received_at",
)
_ROW = ("pk", "public_id", "team__public_id", "team__name", "label__sensitivity", *_PLAIN)
_ENTRY = (
    "key",
    "title",
    "text",
    "severity",
    "cwes",
    "scores",
    "kev_added_on",
    "remediations",
    "references",
)


@area.reads("/advisories", ItemList[shapes.AdvisoryRow])
def list_advisories(request: Call, query: Query[shapes.AdvisoriesAsked]) -> HttpResponse:
    """Advisories, the last received first. ``q`` finds titles, ids and CVE numbers."""
    return cached_response(request, lambda: _list_advisories(request.viewer, query))


def _list_advisories(viewer: Viewer, query: shapes.AdvisoriesAsked) -> HttpResponse:
    rows: Any = queries.advisories_for(viewer, words=query.q).select_related(None)
    page: Page[Any] = page_of(rows.values_list(*_ROW, named=True), ("-received_at",), **query.place)
    items = [
        {
            "id": row.public_id,
            "team": {"id": row.team__public_id, "name": row.team__name},
            "tlp": Sensitivity(row.label__sensitivity).text,
            **dict(zip(_PLAIN, row[5:], strict=True)),
        }
        for row in page.rows
    ]
    return list_response(items, after=page.after, before=page.before)


@area.reads("/advisories/{advisory_id}", shapes.Advisory)
def get_advisory(request: Call, advisory_id: Id) -> dict[str, Any]:
    """One advisory as understood, and what changed with each revision."""
    viewer = request.viewer
    row = queries.advisory_for(viewer, advisory_id)
    entries = queries.entries_of(viewer, row)
    ours: dict[str, list[str]] = defaultdict(list)
    for assessment in queries.assessments_of(viewer, [entry.key for entry in entries]):
        ours[assessment.key].append(assessment.public_id)
    return {
        "id": row.public_id,
        "team": reference_to(row.team),
        "tlp": row.label.text,
        **{name: getattr(row, name) for name in _PLAIN},
        "summary": row.summary,
        "language": row.language,
        "references": row.references,
        "problems": [
            {"where": problem["where"], "message": sentence(problem["message"], problem["values"])}
            for problem in row.problems
        ],
        "vulnerabilities": [
            {**{name: getattr(entry, name) for name in _ENTRY}, "assessments": ours[entry.key]}
            for entry in entries
        ],
        "ranges": [_range(affected) for affected in queries.ranges_of(viewer, entries)],
        "revisions": [_revision(revision) for revision in queries.revisions_of(viewer, row)],
    }


@area.reads("/advisories/{advisory_id}/document", None, **BYTES)
def download_advisory(request: Call, advisory_id: Id) -> FileResponse:
    """The document exactly as it was received."""
    row = queries.advisory_for(request.viewer.through(DOWNLOAD), advisory_id)
    return files.download(row.raw_sha256, f"{row.tracking_id}.json")


@area.reads("/advisory-imports", ItemList[shapes.AdvisoryImport])
def list_advisory_imports(request: Call, query: Query[ListQuery]) -> HttpResponse:
    """Files of advisories taken in, newest first."""
    page = page_of(queries.imports_for(request.viewer), ("-created_at",), **query.place)
    return list_response(
        [_import(batch) for batch in page.rows], after=page.after, before=page.before
    )


@area.writes("POST", "/advisory-imports", status=202, answer=CreatedIds)
def start_advisory_import(
    request: Call, form: Form[shapes.NewAdvisoryImport], files: File[list[UploadedFile]]
) -> HttpResponse:
    """Take advisories in: CSAF 2.0 or 2.1, CVE JSON 5, as .jsonl, or packed as .zip or .tar.gz.

    The bytes are kept first. The answer comes at once; ``Location`` shows how far the work is.
    """
    if sum(file.size or 0 for file in files) > settings.NOROSHI_MAX_UPLOAD:
        limit = settings.NOROSHI_MAX_UPLOAD // 2**20
        raise TooLarge(
            "files", gettext_noop("The files are larger than %(limit)d MB."), limit=limit
        )
    batch = actions.start_import(
        team=own_team(request.viewer, form.team),
        uploads=files,
        circle=circle(request.viewer, form.circle),
        unlabelled=FROM_TLP[form.tlp.removeprefix("TLP:")],
        by=request.viewer,
    )
    return accepted("/advisory-imports", [batch.public_id])


@area.reads("/advisory-imports/{import_id}", shapes.AdvisoryImportWithOutcomes)
def get_advisory_import(request: Call, import_id: Id) -> dict[str, Any]:
    """How far an import is."""
    batch = queries.import_for(request.viewer, import_id)
    return {**_import(batch), "outcomes": queries.outcome_counts(request.viewer, batch)}


@area.reads("/advisory-imports/{import_id}/documents", ItemList[shapes.Document])
def list_documents(
    request: Call, import_id: Id, query: Query[shapes.DocumentsAsked]
) -> HttpResponse:
    """What became of each document of an import."""
    batch = queries.import_for(request.viewer, import_id)
    documents = queries.import_files(request.viewer, batch, query.outcome)
    page = page_of(documents, (), **query.place)
    # An import is the team's, what it brought may be for named people only: it is looked up for itself.
    seen = queries.advisories_of(request.viewer, page.rows)
    items = [_document(row, seen.get(row.advisory_id or 0)) for row in page.rows]
    return list_response(items, after=page.after, before=page.before)


def _range(affected: queries.AffectedRange) -> dict[str, Any]:
    return {
        "vendor": affected.vendor,
        "product": affected.name,
        "status": affected.status,
        "text": affected.text,
        "range": affected.normal,
    }


def _revision(revision: Any) -> dict[str, Any]:
    return {
        "revision": revision.revision,
        "sha256": revision.sha256,
        "received_at": revision.received_at,
        "by": revision.by_name,
        "is_older": revision.is_older,
        "changes": match_reasons.changes(revision.difference),
    }


def _import(batch: Any) -> dict[str, Any]:
    return {
        "id": batch.public_id,
        "team": reference_to(batch.team),
        "state": batch.state,
        "total": batch.total,
        "done": batch.done,
        "by": batch.by_name,
        "created_at": batch.created_at,
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
    }


def _document(row: Any, advisory: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "sha256": row.sha256,
        "outcome": row.outcome,
        "advisory": {"id": advisory.public_id, "name": advisory.title} if advisory else None,
        "where": row.where,
        "message": sentence(row.message, row.values) if row.message else "",
    }
