"""The list of vulnerabilities, and the words about one that every list shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from noroshi.core.paging import COUNT_LIMIT
from noroshi.inventory.models import System
from noroshi.ui import components as ui
from noroshi.ui.shapes import Choice, Column, Menu, Table, TableRow, Text, Tone, View
from noroshi.vulnerabilities.models import Assessment
from noroshi.vulnerabilities.states import OPEN, Priority, Severity, State

LEVELS = {Severity.CRITICAL: 4, Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}

STATE_LOOKS: dict[str, tuple[str, Tone]] = {
    State.WAITING_MATCH: ("wait", "warn"),
    State.TO_ASSESS: ("open", ""),
    State.TO_DECIDE: ("wait", "warn"),
    State.INSTRUCTED: ("half", "go"),
    State.VERIFYING: ("most", "go"),
    State.ACCEPTED: ("bar", "warn"),
    State.NOT_AFFECTED: ("no", ""),
    State.CLOSED: ("done", "ok"),
}

PRIORITY_TONES: dict[str, Tone] = {Priority.IMMEDIATE: "bad", Priority.OUT_OF_CYCLE: "warn"}


def views(counts: Mapping[str, int], chosen: str) -> list[View]:
    """The ways to look at the list."""
    words = {
        "mine": _("My turn"),
        "open": pgettext("vulnerability", "Open"),
        "late": pgettext("vulnerability", "Late"),
        "accepted": _("Accepted or not affected"),
        "closed": pgettext("vulnerability", "Closed"),
    }
    return [
        View(word, f"?view={name}", ui.up_to(counts[name], COUNT_LIMIT), current=name == chosen)
        for name, word in words.items()
    ]


def menus(system: System | None = None) -> list[Menu]:
    """The menus that narrow the list; that of the system only for readers who came from a system."""
    chosen = [Choice(system.public_id, system.name)] if system else []
    return [
        *([Menu("system", _("System"), chosen)] if chosen else []),
        Menu("state", _("Status"), [Choice(value, word) for value, word in State.choices]),
        Menu(
            "severity",
            _("Severity"),
            [Choice(value, word) for value, word in Severity.choices if value],
        ),
        Menu("priority", _("Priority"), [Choice(value, word) for value, word in Priority.choices]),
        Menu(
            "exploited", pgettext("ssvc", "Exploitation"), [Choice("1", _("Known to be exploited"))]
        ),
    ]


def table(rows: Sequence[Assessment], systems: Mapping[int, int]) -> Table:
    """The list itself; what many rows say in the same words is made once."""
    severities = _once(severity, {row.severity: row for row in rows})
    statuses = _once(status, {row.state: row for row in rows})
    priorities = {value: priority(value) for value in {row.priority for row in rows}}
    place = reverse("vulnerabilities:list")
    return Table(
        caption=_("Vulnerabilities of our systems"),
        columns=[
            Column(_("Vulnerability"), sort="opened"),
            Column(_("Severity"), sort="severity", nowrap=True),
            Column(_("Systems"), number=True),
            Column(_("Priority"), sort="priority", nowrap=True),
            Column(_("Status"), nowrap=True),
            Column(_("Due"), sort="due", nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (
                    severities[row.severity],
                    ui.count(systems.get(row.pk, 0)),
                    priorities[row.priority],
                    statuses[row.state],
                    due(row),
                ),
                url=f"{place}{row.public_id}",
                sub=_sub(row),
                lang=language_of(row.title),
            )
            for row in rows
        ],
        sort="due",
    )


def _once(
    cell: Callable[[Assessment], Text], by_value: Mapping[str, Assessment]
) -> dict[str, Text]:
    return {value: cell(row) for value, row in by_value.items()}


def severity(row: Assessment) -> Text:
    """Four bars and a word; quiet where nobody gave a score."""
    level = LEVELS.get(Severity(row.severity)) if row.severity else None
    return ui.severity(level)


def priority(value: str) -> Text:
    return ui.tag(Priority(value).label, PRIORITY_TONES.get(value, "")) if value else ""


def status(row: Assessment) -> Text:
    shape, tone = STATE_LOOKS[row.state]
    return ui.status(State(row.state).label, shape, tone)


def due(row: Assessment) -> Text:
    return ui.when(row.due_at, due=True, done=row.state not in OPEN) if row.due_at else ""


def language_of(text: str) -> str:
    """English for what has plain letters only, so that a Japanese page reads it out as English."""
    return "en" if text.isascii() else ""


def exploited(row: Assessment) -> Text:
    return ui.tag(_("Known to be exploited"), "bad") if row.kev_added_on else ""


def open_question(row: Assessment) -> Text:
    """A tag for a vulnerability that waits for an answer, where its state does not say so."""
    if not row.needs_answer or row.state == State.WAITING_MATCH:
        return ""
    return ui.tag(State.WAITING_MATCH.label, "warn")


def _sub(row: Assessment) -> Text:
    tags = [tag for tag in (exploited(row), open_question(row)) if tag]
    if not tags:
        return row.key
    return format_html("{} {}", row.key, format_html_join(" ", "{}", ((tag,) for tag in tags)))
