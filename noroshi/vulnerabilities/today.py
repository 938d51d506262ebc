"""Vulnerabilities on Today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from noroshi.directory.areas import NothingToDo, Section, Today
from noroshi.directory.viewer import Viewer
from noroshi.ui import components as ui
from noroshi.ui.shapes import Chart, Column, Row, Series, Table, TableRow
from noroshi.vulnerabilities import queries
from noroshi.vulnerabilities.presenters import lists
from noroshi.vulnerabilities.queries import Assessment


def today_for(viewer: Viewer, most: int) -> Today:
    """Rows to assess, to decide and to close, and what is new; due dates for those who read."""
    work = queries.today_for(viewer, most)
    return Today(
        mine=_mine(work.mine),
        others=_others(work.others),
        sections=list(_sections(viewer, work.newest)),
        nothing=_nothing() if viewer.reading_team_ids else None,
    )


def _sections(viewer: Viewer, newest: list[Assessment]) -> Iterator[Section]:
    if newest:
        yield Section(
            _("New advisories"),
            _newest(newest, queries.system_counts(viewer, newest)),
            url="/vulnerabilities/?sort=-opened",
            link=_("Show all"),
        )
    if viewer.reading_team_ids and (chart := _due_chart(queries.due_overview(viewer))):
        yield Section(_("Due dates"), chart, in_rail=True, order=90)


def _nothing() -> NothingToDo:
    return NothingToDo(
        _("Nothing waits for you. New advisories that hit your systems appear here by themselves."),
        reverse("vulnerabilities:start-import"),
        _("Take in advisories"),
    )


def _mine(assessments: Iterable[Assessment]) -> list[Row]:
    """Verb first."""
    return [
        Row(
            _next_step(row) % {"title": row.title},
            reverse("vulnerabilities:show", args=[row.public_id]),
            meta=[text for text in (row.key, lists.severity(row), lists.exploited(row)) if text],
            due=row.due_at,
            icon="vuln",
            tone="bad" if row.kev_added_on else "go",
        )
        for row in assessments
    ]


def _others(assessments: Iterable[Assessment]) -> list[Row]:
    return [
        Row(
            row.title,
            reverse("vulnerabilities:show", args=[row.public_id]),
            meta=(row.key, _("Waits for the security manager's decision")),
            due=row.due_at,
        )
        for row in assessments
    ]


def _newest(rows: list[Assessment], systems: dict[int, int]) -> Table:
    """Advisories that hit our systems."""
    return Table(
        caption=_("New advisories that hit our systems"),
        columns=[
            Column(_("Advisory")),
            Column(_("Severity"), nowrap=True),
            Column(_("Hits"), nowrap=True),
            Column(pgettext("when", "Received"), nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (
                    lists.severity(row),
                    ngettext("%(count)d system", "%(count)d systems", systems.get(row.pk, 0))
                    % {"count": systems.get(row.pk, 0)},
                    ui.when(row.opened_at),
                ),
                url=reverse("vulnerabilities:show", args=[row.public_id]),
                sub=row.key,
            )
            for row in rows
        ],
    )


def _due_chart(counts: dict[str, int]) -> Chart | None:
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


def _next_step(row: Assessment) -> str:
    if row.needs_answer and row.state != "to_assess":
        return _("Say whether it is ours: %(title)s")
    return {
        "to_assess": _("Assess: %(title)s"),
        "to_decide": _("Decide: %(title)s"),
    }.get(row.state, _("Close: %(title)s"))
