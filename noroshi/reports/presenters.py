"""Reports as the values that the page components take; the page and the PDF show the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from noroshi.measures.states import State as InstructionState
from noroshi.reports import sentences, wording
from noroshi.reports.figures import AGES, UNRATED
from noroshi.reports.models import Report
from noroshi.reports.states import State
from noroshi.ui import components
from noroshi.ui.shapes import Chart, Column, Series, Table, TableRow, Text
from noroshi.vulnerabilities.states import Decision, Priority

# For executives: who moves next on an instruction in this state; else it is its operators.
WAITS = {
    InstructionState.DONE: "verify",
    InstructionState.CANNOT: "decide",
}


def sheet(report: Report) -> dict[str, Any]:
    """The context of the report's page and PDF, in the reader's language."""
    figures = report.figures
    return {
        "report": report,
        "title": wording.title(report),
        "period": wording.period(report.from_on, report.to_on),
        "author": str(report.made_by or report.made_by_name),
        "made": wording.moment(figures["made_at"]),
        "issued": wording.moment(report.issued_at) if report.issued_at else "",
        "sentences": sentences.summary(report),
        "open": open_table(figures),
        "late": late_table(figures),
        "late_more": _rows_left_out(figures["late"]),
        "decided": decided_table(figures),
        "decided_more": _rows_left_out(figures["decided"]),
        "accepted": accepted_table(figures),
        "accepted_more": _rows_left_out(figures["accepted"]),
        "trend": trend(figures),
        "others": sentences.others(figures),
    }


# ---- the list ------------------------------------------------------------------------


def table(rows: Iterable[Report]) -> Table:
    """The list of reports, newest first."""
    return Table(
        caption=_("Reports, newest first"),
        columns=[
            Column(pgettext("report", "Report")),
            Column(_("Team")),
            Column(_("Status"), nowrap=True),
            Column(pgettext("report", "Issued"), nowrap=True),
        ],
        rows=[
            TableRow(
                wording.title(row),
                (str(row.team), status_of(row), components.when(row.issued_at)),
                url=reverse("reports:report", args=[row.public_id]),
                sub=wording.period(row.from_on, row.to_on) if row.title else row.public_id,
            )
            for row in rows
        ],
    )


def status_of(report: Report) -> Text:
    """The report's state as a shape and a word."""
    if report.state == State.ISSUED:
        return components.status(State.ISSUED.label, "done", "ok")
    return components.status(State.DRAFT.label, "half", "go")


# ---- the tables and the chart --------------------------------------------------------


def open_table(figures: dict[str, Any]) -> Table | None:
    """Open ones by priority and age, with the sums; ``None`` when there are none."""
    counts: dict[str, list[int]] = figures["open"]["by_priority"]
    if not figures["open"]["total"]:
        return None
    names: dict[str, Text] = {str(priority): priority.label for priority in Priority}
    names[UNRATED] = _("Not assessed yet")
    rows = [
        TableRow(names[key], (*map(_number, counts[key]), _number(sum(counts[key]))))
        for key in names
        if any(counts[key])
    ]
    sums = [sum(column) for column in zip(*counts.values(), strict=True)]
    rows.append(TableRow(_("All"), (*map(_number, sums), _number(sum(sums)))))
    return Table(
        caption=_("Open vulnerabilities by priority and by days since they were found"),
        columns=[
            Column(_("Priority")),
            *(Column(label, number=True) for label in _age_columns()),
            Column(_("All"), number=True),
        ],
        rows=rows,
    )


def late_table(figures: dict[str, Any]) -> Table | None:
    """Vulnerabilities past their date: where, whose turn it is, for how long."""
    rows = figures["late"]["rows"]
    return _table(
        _("Past their date, longest first"),
        [_("Vulnerability"), _("System"), _("Whose turn it is"), _("Past its date by")],
        [
            _vulnerability_row(
                row,
                _system_names(row),
                _names_cell(wording.joined(_turns(row))) or _("Not instructed yet"),
                _days(row["days"]),
            )
            for row in rows
        ],
    )


