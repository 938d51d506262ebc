"""The files that an inventory can come from: one entry in ``READERS`` for each format.

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
    """What a file is before anything is written; ``header`` only where columns must be chosen."""

    format: str
    title: str = ""
    header: tuple[str, ...] = ()
    mapping: Mapping[str, int] = field(default_factory=dict)
    first: tuple[str, ...] = ()  # the cells of the first row, to recognise the columns by


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about a row that was taken all the same."""

    problem: Problem


Found = ListedComponent | Problem | Note


@dataclass(frozen=True, slots=True)
class Reader:
    """``rows`` yields components, problems with rows that are left out, and notes."""

    look: Callable[[bytes], Look]
    rows: Callable[[bytes, Mapping[str, int]], Iterator[Found]]


# What the database keeps of a component; longer texts are no names but mistakes.
LIMITS = {
    "name": 300, "vendor": 300, "version": 200, "purl": 500, "cpe": 300, "kind": 40,
    "serial": 100, "model": 100,
}  # fmt: skip
SYSTEM_NAME_LIMIT = 200
_SHOWN = 10  # rows, before anything is written


def look(raw: bytes, name: str) -> Look:
    """What an uploaded file is; raises ``Malformed`` with what to do when it is none of ours."""
    with contain_errors(gettext_noop("The file")):
        return READERS[_family(raw, name)].look(raw)


def rows(family: str, raw: bytes, mapping: Mapping[str, int]) -> Iterator[Found]:
    """Every row of a stored file in the order of the file."""
    for found in READERS[family.partition("-")[0]].rows(raw, mapping):
        yield _within_limits(found) if isinstance(found, ListedComponent) else found


def preview(raw: bytes, mapping: Mapping[str, int], count: int = _SHOWN) -> list[Found]:
    """The first rows of a table as they would be understood."""
    return list(islice(rows("csv", raw, mapping), count))


def _family(raw: bytes, name: str) -> str:
    if raw == b"PK":  # how formats.containers hands on an Office file
        raise sniff.not_read("excel")
    known = sniff.json_document(raw)[0] if sniff.is_json(raw, name) else None
    known = known or sniff.other_document(raw, name)
    if known.startswith(("csaf-", "cve-")):
        raise Malformed(
            "",
            gettext_noop("This is an advisory. Bring it in on the page of the vulnerabilities."),
        )
    family = known.partition("-")[0]
    if family not in READERS or known == "cyclonedx-xml":
        raise sniff.not_read(known)
    return family


def _look_at_table(raw: bytes) -> Look:
    # As many rows as the page shows: what it could not show is refused before it is a row of ours.
    sample = inventory_csv.sample(raw, rows=_SHOWN)
    first = sample.rows[0][1] if sample.rows else ()
    return Look("csv", header=sample.header, mapping=sample.mapping, first=first)


def _rows_of_table(raw: bytes, mapping: Mapping[str, int]) -> Iterator[Found]:
    for row in inventory_csv.rows(raw, mapping):
        if isinstance(row, ListedComponent):
            said = {name: unescape_formula(getattr(row.component, name)) for name in LIMITS}
            yield replace(
                row,
                component=replace(row.component, **said),
                system=unescape_formula(row.system),
            )
        else:
            yield row


def _look_at_sbom(raw: bytes) -> Look:
    draft = cyclonedx.read(raw)
    return Look(draft.format, title=draft.title)


def _rows_of_sbom(raw: bytes, mapping: Mapping[str, int]) -> Iterator[Found]:
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
