"""The components of the pages: typed template tags that take plain values and never query.

Every tag is a plain function too, so a page may call ``severity(3)`` to fill a table cell.
Text from outside is escaped here and only here; what a component returns is safe markup.
The contract of each is in ``docs/reference/components.md``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from zlib import crc32

from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.http import HttpRequest, QueryDict
from django.template import Context, Library
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from noroshi.ui import charts, times
from noroshi.ui.fields import Shown, shown
from noroshi.ui.shapes import (
    Answer,
    Audience,
    Board,
    Chart,
    Column,
    Entry,
    Fact,
    Menu,
    Moment,
    Pager,
    Row,
    Step,
    Table,
    TableRow,
    Text,
    Tone,
    View,
)

register = Library()

NOTHING = SafeString("")
TLP = {
    "RED": "TLP:RED",
    "AMBERSTRICT": "TLP:AMBER+STRICT",
    "AMBER": "TLP:AMBER",
    "GREEN": "TLP:GREEN",
    "CLEAR": "TLP:CLEAR",
}
SEVERITIES = ("low", "medium", "high", "critical")
SHAPES = ("new", "open", "half", "most", "now", "done", "wait", "bar", "no")
PAGE_PARAMETERS = ("page", "after", "before")


# ---- icons, labels, badges -----------------------------------------------------------


@lru_cache(maxsize=1)
def _sprite() -> str:
    return static("ui/icons.svg")


@register.simple_tag
def icon(name: str, tone: str = "") -> SafeString:
    """An icon beside a word; it never stands for the word, so it is hidden from readers."""
    return format_html(
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
        return format_html('<span class="tag">{}{}</span>', icon("lock"), _("Own team only"))
    text = TLP[word]
    return format_html(
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
    return format_html('<span class="status" data-tone="{}">{}{}</span>', tone, icon(name), word)


@register.simple_tag
def tag(word: Text, tone: Tone = "") -> SafeString:
    """A short remark beside a title (exploited, new)."""
    return format_html('<span class="tag" data-tone="{}">{}</span>', tone, word)


def severity_word(level: int) -> str:
    """The word for 1 to 4, the words Japanese advisories use."""
    return [_("Low"), _("Medium"), _("High"), _("Critical")][level - 1]


@register.simple_tag
def severity(level: int | str | None) -> SafeString:
    """Four bars and the word. ``level`` is 1 to 4 or low … critical; None is not rated yet."""
    if isinstance(level, str):
        level = SEVERITIES.index(level.lower()) + 1 if level.lower() in SEVERITIES else 0
    if not level:
        return format_html('<span class="faint nowrap">{}</span>', _("Not rated"))
    return format_html(
        '<span class="sev" data-level="{}">{}{}</span>', level, _bars(level), severity_word(level)
    )


@lru_cache(maxsize=4)
def _bars(level: int) -> SafeString:
    bars = format_html_join(
        "",
        '<rect{} x="{}" y="{}" width="3" height="{}" rx=".6"/>',
        (
            (NOTHING if n >= level else SafeString(' class="on"'), n * 4, 10 - n * 3, 4 + n * 3)
            for n in range(4)
        ),
    )
    return format_html('<svg viewBox="0 0 15 14" aria-hidden="true">{}</svg>', bars)


@register.simple_tag
def person(name: Text, url: str = "") -> SafeString:
    """A person: round initial and name, linked to the card where there is one."""
    return _who("who", name, url)


@register.simple_tag
def team(name: Text, url: str = "") -> SafeString:
    """A team: square initial and name."""
    return _who("who team", name, url)


def _who(kind: str, name: Text, url: str) -> SafeString:
    text = str(name)
    initial = next((c for c in text if unicodedata.category(c)[0] in "LN"), "?").upper()
    shown_name = format_html('<a href="{}">{}</a>', url, text) if url else conditional_escape(text)
    return format_html(
        '<span class="{}"><i aria-hidden="true">{}</i>{}</span>', kind, initial, shown_name
    )


@register.simple_tag
def when(moment: Moment | None, due: bool = False, done: bool = False) -> SafeString:
    """A moment in the reader's zone and how far away it is; ``due`` says late or soon in words."""
    if moment is None:
        return format_html('<span class="faint">{}</span>', _("None"))
    words = times.describe(moment, due=due, done=done)
    small = format_html("<small>{}</small>", words.relative) if words.relative else NOTHING
    return format_html(
        '<time class="when{}" datetime="{}">{}{}</time>',
        f" {words.state}" if words.state else "",
        words.iso,
        words.absolute,
        small,
    )