def decided_table(figures: dict[str, Any]) -> Table | None:
    """The decisions, and why in the manager's own words."""
    names = {str(decision): str(decision.label) for decision in Decision}
    return _table(
        _("Decided in the period, newest first"),
        [_("Vulnerability"), _("Decision"), pgettext("decision", "Why"), _("Decided by")],
        [
            _vulnerability_row(
                row, _decision(row, names[row["decision"]]), row["why"], _decided_by(row)
            )
            for row in figures["decided"]["rows"]
        ],
    )


def accepted_table(figures: dict[str, Any]) -> Table | None:
    """The risks that are accepted now, the next to come back first."""
    return _table(
        _("Accepted risks, the next to come back first"),
        [_("Vulnerability"), _("Accepted until"), pgettext("decision", "Why"), _("Decided by")],
        [
            _vulnerability_row(
                row, _nowrap(wording.day(row["until"])), row["why"], _decided_by(row)
            )
            for row in figures["accepted"]["rows"]
        ],
    )


def trend(figures: dict[str, Any]) -> Chart:
    """Week by week: how many were found, how many settled, how many open at the end."""
    weeks = figures["trend"]
    return Chart(
        kind="columns",
        title=_("Trend"),
        description=_(
            "Found, settled and open at the end of each of the last %(weeks)d weeks; under each week its Monday."
        )
        % {"weeks": len(weeks)},
        labels=[wording.short_day(week["from_on"]) for week in weeks],
        series=[
            Series(pgettext("trend", "Found"), [week["opened"] for week in weeks], "f2"),
            Series(pgettext("trend", "Settled"), [week["left"] for week in weeks], "f3"),
            Series(pgettext("trend", "Open"), [week["open"] for week in weeks], "f1"),
        ],
    )


def _table(caption: str, heads: list[str], rows: list[TableRow]) -> Table | None:
    if not rows:
        return None
    return Table(caption=caption, columns=[Column(head) for head in heads], rows=rows)


def _vulnerability_row(row: dict[str, Any], *cells: Text) -> TableRow:
    """The vulnerability by title and number; no link, since executives may not open it."""
    return TableRow(row["title"], cells, sub=row["key"] if row["key"] != row["title"] else "")


def _system_names(row: dict[str, Any]) -> str:
    """The systems by name, and how many are not named."""
    names = [system["name"] for system in row["systems"]]
    if row["more_systems"]:
        rest = ngettext("%(count)d more", "%(count)d more", row["more_systems"])
        names.append(rest % {"count": row["more_systems"]})
    return wording.joined(names) or "–"


def _turns(row: dict[str, Any]) -> list[str]:
    """Those who move next, each once."""
    turns = []
    for system in row["systems"]:
        match WAITS.get(system.get("state", "")):
            case "verify":
                turns.append(_("Waits for verification"))
            case "decide":
                turns.append(_("Waits for the manager's decision"))
            case _:
                turns += [wording.name(person) for person in system["operators"]]
    return list(dict.fromkeys(turns))


def _decision(row: dict[str, Any], word: str) -> Text:
    if row["until"]:
        return _("Accept until %(day)s") % {"day": wording.day(row["until"])}
    return _nowrap(word)


def _decided_by(row: dict[str, Any]) -> Text:
    return _names_cell(wording.name(row["by"])) if row["by"] else ""


def _names_cell(names: str) -> Text:
    """Names in a cell, in the style of a person's name."""
    return format_html('<span class="who">{}</span>', names) if names else ""


def _nowrap(text: str) -> Text:
    """A date or a word that stands on one line."""
    return format_html('<span class="nowrap">{}</span>', text)


def _age_columns() -> list[str]:
    """The columns of ages: up to so many days, and longer."""
    up_to = [
        ngettext("Up to %(count)d day", "Up to %(count)d days", age) % {"count": age}
        for age in AGES
    ]
    return [*up_to, _("Longer")]


def _days(count: int) -> str:
    if not count:
        return _("Less than a day")
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _number(value: int) -> str:
    return f"{value:,}"


def _rows_left_out(listed: dict[str, Any]) -> str:
    """How many rows the list leaves out; empty when it has all."""
    rest = listed["total"] - len(listed["rows"])
    if not rest:
        return ""
    return ngettext("And %(count)d more.", "And %(count)d more.", rest) % {"count": rest}
