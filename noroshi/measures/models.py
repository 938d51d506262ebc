"""Instructions to the operators of a system, their answers and their evidence."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Person, Team
from noroshi.measures.states import UNFINISHED, WITH_OPERATOR, State
from noroshi.sharing.guard import Guarded
from noroshi.sharing.models import Label


def _instruction_id() -> str:
    return public_id("T")


def _file_id() -> str:
    return public_id("F")


class Kind(models.TextChoices):
    """The kind of work that the operator is to do."""

    PATCH = "patch", _("Apply the patch")
    UPGRADE = "upgrade", _("Upgrade")
    CONFIGURE = "configure", _("Change the configuration")
    WORKAROUND = "workaround", _("Apply the work-around")
    ISOLATE = "isolate", _("Isolate")
    WATCH = "watch", _("Watch")


class What(models.TextChoices):
    """The answer of an operator."""

    STARTED = "started", pgettext_lazy("instruction", "Started")
    DONE = "done", pgettext_lazy("instruction", "Done")
    CANNOT = "cannot", _("Cannot be done")


class Reason(models.TextChoices):
    """Why an operator cannot."""

    CANNOT_STOP = "cannot_stop", _("The system cannot be stopped")
    NO_TIME = "no_time", _("Not in time")
    FAILED = "failed", _("Tried, and it failed")
    NOT_MINE = "not_mine", _("It is not my system")


class Instruction(Guarded):
    """The work that a system's operators are to do, until when and why.

    Its label names the operators, so each sees exactly their own work. The subject (an
    assessment) and the system are linked by public id, not by key: an area can be taken out.
    """

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_instruction_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")

    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=20, db_index=True)
    subject_title = models.CharField(max_length=300)
    subject_key = models.CharField(max_length=60, blank=True)

    system_id = models.CharField(max_length=20, db_index=True)
    system_name = models.CharField(max_length=200)
    exposure = models.CharField(max_length=20, blank=True)
    current_version = models.CharField(max_length=100, blank=True)
    wanted_version = models.CharField(max_length=100, blank=True)

    kind = models.CharField(max_length=12, choices=Kind.choices)
    why = models.TextField(blank=True)
    text = models.TextField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)

    operators: models.ManyToManyField[Person, models.Model] = models.ManyToManyField(
        Person, related_name="+"
    )
    manager = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    instructed_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    instructed_at = models.DateTimeField(default=clock.now)
    done_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    # Empty although verified where the inventory verified it.
    verified_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    operator_reminded_at = models.DateTimeField(null=True)
    manager_reminded_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="instruction_due"),
            models.Index(fields=["team", "state", "due_at"], name="instruction_team_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="instruction_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="instruction_kind_known"
            ),
            # Four eyes, also for whoever writes past the action.
            models.CheckConstraint(
                condition=models.Q(verified_by__isnull=True)
                | ~models.Q(verified_by=models.F("done_by")),
                name="instruction_verified_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.title}"

    @property
    def title(self) -> str:
        """The work and the system in a line, in the reader's language."""
        words = {
            Kind.PATCH: _("Apply the patch to %(system)s"),
            Kind.UPGRADE: _("Upgrade %(system)s to %(version)s")
            if self.wanted_version
            else _("Upgrade %(system)s"),
            Kind.CONFIGURE: _("Change the configuration of %(system)s"),
            Kind.WORKAROUND: _("Apply the work-around to %(system)s"),
            Kind.ISOLATE: _("Isolate %(system)s"),
            Kind.WATCH: _("Watch %(system)s"),
        }[Kind(self.kind)]
        return str(words) % {"system": self.system_name, "version": self.wanted_version}

    @property
    def is_late(self) -> bool:
        """Whether the due time is over and the operator has still to move."""
        return self.state in WITH_OPERATOR and self.due_at <= clock.now()

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


class Attachment(Guarded):
    """A file that goes with the instruction: a procedure, a fixed image."""

    label_path: ClassVar[str] = "instruction__label"

    public_id = models.CharField(max_length=20, unique=True, default=_file_id)
    instruction = models.ForeignKey(
        Instruction, on_delete=models.CASCADE, related_name="attachments"
    )
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return self.name


class Answer(Guarded):
    """An operator's answer; never changed afterwards."""

    label_path: ClassVar[str] = "instruction__label"

    instruction = models.ForeignKey(Instruction, on_delete=models.CASCADE, related_name="answers")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    person_name = models.CharField(max_length=100)
    what = models.CharField(max_length=8, choices=What.choices)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    text = models.TextField(blank=True)
    new_version = models.CharField(max_length=100, blank=True)
    answered_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(what__in=What.values), name="answer_what_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instruction_id} {self.what}"


class Evidence(Guarded):
    """A file that shows that the work was done, stored as it came."""

    label_path: ClassVar[str] = "answer__instruction__label"

    public_id = models.CharField(max_length=20, unique=True, default=_file_id)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="evidence")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.name
