"""Loads the sample association: an invented circle of teams with ten weeks of work behind it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone, translation

from noroshi.core import clock
from noroshi.core.errors import Refused
from noroshi.directory.models import Person
from noroshi.sample import cast, story
from noroshi.sample.replay import TOKYO, Days, replay


def load() -> None:
    """Fill an empty instance; ``Refused`` when there is anybody in it."""
    if Person.objects.exists():
        raise Refused("The sample goes into an empty instance only; there are people in this one.")
    _load()


def load_once() -> None:
    """Fill an empty instance at its first start; nothing happens where there are people already."""
    if not Person.objects.exists():
        _load()


@transaction.atomic
def _load() -> None:
    """All or nothing: a start that is interrupted begins anew the next time."""
    now = clock.now()
    days = Days(now)
    with translation.override("ja"), timezone.override(TOKYO):
        with clock.set_to(days.back(story.LENGTH, "08:30")):
            people = cast.gather()
        replay(story.chapters(days, people), now=now)
