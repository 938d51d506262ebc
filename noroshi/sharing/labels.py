"""Sensitivity and state of a label: sensitivities are a table, never a scale (TLP 2.0, FIRST)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sensitivity(models.TextChoices):
    """INTERNAL is our own team's; the others are TLP 2.0. Never ordered, never compared with <."""

    INTERNAL = "internal", _("Own team only")
    RED = "red", _("Only the people it names")
    AMBER_STRICT = "amber+strict", _("Inside the receiving organisations only")
    AMBER = "amber", _("The receiving organisations, and those they protect who need it")
    GREEN = "green", _("Member teams and their peers, never in public")
    CLEAR = "clear", _("Anybody")

    @property
    def text(self) -> str:
        """The exact FIRST text, never translated; INTERNAL is not a TLP label."""
        return "INTERNAL" if self is Sensitivity.INTERNAL else f"TLP:{self.name.replace('_', '+')}"


class State(models.TextChoices):
    """A draft is its owner team's alone, whatever its sensitivity."""

    DRAFT = "draft", _("Draft")
    RELEASED = "released", _("Released")


# What arrives without a label goes to the sender's circle, never to the public.
UNLABELLED = Sensitivity.AMBER_STRICT

FROM_TLP = {
    "CLEAR": Sensitivity.CLEAR,
    "WHITE": Sensitivity.CLEAR,  # TLP 1.0
    "GREEN": Sensitivity.GREEN,
    "AMBER": Sensitivity.AMBER,
    "AMBER+STRICT": Sensitivity.AMBER_STRICT,
    "RED": Sensitivity.RED,
    "": UNLABELLED,
}
