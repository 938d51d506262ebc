"""Rows, tables, filters: the whole state of a list is in its URL."""

from __future__ import annotations

import pytest

from noroshi.ui import components as c
from noroshi.ui.shapes import Choice, Column, Menu, Pager, Row, Table, TableRow, View
from tests.ui.conftest import ESCAPED, HOSTILE, Render

MENUS = [
    Menu("severity", "Severity", [Choice("4", "Critical", 1), Choice("3", "High")]),
    Menu("owner", "Owner", [Choice("me", "Me")]),
]


def advisories(pick: str = "") -> Table:
    return Table(
        "Advisories",
        [Column("Advisory"), Column("Severity", sort="severity"), Column("Due", sort="due")],
        [TableRow(HOSTILE, (c.severity(4), "today"), "/v/1", HOSTILE, "V-1")],
        pick=pick,
        sort="due",
    )


def test_a_row_is_one_link_with_what_is_due_at_its_end(render: Render) -> None:
    row = Row(HOSTILE, "/v/1", (HOSTILE, c.tlp("RED")), icon="vuln", tone="go", lang="ja")
    html = render("{% rows rows %}", rows=[row])
    assert html.count("<a ") == 1
    assert html.count(ESCAPED) == 2
    assert "TLP:RED</span>" in html
    assert 'lang="ja"' in html
    assert 'class="rows icons"' in html


def test_the_order_is_a_link_and_is_said_to_readers(render: Render) -> None:
    html = render("{% table t %}", t=advisories())
    assert '<th scope="col" aria-sort="ascending"><a href="?sort=-due">' in html
    assert 'href="?sort=severity"' in html
    turned = render("{% table t %}", url="/list?sort=-due", t=advisories())
    assert 'aria-sort="descending"><a href="?sort=due">' in turned


def test_a_new_order_keeps_the_filters_and_starts_at_the_first_page(render: Render) -> None:
    html = render("{% table t %}", url="/list?severity=4&severity=3&after=xyz", t=advisories())
    assert 'href="?severity=4&amp;severity=3&amp;sort=severity"' in html


def test_an_order_that_is_not_offered_is_not_taken_from_the_url(render: Render) -> None:
    html = render("{% table t %}", url="/list?sort=secret", t=advisories())
    assert 'aria-sort="ascending"><a href="?sort=-due">' in html


def test_a_table_can_be_read_folded_and_by_row(render: Render) -> None:
    html = render("{% table t %}", t=advisories())
    assert '<caption class="sr">Advisories</caption>' in html
    assert '<th scope="row">' in html
    assert '<td data-label="Severity">' in html
    assert ESCAPED in html
    assert "<script" not in html


def test_a_cell_too_few_is_a_mistake_of_the_page(render: Render) -> None:
    broken = Table("Broken", [Column("A"), Column("B")], [TableRow("a", ())])
    with pytest.raises(ValueError, match="zip"):
        render("{% table t %}", t=broken)


def test_rows_are_picked_by_name(render: Render) -> None:
    html = render("{% table t %}{% bulk %}<button>Go</button>{% endbulk %}", t=advisories("v"))
    assert 'name="v" value="V-1"' in html
    assert f'aria-label="Pick {ESCAPED}"' in html
    assert 'class="bulk"' in html


def test_filters_remember_what_is_chosen_and_keep_the_view(render: Render) -> None:
    html = render("{% filters menus %}", url='/list?severity=4&q="x"&view=open', menus=MENUS)
    assert '<input type="checkbox" name="severity" value="4" checked>' in html
    assert '<input type="checkbox" name="severity" value="3">' in html
    assert 'value="&quot;x&quot;"' in html
    assert '<input type="hidden" name="view" value="open">' in html
    assert 'method="get"' in html


def test_each_active_filter_can_be_taken_away_alone(render: Render) -> None:
    url = "/list?severity=4&severity=3&q=vpn&view=open&after=xyz"
    html = render("{% active menus %}", url=url, menus=MENUS)
    assert html.count('class="chip"') == 3
    assert 'href="?severity=3&amp;q=vpn&amp;view=open"' in html
    assert 'href="?severity=4&amp;severity=3&amp;view=open"' in html
    assert 'href="?view=open"' in html
    assert 'aria-label="Take away Severity Critical"' in html


def test_without_a_filter_nothing_is_said(render: Render) -> None:
    assert render("{% active menus %}", menus=MENUS) == ""
    assert render("{% active menus %}", url="/list?severity=999", menus=MENUS) == ""


def test_hostile_words_stay_words(render: Render) -> None:
    html = render("{% active menus %}{% filters menus %}", url="/list?q=<script>", menus=MENUS)
    assert "<script" not in html


def test_views_are_tabs_with_counts() -> None:
    html = c.views([View("Open", "?view=open", 1400, current=True), View(HOSTILE, "?view=x")])
    assert "<small>1,400</small>" in html
    assert html.count("aria-current") == 1
    assert ESCAPED in html


def test_pages_go_both_ways_only_where_there_is_something() -> None:
    assert c.pager(Pager()) == ""
    assert 'rel="next"' in c.pager(Pager("1–50", older="?after=x"))
    assert 'rel="prev"' not in c.pager(Pager("1–50", older="?after=x"))
