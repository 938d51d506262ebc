"""What the timeline of a vulnerability says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from noroshi.measures import presenters as measures
from noroshi.measures.models import Instruction
from noroshi.ui import times
from noroshi.ui.shapes import Entry
from noroshi.vulnerabilities import match_reasons
from noroshi.vulnerabilities.models import CloseReason
from noroshi.vulnerabilities.states import Decision, Priority

# What the timeline says, by the action in the history; the icon and the tone.
HISTORY_SENTENCES: dict[str, tuple[str, str, Any]] = {
    "vulnerabilities.open": (gettext_noop("Opened: an advisory names our systems"), "vuln", "key"),
    "vulnerabilities.assess": (gettext_noop("%(name)s assessed it"), "edit", "key"),
    "vulnerabilities.decide": (gettext_noop("%(name)s decided"), "check", "key"),
    "vulnerabilities.reconsider": (
        gettext_noop("%(name)s sent it back to assessment"),
        "prev",
        "alarm",
    ),
    "vulnerabilities.instruct": (gettext_noop("%(name)s instructed the operators"), "send", "key"),
    "vulnerabilities.mark_reported": (gettext_noop("%(name)s reported it"), "report", ""),
    "vulnerabilities.answer_match": (
        gettext_noop("%(name)s answered whether it is ours"),
        "check",
        "",
    ),
    "vulnerabilities.extend": (gettext_noop("An advisory names more of our systems"), "vuln", ""),
    "vulnerabilities.to_verify": (
        gettext_noop("Everything was reported done and waits for verification"),
        "check",
        "",
    ),
    "vulnerabilities.to_carry_out": (gettext_noop("It is with the operators again"), "prev", ""),
    "vulnerabilities.verify": (gettext_noop("The measures on systems were verified"), "check", ""),
    "vulnerabilities.verify_by_inventory": (
        gettext_noop("The inventory shows no affected version on systems any more"),
        "server",
        "fine",
    ),
    "vulnerabilities.leave_out": (
        gettext_noop("The advisory no longer names some of our systems"),
        "prev",
        "",
    ),
    "vulnerabilities.close": (gettext_noop("The vulnerability was closed"), "s-done", "fine"),
    "vulnerabilities.reopen": (
        gettext_noop("The vulnerability was opened again"),
        "alert",
        "alarm",
    ),
}


def timeline(rows: Iterable[Any], instructions: Iterable[Instruction]) -> list[Entry]:
    """What happened, from the history; what happened to an instruction with its title."""
    titles = {one.public_id: one.title for one in instructions}
    return [
        measures.entry(row, titles[row.thing_id])
        if row.thing_kind == "instruction"
        else _entry(row)
        for row in rows
        if row.thing_kind == "assessment" or row.action in measures.HISTORY_SENTENCES
    ]


def _entry(row: Any) -> Entry:
    text, icon, tone = HISTORY_SENTENCES.get(row.action, (row.action, "edit", ""))
    return Entry(
        at=row.at,
        text=_(text) % {"name": row.actor_name},
        icon=icon,
        tone=tone,
        note=_note(row),
    )


def _note(row: Any) -> str:
    after = row.after or {}
    if row.action == "vulnerabilities.decide":
        return f"{Decision(after['decision']).label}: {after['text']}"
    if row.action == "vulnerabilities.assess" and after.get("priority"):
        return " ".join(
            part
            for part in (str(Priority(after["priority"]).label), after.get("reason", ""))
            if part
        )
    if row.action == "vulnerabilities.close":
        return str(CloseReason(after["reason"]).label) if after.get("reason") else ""
    if "because" in after:
        return _why_again(after)
    return str(after.get("reason") or ", ".join(after.get("systems", ())))


def _why_again(after: Mapping[str, Any]) -> str:
    """What is new about work that was extended or opened again, and what is proposed now."""
    said = list(dict.fromkeys(match_reasons.reopen_reason(one) for one in after["because"]))
    said = said or [", ".join(after.get("systems", ()))]
    if after.get("priority"):
        said.append(
            _("Proposed now: %(priority)s, due %(day)s")
            % {
                "priority": Priority(after["priority"]).label,
                "day": times.absolute(datetime.fromisoformat(after["due_at"])),
            }
        )
    return " ".join(said)
