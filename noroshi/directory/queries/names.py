"""Teams, circles and people by words of their names, for quick search."""

from __future__ import annotations

import unicodedata
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.queries.people import people_for
from noroshi.directory.queries.teams import circles_for, teams_for
from noroshi.directory.viewer import Viewer

M = TypeVar("M", bound=Model)


def teams_named(viewer: Viewer, words: str) -> QuerySet[Team]:
    """The teams that the viewer may know of, with every word in their names or as their number."""
    names = ("name", "name_en", "slug", "organisation__name", "organisation__name_en")
    return _with_words(teams_for(viewer), words, *names)


def circles_named(viewer: Viewer, words: str) -> QuerySet[Circle]:
    """The circles that the viewer may know of, in the same way."""
    return _with_words(circles_for(viewer), words, "name", "name_en")


def people_named(viewer: Viewer, words: str) -> QuerySet[Person]:
    """The people whom the viewer may know, in the same way."""
    return _with_words(people_for(viewer), words, "name", "name_en")


def _with_words(rows: QuerySet[M], words: str, *names: str) -> QuerySet[M]:
    """Full width and half width are one, as in quick search; no words match nothing."""
    cut = unicodedata.normalize("NFKC", words).split()[:8]
    for word in cut:
        with_word = Q(public_id__iexact=word)
        for name in names:
            with_word |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(with_word)
    return rows if cut else rows.none()
