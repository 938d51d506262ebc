"""The parts of a page about one thing: crumbs, sections, steps, facts, timeline."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from noroshi.ui import times
from noroshi.ui.components.badges import icon
from noroshi.ui.components.buttons import link_button
from noroshi.ui.components.markup import html, joined, lang_attribute, spans
from noroshi.ui.components.registry import NOTHING, register
from noroshi.ui.shapes import Entry, Fact, Step, Text, Tone


@register.simple_tag
def crumbs(*parts: Text) -> SafeString:
    """``{% crumbs label url label url last %}``: the way here, the last one is this page."""
    links = [
        html('<a href="{}">{}</a><span aria-hidden="true">/</span>', parts[i + 1], parts[i])
        for i in range(0, len(parts) - 1, 2)
    ]
    last = html('<span aria-current="page">{}</span>', parts[-1])
    return html(
        '<nav class="crumbs" aria-label="{}">{}{}</nav>', _("Where you are"), joined(links), last
    )


@register.simple_block_tag
def section(
    content: str,
    title: Text,
    count: Text = "",
    url: str = "",
    link: Text = "",
    kind: str = "",
    section_id: str = "",
) -> SafeString:
    """A part of the page: heading, how many, one link at the end. ``kind`` adds a class."""
    anchor = section_id or f"s{crc32(str(title).encode()):08x}"
    return html(
        '<section class="block{}" aria-labelledby="{}"><div class="block-head"><h2 id="{}">{}</h2>'
        "{}{}</div>{}</section>",
        f" {kind}" if kind else "",
        anchor,
        anchor,
        title,
        html('<span class="count">{}</span>', count) if count != "" else "",
        html('<a class="end" href="{}">{}</a>', url, link) if url else "",
        content,
    )


@register.simple_block_tag
def turn(content: str, title: Text, tone: str = "") -> SafeString:
    """The one panel that says what the reader must do now; its buttons go inside it."""
    return html(
        '<section class="block panel turn" data-tone="{}" aria-labelledby="turn">'
        '<h2 id="turn">{}</h2>{}</section>',
        tone,
        html(_("Your turn: {title}"), title=title),
        content,
    )


@register.simple_tag(name="sum")
def sum_tag(lines: Sequence[Fact | tuple[Text, Text]], kind: str = "") -> SafeString:
    """A summary list; facts without a value are left out. ``kind="wide"`` for long labels."""
    return html(
        '<dl class="sum{}">{}</dl>',
        f" {kind}" if kind else "",
        joined(_fact(line if isinstance(line, Fact) else Fact(*line)) for line in lines),
    )


def _fact(line: Fact) -> SafeString:
    if line.value is None or line.value == "":
        return NOTHING
    return html(
        "<div><dt>{}</dt><dd{}>{}{}</dd></div>",
        line.label,
        SafeString(' class="mono"') if line.mono else "",
        line.value,
        html('<span class="sub">{}</span>', line.sub) if line.sub != "" else "",
    )


@register.simple_tag
def fact(label: Text, value: Text | None, sub: Text = "", mono: bool = False) -> SafeString:
    """One line inside ``<dl class="sum">`` written in a template."""
    return _fact(Fact(label, value, sub, mono))


@register.simple_tag
def steps(path: Sequence[Step], label: Text = "") -> SafeString:
    """The steps of a piece of work: done, now, open, each with who and when."""
    marks = {"done": "s-done", "now": "s-now", "open": "s-open"}
    words = {"done": _("Done:"), "now": _("Now:"), "open": _("Open:")}
    return html(
        '<ol class="steps" aria-label="{}">{}</ol>',
        label or _("Progress"),
        format_html_join(
            "",
            '<li class="{}"{}>{}<span><b><span class="sr">{} </span>{}</b>{}</span></li>',
            (
                (
                    step.state,
                    SafeString(' aria-current="step"') if step.state == "now" else "",
                    icon(marks[step.state]),
                    words[step.state],
                    step.title,
                    step.detail,
                )
                for step in path
            ),
        ),
    )


@register.simple_tag
def timeline(entries: Sequence[Entry]) -> SafeString:
    """The entries, in their order, with a heading where the reader's day changes."""
    lines: list[SafeString] = []
    day = None
    for entry in entries:
        at = times.local(entry.at)
        if (here := at.date() if hasattr(at, "date") else at) != day:
            day = here
            heading = times.day_words(here, heading=True)
            lines.append(html('<li class="day"><h3>{}</h3></li>', heading))
        lines.append(_entry(entry, f"{at:%H:%M}", at.isoformat()))
    return html('<ol class="line">{}</ol>', joined(lines))


def _entry(entry: Entry, clock_time: str, iso: str) -> SafeString:
    return html(
        '<li class="{}"><time datetime="{}">{}</time>{}<div class="what{}"{}>{}{}{}</div></li>',
        entry.tone,
        iso,
        clock_time,
        icon(entry.icon),
        " own" if entry.own else "",
        lang_attribute(entry.lang),
        html("<b>{}</b>", entry.text) if entry.tone == "key" else entry.text,
        html('<p class="note">{}</p>', entry.note) if entry.note != "" else "",
        html('<p class="meta">{}</p>', spans(entry.meta)) if entry.meta else "",
    )


@register.simple_tag
def notice(text: Text, tone: Tone = "", url: str = "", action: Text = "") -> SafeString:
    """One sentence about the page, with at most one thing to do."""
    marks = {"ok": "s-done", "warn": "alert", "bad": "alert"}
    return html(
        '<div class="notice" data-tone="{}" role="{}">{}<p>{}</p>{}</div>',
        tone,
        "alert" if tone == "bad" else "status",
        icon(marks.get(tone, "bell")),
        text,
        html('<a class="btn small" href="{}">{}</a>', url, action) if url else "",
    )


@register.simple_tag
def progress(value: int, total: int, text: Text, url: str = "") -> SafeString:
    """The progress of long work. With ``url`` the page asks there again until no url comes back."""
    poll = NOTHING
    if url:
        poll = html(' hx-get="{}" hx-trigger="every 2s" hx-swap="outerHTML" hx-target="this"', url)
    return html(
        '<div class="progress"{}><label><span>{}</span><progress value="{}" max="{}">{}%</progress>'
        "</label></div>",
        poll,
        text,
        value,
        total or 1,
        value * 100 // (total or 1),
    )


@register.simple_tag
def empty(sentence: Text, url: str = "", action: Text = "", icon_name: str = "") -> SafeString:
    """A sentence in place of a list that is empty, and one button to begin."""
    return html(
        '<div class="empty">{}<p>{}</p>{}</div>',
        icon(icon_name) if icon_name else "",
        sentence,
        link_button(action, url) if url else "",
    )
