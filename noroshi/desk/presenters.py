"""Today as the values that the page components take."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from noroshi.measures.queries import Instruction
from noroshi.reports import wording as report_words
from noroshi.reports.presenters import status_of
from noroshi.reports.queries import Report
from noroshi.sharing.search import Hit
from noroshi.ui import components as ui
from noroshi.ui.shapes import Chart, Column, Row, Series, Table, TableRow
from noroshi.vulnerabilities.presenters import lists as vulnerabilities
from noroshi.vulnerabilities.queries import Assessment
from noroshi.warnings.queries import Warning


def my_turn(assessments: Iterable[Assessment], instructions: Iterable[Instruction]) -> list[Row]:
    """My turn: verb first, nearest date first, undated behind."""
    rows = [
        Row(
            _wanted(row) % {"title": row.title},
            reverse("vulnerabilities:show", args=[row.public_id]),
            meta=[
                part
                for part in (row.key, vulnerabilities.severity(row), vulnerabilities.exploited(row))
                if part
            ],
            due=row.due_at,
            icon="vuln",
            tone="bad" if row.kev_added_on else "go",
        )
        for row in assessments
    ]
    rows += [
        Row(
            row.title if row.state in ("open", "started") else _to_check(row),
            reverse("measures:instruction", args=[row.public_id]),
            meta=[part for part in (row.subject_title, row.subject_key) if part],
            due=row.due_at,
            icon="task",
            tone="bad" if row.is_late else "go",
        )
        for row in instructions
    ]
    # Sorting keeps the order of what has no date: the most severe first.
    return sorted(rows, key=lambda row: (row.due is None, str(row.due)))


def waiting_for_others(
    assessments: Iterable[Assessment], instructions: Iterable[Instruction]
) -> list[Row]:
    """What somebody else has to move."""
    rows = [
        Row(
            row.title,
            reverse("vulnerabilities:show", args=[row.public_id]),
            meta=(row.key, _("Waits for the security manager's decision")),
            due=row.due_at,
        )
        for row in assessments
    ]
    rows += [
        Row(
            row.title,
            reverse("measures:instruction", args=[row.public_id]),
            meta=(row.subject_key or row.subject_title,),
            due=row.due_at,
            end=", ".join(str(person) for person in row.operators.all()),
        )
        for row in instructions
    ]
    return rows


def newest(rows: list[Assessment], systems: dict[int, int]) -> Table:
    """Advisories that hit our systems."""
    return Table(
        caption=_("New advisories that hit our systems"),
        columns=[
            Column(_("Advisory")), Column(_("Severity"), nowrap=True), Column(_("Hits"), nowrap=True),
            Column(pgettext("when", "Received"), nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (
                    vulnerabilities.severity(row),
                    ngettext("%(count)d system", "%(count)d systems", systems.get(row.pk, 0))
                    % {"count": systems.get(row.pk, 0)},
                    ui.when(row.opened_at),
                ),
                url=reverse("vulnerabilities:show", args=[row.public_id]),
                sub=row.key,
            )
            for row in rows
        ],
    )  # fmt: skip


def reports(rows: Iterable[Report]) -> list[Row]:
    """The newest report, with the day on which it was issued."""
    return [
        Row(
            report_words.title(row),
            reverse("reports:report", args=[row.public_id]),
            meta=(str(row.team), ui.when(row.issued_at) if row.issued_at else status_of(row)),
            icon="report",
        )
        for row in rows
    ]


def due_chart(counts: dict[str, int]) -> Chart | None:
    """Late, within a week, later; nothing when no work has a date."""
    if not sum(counts.values()):
        return None
    return Chart(
        "stacked",
        _("Due dates"),
        _("%(late)d late, %(week)d within seven days, %(later)d later") % counts,
        [""],
        [
            Series(pgettext("due", "Late"), [counts["late"]], "fbad"),
            Series(pgettext("due", "Within seven days"), [counts["week"]], "fwarn"),
            Series(pgettext("due", "Later"), [counts["later"]], "f1"),
        ],
    )


def to_answer(rows: Iterable[Warning]) -> list[Row]:
    """Warnings of other teams that wait for our answer."""
    return [
        Row(
            row.title,
            reverse("warnings:one", args=[row.public_id]),
            meta=(ui.tlp(row.label.sensitivity), ui.team(str(row.team))),
            due=row.answer_by,
        )
        for row in rows
    ]


def hits(rows: Iterable[Hit]) -> list[Row]:
    """Search results, each with its kind and label."""
    kinds = {
        "assessment": (_("Vulnerability"), "vuln"), "advisory": (_("Advisory"), "file"),
        "instruction": (_("Instruction"), "task"), "warning": (_("Early warning"), "warning"),
        "system": (_("System"), "server"), "report": (pgettext("search", "Report"), "report"),
    }  # fmt: skip
    return [
        Row(
            row.title,
            row.path or "/",
            meta=[
                part
                for part in (kinds.get(row.kind, (row.kind, ""))[0], row.thing_id, row.sub)
                if part
            ],
            icon=kinds.get(row.kind, ("", "search"))[1],
        )
        for row in rows
    ]


def _wanted(row: Assessment) -> str:
    if row.needs_answer and row.state != "to_assess":
        return _("Say whether it is ours: %(title)s")
    return {
        "to_assess": _("Assess: %(title)s"),
        "to_decide": _("Decide: %(title)s"),
    }.get(row.state, _("Close: %(title)s"))


def _to_check(row: Instruction) -> str:
    word = _("Verify: %(title)s") if row.state == "done" else _("Decide what comes next: %(title)s")
    return word % {"title": row.title}
