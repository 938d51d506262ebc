"""The parts of a page about one thing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from noroshi.core import clock
from noroshi.ui import components as c
from noroshi.ui.shapes import Entry, Fact, Step
from tests.ui.conftest import ESCAPED, HOSTILE, Render


def test_a_section_is_named_by_its_heading(render: Render) -> None:
    html = render(
        '{% section t count=3 url="/all" link="All" %}<p>x</p>{% endsection %}', t=HOSTILE
    )
    anchor = html.split('aria-labelledby="')[1].split('"')[0]
    assert f'<h2 id="{anchor}">{ESCAPED}</h2>' in html
    assert '<a class="end" href="/all">All</a>' in html
    assert "<p>x</p>" in html


@pytest.mark.usefixtures("japanese")
def test_the_panel_says_that_it_is_your_turn(render: Render) -> None:
    html = render("{% turn t %}<button>する</button>{% endturn %}", t=HOSTILE)
    assert f"あなたの番：{ESCAPED}" in html
    assert "<button>する</button>" in html


def test_a_section_shows_text_of_others_escaped(render: Render) -> None:
    assert ESCAPED in render('{% section "x" %}{{ t }}{% endsection %}', t=HOSTILE)


def test_crumbs_end_at_this_page() -> None:
    html = c.crumbs("Warnings", "/warnings", HOSTILE)
    assert '<a href="/warnings">Warnings</a>' in html
    assert f'<span aria-current="page">{ESCAPED}</span>' in html


def test_steps_say_done_now_and_open_in_words_too() -> None:
    html = c.steps([Step("Match", "3", "done"), Step("Assess", "", "now"), Step("Act")])
    assert html.count('aria-current="step"') == 1
    for word in ("Done:", "Now:", "Open:"):
        assert f'<span class="sr">{word} </span>' in html


def test_facts_without_a_value_are_left_out() -> None:
    html = c.sum_tag(
        [Fact("CVE", "CVE-2099-1", mono=True), Fact("Empty", ""), ("Zero", 0), Fact("No", None)]
    )
    assert "Empty" not in html
    assert "<dt>Zero</dt><dd>0</dd>" in html
    assert "No<" not in html


@pytest.mark.usefixtures("japanese")
def test_the_timeline_has_a_heading_where_the_readers_day_changes() -> None:
    now = clock.now()
    entries = [
        Entry(now, HOSTILE, tone="key", note=HOSTILE, meta=(HOSTILE, "")),
        Entry(now - timedelta(hours=14), "朝", own=True),  # 00:10 in Tokyo
        Entry(now - timedelta(hours=15), "前の夜"),  # 23:10 the day before
    ]
    html = c.timeline(entries)
    assert html.count('class="day"') == 2
    assert "11月24日（火）" in html
    assert "11月23日（月）" in html
    assert html.count(ESCAPED) == 3
    assert html.count('class="what own"') == 1


def test_notices_speak_at_once_only_when_something_is_wrong() -> None:
    assert 'role="alert"' in c.notice(HOSTILE, "bad")
    assert 'role="status"' in c.notice("Saved.", "ok")
    assert ESCAPED in c.notice(HOSTILE)


def test_an_empty_list_says_what_would_be_here_and_how_to_begin() -> None:
    html = c.empty("No advisories yet.", "/take", "Take one in", "vuln")
    assert "No advisories yet." in html
    assert '<a class="btn" href="/take">Take one in</a>' in html


def test_progress_is_text_too_and_stops_asking_when_there_is_no_url() -> None:
    going = c.progress(3200, 5000, "3,200 of 5,000 rows", "/jobs/1")
    assert '<progress value="3200" max="5000">64%</progress>' in going
    assert 'hx-get="/jobs/1"' in going
    assert "hx-" not in c.progress(5000, 5000, "Done")
    assert "100%" not in c.progress(0, 0, "Nothing")


def test_a_dialog_posts_with_its_token_and_can_be_opened_without_javascript(render: Render) -> None:
    source = '{% opens "recall" "Recall" %}{% dialog "recall" title verb "/w/1/recall" %}<p>24 teams</p>{% enddialog %}'
    html = render(source, title=HOSTILE, verb="Recall it")
    assert 'href="#recall"' in html
    assert '<dialog class="dialog" id="recall"' in html
    assert 'action="/w/1/recall"' in html
    assert 'name="csrfmiddlewaretoken" value="token"' in html
    assert '<button class="btn danger">Recall it</button>' in html
    assert ESCAPED in html


def test_a_post_button_changes_things_by_post_only(render: Render) -> None:
    html = render('{% post_button "Verify" "/m/1/verify" primary=True name="do" value="yes" %}')
    assert '<form method="post" action="/m/1/verify">' in html
    assert 'name="csrfmiddlewaretoken"' in html
    assert '<button class="btn primary" name="do" value="yes">Verify</button>' in html
