"""The steps of a warning and what a team may answer, as tables."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.core.errors import Refused, gettext_noop


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RELEASED = "released", pgettext_lazy("warning", "Released")
    WITHDRAWN = "withdrawn", pgettext_lazy("warning", "Withdrawn")


NEXT: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.RELEASED}),
    State.RELEASED: frozenset({State.WITHDRAWN}),
    State.WITHDRAWN: frozenset(),
}


class AnswerState(models.TextChoices):
    """A team's answer about itself; any may follow any, as often as things change."""

    INVESTIGATING = "investigating", _("Investigating")
    AFFECTED = "affected", _("Affected")
    NOT_AFFECTED = "not_affected", _("Not affected")
    FIXED = "fixed", _("Fixed")


def check_step(state: str, target: State) -> None:
    """Raise ``Refused`` when ``target`` does not follow ``state``."""
    if target in NEXT[State(state)]:
        return
    if target is State.RELEASED:
        raise Refused(gettext_noop("This warning has been released already."))
    if state == State.DRAFT:
        raise Refused(gettext_noop("A draft has gone to nobody; discard it instead."))
    raise Refused(gettext_noop("This warning has been withdrawn already."))


def check_draft(state: str) -> None:
    """Raise ``Refused`` unless the text may still be changed."""
    if state != State.DRAFT:
        raise Refused(
            gettext_noop(
                "The text of a released warning stays as it was read. Withdraw it and write another."
            )
        )


def check_open(state: str) -> None:
    """Raise ``Refused`` unless teams may answer."""
    if state == State.WITHDRAWN:
        raise Refused(gettext_noop("This warning has been withdrawn; no answer is needed."))
    if state != State.RELEASED:
        raise Refused(gettext_noop("This warning has not been released."))
