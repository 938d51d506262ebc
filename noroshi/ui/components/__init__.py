"""The components of the pages: typed template tags that take plain values and never query.

Every tag is a plain function too, so a page may call ``severity(3)`` to fill a table cell.
Text from outside is escaped here and only here; what a component returns is safe markup.
The contract of each is in ``docs/reference/components.md``.
"""

from noroshi.ui.components.badges import (
    count,
    icon,
    lines,
    page_label,
    person,
    severity,
    severity_word,
    stacked,
    status,
    tag,
    team,
    tlp,
    up_to,
    visibility,
    when,
)
from noroshi.ui.components.buttons import dialog, link_button, opens, post_button
from noroshi.ui.components.filtering import (
    active,
    filters,
    pager,
    pager_for,
    query_of,
    views,
    with_query,
    without,
)
from noroshi.ui.components.forms import errors, field
from noroshi.ui.components.layout import (
    crumbs,
    empty,
    fact,
    notice,
    progress,
    section,
    steps,
    sum_tag,
    timeline,
    turn,
)
from noroshi.ui.components.lists import bulk, rows, table_tag
from noroshi.ui.components.readers import audience, board, chart, swatch
from noroshi.ui.components.registry import register

__all__ = [
    "active",
    "audience",
    "board",
    "bulk",
    "chart",
    "count",
    "crumbs",
    "dialog",
    "empty",
    "errors",
    "fact",
    "field",
    "filters",
    "icon",
    "lines",
    "link_button",
    "notice",
    "opens",
    "page_label",
    "pager",
    "pager_for",
    "person",
    "post_button",
    "progress",
    "query_of",
    "register",
    "rows",
    "section",
    "severity",
    "severity_word",
    "stacked",
    "status",
    "steps",
    "sum_tag",
    "swatch",
    "table_tag",
    "tag",
    "team",
    "timeline",
    "tlp",
    "turn",
    "up_to",
    "views",
    "visibility",
    "when",
    "with_query",
    "without",
]
