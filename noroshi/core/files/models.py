"""The register of stored bytes."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """Content on disk under ``files/<first two>/<sha256>``; never changed, named by its hash."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField()

    class Meta:
        app_label = "core"

    def __str__(self) -> str:
        return self.sha256
