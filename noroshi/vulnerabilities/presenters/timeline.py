"""The timeline of a vulnerability."""

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

# The sentence of the timeline, the icon and the tone, by the action in the history.
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
    """The entries of the history; those of an instruction carry its title."""
    titles = {instruction.public_id: instruction.title for instruction in instructions}
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
        texts = (str(Priority(after["priority"]).label), after.get("reason", ""))
        return " ".join(text for text in texts if text)
    if row.action == "vulnerabilities.close":
        return str(CloseReason(after["reason"]).label) if after.get("reason") else ""
    if "because" in after:
        return _why_again(after)
    return str(after.get("reason") or ", ".join(after.get("systems", ())))


def _why_again(after: Mapping[str, Any]) -> str:
    """The reasons why work was extended or opened again, and the proposal of that time."""
    reasons = [match_reasons.reopen_reason(reason) for reason in after["because"]]
    sentences = list(dict.fromkeys(reasons)) or [", ".join(after.get("systems", ()))]
    if after.get("priority"):
        sentences.append(
            _("Proposed now: %(priority)s, due %(day)s")
            % {
                "priority": Priority(after["priority"]).label,
                "day": times.absolute(datetime.fromisoformat(after["due_at"])),
            }
        )
    return " ".join(sentences)
