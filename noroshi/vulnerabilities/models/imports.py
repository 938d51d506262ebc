"""Imports of advisories, with the outcome of each document."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Circle, Person, Team
from noroshi.sharing.guard import Guarded
from noroshi.sharing.labels import UNLABELLED, Sensitivity
from noroshi.sharing.models import Label
from noroshi.vulnerabilities.models.advisories import Advisory


def _import_id() -> str:
    return public_id("AI")


class ImportState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("import", "Waiting")
    RUNNING = "running", pgettext_lazy("import", "Running")
    DONE = "done", pgettext_lazy("import", "Done")


class AdvisoryImport(Guarded):
    """Some files of advisories to be imported, and afterwards the outcome of each."""

    history_kind: ClassVar[str] = "advisory_import"
    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_import_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.WAITING)
    uploads = models.JSONField(default=list)  # [{"name", "sha256"}]
    # Chosen for the documents whose label needs it, and for those that have none.
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, null=True, related_name="+")
    unlabelled = models.CharField(max_length=12, choices=Sensitivity.choices, default=UNLABELLED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-created_at"], name="advisory_import_team")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.done}/{self.total}"


class Outcome(models.TextChoices):
    """The outcome of a received document."""

    WAITING = "waiting", pgettext_lazy("import", "Waiting")
    NEW = "new", pgettext_lazy("import", "New")
    UPDATED = "updated", pgettext_lazy("import", "Newer revision")
    OLDER = "older", pgettext_lazy("import", "Older revision, kept")
    SAME = "same", pgettext_lazy("import", "Known already")
    REFUSED = "refused", pgettext_lazy("import", "Not understood")


class AdvisoryImportFile(Guarded):
    """One document of an import: its bytes are kept whether or not they were understood."""

    label_path: ClassVar[str] = "batch__label"

    batch = models.ForeignKey(AdvisoryImport, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=300)  # with the line, for a line of a .jsonl file
    sha256 = models.CharField(max_length=64, blank=True)  # empty when it could not be unpacked
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    advisory = models.ForeignKey(Advisory, on_delete=models.SET_NULL, null=True, related_name="+")
    where = models.CharField(max_length=300, blank=True)
    message = models.TextField(blank=True)  # an English source sentence
    values = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["batch", "outcome", "id"], name="import_file_outcome")]

    def __str__(self) -> str:
        return f"{self.name} {self.outcome}"
