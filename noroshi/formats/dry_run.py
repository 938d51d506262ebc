"""The dry run: what would Noroshi understand of a file, and what not (docs/reference/read.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import csaf, cve, cyclonedx, inventory_csv, sniff
from noroshi.formats.containers import Document, documents, documents_in
from noroshi.formats.drafts import AdvisoryDraft, ComponentDraft, Problem, Rejected, SbomDraft
from noroshi.formats.node import Node
from noroshi.formats.third_party import contain_errors

Draft = AdvisoryDraft | SbomDraft


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What became of one document: ``draft``, or only problems; ``raw`` is as received."""

    file: str
    format: str
    raw: bytes
    line: int | None = None
    draft: Draft | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the document was understood; it may have problems all the same."""
        return self.draft is not None


def read_path(path: Path) -> Iterator[ReadDocument]:
    """One reading per document in a file, an archive or a folder; raises nothing."""
    yield from map(_reading, documents(path))


def read_upload(raw: bytes, name: str) -> Iterator[ReadDocument]:
    """As ``readings``, for an uploaded file."""
    yield from map(_reading, documents_in(raw, name))


def read_file(path: Path) -> list[dict[str, object]]:
    """The dry run of ``noroshi read --json``: one JSON-able object per document."""
    return [as_json(reading) for reading in read_path(path)]


def _reading(document: Document) -> ReadDocument:
    if document.problem:
        return _refused(document, "unknown", document.problem)
    known = "unknown"
    try:
        with contain_errors("file"):
            if sniff.is_json(document.raw, document.file):
                known = "json"
                known, node = sniff.json_document(document.raw)
                return _read(document, known, _draft_of(known, node))
            known = (
                "excel"
                if document.raw == b"PK"
                else sniff.other_document(document.raw, document.file)
            )
            if known == "csv":
                return _read(document, known, _listed(document.raw))
            raise sniff.not_read(known)
    except Malformed as error:
        return _refused(document, known, error)


def _draft_of(known: str, node: Node) -> Draft:
    if known.startswith("csaf-2"):
        return csaf.read_document(node)
    if known == "cve-5":
        return cve.read_document(node)
    if known.startswith("cyclonedx-"):
        return cyclonedx.read_document(node)
    raise sniff.not_read(known)


def _listed(raw: bytes) -> SbomDraft:
    """A CSV list read with the guessed mapping."""
    sample = inventory_csv.sample(raw, rows=1)
    if "name" not in sample.mapping:
        raise Malformed(
            f"line {sample.header_line}",
            gettext_noop("No column is known as the product name (%(columns)s)."),
            columns=", ".join(sample.header)[:200],
        )
    rows = list(inventory_csv.rows(raw, sample.mapping))
    return SbomDraft(
        format="csv",
        serial="",
        title="",
        components=tuple(
            row.component for row in rows if isinstance(row, inventory_csv.ListedComponent)
        ),
        problems=tuple(row for row in rows if isinstance(row, Problem)),
    )


def _read(document: Document, known: str, draft: Draft) -> ReadDocument:
    return ReadDocument(
        document.file, known, document.raw, document.line, draft=draft, problems=draft.problems
    )


def _refused(document: Document, known: str, error: Malformed) -> ReadDocument:
    if isinstance(error, Rejected):
        problems = tuple(replace(one, where=one.where or "file") for one in error.problems)
    else:
        problems = (Problem(error.where or "file", error.message, error.values),)
    return ReadDocument(document.file, known, document.raw, document.line, problems=problems)


def as_json(reading: ReadDocument) -> dict[str, object]:
    """The object that ``noroshi read --json`` prints for a reading."""
    told: dict[str, object] = {
        "file": reading.file,
        "line": reading.line,
        "format": reading.format,
        "ok": reading.ok,
        "problems": [
            {"where": problem.where, "message": str(problem)} for problem in reading.problems
        ],
        "title": reading.draft.title if reading.draft else "",
        "ids": [],
    }
    if isinstance(reading.draft, AdvisoryDraft):
        told |= _advisory_as_json(reading.draft)
    elif reading.draft:
        told["ids"] = [reading.draft.serial] if reading.draft.serial else []
        told["components"] = [_component_as_json(one) for one in reading.draft.components]
    return told


def _advisory_as_json(draft: AdvisoryDraft) -> dict[str, object]:
    ids = (draft.tracking_id, *(one.id for one in draft.vulnerabilities))
    return {
        "ids": list(dict.fromkeys(ids)),
        "affected": [
            {
                "vulnerability": row.vulnerability,
                "vendor": row.vendor,
                "product": row.product,
                "text": row.text,
                "range": row.range.normal if row.range else None,
                "status": row.status,
            }
            for row in draft.affected
        ],
    }


def _component_as_json(component: ComponentDraft) -> dict[str, str]:
    return {
        "name": component.name,
        "version": component.version,
        "vendor": component.vendor,
        "purl": component.purl,
        "cpe": component.cpe,
        "kind": component.kind,
    }
