"""Imports as lines, facts and tables: what they did, left out, or would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.formats.inventory_csv import ListedComponent
from noroshi.inventory import states, wording
from noroshi.inventory.models import Import, ImportChange
from noroshi.inventory.readers import Note, RowResult
from noroshi.ui import components as ui
from noroshi.ui.shapes import Column, Fact, Row, Table, TableRow, Text, Tone, View

_STATE_SHAPES: dict[str, tuple[str, Tone]] = {
    states.UPLOADED: ("wait", "warn"),
    states.MAPPED: ("open", "go"),
    states.RUNNING: ("half", "go"),
    states.DONE: ("done", "ok"),
    states.FAILED: ("no", "bad"),
}


def rows(entries: Iterable[Import]) -> list[Row]:
    """Imports as lines, newest first."""
    return [
        Row(
            row.file_name,
            reverse(
                "inventory:columns" if row.state == states.UPLOADED else "inventory:import",
                args=[row.public_id],
            ),
            meta=[
                status(row),
                row.target.name if row.target else "",
                change_counts(row.added, row.changed, row.gone) if row.state == states.DONE else "",
                row.by_name,
            ],
            end=ui.when(row.created_at),
        )
        for row in entries
    ]


def status(row: Import) -> Text:
    return ui.status(row.get_state_display(), *_STATE_SHAPES[row.state])


def facts(row: Import) -> list[Fact]:
    """The facts beside an import's page."""
    return [
        Fact(_("File"), row.file_name),
        Fact(_("Format"), row.format),
        Fact(_("Title"), row.title),
        Fact(_("System"), row.target.name if row.target else _("As the file says")),
        Fact(_("Lists everything"), _("Yes") if row.is_complete else _("No")),
        Fact(_("Started by"), ui.person(row.by_name)),
        Fact(_("Started"), ui.when(row.created_at)),
        Fact(_("Finished"), ui.when(row.finished_at) if row.finished_at else None),
        Fact(_("SHA-256"), row.file_sha256, mono=True),
    ]


def failure(row: Import) -> str:
    """Why an import came to nothing, with the place in the file."""
    if not row.failure:
        return ""
    where = wording.location_text(row.failure["where"])
    reason = wording.stored_sentence(row.failure["message"], row.failure["values"])
    return f"{where}: {reason}" if where else reason


def summary(row: Import) -> str:
    """The result of an import in a sentence or two."""
    sentences = [change_counts(row.added, row.changed, row.gone)]
    if row.bad:
        sentences.append(
            ngettext("%(count)d row was left out", "%(count)d rows were left out", row.bad)
            % {"count": row.bad}
        )
    return " · ".join(sentences)


def progress_text(row: Import) -> str:
    """How far an import is: ``3,200 / 5,000 rows``."""
    if not row.rows_total:
        return _("The file is being read.")
    text = ngettext("%(done)s / %(total)s row", "%(done)s / %(total)s rows", row.rows_total)
    return text % {"done": f"{row.rows_done:,}", "total": f"{row.rows_total:,}"}


def change_views(row: Import, kind: str) -> list[View]:
    """Components that came, changed and went, with their counts."""
    return [
        View(label, f"?kind={name}", count=count, current=kind == name)
        for name, label, count in (
            ("came", _("Came"), row.added),
            ("changed", _("In a new version"), row.changed),
            ("went", _("Went"), row.gone),
        )
    ]


def changes(rows: Iterable[ImportChange]) -> Table:
    """The components that an import changed, each before and after."""
    return Table(
        caption=_("Changes"),
        columns=[
            Column(_("Product")),
            Column(_("Before")),
            Column(_("After")),
            Column(_("System")),
        ],
        rows=[
            TableRow(
                row.component.name,
                (row.before, row.after, row.component.system.name),
                url=reverse(
                    "inventory:component",
                    args=[row.component.system.public_id, row.component.public_id],
                ),
                sub=row.component.vendor,
            )
            for row in rows
        ],
    )


def remarks(row: Import, *, left_out: bool) -> Table | None:
    """The rows that were left out, or taken with a remark; ``None`` without any."""
    problems = [problem for problem in row.bad_rows if problem["left_out"] is left_out]
    if not problems:
        return None
    return Table(
        caption=_("Rows left out") if left_out else _("Remarks"),
        columns=[Column(_("Place")), Column(_("What is wrong"))],
        rows=[
            TableRow(
                wording.location_text(problem["where"]),
                (wording.stored_sentence(problem["message"], problem["values"]),),
            )
            for problem in problems
        ],
    )


def preview(results: Sequence[RowResult], *, names_system: bool) -> Table:
    """The first rows of a table as they would go in."""
    columns = [Column(_("Product")), Column(_("Version")), Column(_("Vendor")), Column(_("More"))]
    if names_system:
        columns.append(Column(_("System")))
    return Table(
        caption=_("The first rows as they would go in"),
        columns=columns,
        rows=[_preview_row(result, names_system=names_system) for result in results],
    )


def _preview_row(result: RowResult, *, names_system: bool) -> TableRow:
    if isinstance(result, ListedComponent):
        row = result.component
        more = " · ".join(filter(None, (row.kind, row.model, row.serial, row.purl or row.cpe)))
        end = (result.system or ui.tag(_("None"), "bad"),) if names_system else ()
        return TableRow(
            row.name, (row.version, row.vendor, more, *end), sub=wording.location_text(row.where)
        )
    problem = result.problem if isinstance(result, Note) else result
    return TableRow(
        wording.location_text(problem.where),
        (
            "",
            "",
            wording.stored_sentence(problem.message, problem.values),
            *([""] if names_system else []),
        ),
    )


def change_counts(came: int, changed: int, went: int) -> str:
    """The changes of an import in one line."""
    return _("%(came)d came, %(changed)d in a new version, %(went)d went") % {
        "came": came,
        "changed": changed,
        "went": went,
    }
