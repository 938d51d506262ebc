"""The pages of vulnerabilities: what the address narrows, paging, forms, and what they cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from noroshi.core import clock, history
from noroshi.core.history import SYSTEM
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions as measures
from noroshi.sharing import labelling
from noroshi.vulnerabilities.actions import mark_reported
from noroshi.vulnerabilities.models import Advisory, AssessedSystem, Assessment
from tests.harness.people import World
from tests.vulnerabilities.builders import (
    a_component,
    an_advisory,
    assessed,
    assessments,
    decided,
    instructed,
    received,
)

SignIn = Callable[..., Client]


def made(world: World, number: int, **fields: Any) -> Assessment:
    """A row of the list, as matching would write it."""
    row = Assessment(
        team=world.teams["a"],
        label=labelling.own_label(world.teams["a"]),
        **{
            "key": f"CVE-2030-{number:04}",
            "title": f"Zukai {number:02}",
            "state": "to_assess",
            **fields,
        },
    )
    row.save()
    return row


def listed(browser: Client, query: str = "") -> set[str]:
    """The titles on one page of the list."""
    page = browser.get(f"/vulnerabilities/{query}")
    assert page.status_code == 200
    main = page.content.decode().split("<main", 1)[1]
    return {f"Zukai {n:02}" for n in range(100) if f"Zukai {n:02}" in main}


@pytest.fixture
def row(world: World, alice: Viewer) -> Assessment:
    a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    return assessments(alice)[0]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", {0, 1, 2}),
        ("?view=mine", {0}),
        ("?view=late", {1}),
        ("?view=accepted", {3}),
        ("?view=closed", {4}),
        ("?view=nonsense", {0, 1, 2}),
        ("?state=to_decide", {1}),
        ("?state=to_decide&state=instructed", {1, 2}),
        ("?severity=critical", {1}),
        ("?priority=immediate", {2}),
        ("?exploited=1", {2}),
        ("?q=zukai+01", {1}),
        ("?q=CVE-2030-0002", {2}),
        ("?severity=critical&exploited=1", set()),
        ("?state=nonsense", {0, 1, 2}),
    ],
)
def test_what_is_narrowed_stands_in_the_address(
    world: World, alice: Viewer, sign_in: SignIn, query: str, numbers: set[int]
) -> None:
    past = clock.now() - timedelta(days=1)
    made(world, 0)
    made(world, 1, state="to_decide", severity="critical", due_at=past)
    made(world, 2, state="instructed", priority="immediate", kev_added_on=timezone.localdate())
    made(world, 3, state="not_affected")
    made(world, 4, state="closed", due_at=past)
    assert listed(sign_in(world.alice), query) == {f"Zukai {n:02}" for n in numbers}


def test_every_row_is_on_one_page_and_only_one_however_it_is_ordered(
    world: World, sign_in: SignIn
) -> None:
    for number in range(60):
        made(world, number, severity=("critical", "", "low")[number % 3])
    browser = sign_in(world.alice)
    for sort in ("due", "-opened", "severity", "priority"):
        seen: list[str] = []
        query = f"?sort={sort}"
        while query:
            page = browser.get(f"/vulnerabilities/{query}")
            seen += sorted(listed(browser, query))
            older = [
                link
                for link in page.content.decode().split('href="')
                if link.startswith("?") and "after=" in link.split('"')[0]
            ]
            query = older[0].split('"')[0].replace("&amp;", "&") if older else ""
            assert len(seen) <= 60
        assert sorted(seen) == [f"Zukai {n:02}" for n in range(60)]


def test_the_form_to_assess_asks_for_the_reason_and_keeps_what_was_written(
    row: Assessment, world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.alice)
    url = f"/vulnerabilities/{row.public_id}/assess"
    page = browser.get(url)
    form = page.context["form"]
    fields = {name: form[name].value() for name in form.fields}
    fields = {name: value for name, value in fields.items() if value not in (None, False)}
    far = str(timezone.localdate() + timedelta(days=500))
    refused = browser.post(url, {**fields, "due_on": far, "text": "書いたもの"})
    assert refused.status_code == 400
    assert "say why" in refused.content.decode()
    assert "書いたもの" in refused.content.decode()
    assert browser.post(url, {**fields, "due_on": far, "reason": "次の停止まで"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.choice_reason) == ("to_decide", "次の停止まで")


def test_a_manager_who_assessed_is_refused_on_the_page_and_reads_why(
    row: Assessment, world: World, mana: Viewer, sign_in: SignIn
) -> None:
    assessed(row, mana)
    browser = sign_in(world.mana)
    assert "Somebody else decides" in (
        browser.get(f"/vulnerabilities/{row.public_id}").content.decode()
    )
    fields = {"decision": "apply", "text": "直す", "accept_until": ""}
    for answer in (
        browser.get(f"/vulnerabilities/{row.public_id}/decide"),
        browser.post(f"/vulnerabilities/{row.public_id}/decide", fields),
    ):
        assert answer.status_code == 409
        assert "You assessed this vulnerability yourself" in answer.content.decode()


def test_manager_and_csirt_walk_from_the_decision_to_the_instruction(
    row: Assessment, world: World, alice: Viewer, sign_in: SignIn
) -> None:
    assessed(row, alice)
    url = f"/vulnerabilities/{row.public_id}"
    fields = {"decision": "accept", "text": "直す", "accept_until": ""}
    assert sign_in(world.mana).post(f"{url}/decide", fields).status_code == 400
    answer = sign_in(world.mana).post(f"{url}/decide", {**fields, "decision": "apply"})
    assert answer.headers["Location"] == url
    browser = sign_in(world.alice)
    form = browser.get(f"{url}/instruct").context["form"]
    fields = {name: form[name].value() or "" for name in form.fields if name != "files"}
    fields |= {"text": "4.1 を入れる", "kind": "patch"}
    assert browser.post(f"{url}/instruct", fields).headers["Location"] == f"{url}#instructions"
    assert "Otto Otomo" in browser.get(url).content.decode()


def test_what_the_operator_did_stands_on_the_timeline_of_the_vulnerability(
    row: Assessment, world: World, alice: Viewer, mana: Viewer, otto: Viewer, sign_in: SignIn
) -> None:
    (instruction,) = instructed(decided(assessed(row, alice), mana), alice)
    measures.answer(instruction=instruction, what="started", text="検証機で試します", by=otto)
    page = sign_in(world.alice).get(f"/vulnerabilities/{row.public_id}").content.decode()
    timeline = page[page.index('id="timeline"') :]
    assert timeline.index("started") < timeline.index("instructed the operators")
    assert "検証機で試します" in timeline
    assert instruction.title in timeline
    assert "gave the instruction" not in timeline  # said once


def test_what_is_another_teams_is_not_there(row: Assessment, world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.bob)
    for path in ("", "/assess", "/decide", "/instruct", "/reconsider"):
        assert browser.get(f"/vulnerabilities/{row.public_id}{path}").status_code == 404


@pytest.mark.usefixtures("one_moment")
def test_the_list_asks_the_database_as_often_for_fifty_as_for_five(
    world: World, sign_in: SignIn
) -> None:
    counts = []
    for first, last in ((0, 5), (5, 50)):
        for number in range(first, last):
            made(world, number)
        counts.append(_queries(world, sign_in(world.alice), "/vulnerabilities/"))
    assert counts[0] == counts[1] <= 12


@pytest.mark.usefixtures("one_moment")
def test_one_vulnerability_asks_the_database_as_often_with_fifty_systems_as_with_five(
    world: World, alice: Viewer, mana: Viewer, sign_in: SignIn
) -> None:
    component = a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    row = decided(assessed(assessments(alice)[0], alice), mana)
    counts = []
    for first, last in ((1, 5), (5, 50)):
        for number in range(first, last):
            other = a_component(
                world.teams["a"], alice, "Nothing", host=f"host {number}", owners=(world.otto,)
            )
            AssessedSystem.objects.create(
                assessment=row,
                system=other.system,
                component=other,
                how="name",
                confidence=100,
                certainty="certain",
                exposure="internal",
            )
        counts.append(_queries(world, sign_in(world.alice), f"/vulnerabilities/{row.public_id}"))
    assert component.pk
    assert counts[0] == counts[1] <= 14


def _queries(world: World, browser: Client, path: str) -> int:
    """How many questions a page asks when nothing of it is remembered."""
    browser.get(path)
    with transaction.atomic():
        history.record("test.step", world.teams["a"], by=SYSTEM)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_what_was_reported_too_early_does_not_tick_off_the_work_that_is_left(
    row: Assessment, world: World, alice: Viewer, mana: Viewer, sign_in: SignIn
) -> None:
    decided(assessed(row, alice), mana)
    mark_reported(assessment=row, by=alice)
    page = sign_in(world.alice).get(f"/vulnerabilities/{row.public_id}").content.decode()
    steps = page.split('class="steps"', 1)[1].split("</ol>", 1)[0]
    assert re.findall(r'<li class="(\w+)"', steps) == ["done", "done", "done", "now", "open"]


def test_the_reader_of_an_advisory_is_told_how_many_vulnerabilities_it_names(
    row: Assessment, world: World, alice: Viewer, sign_in: SignIn
) -> None:
    (named,) = Advisory.objects.visible_to(alice)
    page = sign_in(world.alice).get(f"/vulnerabilities/advisories/{named.public_id}")
    heading = re.search(
        r'Vulnerabilities it names</h2>\s*<span class="count">(\d+)<', page.content.decode()
    )
    assert heading and heading[1] == "1"
