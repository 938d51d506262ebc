"""The states of a report."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from noroshi.core.errors import Refused, gettext_noop


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("report", "Draft")
    ISSUED = "issued", pgettext_lazy("report state", "Issued")


# A draft may also be thrown away; then no row is left.
NEXT: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.ISSUED}),
    State.ISSUED: frozenset(),
}


def check_draft(state: str) -> None:
    """Raise ``Refused`` unless the report may still be issued or thrown away."""
    if not NEXT[State(state)]:
        raise Refused(gettext_noop("This report has been issued; it stays as it was read."))
