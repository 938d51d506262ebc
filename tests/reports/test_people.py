"""Who makes, issues and reads reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.core import clock
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused
from noroshi.core.history import rows_of
from noroshi.core.jobs import path_of
from noroshi.directory.models import Membership, Person, Role
from noroshi.exchange.mail.jobs import deliver
from noroshi.reports import actions, queries
from noroshi.reports.models import Report
from noroshi.sharing import search
from noroshi.sharing.models import Release
from tests.harness.people import World
from tests.harness.smtp import PostOffice, running, text_of
from tests.inventory.builders import waiting_jobs
from tests.reports.builders import FIRST, NOW, a_month, issued, made, moved_to

SignIn = Callable[..., Client]
HOSTILE = '<script>alert(1)</script> =1+1 "><img src=x onerror=y>'


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with running(settings) as office:
        yield office


def status(browser: Client, path: str) -> int:
    return browser.get(path).status_code


def test_an_executive_reads_the_issued_report_of_the_own_team(
    world: World, sign_in: SignIn
) -> None:
    a_month(world)
    report = issued(world)
    browser = sign_in(world.eve)
    assert report.public_id in browser.get("/reports/").content.decode()
    page = browser.get(f"/reports/{report.public_id}").content.decode()
    assert "大阪工場 拠点VPN" in page
    assert "In November 2026 we found 3 vulnerabilities in our systems and fixed 2." in page
    assert status(browser, f"/reports/{report.public_id}/report.pdf") == 200


def test_an_executive_sees_no_draft(world: World, sign_in: SignIn) -> None:
    report = made(world)
    browser = sign_in(world.eve)
    assert report.public_id not in browser.get("/reports/").content.decode()
    assert status(browser, f"/reports/{report.public_id}") == 404
    assert status(browser, f"/reports/{report.public_id}/report.pdf") == 404
    with pytest.raises(NotFound):
        queries.report_for(world.viewer("eve"), report.public_id)


def test_an_executive_sees_nothing_of_the_work_behind_the_report(world: World) -> None:
    from noroshi.measures import queries as measures
    from noroshi.vulnerabilities import queries as vulnerabilities

    rows = a_month(world)
    issued(world)
    eve = world.viewer("eve")
    for row in rows.values():
        with pytest.raises(NotFound):
            vulnerabilities.assessment_for(eve, row.public_id)
    assert not measures.instructions_for(eve, measures.Filters(view="")).exists()


def test_the_page_links_an_executive_to_nothing_that_is_not_theirs(
    world: World, sign_in: SignIn
) -> None:
    a_month(world)
    report = issued(world)
    browser = sign_in(world.eve)
    page = browser.get(f"/reports/{report.public_id}").content.decode()
    sheet = page[page.index('<article class="sheet-of-report">') : page.index("</article>")]
    assert "href=" not in sheet
    assert not re.findall(r'href="/(vulnerabilities|measures)/', page)


def test_an_operator_sees_none(world: World, sign_in: SignIn) -> None:
    report = issued(world)
    browser = sign_in(world.otto)
    assert status(browser, "/reports/") == 200
    assert report.public_id not in browser.get("/reports/").content.decode()
    assert status(browser, f"/reports/{report.public_id}") == 404


@pytest.mark.parametrize("name", ["bob", "mia", "charlie", "sora", "adam"])
def test_nobody_outside_the_team_sees_one(world: World, sign_in: SignIn, name: str) -> None:
    report = issued(world)
    browser = sign_in(world.people[name])
    assert status(browser, f"/reports/{report.public_id}") == 404
    assert status(browser, f"/reports/{report.public_id}/report.pdf") == 404
    assert not search.find(world.viewer(name), "2026年11月").exists()


def test_a_stranger_is_led_to_the_sign_in_page(client: Client, world: World) -> None:
    report = issued(world)
    for path in ("", "/report.pdf"):
        answer = client.get(f"/reports/{report.public_id}{path}")
        assert answer.status_code == 302
        assert "login" in answer["Location"]


def test_an_executive_of_another_team_is_not_among_the_readers(world: World) -> None:
    Membership.objects.create(person=world.mia, team=world.teams["b"], role=Role.EXECUTIVE)
    report = issued(world)
    with pytest.raises(NotFound):
        queries.report_for(world.viewer("mia"), report.public_id)


def test_an_executive_who_left_the_team_reads_it_no_more(world: World) -> None:
    report = issued(world)
    Membership.objects.filter(person=world.eve).delete()
    with pytest.raises(NotFound):
        queries.report_for(world.viewer("eve"), report.public_id)


@pytest.mark.parametrize("name", ["otto", "eve", "bob", "adam"])
def test_only_the_csirt_and_the_manager_make_one(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        made(world, by=name)


def test_an_executive_neither_issues_nor_throws_away(world: World) -> None:
    report = issued(world)
    for step in (actions.issue, actions.discard):
        with pytest.raises(Forbidden):
            step(report=report, by=world.viewer("eve"))


def test_issuing_names_the_executives_and_keeps_what_left_in_the_register(world: World) -> None:
    report = issued(world)
    assert report.label.named_ids() == {world.eve.pk}
    assert report.label.state == "released"
    release = Release.objects.visible_to(world.viewer("mana")).get(thing_id=report.public_id)
    assert release.text == actions.frozen_text(report)
    assert [row.action for row in rows_of("report", report.public_id)] == [
        "reports.make",
        "reports.issue",
    ]


def test_of_two_who_issue_at_once_the_second_is_refused(world: World) -> None:
    report = issued(world)
    with pytest.raises(Refused, match="has been issued"):
        actions.issue(report=report, by=world.viewer("alice"))


def test_an_issued_report_cannot_be_thrown_away(world: World) -> None:
    report = issued(world)
    with pytest.raises(Refused, match="has been issued"):
        actions.discard(report=report, by=world.viewer("mana"))


def test_a_draft_thrown_away_leaves_only_its_history(world: World) -> None:
    report = made(world)
    assert search.find(world.viewer("mana"), report.public_id).exists()
    actions.discard(report=report, by=world.viewer("mana"))
    assert not Report.objects.visible_to(world.viewer("mana")).exists()
    assert not search.find(world.viewer("mana"), report.public_id).exists()
    assert rows_of("report", report.public_id).filter(action="reports.discard").exists()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ja", "期限を過ぎたものは 1 件で、大阪工場 拠点VPNです。"),
        ("en", "1 is past its date: 大阪工場 拠点VPN."),
    ],
)
def test_the_executive_hears_of_it_by_mail_in_plain_words(
    world: World, office: PostOffice, language: str, sentence: str
) -> None:
    a_month(world)
    Person.objects.filter(pk=world.eve.pk).update(language=language)
    report = issued(world)
    for path, entry in waiting_jobs():
        if path == path_of(deliver):
            deliver(str(entry))
    (mail,) = office.to("eve@a.example")
    assert sentence in text_of(mail)
    assert f"/reports/{report.public_id}" in text_of(mail)
    assert ("報告" in mail["Subject"]) == (language == "ja")


def test_an_executive_finds_the_report_by_what_it_tells_of(world: World) -> None:
    a_month(world)
    report = issued(world)
    (hit,) = search.find(world.viewer("eve"), "CVE-2026-20131")
    assert hit.thing_id == report.public_id


def test_a_maker_walks_from_the_empty_list_to_the_issued_report(
    world: World, sign_in: SignIn
) -> None:
    a_month(world)
    browser = sign_in(world.mana, "ja")
    with moved_to(NOW):
        assert "まだ報告はありません" in browser.get("/reports/").content.decode()
        assert status(browser, "/reports/new") == 200
        team = world.teams["a"].public_id
        sent = browser.post(
            "/reports/new", {"team": team, "period": "month", "note": "年末に替えます。"}
        )
        assert sent.status_code == 302
        page = browser.get(sent["Location"]).content.decode()
        assert "あなたの番" in page and "江口 絵" in page and "年末に替えます。" in page
        assert browser.post(f"{sent['Location']}/issue").status_code == 302
        page = browser.get(sent["Location"]).content.decode()
        assert "あなたの番" not in page
    report = Report.objects.visible_to(world.viewer("eve")).get()
    assert (report.from_on, report.to_on) == (FIRST, NOW.date())


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("month", date(2026, 11, 1), date(2026, 11, 24)),
        ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("quarter", date(2026, 10, 1), date(2026, 11, 24)),
        ("last_quarter", date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_a_named_period_begins_and_ends_where_people_expect(
    world: World, sign_in: SignIn, period: str, first: date, last: date
) -> None:
    with moved_to(NOW):
        sign_in(world.mana).post(
            "/reports/new", {"team": world.teams["a"].public_id, "period": period}
        )
    report = Report.objects.visible_to(world.viewer("mana")).get()
    assert (report.from_on, report.to_on) == (first, last)


@pytest.mark.parametrize(
    "sent",
    [
        {"period": "days"},
        {"period": "days", "from_on": "2026-11-20", "to_on": "2026-11-10"},
        {"period": "days", "from_on": "2026-11-20", "to_on": "2026-11-25"},
        {"period": "days", "from_on": "2024-11-20", "to_on": "2026-11-20"},
        {"period": "days", "from_on": "yesterday", "to_on": "2026-11-20"},
        {"period": "year"},
        {"period": "month", "note": "長" * 2001},
        {"period": "month", "figures": "{}"},
    ],
)
def test_a_form_that_is_not_right_makes_nothing(
    world: World, sign_in: SignIn, sent: dict[str, str]
) -> None:
    with moved_to(NOW):
        answer = sign_in(world.mana).post(
            "/reports/new", {"team": world.teams["a"].public_id, **sent}
        )
    assert answer.status_code == 400
    assert not Report.objects.visible_to(world.viewer("mana")).exists()


def test_a_report_for_a_team_that_is_not_ours_cannot_be_asked_for(
    world: World, sign_in: SignIn
) -> None:
    sent = {"team": world.teams["b"].public_id, "period": "month"}
    assert sign_in(world.mana).post("/reports/new", sent).status_code == 400
    assert sign_in(world.eve).post("/reports/new", sent).status_code == 403


@pytest.mark.parametrize("step", ["issue", "discard"])
def test_a_step_takes_no_field_and_no_get(world: World, sign_in: SignIn, step: str) -> None:
    report = made(world)
    browser = sign_in(world.mana)
    path = f"/reports/{report.public_id}/{step}"
    assert browser.get(path).status_code == 405
    assert browser.post(path, {"state": "issued"}).status_code == 400
    report.refresh_from_db()
    assert report.state == "draft"


def test_the_period_is_checked_where_it_is_written_too(world: World) -> None:
    for first, last in (
        (date(2026, 11, 20), date(2026, 11, 10)),
        (NOW.date(), NOW.date() + timedelta(days=1)),
        (date(2025, 11, 10), date(2026, 11, 20)),
    ):
        with moved_to(NOW), pytest.raises(Malformed):
            actions.make_report(
                team=world.teams["a"], from_on=first, to_on=last, by=world.viewer("mana")
            )


def test_hostile_texts_stay_text_on_the_page(world: World, sign_in: SignIn) -> None:
    rows = a_month(world)
    for row in rows.values():
        row.refresh_from_db()
        row.title = row.decision_text = HOSTILE
        row.save()
    report = made(world, note=HOSTILE, title=HOSTILE)
    page = sign_in(world.mana).get(f"/reports/{report.public_id}").content.decode()
    assert "<script>alert(1)" not in page and "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; =1+1") >= 5


def test_a_title_of_several_lines_becomes_one_line(world: World) -> None:
    assert (
        made(world, title="十一月の\r\nBcc: x@example.com").title == "十一月の Bcc: x@example.com"
    )


def test_the_list_and_a_report_ask_the_database_equally_often_however_much_there_is(
    world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.mana)
    a_month(world)
    counts = [_query_counts(world, browser) for _round in range(2)]
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12


def _query_counts(world: World, browser: Client) -> list[int]:
    """The queries of the list and of one report; afterwards there are four reports more."""
    with clock.set_to(clock.now()):  # what is cached is read again each minute
        report = made(world)
        counts = []
        for path in ("/reports/", f"/reports/{report.public_id}"):
            with CaptureQueriesContext(connection) as caught:
                assert status(browser, path) == 200
            counts.append(len(caught))
    for _more in range(4):
        made(world)
    return counts
