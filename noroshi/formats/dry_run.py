"""The dry run: shows how Noroshi would understand a file (docs/reference/read.md)."""

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
    """One document after reading: ``draft``, or only problems; ``raw`` is as received."""

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
    yield from map(_read_document, documents(path))


def read_upload(raw: bytes, name: str) -> Iterator[ReadDocument]:
    """As ``read_path``, for an uploaded file."""
    yield from map(_read_document, documents_in(raw, name))


def read_file(path: Path) -> list[dict[str, object]]:
    """The dry run of ``noroshi read --json``: one JSON-able object per document."""
    return [as_json(reading) for reading in read_path(path)]


def _read_document(document: Document) -> ReadDocument:
    if document.problem:
        return _refused(document, "unknown", document.problem)
    format_name = "unknown"
    try:
        with contain_errors("file"):
            if sniff.is_json(document.raw, document.file):
                format_name = "json"
                format_name, node = sniff.json_document(document.raw)
                return _understood(document, format_name, _read_json(format_name, node))
            format_name = (
                "excel"
                if document.raw == b"PK"
                else sniff.other_document(document.raw, document.file)
            )
            if format_name == "csv":
                return _understood(document, format_name, _read_list(document.raw))
            raise sniff.not_read(format_name)
    except Malformed as error:
        return _refused(document, format_name, error)


def _read_json(format_name: str, node: Node) -> Draft:
    if format_name.startswith("csaf-2"):
        return csaf.read_document(node)
    if format_name == "cve-5":
        return cve.read_document(node)
    if format_name.startswith("cyclonedx-"):
        return cyclonedx.read_document(node)
    raise sniff.not_read(format_name)


def _read_list(raw: bytes) -> SbomDraft:
    """The draft of a CSV list, read with the guessed mapping."""
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


def _understood(document: Document, format_name: str, draft: Draft) -> ReadDocument:
    return ReadDocument(
        document.file,
        format_name,
        document.raw,
        document.line,
        draft=draft,
        problems=draft.problems,
    )


def _refused(document: Document, format_name: str, error: Malformed) -> ReadDocument:
    if isinstance(error, Rejected):
        problems = tuple(
            replace(problem, where=problem.where or "file") for problem in error.problems
        )
    else:
        problems = (Problem(error.where or "file", error.message, error.values),)
    return ReadDocument(document.file, format_name, document.raw, document.line, problems=problems)


def as_json(reading: ReadDocument) -> dict[str, object]:
    """The object that ``noroshi read --json`` prints for a reading."""
    answer: dict[str, object] = {
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
        answer |= _advisory_as_json(reading.draft)
    elif reading.draft:
        answer["ids"] = [reading.draft.serial] if reading.draft.serial else []
        answer["components"] = [
            _component_as_json(component) for component in reading.draft.components
        ]
    return answer


def _advisory_as_json(draft: AdvisoryDraft) -> dict[str, object]:
    ids = (draft.tracking_id, *(vulnerability.id for vulnerability in draft.vulnerabilities))
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
