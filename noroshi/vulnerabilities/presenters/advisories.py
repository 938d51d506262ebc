"""Advisories, the work that they opened, and imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from noroshi.inventory.wording import location_text
from noroshi.ui import components as ui
from noroshi.ui.shapes import Column, Fact, Row, Table, TableRow, Text, Tone, View
from noroshi.vulnerabilities import match_reasons
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryImport,
    AdvisoryImportFile,
    AdvisoryRevision,
    Assessment,
    Vulnerability,
)
from noroshi.vulnerabilities.models import Outcome as FileOutcome
from noroshi.vulnerabilities.presenters.lists import exploited, language_of, severity, status

OUTCOME_LOOKS: dict[str, tuple[str, Tone]] = {
    FileOutcome.WAITING: ("wait", ""),
    FileOutcome.NEW: ("new", "go"),
    FileOutcome.UPDATED: ("done", "ok"),
    FileOutcome.OLDER: ("bar", ""),
    FileOutcome.SAME: ("done", ""),
    FileOutcome.REFUSED: ("no", "bad"),
}


def advisories(rows: Iterable[Advisory]) -> Table:
    """The list of advisories."""
    return Table(
        caption=_("Advisories, newest first"),
        columns=[
            Column(_("Advisory")),
            Column(_("Publisher")),
            Column(pgettext("TLP", "Label"), nowrap=True),
            Column(pgettext("when", "Received"), nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (row.publisher, ui.tlp(row.label.sensitivity), ui.when(row.received_at)),
                url=reverse("vulnerabilities:advisory", args=[row.public_id]),
                sub=row.tracking_id,
                lang=language_of(row.title),
            )
            for row in rows
        ],
    )


def import_table(files: Iterable[AdvisoryImportFile], advisories: Mapping[int, Advisory]) -> Table:
    """The outcome of each file; that of a refused one says where and why."""
    return Table(
        caption=_("Files"),
        columns=[
            Column(_("File")),
            Column(_("Result"), nowrap=True),
            Column(_("Advisory, or why not")),
        ],
        rows=[
            TableRow(
                file.name,
                (
                    ui.status(FileOutcome(file.outcome).label, *OUTCOME_LOOKS[file.outcome]),
                    _result(file, advisories.get(file.advisory_id or 0)),
                ),
                url=_advisory_url(advisories.get(file.advisory_id or 0)),
            )
            for file in files
        ],
    )


def outcomes(counts: Mapping[str, int], chosen: str) -> list[View]:
    """How many files ended in each way, as tabs."""
    views = [
        View(label, f"?outcome={outcome}", count=counts[outcome], current=outcome == chosen)
        for outcome, label in FileOutcome.choices
        if counts.get(outcome)
    ]
    return [View(_("All files"), "?", count=sum(counts.values()), current=not chosen), *views]


def ours(rows: Iterable[Assessment]) -> list[Row]:
    """The work that an advisory opened with us."""
    return [
        Row(
            row.title,
            reverse("vulnerabilities:show", args=[row.public_id]),
            meta=[text for text in (row.key, severity(row), exploited(row)) if text],
            end=status(row),
            lang=language_of(row.title),
        )
        for row in rows
    ]


def entries(rows: Iterable[Vulnerability]) -> Table:
    """The vulnerabilities of one advisory."""
    return Table(
        caption=_("Vulnerabilities it names"),
        columns=[
            Column(_("Vulnerability")),
            Column(_("Severity"), nowrap=True),
            Column("CVSS"),
            Column("CWE"),
        ],
        rows=[
            TableRow(
                row.key,
                (ui.severity(row.severity or None), _scores(row), ", ".join(row.cwes)),
                sub=_title_and_tags(row),
            )
            for row in rows
        ],
    )


def _scores(row: Vulnerability) -> Text:
    return format_html_join(
        " ",
        '<span class="nowrap">{}: {}</span>',
        ((score["version"], f"{score['base']:.1f}") for score in row.scores),
    )


def _title_and_tags(row: Vulnerability) -> Text:
    texts = [text for text in (row.title, _kev(row)) if text and text != row.key]
    return format_html_join(" ", "{}", ((text,) for text in texts))


def _kev(row: Vulnerability) -> Text:
    return ui.tag(_("Known to be exploited"), "bad") if row.kev_added_on else ""


def changed(rows: Iterable[AdvisoryRevision]) -> list[tuple[AdvisoryRevision, list[str]]]:
    """Each later state of an advisory with what it changed, in sentences; newest first."""
    return [
        (row, match_reasons.changes(row.difference))
        for row in rows
        if row.difference or row.is_older
    ]


def advisory_facts(advisory: Advisory) -> list[Fact]:
    """The publisher, the revision and its dates, and the person who received it."""
    return [
        Fact(_("Publisher"), advisory.publisher),
        Fact(_("Revision"), advisory.revision, mono=True),
        Fact(_("Published"), ui.when(advisory.published_at) if advisory.published_at else None),
        Fact(_("Changed"), ui.when(advisory.updated_at) if advisory.updated_at else None),
        Fact(pgettext("when", "Received"), ui.when(advisory.received_at)),
        Fact(_("Received by"), advisory.received_by_name),
        Fact(_("Team"), ui.team(str(advisory.team))),
    ]


def web_links(advisory: Advisory) -> list[dict[str, Any]]:
    """The first references that a browser can follow."""
    return [reference for reference in advisory.references if is_web(reference["url"])][:20]


def is_web(url: str) -> bool:
    """Whether it may be a link: an advisory's author wrote it, and ``javascript:`` is none."""
    return url.startswith(("https://", "http://"))


def _advisory_url(advisory: Advisory | None) -> str:
    return reverse("vulnerabilities:advisory", args=[advisory.public_id]) if advisory else ""


def _result(file: AdvisoryImportFile, advisory: Advisory | None) -> Text:
    if file.outcome == FileOutcome.REFUSED:
        sentence = _(file.message) % file.values if file.values else _(file.message)
        return f"{location_text(file.where)}: {sentence}" if file.where else sentence
    return advisory.title if advisory else ""


def imports(rows: Iterable[AdvisoryImport]) -> list[Row]:
    """Earlier imports."""
    return [
        Row(
            ngettext("%(count)d file", "%(count)d files", row.total) % {"count": row.total},
            reverse("vulnerabilities:import", args=[row.public_id]),
            meta=(row.by_name, ui.when(row.created_at)),
            end=row.get_state_display(),
        )
        for row in rows
    ]
