"""Advisories as received and understood."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Person, Team
from noroshi.sharing.guard import Guarded
from noroshi.sharing.models import Label
from noroshi.vulnerabilities import states


def _advisory_id() -> str:
    return public_id("A")


class Advisory(Guarded):
    """One publisher's document, in its newest received revision, under the document's own TLP."""

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_advisory_id)
    # The team that received it; the label's owner too.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=20)
    publisher = models.CharField(max_length=300, blank=True)
    namespace = models.CharField(max_length=300, blank=True)
    tracking_id = models.CharField(max_length=200)
    revision = models.CharField(max_length=60)
    stage = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=1000)
    summary = models.TextField(blank=True)
    language = models.CharField(max_length=40, blank=True)
    references = models.JSONField(default=list)  # [{"url", "text"}]
    problems = models.JSONField(default=list)  # [{"where", "message", "values"}]
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False)
    raw_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=clock.now)
    received_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    received_by_name = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "advisories"
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="advisory_newest"),
            models.Index(fields=["tracking_id"], name="advisory_tracking"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "namespace", "tracking_id"], name="advisory_once_in_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tracking_id} {self.title}"


class AdvisoryRevision(Guarded):
    """One received state of an advisory and what it changed against the one before it."""

    label_path: ClassVar[str] = "advisory__label"

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="revisions")
    revision = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    # Came after a newer one: kept, and nothing else.
    is_older = models.BooleanField(default=False)
    # See ``differences``: {"title": {"before", "after"}, "ranges": {"added": [...], "removed": [...]}, …}
    difference = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "sha256"], name="revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.advisory_id} {self.revision}"


class Vulnerability(Guarded):
    """One vulnerability as one advisory describes it; ``key`` joins it with what others say."""

    label_path: ClassVar[str] = "advisory__label"

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="vulnerabilities")
    key = models.CharField(max_length=200, db_index=True)  # CVE id, or the advisory's own id
    title = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    cwes = models.JSONField(default=list)
    # [{"version", "vector", "base", "severity", "source"}], highest base first
    scores = models.JSONField(default=list)
    severity = models.CharField(max_length=8, choices=states.Severity.choices, blank=True)
    remediations = models.JSONField(default=list)  # [{"kind", "text", "url", "products"}]
    references = models.JSONField(default=list)  # [{"url", "text"}]
    kev_added_on = models.DateField(null=True)
    # CISA's decision points in the words of the SSVC tables; empty where nobody said.
    ssvc_exploitation = models.CharField(max_length=12, blank=True)
    ssvc_automatable = models.CharField(max_length=3, blank=True)
    ssvc_technical_impact = models.CharField(max_length=8, blank=True)
    epss_probability = models.FloatField(null=True)
    epss_percentile = models.FloatField(null=True)

    class Meta:
        verbose_name_plural = "vulnerabilities"
        constraints = [
            models.UniqueConstraint(fields=["advisory", "key"], name="vulnerability_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}".strip()
