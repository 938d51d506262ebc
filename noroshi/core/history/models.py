"""The rows of the history, one per action, each with the hash of the row before."""

from __future__ import annotations

from django.db import models


class HistoryRow(models.Model):
    """An action: who, when, on which thing, and the change. Never updated, never deleted."""

    # The number in the chain comes from the head and not from the database: a gap is a lost row.
    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    thing_kind = models.CharField(max_length=60)
    thing_id = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        app_label = "core"
        indexes = [models.Index(fields=["thing_kind", "thing_id", "number"], name="history_thing")]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.thing_kind} {self.thing_id}"


class HistoryHead(models.Model):
    """The end of the chain: how many rows there are and the last hash."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    count = models.BigIntegerField(default=0)
    row_hash = models.CharField(max_length=64, default="")

    class Meta:
        app_label = "core"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_history_head")]

    def __str__(self) -> str:
        return f"{self.count} {self.row_hash}"
