"""Warnings to other teams, and what those teams answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Person, Team
from noroshi.sharing.guard import Guarded
from noroshi.sharing.models import Label
from noroshi.warnings.states import AnswerState, State


def _warning_id() -> str:
    return public_id("W")


class Kind(models.TextChoices):
    """The subject of a warning."""

    EXPLOITED = "exploited", _("Exploited vulnerability")
    VULNERABILITY = "vulnerability", _("Vulnerability")
    PHISHING = "phishing", _("Phishing")
    MALWARE = "malware", _("Malware")
    OTHER = "other", _("Something else")


class Warning(Guarded):
    """A short text that one team sends to others, and asks them whether it concerns them.

    From its release on the text never changes; the register keeps it with its hash.
    """

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_warning_id)
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.EXPLOITED)
    title = models.CharField(max_length=200, blank=True)
    title_en = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    todo = models.TextField(blank=True)  # one thing to do on each line, the most urgent first
    cve = models.CharField(max_length=20, blank=True)  # public, so receivers see it
    answer_by = models.DateTimeField(null=True, blank=True)
    drafted_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    drafted_at = models.DateTimeField(default=clock.now)
    released_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    release_id = models.CharField(max_length=20, blank=True)  # its public id in the register
    withdrawn_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, blank=True)
    moved_at = models.DateTimeField(default=clock.now)  # of the last step: the order of lists

    class Meta:
        indexes = [
            models.Index(fields=["-moved_at", "-id"], name="warning_newest"),
            models.Index(fields=["release_id"], name="warning_release"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="warning_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.DRAFT, released_at__isnull=True, release_id="")
                | (~models.Q(state=State.DRAFT) & models.Q(released_at__isnull=False)),
                name="warning_released_once_out",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    def title_in(self, language: str | None) -> str:
        """The title for a reader of ``language``."""
        japanese = not language or language.startswith("ja")
        return self.title if japanese or not self.title_en else self.title_en

    @property
    def todo_lines(self) -> list[str]:
        """The things to do, one on each line."""
        return [line.strip() for line in self.todo.splitlines() if line.strip()]


class Origin(Guarded):
    """The thing that a team started a warning from. It has its own label and stays with the team."""

    label_path: ClassVar[str] = "label"

    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    warning = models.OneToOneField(Warning, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    thing_id = models.CharField(max_length=20)
    key = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "thing_id"], name="origin_thing")]

    def __str__(self) -> str:
        return f"{self.warning_id} from {self.thing_id}"


class Answer(Guarded):
    """The answer of one team. The newest is ``current``; older ones stay as history.

    The guard admits everybody who may see the warning; ``queries`` narrow that to the owner team
    and the team that answered, and everybody else gets counts.
    """

    label_path: ClassVar[str] = "warning__label"

    warning = models.ForeignKey(Warning, on_delete=models.CASCADE, related_name="answers")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    person_name = models.CharField(max_length=200)
    state = models.CharField(max_length=15, choices=AnswerState.choices)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=clock.now)
    current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["warning", "team"],
                condition=models.Q(current=True),
                name="one_current_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=AnswerState.values), name="answer_state_known"
            ),
        ]
        indexes = [models.Index(fields=["warning", "team", "at"], name="answer_team")]

    def __str__(self) -> str:
        return f"{self.warning_id} {self.team_id} {self.state}"
