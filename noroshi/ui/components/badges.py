"""Labels, states, people and moments, as they stand in a line of text."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from noroshi.ui import times
from noroshi.ui.components.markup import html
from noroshi.ui.components.registry import NOTHING, register
from noroshi.ui.shapes import Moment, Text, Tone

TLP = {
    "RED": "TLP:RED",
    "AMBERSTRICT": "TLP:AMBER+STRICT",
    "AMBER": "TLP:AMBER",
    "GREEN": "TLP:GREEN",
    "CLEAR": "TLP:CLEAR",
}
SEVERITIES = ("low", "medium", "high", "critical")
SHAPES = ("new", "open", "half", "most", "now", "done", "wait", "bar", "no")


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("ui/icons.svg")


@register.simple_tag
def icon(name: str, tone: str = "") -> SafeString:
    """An icon beside a word; it never stands for the word, so it is hidden from readers."""
    return html(
        '<svg class="icon{}" viewBox="0 0 16 16" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {tone}" if tone else "",
        _sprite(),
        name,
    )


@register.simple_tag
def tlp(label: object, large: bool = False) -> SafeString:
    """The TLP 2.0 label as FIRST writes it; ``INTERNAL`` is not TLP and is shown as a grey tag."""
    word = _label_word(label)
    if word == "INTERNAL":
        return html('<span class="tag">{}{}</span>', icon("lock"), _("Own team only"))
    text = TLP[word]
    return html(
        '<span class="tlp{}" data-tlp="{}" translate="no">{}</span>',
        " large" if large else "",
        text[4:].lower(),
        text,
    )


def _label_word(label: object) -> str:
    name = str(getattr(label, "value", label)).upper().removeprefix("TLP:")
    word = "".join(letter for letter in name if letter.isalpha())
    if word != "INTERNAL" and word not in TLP:
        raise ValueError(f"not a label: {label!r}")
    return word


@register.simple_tag
def status(word: Text, shape: str = "open", tone: Tone = "") -> SafeString:
    """A state: shape and word. ``shape`` is one of ``SHAPES``, or ``check`` or ``alert``."""
    name = f"s-{shape}" if shape in SHAPES else shape
    return html('<span class="status" data-tone="{}">{}{}</span>', tone, icon(name), word)


@register.simple_tag
def tag(word: Text, tone: Tone = "") -> SafeString:
    """A short remark beside a title (exploited, new)."""
    return html('<span class="tag" data-tone="{}">{}</span>', tone, word)


def severity_word(level: int) -> str:
    """The word for 1 to 4, the words Japanese advisories use."""
    return [
        pgettext("severity", "Low"),
        pgettext("severity", "Medium"),
        pgettext("severity", "High"),
        pgettext("severity", "Critical"),
    ][level - 1]


@register.simple_tag
def severity(level: int | str | None) -> SafeString:
    """Four bars and the word. ``level`` is 1 to 4 or low … critical; None is not rated yet."""
    if isinstance(level, str):
        level = SEVERITIES.index(level.lower()) + 1 if level.lower() in SEVERITIES else 0
    if not level:
        return html('<span class="faint nowrap">{}</span>', pgettext("severity", "Not rated"))
    return html(
        '<span class="sev" data-level="{}">{}{}</span>', level, _bars(level), severity_word(level)
    )


@lru_cache(maxsize=4)
def _bars(level: int) -> SafeString:
    bars = format_html_join(
        "",
        '<rect {} x="{}" y="{}" width="3" height="{}" rx=".6"/>',
        (
            (
                SafeString('fill="#ccd1d9"' if n >= level else 'class="on" fill="#474f5e"'),
                n * 4,
                10 - n * 3,
                4 + n * 3,
            )
            for n in range(4)
        ),
    )
    return html('<svg viewBox="0 0 15 14" aria-hidden="true">{}</svg>', bars)


@register.simple_tag
def person(name: Text, url: str = "") -> SafeString:
    """A person: round initial and name, linked to the card where there is one."""
    return _name_badge("who", name, url)


@register.simple_tag
def team(name: Text, url: str = "") -> SafeString:
    """A team: square initial and name."""
    return _name_badge("who team", name, url)


def _name_badge(kind: str, name: Text, url: str) -> SafeString:
    text = str(name)
    initial = next((c for c in text if unicodedata.category(c)[0] in "LN"), "?").upper()
    linked = html('<a href="{}">{}</a>', url, text) if url else conditional_escape(text)
    return html('<span class="{}"><i aria-hidden="true">{}</i>{}</span>', kind, initial, linked)


@register.simple_tag
def when(moment: Moment | None, due: bool = False, done: bool = False) -> SafeString:
    """A moment in the reader's zone and how far away it is; ``due`` says late or soon in words."""
    if moment is None:
        return html('<span class="faint">{}</span>', pgettext("time", "None"))
    words = times.describe(moment, due=due, done=done)
    small = html("<small>{}</small>", words.relative) if words.relative else NOTHING
    return html(
        '<time class="when{}" datetime="{}"><span>{}</span>{}</time>',
        f" {words.state}" if words.state else "",
        words.iso,
        words.absolute,
        small,
    )


@register.simple_tag
def visibility(scope: str) -> SafeString:
    """The mark of a value's readers: ``public``, ``members``, ``circle`` or ``team``."""
    marks = {
        "public": ("net", _("Public")),
        "members": ("team", _("Members")),
        "circle": ("ring", _("Circle")),
        "team": ("lock", _("Own team")),
    }
    name, word = marks[scope]
    return html(
        '<span class="vis">{}<span><span class="sr">{}</span>{}</span></span>',
        icon(name),
        _("Seen by:") + " ",
        word,
    )


@register.simple_tag
def count(number: int) -> SafeString:
    """A number with its thousands apart, the same in both languages."""
    return html('<span class="nowrap">{}</span>', f"{number:,}")


def up_to(number: int, most: int) -> str:
    """A number that was counted up to ``most``: ``999+`` where there may be more."""
    return f"{most - 1:,}+" if number >= most else f"{number:,}"


@register.simple_tag
def stacked(value: Text, sub: Text) -> SafeString:
    """A value with a quieter line under it, for a table cell."""
    return html('<span>{}<span class="sub">{}</span></span>', value, sub)


@register.simple_tag
def page_label(word: object) -> str:
    """The class that puts a TLP label in head and foot of every printed page."""
    return f"paper-{TLP[_label_word(word)][4:].lower().replace('+', '-')}" if word else ""


@register.simple_tag
def lines(text: str) -> SafeString:
    """Text from outside with its line breaks kept: paragraphs, escaped, no links made."""
    paragraphs = [p for p in str(text).replace("\r\n", "\n").split("\n\n") if p.strip()]
    return format_html_join("", '<p class="lines">{}</p>', ((p.strip("\n"),) for p in paragraphs))
