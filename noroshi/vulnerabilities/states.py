"""The steps of one vulnerability in one team, as data."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.core.errors import Refused, gettext_noop


class State(models.TextChoices):
    """Where the work on an assessment stands."""

    WAITING_MATCH = "waiting_match", pgettext_lazy("vulnerability", "Is it ours?")
    TO_ASSESS = "to_assess", pgettext_lazy("vulnerability", "To assess")
    TO_DECIDE = "to_decide", pgettext_lazy("vulnerability", "To decide")
    INSTRUCTED = "instructed", pgettext_lazy("vulnerability", "Instructed")
    ACCEPTED = "accepted", pgettext_lazy("vulnerability", "Accepted for a time")
    NOT_AFFECTED = "not_affected", pgettext_lazy("vulnerability", "Not affected")
    VERIFYING = "verifying", pgettext_lazy("vulnerability", "To verify")
    CLOSED = "closed", pgettext_lazy("vulnerability", "Closed")


# Back to TO_ASSESS: a newer revision or SBOM adds systems, an acceptance runs out, the manager
# sends it back. To CLOSED from anywhere: an SBOM shows that no affected version is left, or a
# person says of every uncertain system that it is not ours.
NEXT: dict[State, frozenset[State]] = {
    State.WAITING_MATCH: frozenset({State.TO_ASSESS, State.CLOSED}),
    State.TO_ASSESS: frozenset({State.TO_DECIDE, State.CLOSED}),
    State.TO_DECIDE: frozenset(
        {State.INSTRUCTED, State.ACCEPTED, State.NOT_AFFECTED, State.TO_ASSESS, State.CLOSED}
    ),
    State.INSTRUCTED: frozenset({State.VERIFYING, State.TO_ASSESS, State.CLOSED}),
    State.ACCEPTED: frozenset({State.TO_ASSESS, State.CLOSED}),
    State.NOT_AFFECTED: frozenset({State.TO_ASSESS, State.CLOSED}),
    State.VERIFYING: frozenset({State.INSTRUCTED, State.TO_ASSESS, State.CLOSED}),
    State.CLOSED: frozenset({State.WAITING_MATCH, State.TO_ASSESS}),
}

# Sorts what has no date behind what has one.
NEVER = datetime.fromisoformat("9999-12-31T00:00:00+00:00")

SETTLED = frozenset({State.CLOSED, State.NOT_AFFECTED, State.ACCEPTED})
OPEN = frozenset(State) - SETTLED


def check_step(now: str, then: str) -> None:
    """Raise ``Refused`` when an assessment in state ``now`` cannot go to ``then``."""
    if State(then) not in NEXT[State(now)]:
        raise Refused(
            gettext_noop("This vulnerability has moved on in the meantime; look at it again.")
        )


class Certainty(models.TextChoices):
    """Whether an assessed component is affected, and who knows it: Noroshi or a person."""

    CERTAIN = "certain", _("Certain")
    WAITING = "waiting", _("Waits for a yes or no")
    YES = "yes", _("A person said yes")
    NO = "no", _("A person said no")


# These count as affected; WAITING needs an answer, NO is left out.
COUNTED = frozenset({Certainty.CERTAIN, Certainty.YES})


class Decision(models.TextChoices):
    """The decisions that the security manager can take."""

    APPLY = "apply", _("Apply measures")
    ACCEPT = "accept", _("Accept until a date")
    NOT_AFFECTED = "not_affected", pgettext_lazy("vulnerability", "Not affected")


DECIDED = {
    Decision.APPLY: State.INSTRUCTED,
    Decision.ACCEPT: State.ACCEPTED,
    Decision.NOT_AFFECTED: State.NOT_AFFECTED,
}


class Priority(models.TextChoices):
    """Outcomes of the SSVC Deployer table, most urgent first."""

    IMMEDIATE = "immediate", _("Immediate")
    OUT_OF_CYCLE = "out-of-cycle", _("Out of cycle")
    SCHEDULED = "scheduled", _("Scheduled")
    DEFER = "defer", _("Defer")


class Severity(models.TextChoices):
    """CVSS qualitative severity of the highest base score (FIRST, CVSS 4.0 section 6)."""

    CRITICAL = "critical", pgettext_lazy("severity", "Critical")
    HIGH = "high", pgettext_lazy("severity", "High")
    MEDIUM = "medium", pgettext_lazy("severity", "Medium")
    LOW = "low", pgettext_lazy("severity", "Low")
    NONE = "none", pgettext_lazy("severity", "None")
    UNKNOWN = "", pgettext_lazy("severity", "No score")
