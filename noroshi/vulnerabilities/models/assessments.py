"""A team's work on a vulnerability.

An assessment is one team's own thing: it refers to a vulnerability by its key and never carries
another team's label.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Person, Team
from noroshi.inventory.models import Component, Exposure, System
from noroshi.sharing.guard import Guarded
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label
from noroshi.vulnerabilities import states
from noroshi.vulnerabilities.models.advisories import Advisory
from noroshi.vulnerabilities.models.matches import MatchMethod


def _assessment_id() -> str:
    return public_id("V")


class CloseReason(models.TextChoices):
    """The reasons for which an assessment is closed."""

    VERIFIED = "verified", _("The measures were verified")
    SBOM = "sbom", _("The inventory shows no affected version any more")
    NOT_OURS = "not_ours", _("None of the products is ours")
    WITHDRAWN = "withdrawn", _("The advisory was withdrawn")


def rank(field: str, words: list[str]) -> Case:
    """The place of a word in its list; any other word comes behind it."""
    return Case(
        *(When(**{field: word}, then=Value(at)) for at, word in enumerate(words)),
        default=Value(len(words)),
        output_field=models.PositiveSmallIntegerField(),
    )


class Assessment(Guarded):
    """One vulnerability as one team's work, from match to closed."""

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_assessment_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    # INTERNAL; RED where the advisory is RED, naming the same people of the team.
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    # A CVE id with an empty namespace, or an advisory's own id in its publisher's namespace.
    key = models.CharField(max_length=200)
    namespace = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=1000)
    severity = models.CharField(max_length=8, choices=states.Severity.choices, blank=True)
    base_score = models.FloatField(null=True)  # the highest CVSS base score that was given
    kev_added_on = models.DateField(null=True)
    state = models.CharField(max_length=14, choices=states.State.choices)
    # Whether a component of it waits for a yes or no, in whatever state the assessment is.
    needs_answer = models.BooleanField(default=False, db_column="asks")
    opened_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    reopened_at = models.DateTimeField(null=True)

    # The assessment: the inputs of the tables, their proposals, and the analyst's choice with reason.
    # exploitation, exposure, automatable, human_impact, technical_impact, in_kev: words of SSVC.
    inputs = models.JSONField(default=dict)
    # By table: deployer has priority and due_on; bod_26_04 has name, days, forensic and due_on.
    proposals = models.JSONField(default=dict)
    priority = models.CharField(max_length=12, choices=states.Priority.choices, blank=True)
    due_at = models.DateTimeField(null=True)
    choice_reason = models.TextField(blank=True)  # why it differs from the proposal
    assessment_text = models.TextField(blank=True)
    assessed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    assessed_at = models.DateTimeField(null=True)

    decision = models.CharField(max_length=12, choices=states.Decision.choices, blank=True)
    decision_text = models.TextField(blank=True)
    accept_until = models.DateField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=10, choices=CloseReason.choices, blank=True)

    # The orders of lists, computed by the database so that an index gives a page in its order.
    due_order = models.GeneratedField(
        expression=Coalesce("due_at", Value(states.NEVER)),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    severity_rank = models.GeneratedField(
        expression=rank("severity", states.Severity.values),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    priority_rank = models.GeneratedField(
        expression=rank("priority", states.Priority.values),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["team", "state", "due_at"], name="assessment_state"),
            models.Index(
                fields=["team", "due_order", "severity_rank", "id"], name="assessment_due"
            ),
            models.Index(fields=["team", "-opened_at", "-id"], name="assessment_newest"),
            models.Index(fields=["key"], name="assessment_key"),
            models.Index(fields=["team"], condition=Q(needs_answer=True), name="assessment_asks"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "namespace", "key"], name="assessment_once_in_team"
            ),
            models.CheckConstraint(
                condition=Q(state__in=states.State.values), name="assessment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(assessed_by__isnull=True)
                | ~Q(decided_by=F("assessed_by")),
                name="assessment_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(decision=states.Decision.ACCEPT) | Q(accept_until__isnull=False),
                name="assessment_accepted_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.key}"

    @property
    def is_red(self) -> bool:
        """Whether nobody may read it but the people it names."""
        return self.label.sensitivity == Sensitivity.RED

    @property
    def counts_from(self) -> datetime:
        """The moment from which the tables count their days: opened, or opened again."""
        return self.reopened_at or self.opened_at


class AssessedSystem(Guarded):
    """A component of a system that the vulnerability touches, or may touch, and why.

    ``why`` is a ``MatchReason`` (see ``match_reasons``). It is a copy: the match may be gone.
    """

    label_path: ClassVar[str] = "assessment__label"

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="systems")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="+")
    # The advisory that first named it.
    advisory = models.ForeignKey(Advisory, on_delete=models.SET_NULL, null=True, related_name="+")
    why = models.JSONField(default=dict)
    how = models.CharField(max_length=8, choices=MatchMethod.choices)
    confidence = models.PositiveSmallIntegerField()
    certainty = models.CharField(max_length=8, choices=states.Certainty.choices)
    answered_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    answered_by_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    exposure = models.CharField(max_length=10, choices=Exposure.choices)  # when it was assessed
    priority = models.CharField(max_length=12, choices=states.Priority.choices, blank=True)
    found_at = models.DateTimeField(default=clock.now)
    # Set when a person verified the measure, or an SBOM showed a version out of the range.
    verified_at = models.DateTimeField(null=True)
    verified_by_sbom = models.BooleanField(default=False)
    # The state at that time: {"version", "ranges": {advisory: [...]}}, see ``reopening``.
    verified_against = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["system", "certainty"], name="assessed_system")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "component"], name="assessed_component_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.system_id} {self.certainty}"

    @property
    def known_at(self) -> datetime:
        """The moment since which it is known: matched, matched again, or confirmed by a person."""
        return max(self.found_at, self.answered_at or self.found_at)
