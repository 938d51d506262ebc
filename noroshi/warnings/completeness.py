"""The checks before a warning may leave: the form shows what is missing, the action enforces it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from noroshi.core import clock
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.sharing.audience import Audience
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label
from noroshi.warnings.models import Warning

CVE = re.compile(r"CVE-\d{4}-\d{4,12}")


def check_draft(sensitivity: Sensitivity | str, cve: str) -> None:
    """Raise ``Malformed`` for a label or CVE number that not even a draft may have."""
    if sensitivity == Sensitivity.INTERNAL or sensitivity not in Sensitivity.values:
        raise Malformed(
            "label", gettext_noop("Choose one of the TLP labels; a warning is for others.")
        )
    if cve.strip() and not CVE.fullmatch(cve.strip().upper()):
        raise Malformed("cve", gettext_noop("Write a CVE number such as CVE-2026-12345."))


def check(warning: Warning, label: Label, audience: Audience) -> None:
    """Raise ``Malformed`` with the first thing that is missing."""
    for where, sentence in missing(warning, label, audience):
        raise Malformed(where, sentence)


def missing(warning: Warning, label: Label, audience: Audience) -> Iterator[tuple[str, str]]:
    """Field and sentence of everything that keeps the warning from leaving, in the form's order."""
    red = label.sensitivity == Sensitivity.RED
    if not audience.recipients:
        if red:
            yield (
                "named",
                gettext_noop(
                    "TLP:RED needs at least one person outside your team who may read it."
                ),
            )
        elif (
            label.sensitivity in (Sensitivity.AMBER, Sensitivity.AMBER_STRICT)
            and not label.circle_id
        ):
            yield "circle", gettext_noop("Choose the circle, or the people, that this goes to.")
        else:
            yield "circle", gettext_noop("Nobody outside your team could read this now.")
    if label.embargo_until is not None and label.embargo_until <= clock.now():
        yield "embargo_until", gettext_noop("The embargo is over already. Move it or take it away.")
    if warning.answer_by is not None and warning.answer_by <= clock.now():
        yield "answer_by", gettext_noop("The time to answer by is past.")
    if not warning.title:
        yield "title", gettext_noop("Write a title.")
    if not warning.text:
        yield "text", gettext_noop("Write what happens and whom it concerns.")
    if not warning.todo_lines:
        yield "todo", gettext_noop("Write at least one thing to do.")
