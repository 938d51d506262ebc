"""Reports for a team's executives."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Person, Team
from noroshi.reports.states import State
from noroshi.sharing.guard import Guarded
from noroshi.sharing.models import Label


def _report_id() -> str:
    return public_id("RP")


class Report(Guarded):
    """A team's work at one moment, for its executives.

    The label is INTERNAL and names the executives once the report is issued; until then only the
    CSIRT and the security manager see it. ``figures`` (see the module ``figures``) holds numbers
    and texts as they were, never sentences, so that all readers get them in their own language.
    """

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_report_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField()
    title = models.CharField(max_length=200, blank=True)  # empty: the period is the title
    note = models.TextField(blank=True)
    figures = models.JSONField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=200)
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-made_at", "-id"], name="report_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="report_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(from_on__lte=models.F("to_on")), name="report_period_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.DRAFT, issued_at__isnull=True)
                | models.Q(state=State.ISSUED, issued_at__isnull=False),
                name="report_issued_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.from_on} – {self.to_on}"
