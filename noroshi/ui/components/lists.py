"""Rows, the table, and the bar of actions on picked rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.ui.components.badges import icon, when
from noroshi.ui.components.filtering import query_of, with_query
from noroshi.ui.components.markup import escaped, html, joined, lang_attribute, spans
from noroshi.ui.components.registry import NOTHING, register
from noroshi.ui.shapes import Column, Row, Table, TableRow


@register.simple_tag
def rows(lines: Sequence[Row]) -> SafeString:
    """The working list; the whole line is the target, the due time stands at its end."""
    icons = any(line.icon for line in lines)
    return html(
        '<ul class="rows{}">{}</ul>',
        " icons" if icons else "",
        joined(_row(line, icons) for line in lines),
    )


def _row(line: Row, icons: bool) -> SafeString:
    meta = html('<p class="meta">{}</p>', spans(line.meta)) if line.meta else NOTHING
    end = joined([when(line.due, due=True) if line.due else NOTHING, html("{}", line.end)])
    return html(
        '<li>{}<div><a class="title" href="{}"{}>{}</a>{}</div>{}</li>',
        icon(line.icon or "next", line.tone) if icons else "",
        line.url,
        lang_attribute(line.lang),
        line.title,
        meta,
        html('<div class="end">{}</div>', end) if end else "",
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
    openings = [_cell_opening(column) for column in content.columns[1:]]
    pick_all = NOTHING
    if content.pick:
        pick_all = html(
            '<td class="pick"><label><input type="checkbox" data-pick-all hidden aria-label="{}">'
            "</label></td>",
            _("Pick all on this page"),
        )
    return html(
        '<table class="table fold"><caption class="sr">{}</caption><thead><tr>{}{}</tr></thead>'
        "<tbody>{}</tbody></table>",
        content.caption,
        pick_all,
        head,
        joined(_table_row(line, content, openings) for line in content.rows),
    )


def _heading(column: Column, order: str, query: QueryDict) -> SafeString:
    classes = SafeString(' class="num"') if column.number else NOTHING
    if not column.sort:
        return html('<th scope="col"{}>{}</th>', classes, column.label)
    chosen = order.lstrip("-") == column.sort
    rising = chosen and not order.startswith("-")
    url = with_query(query, sort=f"-{column.sort}" if rising else column.sort)
    direction = "ascending" if rising else "descending"
    return html(
        '<th scope="col"{}{}><a href="{}">{}{}</a></th>',
        classes,
        html(' aria-sort="{}"', direction) if chosen else "",
        url,
        column.label,
        icon("up" if rising else "down") if chosen else "",
    )


def _table_row(line: TableRow, content: Table, openings: Sequence[SafeString]) -> SafeString:
    pick = NOTHING
    if content.pick:
        pick = html(
            '<td class="pick"><label><input type="checkbox" name="{}" value="{}" aria-label="{}">'
            "</label></td>",
            content.pick,
            line.value,
            _("Pick %(title)s") % {"title": line.title},
        )
    title = (
        html('<a class="title" href="{}"{}>{}</a>', line.url, lang_attribute(line.lang), line.title)
        if line.url
        else line.title
    )
    sub = html('<span class="sub">{}</span>', line.sub) if line.sub != "" else NOTHING
    cells = "".join(
        f"{opening}{escaped(cell)}</td>" for opening, cell in zip(openings, line.cells, strict=True)
    )
    return html('<tr>{}<th scope="row">{}{}</th>{}</tr>', pick, title, sub, SafeString(cells))


def _cell_opening(column: Column) -> SafeString:
    """The start tag of every cell in a column, made once for the table."""
    classes = " ".join(
        name for name, on in (("num", column.number), ("nowrap", column.nowrap)) if on
    )
    return html(
        '<td data-label="{}"{}>', column.label, html(' class="{}"', classes) if classes else ""
    )


@register.simple_block_tag
def bulk(content: str) -> SafeString:
    """The actions on picked rows; visible when there are any. Inside the table's form."""
    return html(
        '<div class="bulk"><output class="picked" aria-live="polite" data-one="{}" data-many="{}">'
        "{}</output>{}</div>",
        ngettext("%(count)d picked", "%(count)d picked", 1) % {"count": 1},
        _("{count} picked"),
        _("With what is picked:"),
        content,
    )
