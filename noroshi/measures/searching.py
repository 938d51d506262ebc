"""Instructions in quick search."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from noroshi.measures.models import Instruction
from noroshi.sharing import search


def make_findable(row: Instruction) -> None:
    """Put the instruction into quick search: number, title in each language, subject and text.

    Call it with the row locked, in the transaction that changes it.
    """
    titles = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            titles[language] = row.title
    search.put(
        kind="instruction",
        thing_id=row.public_id,
        label=row.label,
        title=titles[settings.LANGUAGE_CODE],
        sub=" ".join(text for text in (row.subject_key, row.subject_title) if text),
        path=reverse("measures:instruction", args=[row.public_id]),
        text="\n".join([*titles.values(), row.system_name, row.why, row.text]),
    )
