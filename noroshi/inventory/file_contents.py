"""The contents of a file as understood: lines ready to go in, and remarks on what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from noroshi.core import files
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats.drafts import ComponentDraft, Problem
from noroshi.formats.inventory_csv import ListedComponent
from noroshi.inventory import products, queries, readers
from noroshi.inventory.choice_values import choice_value
from noroshi.inventory.models import Import
from noroshi.inventory.products import Identity

MAX_ROWS = 200_000
MAX_REMARKS = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row ready to go in; ``system`` is the normal name of its system, empty for the target."""

    system: str
    component: ComponentDraft
    identity: Identity
    fingerprint: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The key that stays the same when only the version changes."""
        return self.system, self.fingerprint, self.component.serial, self.component.model


@dataclass(slots=True)
class Contents:
    """A file as understood: the same bytes and mapping always give the same lines in this order."""

    lines: list[Line] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    about: dict[str, dict[str, str]] = field(default_factory=dict)
    owners: dict[str, set[int]] = field(default_factory=dict)
    remarks: list[dict[str, object]] = field(default_factory=list)
    bad: int = 0

    def remark(self, problem: Problem, *, left_out: bool) -> None:
        """Note what is wrong with a row, the first thousand times."""
        self.bad += left_out
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(
                {
                    "where": problem.where,
                    "message": problem.message,
                    "values": problem.values,
                    "left_out": left_out,
                }
            )


def read(entry: Import) -> Contents:
    """Every row of the import's file, in the order in which they go in.

    Raises ``Malformed`` when the file as a whole cannot be taken.
    """
    if entry.target is not None and entry.target.retired_at is not None:
        raise Malformed("", gettext_noop("The system was retired before the file went in."))
    contents = Contents()
    raw = files.read_file(entry.file_sha256)
    operators = _operators_by_name(entry)
    for row in readers.rows(entry.format, raw, entry.mapping):
        if isinstance(row, ListedComponent):
            _add_line(contents, entry, row, operators)
        elif isinstance(row, Problem):
            contents.remark(row, left_out=True)
        else:
            contents.remark(row.problem, left_out=False)
        if len(contents.lines) > MAX_ROWS:
            raise Malformed(
                "",
                gettext_noop("The file has more than %(limit)d rows. Split it into several."),
                limit=MAX_ROWS,
            )
    if not contents.lines and not contents.bad:
        raise Malformed("", gettext_noop("The file lists no components."))
    contents.lines.sort(key=lambda line: (*line.key, line.component.version))
    return contents


def _add_line(
    contents: Contents, entry: Import, row: ListedComponent, operators: Mapping[str, int]
) -> None:
    name = "" if entry.target_id else row.system or _title(entry)
    if not entry.target_id and not name:
        contents.remark(
            Problem(row.component.where, gettext_noop("The row names no system.")), left_out=True
        )
        return
    system = products.normal(name)
    contents.names.setdefault(system, name)
    draft = row.component
    identity = products.identity_of(draft.vendor, draft.name, draft.purl, draft.cpe)
    contents.lines.append(Line(system, draft, identity, identity.fingerprint))
    if system:
        _add_facts(contents, system, row, operators)


def _add_facts(
    contents: Contents, system: str, row: ListedComponent, operators: Mapping[str, int]
) -> None:
    """Add the row's facts about its system; the first row that has a fact counts."""
    for name, text in row.about.items():
        if name == "owner":
            person = operators.get(products.normal(text))
            if person is not None:
                contents.owners.setdefault(system, set()).add(person)
                continue
            problem = gettext_noop("“%(text)s” is not the name of an operator in the team.")
        elif name == "place":
            contents.about.setdefault(system, {}).setdefault(name, text[:200])
            continue
        else:
            word = choice_value(name, text)
            if word:
                contents.about.setdefault(system, {}).setdefault(name, word)
                continue
            problem = gettext_noop("“%(text)s” is none of the words for this column.")
        contents.remark(Problem(row.component.where, problem, {"text": text[:100]}), left_out=False)


def _title(entry: Import) -> str:
    """The name of the system when neither file nor person names it: a bill's own title."""
    if entry.format == "csv":
        return ""
    return (entry.title or PurePath(entry.file_name).name.partition(".")[0])[:200]


def _operators_by_name(entry: Import) -> dict[str, int]:
    """Operators of the team by address and by either name; a name that two share is left out."""
    people_by_name: dict[str, set[int]] = defaultdict(set)
    for person in queries.operators_of(entry.team):
        for name in (person.mail, person.name, person.name_en):
            if name:
                people_by_name[products.normal(name)].add(person.pk)
    return {name: ids.pop() for name, ids in people_by_name.items() if len(ids) == 1}
