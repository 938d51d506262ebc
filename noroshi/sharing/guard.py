"""Rows that cannot be read without saying who reads.

The default manager of a guarded model raises :class:`NoViewer`, so every way in that Django
offers (``all``, ``filter``, ``get``, reverse relations, prefetch, form choices,
``get_object_or_404``) fails loudly. ``save``, ``refresh_from_db`` and forward keys use the base
manager and work.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from noroshi.core import lookup
from noroshi.directory.viewer import Viewer

M = TypeVar("M", bound=models.Model)

# The reason for which the system reads with no viewer; set only by ``sharing.system``.
system_reason: ContextVar[str | None] = ContextVar("system_reason", default=None)


class NoViewer(RuntimeError):
    """A guarded model was read without a viewer: a fault in our code, never shown to a person."""


class GuardedManager(models.Manager[M]):
    """Reads only for a viewer; creates for actions."""

    def get_queryset(self) -> models.QuerySet[M]:
        if system_reason.get() is None:
            raise NoViewer(
                f"{self.model.__name__} was read without a viewer; use .visible_to(viewer)"
            )
        return super().get_queryset()

    def visible_to(self, viewer: Viewer, **options: Any) -> models.QuerySet[M]:
        """The rows that this viewer may see now; ``options`` as in ``policy.visible_to``."""
        from noroshi.sharing import policy  # the policy reads Label, whose module needs this one

        return self._rows().filter(policy.visible_to(viewer, self.model.label_path, **options))  # type: ignore[attr-defined]  # set by Guarded

    def one_for(self, viewer: Viewer, **conditions: Any) -> M:
        """The one visible row, or ``NotFound``, which also means: not for this reader."""
        return lookup.get_or_not_found(self.visible_to(viewer).filter(**conditions))

    def locked_for(self, viewer: Viewer, pk: Any, *related: str) -> M:
        """The row as it stands now, locked until the transaction ends, with its ``related`` rows.

        Raises ``NotFound``, which also means: not for this reader.
        """
        rows = self.visible_to(viewer).select_related(*related or (None,))
        return lookup.get_or_not_found(rows.select_for_update(of=("self",)).filter(pk=pk))

    def create(self, **fields: Any) -> M:
        """Insert a row (an action of ours writes; nothing is read)."""
        return self._rows().create(**fields)

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[M]:
        """Insert many rows (an action of ours writes; nothing is read)."""
        return self._rows().bulk_create(*args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> models.query.RawQuerySet[M]:
        if system_reason.get() is None:
            raise NoViewer(f"{self.model.__name__}.raw was read without a viewer")
        return super().raw(*args, **kwargs)

    def _rows(self) -> models.QuerySet[M]:
        # On a reverse manager this still passes through its filter on the parent.
        token = system_reason.set("the guard itself, which filters next")
        try:
            return self.get_queryset()
        finally:
            system_reason.reset(token)


class Guarded(models.Model):
    """A model whose rows have a label, of their own or through the parent at ``label_path``.

    ``label_path`` is the lookup path to the label: ``"label"``, or ``"assessment__label"`` for a
    part, which has the label of its thing. A system check refuses a path that leads elsewhere.
    """

    label_path: ClassVar[str] = "label"

    objects: ClassVar[GuardedManager[Self]] = GuardedManager()

    class Meta:
        abstract = True

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        token = system_reason.set("uniqueness")
        try:
            super().full_clean(*args, **kwargs)
        finally:
            system_reason.reset(token)
