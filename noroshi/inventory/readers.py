"""The files that an inventory can come from, with an entry in ``READERS`` for each format.

A new format (SPDX, XML, Excel) is one more entry: ``look`` for the pages, ``rows`` for the job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.core.safe_csv import unescape_formula
from noroshi.formats import cyclonedx, inventory_csv, sniff
from noroshi.formats.drafts import ComponentDraft, Problem
from noroshi.formats.inventory_csv import ListedComponent
from noroshi.formats.third_party import contain_errors


@dataclass(frozen=True, slots=True)
class Look:
    """A first look at a file, before anything is written; ``header`` only where columns must be
    chosen."""

    format: str
    title: str = ""
    header: tuple[str, ...] = ()
    mapping: Mapping[str, int] = field(default_factory=dict)
    first: tuple[str, ...] = ()  # the cells of the first row, to recognise the columns by


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a row that was taken all the same."""

    problem: Problem


RowResult = ListedComponent | Problem | Note


@dataclass(frozen=True, slots=True)
class Reader:
    """``rows`` yields components, problems with rows that are left out, and notes."""

    look: Callable[[bytes], Look]
    rows: Callable[[bytes, Mapping[str, int]], Iterator[RowResult]]


# The longest texts of a component in the database; longer ones are no names but mistakes.
LIMITS = {
    "name": 300,
    "vendor": 300,
    "version": 200,
    "purl": 500,
    "cpe": 300,
    "kind": 40,
    "serial": 100,
    "model": 100,
}
SYSTEM_NAME_LIMIT = 200
_PREVIEW_ROWS = 10


def look(raw: bytes, name: str) -> Look:
    """A first look at an uploaded file.

    Raises ``Malformed`` with what to do when it has no format that can be read.
    """
    with contain_errors(gettext_noop("The file")):
        return READERS[_family(raw, name)].look(raw)


def rows(family: str, raw: bytes, mapping: Mapping[str, int]) -> Iterator[RowResult]:
    """Every row of a stored file in the order of the file."""
    for row in READERS[family.partition("-")[0]].rows(raw, mapping):
        yield _within_limits(row) if isinstance(row, ListedComponent) else row


def preview(raw: bytes, mapping: Mapping[str, int], count: int = _PREVIEW_ROWS) -> list[RowResult]:
    """The first rows of a table as they would be understood."""
    return list(islice(rows("csv", raw, mapping), count))


def _family(raw: bytes, name: str) -> str:
    if raw == b"PK":  # how formats.containers hands on an Office file
        raise sniff.not_read("excel")
    document = sniff.json_document(raw)[0] if sniff.is_json(raw, name) else None
    document = document or sniff.other_document(raw, name)
    if document.startswith(("csaf-", "cve-")):
        raise Malformed(
            "",
            gettext_noop("This is an advisory. Bring it in on the page of the vulnerabilities."),
        )
    family = document.partition("-")[0]
    if family not in READERS or document == "cyclonedx-xml":
        raise sniff.not_read(document)
    return family


def _look_at_table(raw: bytes) -> Look:
    # As many rows as the page shows: a file that it could not show is refused before it is stored
    # as an import.
    sample = inventory_csv.sample(raw, rows=_PREVIEW_ROWS)
    first = sample.rows[0][1] if sample.rows else ()
    return Look("csv", header=sample.header, mapping=sample.mapping, first=first)


def _rows_of_table(raw: bytes, mapping: Mapping[str, int]) -> Iterator[RowResult]:
    for row in inventory_csv.rows(raw, mapping):
        if isinstance(row, ListedComponent):
            texts = {name: unescape_formula(getattr(row.component, name)) for name in LIMITS}
            yield replace(
                row,
                component=replace(row.component, **texts),
                system=unescape_formula(row.system),
            )
        else:
            yield row


def _look_at_sbom(raw: bytes) -> Look:
    draft = cyclonedx.read(raw)
    return Look(draft.format, title=draft.title)


def _rows_of_sbom(raw: bytes, mapping: Mapping[str, int]) -> Iterator[RowResult]:
    draft = cyclonedx.read(raw)
    for number, component in enumerate(draft.components, start=1):
        yield ListedComponent(number, component)
    for problem in draft.problems:
        yield Note(problem)


def _within_limits(row: ListedComponent) -> ListedComponent | Problem:
    for name, limit in LIMITS.items():
        if len(getattr(row.component, name)) > limit:
            return _too_long(row.component, name, limit)
    if len(row.system) > SYSTEM_NAME_LIMIT:
        return _too_long(row.component, "system", SYSTEM_NAME_LIMIT)
    return row


def _too_long(component: ComponentDraft, name: str, limit: int) -> Problem:
    return Problem(
        component.where,
        gettext_noop("“%(field)s” is longer than %(limit)d characters."),
        {"field": name, "limit": limit},
    )


READERS: dict[str, Reader] = {
    "csv": Reader(_look_at_table, _rows_of_table),
    "cyclonedx": Reader(_look_at_sbom, _rows_of_sbom),
}
