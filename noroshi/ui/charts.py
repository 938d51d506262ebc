"""Charts drawn on the server: SVG with attributes and classes only, so a strict CSP holds.

No more than three tones and grey, numbers written on the marks, the same numbers as a table.
Bars of named things are a table with a bar in each line, so that text keeps its size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from noroshi.ui.shapes import Chart, Text

# Classes colour the marks in both themes; the attribute is what a PDF maker without them sees.
FILLS = {
    "f1": "#2a4a9b",
    "f2": "#7f97d1",
    "f3": "#c3cde6",
    "f4": "#c9ced8",
    "fbad": "#b01c17",
    "fwarn": "#d79a1e",
    "fok": "#3f9a6a",
}
WIDTH, HEIGHT = 640, 224
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 20, 26


def bar(parts: Sequence[tuple[str, float]], whole: float, label: Text = "") -> SafeString:
    """One bar of ``parts`` (class, size) in proportion to ``whole``, with a hairline between them."""
    sized = [(fill, size) for fill, size in parts if size > 0]
    scale = 400 / (whole or 1)
    marks, x = [], 0.0
    for fill, size in sized:
        width = size * scale
        gap = 2 if x + width < 399.5 and width > 4 else 0
        marks.append((paint(fill), f"{x:.1f}", f"{width - gap:.1f}"))
        x += width
    role = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="bar" viewBox="0 0 400 10" preserveAspectRatio="none" {}>{}</svg>',
        role if label else SafeString(role),
        format_html_join("", '<rect {} x="{}" width="{}" height="10"/>', marks),
    )


def paint(fill: str) -> SafeString:
    """Class and fill of a mark."""
    return format_html('class="{}" fill="{}"', fill, FILLS[fill])


def swatch(fill: str) -> SafeString:
    """The small square that names a colour beside its word."""
    return format_html(
        '<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">'
        '<rect {} width="12" height="12" rx="2"/></svg>',
        paint(fill),
    )


def number(value: float) -> str:
    """``1,234`` and ``3.5``: no decimal where the value is whole."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def draw(chart: Chart, *, table_open: bool = False, bare: bool = False) -> SafeString:
    """The chart as a figure; ``bare`` where a heading above it names it already."""
    if chart.kind == "bars":
        body = _bars(chart)
    elif chart.kind == "stacked":
        body = _stacked(chart)
    else:
        body = format_html(
            "{}{}{}", _plot(chart), _legend(chart), _table_of_numbers(chart, table_open)
        )
    return format_html(
        '<figure class="figure"><figcaption><b{}>{}</b><span>{}</span></figcaption>{}</figure>',
        SafeString(' class="sr"') if bare else "",
        chart.title,
        chart.description,
        body,
    )


def _bars(chart: Chart) -> SafeString:
    series = chart.series[0]
    top = max(series.values, default=0) or 1
    lines = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td class="draw">{}</td><td class="num nowrap">{}</td></tr>',
        (
            (label, bar([(series.fill, value)], top), _with_unit(value, chart.unit))
            for label, value in zip(chart.labels, series.values, strict=True)
        ),
    )
    return format_html(
        '<table class="bars"><caption class="sr">{}</caption><thead class="sr"><tr>'
        '<th scope="col">{}</th><td></td><th scope="col">{}</th></tr></thead>'
        "<tbody>{}</tbody></table>",
        chart.title,
        _("What"),
        series.name,
        lines,
    )


def _stacked(chart: Chart) -> SafeString:
    values = [series.values[0] for series in chart.series]
    words = ", ".join(f"{s.name} {number(s.values[0])}" for s in chart.series)
    return format_html(
        '{}<ul class="key">{}</ul>',
        bar([(s.fill, s.values[0]) for s in chart.series], sum(values), label=words),
        format_html_join(
            "",
            "<li>{}{} <b>{}</b></li>",
            ((swatch(s.fill), s.name, _with_unit(s.values[0], chart.unit)) for s in chart.series),
        ),
    )


def _with_unit(value: float, unit: Text) -> str:
    return f"{number(value)} {unit}".rstrip()


def _ceiling(chart: Chart) -> float:
    highest = max((max(s.values, default=0) for s in chart.series), default=0)
    if highest <= 0:
        return 1
    size: float = 10 ** int(log10(highest)) if highest >= 1 else 1
    return next(m * size for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if m * size >= highest)


