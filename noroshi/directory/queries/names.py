"""Teams, circles and people by words of their names, for quick search."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import F, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from noroshi.core.ids import LENGTH
from noroshi.core.search.folded import Folded
from noroshi.core.search.tokens import fold
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
    """Spellings are one as in quick search (``tokens.fold``); no words match nothing.

    The number is found whole, with its prefix or without.
    """
    cut = fold(words).split()[:8]
    texts = [text for name in names for text in (F(name), Value("\n"))]
    rows = rows.alias(folded=Folded(Concat(*texts, output_field=TextField())))  # type: ignore[assignment]  # the stubs take it for rows of another kind
    for word in cut:
        number = Q(public_id__iexact=word)
        if len(word) == LENGTH:
            number |= Q(public_id__iendswith=f"-{word}")
        rows = rows.filter(number | Q(folded__contains=word))
    return rows if cut else rows.none()
