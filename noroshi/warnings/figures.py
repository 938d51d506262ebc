"""Early warnings in numbers, for a report to executives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import ngettext

from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing.labels import Sensitivity
from noroshi.warnings.models import Answer, Warning


def counts(viewer: Viewer, team: Team, start: datetime, end: datetime) -> dict[str, int]:
    """How often the team warned others, and answered them; TLP:RED is not counted."""
    sent = Warning.objects.visible_to(viewer).filter(
        team=team, released_at__gte=start, released_at__lt=end
    )
    answers = Answer.objects.visible_to(viewer).filter(
        team=team, current=True, at__gte=start, at__lt=end
    )
    return {
        "sent": sent.exclude(label__sensitivity=Sensitivity.RED).count(),
        "answered": answers.exclude(warning__label__sensitivity=Sensitivity.RED).count(),
    }


def sentence(numbers: Mapping[str, int]) -> str:
    """The numbers in words, empty when the team neither sent nor answered a warning."""
    if not numbers["sent"] and not numbers["answered"]:
        return ""
    return (
        ngettext(
            "We sent %(sent)d early warning to other teams and answered %(answered)d.",
            "We sent %(sent)d early warnings to other teams and answered %(answered)d.",
            numbers["sent"],
        )
        % numbers
    )
