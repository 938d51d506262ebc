"""Views, filters and pages of a list: all their state is in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from noroshi.core.paging import Page
from noroshi.ui.components.badges import icon
from noroshi.ui.components.markup import html, joined
from noroshi.ui.components.registry import NOTHING, register
from noroshi.ui.shapes import Menu, Pager, Text, View

PAGE_PARAMETERS = ("after", "before")


@register.simple_tag
def views(tabs: Sequence[View], label: Text = "") -> SafeString:
    """Saved ways to look at a list, as tabs with counts; they are links."""
    return html(
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
                    html(
                        " <small>{}</small>",
                        tab.count if isinstance(tab.count, str) else f"{tab.count:,}",
                    )
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
    query = query_of(context)
    return render_to_string(
        "ui/parts/filters.html",
        {
            "label": label or _("Filter this list"),
            "search": search,
            "words": query.get(search, ""),
            "placeholder": placeholder or _("Words"),
            "hidden_fields": [(name, query[name]) for name in keep.split() if name in query],
            "menus": [
                (menu, [(c, c.value in query.getlist(menu.name)) for c in menu.choices])
                for menu in menus
            ],
        },
    )


@register.simple_tag(takes_context=True)
def active(context: Context, menus: Sequence[Menu], search: str = "q") -> SafeString:
    """The filters that are set now, each with a link that takes it away; empty without any."""
    query = query_of(context)
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
    return html(
        '<p class="active">{}<a href="?{}">{}</a></p>',
        format_html_join(
            "",
            '<span class="chip"><span>{} <b>{}</b></span><a href="{}" aria-label="{}">{}</a></span>',
            (
                (
                    name,
                    value,
                    url,
                    _("Take away %(filter)s") % {"filter": f"{name} {value}"},
                    icon("x"),
                )
                for name, value, url in chips
            ),
        ),
        cleared.urlencode(),
        _("Clear all"),
    )


def pager_for(page: Page[Any], query: QueryDict, text: Text = "") -> Pager:
    """The links to the pages beside this one; they keep the filters of ``query``."""
    return Pager(
        text=text,
        newer=with_query(query, before=page.before) if page.before else "",
        older=with_query(query, after=page.after) if page.after else "",
    )


@register.simple_tag
def pager(pages: Pager) -> SafeString:
    """Newer and older by cursor, with the rows that this page has."""
    links = [
        html('<a class="btn small" href="{}" rel="{}">{}</a>', url, rel, word)
        for url, rel, word in (
            (pages.newer, "prev", _("Newer")),
            (pages.older, "next", _("Older")),
        )
        if url
    ]
    if not links and pages.text == "":
        return NOTHING
    return html(
        '<nav class="pager" aria-label="{}"><span>{}</span><span class="end">{}</span></nav>',
        _("Pages"),
        pages.text,
        joined(links),
    )


def query_of(context: Context) -> QueryDict:
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