@register.simple_tag
def visibility(scope: str) -> SafeString:
    """Who may see this one value: ``public``, ``members``, ``circle`` or ``team``."""
    marks = {
        "public": ("net", _("Public")),
        "members": ("team", _("Members")),
        "circle": ("ring", _("Circle")),
        "team": ("lock", _("Own team")),
    }
    name, word = marks[scope]
    return format_html(
        '<span class="vis">{}<span><span class="sr">{}</span>{}</span></span>',
        icon(name),
        _("Seen by:") + " ",
        word,
    )


@register.simple_tag
def count(number: int) -> SafeString:
    """A number with its thousands apart, the same in both languages."""
    return format_html('<span class="nowrap">{}</span>', f"{number:,}")


@register.simple_tag
def stacked(value: Text, sub: Text) -> SafeString:
    """A value with a quieter line under it, for a table cell."""
    return format_html('<span>{}<span class="sub">{}</span></span>', value, sub)


# ---- doing something -----------------------------------------------------------------


@register.simple_tag
def link_button(label: Text, url: str, icon_name: str = "", primary: bool = False) -> SafeString:
    """A link that looks like a button: goes somewhere, changes nothing."""
    return format_html(
        '<a class="btn{}" href="{}">{}{}</a>',
        " primary" if primary else "",
        url,
        icon(icon_name) if icon_name else "",
        label,
    )


@register.simple_tag(takes_context=True)
def post_button(
    context: Context,
    label: Text,
    url: str,
    icon_name: str = "",
    primary: bool = False,
    name: str = "",
    value: str = "",
) -> SafeString:
    """A form of one button: does what it says at ``url``."""
    return format_html(
        '<form method="post" action="{}">{}<button class="btn{}"{}>{}{}</button></form>',
        url,
        _csrf(context),
        " primary" if primary else "",
        format_html(' name="{}" value="{}"', name, value) if name else "",
        icon(icon_name) if icon_name else "",
        label,
    )


@register.simple_tag
def opens(dialog_id: str, label: Text, icon_name: str = "", tone: str = "") -> SafeString:
    """The control that opens ``{% dialog %}``: a link, so it works without JavaScript too."""
    return format_html(
        '<a class="btn{}" href="#{}" data-opens role="button">{}{}</a>',
        f" {tone}" if tone else "",
        dialog_id,
        icon(icon_name) if icon_name else "",
        label,
    )


@register.simple_block_tag(takes_context=True)
def dialog(
    context: Context,
    content: str,
    dialog_id: str,
    title: Text,
    verb: Text,
    url: str,
    tone: str = "danger",
) -> str:
    """For what hurts: says what happens to whom, with the verb on its button."""
    return render_to_string(
        "ui/parts/dialog.html",
        {
            "content": content,
            "id": dialog_id,
            "title": title,
            "verb": verb,
            "url": url,
            "tone": tone,
            "csrf": _csrf(context),
        },
    )


def _csrf(context: Context) -> SafeString:
    token = context.get("csrf_token")
    if not token or token == "NOTPROVIDED":  # noqa: S105 - Django's own word for no token
        return NOTHING
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)


# ---- where one is --------------------------------------------------------------------


@register.simple_tag
def crumbs(*parts: Text) -> SafeString:
    """``{% crumbs label url label url last %}``: the way here, the last one is this page."""
    links = [
        format_html('<a href="{}">{}</a><span aria-hidden="true">/</span>', parts[i + 1], parts[i])
        for i in range(0, len(parts) - 1, 2)
    ]
    last = format_html('<span aria-current="page">{}</span>', parts[-1])
    return format_html(
        '<nav class="crumbs" aria-label="{}">{}{}</nav>', _("Where you are"), _joined(links), last
    )


