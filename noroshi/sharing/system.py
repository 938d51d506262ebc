"""Reading with no viewer, for the few places that act for nobody: matching, delivery, backup.

Who may import this module is a list in the import contract (``pyproject.toml``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import models

from noroshi.sharing.guard import system_reason

M = TypeVar("M", bound=models.Model)


@contextmanager
def as_system(reason: str) -> Iterator[None]:
    """Let guarded rows be read inside the block; ``reason`` says in words why nobody reads."""
    token = system_reason.set(reason)
    try:
        yield
    finally:
        system_reason.reset(token)


def rows(model: type[M], reason: str) -> models.QuerySet[M]:
    """Every row of ``model``, for a job that acts for nobody. Evaluation needs no further leave."""
    with as_system(reason):
        return model._default_manager.all()
