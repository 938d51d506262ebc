"""Many advisories at once: files, folders, archives, JSON Lines. Bad ones are listed, the rest goes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from django.db import transaction

from noroshi.core import clock, files, history, jobs
from noroshi.core.errors import Malformed, NoroshiError, gettext_noop
from noroshi.directory.models import Circle, Role, Team
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.formats.containers import printable_name
from noroshi.formats.drafts import AdvisoryDraft
from noroshi.formats.dry_run import ReadDocument, read_upload
from noroshi.sharing import labelling
from noroshi.sharing.labels import UNLABELLED
from noroshi.vulnerabilities import permissions
from noroshi.vulnerabilities.models import (
    AdvisoryImport,
    AdvisoryImportFile,
    ImportState,
    Outcome,
)
from noroshi.vulnerabilities.receiving import NOT_AN_ADVISORY, check_audience, receive_draft

RUN = "noroshi.vulnerabilities.jobs.run_import"


class Upload(Protocol):
    """An uploaded file, as Django, the API or an open file has it."""

    @property
    def name(self) -> str | None: ...

    def read(self) -> bytes: ...


@transaction.atomic
def start_import(
    *,
    team: Team,
    uploads: Sequence[Upload],
    circle: Circle | None = None,
    unlabelled: str = UNLABELLED,
    by: Viewer,
) -> AdvisoryImport:
    """Keep the files and let a job take them in; each is a document or an archive of some.

    A document's own label stands. ``unlabelled`` is for those without one, ``circle`` where AMBER
    may be read besides the team. The returned import shows the outcome of each document.
    """
    permissions.may_import.check(by, team)
    check_audience(team, circle, unlabelled)
    if not uploads:
        raise Malformed("files", gettext_noop("Choose at least one file."))
    stored = [_stored(upload) for upload in uploads]
    batch = AdvisoryImport.objects.create(
        team=team,
        label=labelling.own_label(team),
        uploads=stored,
        circle=circle,
        unlabelled=unlabelled,
        by_id=by.person_id,
        by_name=by.name[:200],
    )
    circle_id = circle.public_id if circle else None
    history.record(
        "vulnerabilities.start_import",
        batch,
        by=by,
        after={"files": stored, "circle": circle_id, "unlabelled": unlabelled},
    )
    jobs.enqueue(RUN, batch.public_id)
    return batch


def _stored(upload: Upload) -> dict[str, str]:
    return {
        "name": printable_name(upload.name or "")[:200],
        "sha256": files.store(upload.read()).sha256,
    }


def run(import_id: str) -> None:
    """Take in every document from where the import stands; one transaction each. Safe to run twice."""
    batch = (
        AdvisoryImport.objects.select_related("team", "by", "circle")
        .filter(public_id=import_id)
        .first()
    )
    if batch is None or batch.state == ImportState.DONE:
        return
    if batch.state == ImportState.WAITING:
        batch.state, batch.started_at = ImportState.RUNNING, clock.now()
        batch.total = sum(1 for _ in _documents(batch))
        batch.save(update_fields=["state", "started_at", "total"])
    by = _starter(batch)
    for reading in islice(_documents(batch), batch.done, None):
        _take(batch, reading, by)
    with transaction.atomic():
        batch.state, batch.finished_at = ImportState.DONE, clock.now()
        batch.save(update_fields=["state", "finished_at"])
        history.record("vulnerabilities.import_done", batch, by=by, after={"documents": batch.done})


def _documents(batch: AdvisoryImport) -> Iterator[ReadDocument]:
    """The same bytes give the same documents in the same order, so ``done`` says where it stands."""
    for upload in batch.uploads:
        yield from read_upload(files.read_file(upload["sha256"]), upload["name"])


def _starter(batch: AdvisoryImport) -> Viewer:
    """The person with today's rights, or the team where a program of the team began it."""
    if batch.by is not None:
        return viewer_for(batch.by)
    return Viewer(name=batch.by_name, roles={batch.team_id: frozenset({Role.CSIRT})})


def _take(batch: AdvisoryImport, reading: ReadDocument, by: Viewer) -> None:
    name = reading.file if reading.line is None else f"{reading.file}:{reading.line}"
    row = AdvisoryImportFile(batch=batch, name=name[-300:])
    if reading.raw:
        row.sha256 = files.store(reading.raw).sha256
    batch.done += 1
    try:
        with transaction.atomic():
            _receive(row, reading, by)
            row.save(force_insert=True)
            batch.save(update_fields=["done"])
    except NoroshiError as error:
        row.advisory = None
        _refuse(row, getattr(error, "where", ""), error.message, error.values)
        with transaction.atomic():
            row.save(force_insert=True)
            batch.save(update_fields=["done"])


def _receive(row: AdvisoryImportFile, reading: ReadDocument, by: Viewer) -> None:
    if reading.draft is None:
        first = reading.problems[0]
        _refuse(row, first.where, first.message, first.values)
    elif not isinstance(reading.draft, AdvisoryDraft):
        _refuse(row, "", NOT_AN_ADVISORY, {})
    else:
        batch = row.batch
        permissions.may_import.check(by, batch.team)
        received = receive_draft(
            draft=reading.draft,
            raw=reading.raw,
            team=batch.team,
            circle=batch.circle,
            unlabelled=batch.unlabelled,
            by=by,
        )
        row.outcome, row.advisory = received.outcome, received.advisory


def _refuse(row: AdvisoryImportFile, where: str, message: str, values: dict[str, object]) -> None:
    row.outcome = Outcome.REFUSED
    row.where, row.message = where[:300], message
    row.values = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in values.items()
    }