def _joined(pieces: Iterable[Text]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


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
    return format_html(
        '<section class="block{}" aria-labelledby="{}"><div class="block-head"><h2 id="{}">{}</h2>'
        "{}{}</div>{}</section>",
        f" {kind}" if kind else "",
        anchor,
        anchor,
        title,
        format_html('<span class="count">{}</span>', count) if count != "" else "",
        format_html('<a class="end" href="{}">{}</a>', url, link) if url else "",
        content,
    )


@register.simple_block_tag
def turn(content: str, title: Text, tone: str = "") -> SafeString:
    """The one panel that says what the reader must do now; its buttons go inside it."""
    return format_html(
        '<section class="block panel turn" data-tone="{}" aria-labelledby="turn">'
        '<h2 id="turn">{}</h2>{}</section>',
        tone,
        format_html(_("Your turn: {title}"), title=title),
        content,
    )


# ---- lists ---------------------------------------------------------------------------


@register.simple_tag
def rows(lines: Sequence[Row]) -> SafeString:
    """The working list; the whole line is the target, what is due stands at its end."""
    icons = any(line.icon for line in lines)
    return format_html(
        '<ul class="rows{}">{}</ul>',
        " icons" if icons else "",
        _joined(_row(line, icons) for line in lines),
    )


def _row(line: Row, icons: bool) -> SafeString:
    meta = (
        format_html('<p class="meta">{}</p>', _spans(line.meta)) if line.meta else NOTHING
    )
    end = _joined(
        [when(line.due, due=True) if line.due else NOTHING, conditional_escape(line.end)]
    )
    return format_html(
        '<li>{}<div><a class="title" href="{}"{}>{}</a>{}</div>{}</li>',
        icon(line.icon or "next", line.tone) if icons else "",
        line.url,
        _lang(line.lang),
        line.title,
        meta,
        format_html('<div class="end">{}</div>', end) if end else "",
    )


def _spans(pieces: Iterable[Text]) -> SafeString:
    return format_html_join("", "<span>{}</span>", ((piece,) for piece in pieces if piece != ""))


def _lang(lang: str) -> SafeString:
    return format_html(' lang="{}"', lang) if lang else NOTHING


@register.simple_tag(takes_context=True, name="table")
def table_tag(context: Context, content: Table) -> SafeString:
    """A table that folds into labelled lines on a narrow screen; sort links keep the filters."""
    query = _query(context)
    order = query.get("sort", "")
    sortable = {column.sort for column in content.columns if column.sort}
    if order.lstrip("-") not in sortable:
        order = content.sort
    head = _joined(_heading(column, order, query) for column in content.columns)
    pick_all = NOTHING
    if content.pick:
        pick_all = format_html(
            '<td class="pick"><label><input type="checkbox" data-pick-all hidden aria-label="{}">'
            "</label></td>",
            _("Pick all on this page"),
        )
    return format_html(
        '<table class="table fold"><caption class="sr">{}</caption><thead><tr>{}{}</tr></thead>'
        "<tbody>{}</tbody></table>",
        content.caption,
        pick_all,
        head,
        _joined(_table_row(line, content) for line in content.rows),
    )


def _heading(column: Column, order: str, query: QueryDict) -> SafeString:
    classes = SafeString(' class="num"') if column.number else NOTHING
    if not column.sort:
        return format_html('<th scope="col"{}>{}</th>', classes, column.label)
    chosen = order.lstrip("-") == column.sort
    rising = chosen and not order.startswith("-")
    url = with_query(query, sort=f"-{column.sort}" if rising else column.sort)
    direction = "ascending" if rising else "descending"
    return format_html(
        '<th scope="col"{}{}><a href="{}">{}{}</a></th>',
        classes,
        format_html(' aria-sort="{}"', direction) if chosen else "",
        url,
        column.label,
        icon("up" if rising else "down") if chosen else "",
    )


def _table_row(line: TableRow, content: Table) -> SafeString:
    pick = NOTHING
    if content.pick:
        pick = format_html(
            '<td class="pick"><label><input type="checkbox" name="{}" value="{}" aria-label="{}">'
            "</label></td>",
            content.pick,
            line.value,
            _("Pick %(title)s") % {"title": line.title},
        )
    title = format_html(
        '<a class="title" href="{}"{}>{}</a>', line.url, _lang(line.lang), line.title
    ) if line.url else conditional_escape(line.title)
    sub = format_html('<span class="sub">{}</span>', line.sub) if line.sub != "" else NOTHING
    cells = _joined(
        _cell(column, cell) for column, cell in zip(content.columns[1:], line.cells, strict=True)
    )
    return format_html('<tr>{}<th scope="row">{}{}</th>{}</tr>', pick, title, sub, cells)


def _cell(column: Column, cell: Text) -> SafeString:
    classes = " ".join(
        name for name, on in (("num", column.number), ("nowrap", column.nowrap)) if on
    )
    return format_html(
        '<td data-label="{}"{}>{}</td>',
        column.label,
        format_html(' class="{}"', classes) if classes else "",
        cell,
    )


@register.simple_block_tag
def bulk(content: str) -> SafeString:
    """What can be done with the picked rows; shown when there are any. Inside the table's form."""
    return format_html(
        '<div class="bulk"><output class="picked" aria-live="polite" data-one="{}" data-many="{}">'
        "{}</output>{}</div>",
        ngettext("%(count)d picked", "%(count)d picked", 1) % {"count": 1},
        _("{count} picked"),
        _("With what is picked:"),
        content,
    )


@register.simple_tag
def views(tabs: Sequence[View], label: Text = "") -> SafeString:
    """Saved ways to look at a list, as tabs with counts; they are links."""
    return format_html(
        '<nav class="views" aria-label="{}">{}</nav>',
        label or _("Views"),
        format_html_join(
            "",
            '<a href="{}"{}>{}{}</a>',
            (
                (
                    tab.url,
                    SafeString(' aria-current="true"') if tab.current else "",
                    tab.label,
                    format_html(" <small>{}</small>", f"{tab.count:,}")
                    if tab.count is not None
                    else "",
                )
                for tab in tabs
            ),
        ),
    )


@register.simple_tag(takes_context=True)
def filters(
    context: Context,
    menus: Sequence[Menu] = (),
    search: str = "q",
    placeholder: Text = "",
    label: Text = "",
    keep: str = "view sort",
) -> str:
    """The filter bar: words and menus, sent with GET so that a filter is a link."""
    query = _query(context)
    return render_to_string(
        "ui/parts/filters.html",
        {
            "label": label or _("Filter this list"),
            "search": search,
            "words": query.get(search, ""),
            "placeholder": placeholder or _("Words"),
            "kept": [(name, query[name]) for name in keep.split() if name in query],
            "menus": [
                (menu, [(c, c.value in query.getlist(menu.name)) for c in menu.choices])
                for menu in menus
            ],
        },
    )


@register.simple_tag(takes_context=True)
def active(context: Context, menus: Sequence[Menu], search: str = "q") -> SafeString:
    """The filters that are set now, each with a link that takes it away; empty without any."""
    query = _query(context)
    chips = [
        (menu.label, choice.label, without(query, menu.name, choice.value))
        for menu in menus
        for choice in menu.choices
        if choice.value in query.getlist(menu.name)
    ]
    if words := query.get(search):
        chips.insert(0, (_("Words"), words, without(query, search, words)))
    if not chips:
        return NOTHING
    cleared = query.copy()
    for name in [search, *(menu.name for menu in menus), *PAGE_PARAMETERS]:
        cleared.pop(name, None)
    return format_html(
        '<p class="active">{}<a href="?{}">{}</a></p>',
        format_html_join(
            "",
            '<span class="chip"><span>{} <b>{}</b></span><a href="{}" aria-label="{}">{}</a></span>',
            (
                (name, value, url, _("Take away %(filter)s") % {"filter": f"{name} {value}"}, _x())
                for name, value, url in chips
            ),
        ),
        cleared.urlencode(),
        _("Clear all"),
    )


def _x() -> SafeString:
    return icon("x")


def _query(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET if isinstance(request, HttpRequest) else QueryDict()


def with_query(query: QueryDict, **changes: str) -> str:
    """The same page with ``changes`` in its query, from the first page on."""
    changed = query.copy()
    for name in PAGE_PARAMETERS:
        changed.pop(name, None)
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def without(query: QueryDict, name: str, value: str) -> str:
    """The same page without one value of ``name``."""
    changed = query.copy()
    for parameter in PAGE_PARAMETERS:
        changed.pop(parameter, None)
    changed.setlist(name, [v for v in changed.getlist(name) if v != value])
    return f"?{changed.urlencode()}"


@register.simple_tag
def pager(pages: Pager) -> SafeString:
    """Newer and older by cursor, with what is shown."""
    links = [
        format_html('<a class="btn small" href="{}" rel="{}">{}</a>', url, rel, word)
        for url, rel, word in (
            (pages.newer, "prev", _("Newer")),
            (pages.older, "next", _("Older")),
        )
        if url
    ]
    if not links and pages.text == "":
        return NOTHING
    return format_html(
        '<nav class="pager" aria-label="{}"><span>{}</span><span class="end">{}</span></nav>',
        _("Pages"),
        pages.text,
        _joined(links),
    )


@register.simple_tag
def empty(sentence: Text, url: str = "", action: Text = "", icon_name: str = "") -> SafeString:
    """What would be here, and one button to begin."""
    return format_html(
        '<div class="empty">{}<p>{}</p>{}</div>',
        icon(icon_name) if icon_name else "",
        sentence,
        link_button(action, url) if url else "",
    )


# ---- one thing -----------------------------------------------------------------------


@register.simple_tag(name="sum")
def sum_tag(lines: Sequence[Fact | tuple[Text, Text]], kind: str = "") -> SafeString:
    """A summary list; facts without a value are left out. ``kind="wide"`` for long labels."""
    return format_html(
        '<dl class="sum{}">{}</dl>',
        f" {kind}" if kind else "",
        _joined(_fact(line if isinstance(line, Fact) else Fact(*line)) for line in lines),
    )


def _fact(line: Fact) -> SafeString:
    if line.value is None or line.value == "":
        return NOTHING
    return format_html(
        "<div><dt>{}</dt><dd{}>{}{}</dd></div>",
        line.label,
        SafeString(' class="mono"') if line.mono else "",
        line.value,
        format_html('<span class="sub">{}</span>', line.sub) if line.sub != "" else "",
    )


@register.simple_tag
def fact(label: Text, value: Text | None, sub: Text = "", mono: bool = False) -> SafeString:
    """One line inside ``<dl class="sum">`` written in a template."""
    return _fact(Fact(label, value, sub, mono))


@register.simple_tag
def steps(path: Sequence[Step], label: Text = "") -> SafeString:
    """Where this piece of work stands: done, now, open, each with who and when."""
    marks = {"done": "s-done", "now": "s-now", "open": "s-open"}
    words = {"done": _("Done:"), "now": _("Now:"), "open": _("Open:")}
    return format_html(
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
    """What happened, in the order given, with a heading where the reader's day changes."""
    lines: list[SafeString] = []
    day = None
    for entry in entries:
        at = times.local(entry.at)
        if (here := at.date() if hasattr(at, "date") else at) != day:
            day = here
            heading = times.day_words(here, heading=True)
            lines.append(format_html('<li class="day"><h3>{}</h3></li>', heading))
        lines.append(_entry(entry, f"{at:%H:%M}", at.isoformat()))
    return format_html('<ol class="line">{}</ol>', _joined(lines))


def _entry(entry: Entry, clock_time: str, iso: str) -> SafeString:
    return format_html(
        '<li class="{}"><time datetime="{}">{}</time>{}<div class="what{}"{}>{}{}{}</div></li>',
        entry.tone,
        iso,
        clock_time,
        icon(entry.icon),
        " own" if entry.own else "",
        _lang(entry.lang),
        format_html("<b>{}</b>", entry.text) if entry.tone == "key" else entry.text,
        format_html('<p class="note">{}</p>', entry.note) if entry.note != "" else "",
        format_html('<p class="meta">{}</p>', _spans(entry.meta)) if entry.meta else "",
    )


@register.simple_tag
def notice(text: Text, tone: Tone = "", url: str = "", action: Text = "") -> SafeString:
    """One sentence about the page, with at most one thing to do."""
    marks = {"ok": "s-done", "warn": "alert", "bad": "alert"}
    return format_html(
        '<div class="notice" data-tone="{}" role="{}">{}<p>{}</p>{}</div>',
        tone,
        "alert" if tone == "bad" else "status",
        icon(marks.get(tone, "bell")),
        text,
        format_html('<a class="btn small" href="{}">{}</a>', url, action) if url else "",
    )


@register.simple_tag
def progress(value: int, total: int, text: Text, url: str = "") -> SafeString:
    """How far a long work is. With ``url`` the page asks there again until it is given no url."""
    poll = NOTHING
    if url:
        poll = format_html(
            ' hx-get="{}" hx-trigger="every 2s" hx-swap="outerHTML" hx-target="this"', url
        )
    return format_html(
        '<div class="progress"{}><label><span>{}</span><progress value="{}" max="{}">{}%</progress>'
        "</label></div>",
        poll,
        text,
        value,
        total or 1,
        value * 100 // (total or 1),
    )


# ---- forms ---------------------------------------------------------------------------


@register.simple_tag
def field(
    bound: BoundField,
    kind: str = "",
    hints: Mapping[str, Text] | None = None,
    hint: Text = "",
) -> str:
    """Label, hint, control and error of one form field. ``kind``: short, mono, pills or tlp."""
    view: Shown = shown(bound, kind, hints or {}, hint)
    if view.widget == "hidden":
        return bound.as_hidden()
    return render_to_string("ui/parts/field.html", {"field": view})


@register.simple_tag
def errors(form: BaseForm, title: Text = "") -> str:
    """What keeps the form from being taken, each linked to its field; takes the focus."""
    if not form.errors:
        return NOTHING
    lines = [("", error) for error in form.non_field_errors()]
    for name in form.fields:
        bound = form[name]
        lines += [(shown(bound).anchor, error) for error in bound.errors]
    return render_to_string(
        "ui/parts/errors.html",
        {"title": title or _("This cannot be taken as it is"), "lines": lines},
    )


# ---- who reads, who answered ---------------------------------------------------------


@register.simple_tag
def audience(readers: Audience, url: str = "") -> str:
    """Who will read this. With ``url`` it follows the form around it, and a button asks without JS."""
    return render_to_string("ui/parts/audience.html", {"readers": readers, "url": url})


@register.simple_tag
def board(answers: Board) -> str:
    """Answers as one bar whose parts sum to the recipients; hidden groups are one grey part."""
    shown_sum = sum(a.count for a in answers.answers if a.count is not None)
    parts: list[tuple[Answer, str]] = [
        (a, _("under 5") if a.count is None else f"{a.count:,}") for a in answers.answers
    ]
    spans = [(a.fill, float(a.count)) for a in answers.answers if a.count]
    spans.append(("f4", float(answers.recipients - shown_sum)))
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
def chart(drawing: Chart, table_open: bool = False) -> SafeString:
    """A chart drawn on the server with its title, its description and its numbers as a table."""
    return charts.draw(drawing, table_open=table_open)


# ---- the shell -----------------------------------------------------------------------


@register.simple_tag
def page_label(word: object) -> str:
    """The class that puts a TLP label in head and foot of every printed page."""
    return f"paper-{TLP[_label_word(word)][4:].lower().replace('+', '-')}" if word else ""


@register.simple_tag
def lines(text: str) -> SafeString:
    """Text from outside with its line breaks kept: paragraphs, escaped, no links made."""
    paragraphs = [p for p in str(text).replace("\r\n", "\n").split("\n\n") if p.strip()]
    return format_html_join("", '<p class="lines">{}</p>', ((p.strip("\n"),) for p in paragraphs))