def _plot(chart: Chart) -> SafeString:
    top = _ceiling(chart)
    axis = format_html_join(
        "",
        '<line class="axis" stroke="#e1e4e9" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (LEFT, WIDTH - RIGHT, y, y, LEFT - 8, y + 4, number(top * fraction))
            for fraction in (0, 0.5, 1)
            for y in [round(_y(top * fraction, top), 1)]
        ),
    )
    every = ceil(len(chart.labels) / 12) or 1
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (round(_x(i, len(chart.labels)), 1), HEIGHT - 6, label)
            for i, label in enumerate(chart.labels)
            if i % every == 0
        ),
    )
    marks = _lines(chart, top) if chart.kind == "line" else _columns(chart, top)
    return format_html(
        '<div class="scroll" tabindex="0" role="group" aria-label="{}">'
        '<svg class="chart" font-size="12" font-family="Noto Sans CJK JP, sans-serif" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg></div>',
        chart.title,
        WIDTH,
        HEIGHT,
        chart.description,
        axis,
        labels,
        marks,
    )


def _x(index: int, many: int) -> float:
    step = (WIDTH - LEFT - RIGHT) / max(many, 1)
    return LEFT + step * (index + 0.5)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _columns(chart: Chart, top: float) -> SafeString:
    many = len(chart.labels)
    room = min((WIDTH - LEFT - RIGHT) / max(many, 1) * 0.7, 24 * len(chart.series))
    width = room / len(chart.series)
    return format_html_join(
        "",
        '<rect {} x="{}" y="{}" width="{}" height="{}" rx="1"/>'
        '<text class="at" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (
                paint(series.fill),
                round(x, 1),
                round(y, 1),
                round(max(width - 2, 1), 1),
                round(HEIGHT - BOTTOM - y, 1),
                round(x + width / 2 - 1, 1),
                round(y - 5, 1),
                number(value) if value and many * len(chart.series) <= 16 else "",
            )
            for n, series in enumerate(chart.series)
            for i, value in enumerate(series.values)
            for x, y in [(_x(i, many) - room / 2 + n * width, _y(value, top))]
        ),
    )


def _lines(chart: Chart, top: float) -> SafeString:
    many = len(chart.labels)
    ends = sorted(_y(series.values[-1], top) for series in chart.series) if many else []
    marks = []
    for series in chart.series if many else ():
        path = " ".join(f"{_x(i, many):.1f},{_y(v, top):.1f}" for i, v in enumerate(series.values))
        x, y = _x(many - 1, many), _y(series.values[-1], top)
        crowded = any(0 < y - other < 18 for other in ends)
        word = f"{series.name} {_with_unit(series.values[-1], chart.unit)}"
        marks.append(
            (
                series.fill,
                FILLS[series.fill],
                path,
                paint(series.fill),
                f"{x:.1f}",
                f"{y:.1f}",
                f"{x + 4:.1f}",
                f"{y + (18 if crowded else -9):.1f}",
                word,
            )
        )
    return format_html_join(
        "",
        '<polyline class="stroke {}" fill="none" stroke="{}" points="{}"/><circle {} cx="{}" cy="{}" r="3.5"/>'
        '<text class="at" x="{}" y="{}" text-anchor="end">{}</text>',
        marks,
    )


def _legend(chart: Chart) -> SafeString:
    if len(chart.series) < 2 or chart.kind == "line":
        return SafeString("")
    return format_html(
        '<ul class="key">{}</ul>',
        format_html_join("", "<li>{}{}</li>", ((swatch(s.fill), s.name) for s in chart.series)),
    )


def _table_of_numbers(chart: Chart, table_open: bool) -> SafeString:
    heads = format_html_join(
        "", '<th scope="col" class="num">{}</th>', ((s.name,) for s in chart.series)
    )
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (
                label,
                format_html_join(
                    "",
                    '<td class="num">{}</td>',
                    ((_with_unit(s.values[i], chart.unit),) for s in chart.series),
                ),
            )
            for i, label in enumerate(chart.labels)
        ),
    )
    return format_html(
        '<details class="numbers"{}><summary>{}</summary><table class="table">'
        '<caption class="sr">{}</caption><thead><tr><th scope="col"><span class="sr">{}</span></th>'
        "{}</tr></thead><tbody>{}</tbody></table></details>",
        SafeString(" open") if table_open else "",
        _("Show the numbers"),
        chart.title,
        _("What"),
        heads,
        body,
    )
