"""Rows, the table, and what is done with picked rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.ui.components.badges import icon, when
from noroshi.ui.components.markup import joined, lang_attribute, spans
from noroshi.ui.components.narrowing import query_of, with_query
from noroshi.ui.components.registry import NOTHING, register
from noroshi.ui.shapes import Column, Row, Table, TableRow, Text


@register.simple_tag
def rows(lines: Sequence[Row]) -> SafeString:
    """The working list; the whole line is the target, what is due stands at its end."""
    icons = any(line.icon for line in lines)
    return format_html(
        '<ul class="rows{}">{}</ul>',
        " icons" if icons else "",
        joined(_row(line, icons) for line in lines),
    )


def _row(line: Row, icons: bool) -> SafeString:
    meta = format_html('<p class="meta">{}</p>', spans(line.meta)) if line.meta else NOTHING
    end = joined([when(line.due, due=True) if line.due else NOTHING, format_html("{}", line.end)])
    return format_html(
        '<li>{}<div><a class="title" href="{}"{}>{}</a>{}</div>{}</li>',
        icon(line.icon or "next", line.tone) if icons else "",
        line.url,
        lang_attribute(line.lang),
        line.title,
        meta,
        format_html('<div class="end">{}</div>', end) if end else "",
    )


@register.simple_tag(takes_context=True, name="table")
def table_tag(context: Context, content: Table) -> SafeString:
    """A table that folds into labelled lines on a narrow screen; sort links keep the filters."""
    query = query_of(context)
    order = query.get("sort", "")
    sortable = {column.sort for column in content.columns if column.sort}
    if order.lstrip("-") not in sortable:
        order = content.sort
    head = joined(_heading(column, order, query) for column in content.columns)
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
        joined(_table_row(line, content) for line in content.rows),
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
    title = (
        format_html(
            '<a class="title" href="{}"{}>{}</a>', line.url, lang_attribute(line.lang), line.title
        )
        if line.url
        else format_html("{}", line.title)
    )
    sub = format_html('<span class="sub">{}</span>', line.sub) if line.sub != "" else NOTHING
    cells = joined(
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
