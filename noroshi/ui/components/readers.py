"""The readers of something, their answers, and charts."""

from __future__ import annotations

from collections.abc import Sequence

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.ui import charts
from noroshi.ui.components.registry import register
from noroshi.ui.shapes import Answer, AudiencePanel, Board, Chart


@register.simple_tag
def audience(readers: AudiencePanel, url: str = "") -> str:
    """The readers of this. With ``url`` it follows the form around it, and a button asks without JS."""
    return render_to_string("ui/parts/audience.html", {"readers": readers, "url": url})


@register.simple_tag
def board(answers: Board) -> str:
    """Answers as one bar whose parts sum to the recipients; hidden groups are one grey part."""
    visible_sum = sum(a.count for a in answers.answers if a.count is not None)
    parts: list[tuple[Answer, str]] = [
        (a, _("under 5") if a.count is None else f"{a.count:,}") for a in answers.answers
    ]
    spans = [(a.fill, float(a.count)) for a in answers.answers if a.count]
    spans.append(("f4", float(answers.recipients - visible_sum)))
    return render_to_string(
        "ui/parts/board.html",
        {
            "bar": charts.bar(spans, answers.recipients, label=_board_words(answers, parts)),
            "parts": parts,
            "note": answers.note,
        },
    )


def _board_words(answers: Board, parts: Sequence[tuple[Answer, str]]) -> str:
    of = ngettext("Of %(count)d team:", "Of %(count)d teams:", answers.recipients)
    listed = ", ".join(f"{a.label} {number}" for a, number in parts)
    return f"{of % {'count': answers.recipients}} {listed}"


@register.simple_tag
def swatch(fill: str) -> SafeString:
    """The small square that names a colour beside its word."""
    return charts.swatch(fill)


@register.simple_tag
def chart(drawing: Chart, table_open: bool = False, bare: bool = False) -> SafeString:
    """A chart drawn on the server with its title, its description and its numbers as a table."""
    return charts.draw(drawing, table_open=table_open, bare=bare)
