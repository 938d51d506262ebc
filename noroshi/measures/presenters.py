"""Instructions as the values that the page components take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from noroshi.core.paging import COUNT_LIMIT
from noroshi.measures.models import Instruction, Kind, Reason
from noroshi.measures.states import FINISHED, State
from noroshi.ui import components
from noroshi.ui.shapes import (
    Choice,
    Column,
    Entry,
    Fact,
    Menu,
    Step,
    Table,
    TableRow,
    Text,
    Tone,
    View,
)

STATE_SHAPES: dict[str, tuple[str, Tone]] = {
    State.OPEN: ("open", ""),
    State.STARTED: ("half", "go"),
    State.DONE: ("most", "go"),
    State.CANNOT: ("bar", "warn"),
    State.VERIFIED: ("done", "ok"),
    State.CLOSED: ("done", "ok"),
    State.WITHDRAWN: ("no", ""),
}

# The sentence of the timeline, the icon and the tone, by the action in the history.
HISTORY_SENTENCES: dict[str, tuple[str, str, str]] = {
    "measures.instruct": (gettext_noop("%(name)s gave the instruction"), "send", "key"),
    "measures.instruct_again": (gettext_noop("%(name)s instructed again"), "send", "key"),
    "measures.send_link_again": (gettext_noop("%(name)s mailed new links"), "mail", ""),
    "measures.change_due": (gettext_noop("%(name)s changed the due time"), "clock", ""),
    "measures.answer_started": (gettext_noop("%(name)s started"), "s-half", ""),
    "measures.answer_done": (gettext_noop("%(name)s reported it done"), "check", "fine"),
    "measures.answer_cannot": (gettext_noop("%(name)s cannot do it"), "alert", "alarm"),
    "measures.send_back": (gettext_noop("%(name)s sent it back"), "prev", ""),
    "measures.verify": (gettext_noop("%(name)s verified it"), "s-done", "fine"),
    "measures.withdraw": (gettext_noop("%(name)s withdrew the instruction"), "x", ""),
    "measures.close": (gettext_noop("Closed with the assessment"), "s-done", ""),
    "measures.remind_operator": (
        gettext_noop("Late: the operators were reminded"),
        "bell",
        "alarm",
    ),
    "measures.remind_manager": (gettext_noop("Late: the manager was told"), "bell", "alarm"),
    "sharing.revoke_links": (gettext_noop("The mailed links ended"), "link", ""),
}
VERIFIED_BY_INVENTORY = gettext_noop("The inventory shows the work: verified")


def views(counts: dict[str, int], chosen: str) -> list[View]:
    """The four views of the list."""
    words = {
        "mine": _("My turn"),
        "open": pgettext("instruction", "Open"),
        "late": pgettext("instruction", "Late"),
        "finished": pgettext("instruction", "Finished"),
    }
    return [
        View(
            word,
            f"?view={name}",
            components.up_to(counts[name], COUNT_LIMIT),
            current=name == chosen,
        )
        for name, word in words.items()
    ]


def menus() -> list[Menu]:
    """The filters of the list."""
    return [
        Menu("state", _("Status"), [Choice(value, word) for value, word in State.choices]),
        Menu("kind", _("What to do"), [Choice(value, word) for value, word in Kind.choices]),
    ]


def table(rows: Iterable[Instruction]) -> Table:
    """The list itself, nearest due time first."""
    return Table(
        caption=_("Instructions, nearest due time first"),
        columns=[
            Column(_("Instruction")),
            Column(_("Status"), nowrap=True),
            Column(_("Operators")),
            Column(_("Due"), nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (status_of(row), people(row), due(row)),
                url=reverse("measures:instruction", args=[row.public_id]),
                sub=" ".join(text for text in (row.public_id, row.subject_key) if text),
            )
            for row in rows
        ],
    )


def status_of(row: Instruction) -> Text:
    """The state as shape and word."""
    shape, tone = STATE_SHAPES[row.state]
    return components.status(State(row.state).label, shape, tone)


def due(row: Instruction) -> Text:
    """The due time; late only while somebody still has to move."""
    return components.when(row.due_at, due=True, done=row.state in FINISHED | {State.DONE})


def people(row: Instruction) -> Text:
    """The operators, one after the other."""
    return format_html_join(
        " ", "{}", ((components.person(str(person)),) for person in row.operators.all())
    )


def what(row: Instruction) -> list[Fact]:
    """The system and the versions, as the operator needs them."""
    return [
        Fact(_("System"), row.system_name),
        Fact(pgettext("instruction", "Kind"), Kind(row.kind).label),
        Fact(_("Version now"), row.current_version, mono=True),
        Fact(_("Version wanted"), row.wanted_version, mono=True),
    ]


def rail(row: Instruction) -> list[Fact]:
    """People and times, beside the instruction's page."""
    return [
        Fact(_("Number"), row.public_id, mono=True),
        Fact(_("Team"), components.team(str(row.team))),
        Fact(_("Operators"), people(row)),
        Fact(_("Instructed by"), _name(row.instructed_by)),
        Fact(_("Decided by"), _name(row.manager)),
        Fact(_("Due"), due(row)),
        Fact(_("Instructed"), components.when(row.instructed_at)),
    ]


def path(row: Instruction) -> list[Step]:
    """The progress of an instruction: instructed, started, done, verified."""
    order = [State.OPEN, State.STARTED, State.DONE, State.VERIFIED]
    names = [
        pgettext("instruction", "Instructed"),
        pgettext("instruction", "Started"),
        pgettext("instruction", "Done"),
        pgettext("instruction", "Verified"),
    ]
    reached = {State.CANNOT: 1, State.CLOSED: 3}.get(State(row.state), 0)
    if row.state in order:
        reached = order.index(State(row.state))
    detail = {
        0: _name(row.instructed_by),
        2: _name(row.done_by) if row.done_by_id else "",
        3: _name(row.verified_by) if row.verified_by_id else "",
    }
    finished = reached == len(order) - 1
    return [
        Step(
            name,
            detail.get(place, ""),
            "done" if place <= reached else "now" if place == reached + 1 else "open",
        )
        if not finished
        else Step(name, detail.get(place, ""), "done")
        for place, name in enumerate(names)
    ]


def timeline(rows: Iterable[Any]) -> list[Entry]:
    """The history, newest first."""
    return [entry(row) for row in reversed(list(rows)) if row.action in HISTORY_SENTENCES]


def entry(row: Any, *titles: str) -> Entry:
    """A row of an instruction's history; ``titles`` name the work where the page does not."""
    sentence, icon, tone = HISTORY_SENTENCES[row.action]
    if row.action == "measures.verify" and row.actor == "system":
        sentence = VERIFIED_BY_INVENTORY
    after = row.after or {}
    notes = [str(after.get("text") or "")]
    if after.get("reason") in Reason.values:
        notes.insert(0, str(Reason(after["reason"]).label))
    return Entry(
        at=row.at,
        text=_(sentence) % {"name": row.actor_name},
        icon=icon,
        tone=tone,  # type: ignore[arg-type]  # a tone of Entry: see HISTORY_SENTENCES
        note=" ".join(note for note in notes if note),
        meta=(*titles, *_meta(after)),
    )


def _meta(after: dict[str, Any]) -> Iterable[str]:
    if version := after.get("new_version"):
        yield _("Version %(version)s") % {"version": version}
    if isinstance(count := after.get("files"), int) and count:
        yield ngettext("%(count)d file", "%(count)d files", count) % {"count": count}


def _name(person: Any) -> Text:
    return components.person(str(person)) if person is not None else ""
