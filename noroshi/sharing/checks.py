"""A system check: every model of an area is guarded, or says itself why not (``unguarded``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from noroshi.sharing.guard import Guarded, GuardedManager
from noroshi.sharing.models import Label

# Areas whose models need no guard: everything above these holds what people share or store.
FREE = frozenset({"core", "directory", "ui"})


@register("noroshi")
def check_guarded(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Errors for models that can be read without a viewer."""
    faults: list[CheckMessage] = []
    for model in apps.get_models():
        name = model._meta.label
        if (
            not model.__module__.startswith("noroshi.")
            or model._meta.app_label in FREE
            or vars(model).get("unguarded")
        ):
            continue
        if not issubclass(model, Guarded) or not isinstance(model._default_manager, GuardedManager):
            faults.append(
                Error(
                    f"{name} can be read without a viewer.",
                    hint="Derive it from Guarded, or say in `unguarded` why a row tells nothing.",
                    obj=model,
                    id="noroshi.E001",
                )
            )
        elif _end_of(model, model.label_path) is not Label:
            faults.append(
                Error(
                    f"{name}.label_path {model.label_path!r} does not lead to a label.",
                    obj=model,
                    id="noroshi.E002",
                )
            )
    return faults


def _end_of(model: type[models.Model], path: str) -> type[models.Model] | None:
    """The model at the end of a path of forward keys, or ``None``."""
    target: Any = model
    for name in path.split("__"):
        try:
            field = target._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if not isinstance(field, models.ForeignKey):
            return None
        target = field.related_model
    return target if isinstance(target, type) else None
