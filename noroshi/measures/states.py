"""The steps of an instruction, as data; ``permissions`` says who may take them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.core.errors import Refused, gettext_noop


class State(models.TextChoices):
    """The state of an instruction."""

    OPEN = "open", _("Not started")
    STARTED = "started", _("Under way")
    DONE = "done", pgettext_lazy("instruction", "To verify")
    CANNOT = "cannot", _("Cannot be done")
    VERIFIED = "verified", _("Verified")
    CLOSED = "closed", _("Closed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


NEXT: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.STARTED, State.DONE, State.CANNOT, State.WITHDRAWN}),
    State.STARTED: frozenset({State.DONE, State.CANNOT, State.WITHDRAWN}),
    # An operator may correct what was reported as long as nobody has verified it.
    State.DONE: frozenset({State.STARTED, State.VERIFIED, State.WITHDRAWN}),
    State.CANNOT: frozenset({State.OPEN, State.WITHDRAWN}),
    State.VERIFIED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

WITH_OPERATOR = frozenset({State.OPEN, State.STARTED})  # the operator moves next
UNFINISHED = frozenset({State.OPEN, State.STARTED, State.DONE, State.CANNOT})
FINISHED = frozenset(State) - UNFINISHED

# Why a step cannot be taken, by where the instruction stands now.
_WHY = {
    State.OPEN: gettext_noop("Nothing has been reported on this instruction yet."),
    State.STARTED: gettext_noop("The operator is working on this instruction."),
    State.DONE: gettext_noop("This instruction has been reported done and waits for verification."),
    State.CANNOT: gettext_noop(
        "The operator cannot carry this out; the security manager decides what comes next."
    ),
    State.VERIFIED: gettext_noop("This instruction has been verified already."),
    State.CLOSED: gettext_noop("This instruction is closed."),
    State.WITHDRAWN: gettext_noop("This instruction has been withdrawn; nothing is to be done."),
}


def check_step(state: str, next_state: State) -> None:
    """Raise ``Refused`` with a sentence when ``next_state`` does not come after ``state``."""
    if next_state not in NEXT[State(state)]:
        raise Refused(_WHY[State(state)])
