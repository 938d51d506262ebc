"""Today: what is whose turn, what waits for others, and quick search, for each role."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.core import clock, history, jobs
from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.exchange.mail import letters
from noroshi.measures import actions as measures
from noroshi.measures.models import Instruction
from noroshi.reports import actions as reports
from noroshi.sharing import labelling, search
from noroshi.sharing.channels import Passage
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import OutboxEntry
from noroshi.vulnerabilities.models import Assessment
from noroshi.warnings.actions import answer
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
from tests.warnings.builders import released

SignIn = Callable[..., Client]


@pytest.fixture
def row(world: World, alice: Viewer) -> Assessment:
    """One of team A's systems, otto's, is hit: to assess."""
    a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    return assessments(alice)[0]


def sections(page: Any) -> dict[str, str]:
    """The sections of a page by their headings, tags taken out."""
    main = page.content.decode().split("<main", 1)[1]
    texts = {}
    for section in re.split(r"<h2", main)[1:]:
        title, _, rest = section.partition("</h2>")
        name = " ".join(re.sub(r"<[^>]*>|^[^>]*>|\d+", " ", title).split())
        texts[name] = " ".join(re.sub(r"<[^>]*>", " ", rest).split())
    return texts


def today(sign_in: SignIn, person: Person) -> dict[str, str]:
    page = sign_in(person).get("/")
    assert page.status_code == 200
    return sections(page)


TITLE = "Acme Press Controller"


def test_what_is_to_assess_is_the_csirts_turn_and_not_the_managers(
    row: Assessment, world: World, sign_in: SignIn
) -> None:
    assert TITLE in today(sign_in, world.alice)["My turn"]
    assert TITLE not in today(sign_in, world.mana)["My turn"]
    assert TITLE in today(sign_in, world.ann)["New advisories"]


def test_what_is_to_decide_is_the_managers_turn_and_waits_for_others_to_who_assessed(
    row: Assessment, world: World, alice: Viewer, sign_in: SignIn
) -> None:
    assessed(row, alice)
    assert TITLE in today(sign_in, world.mana)["My turn"]
    hers = today(sign_in, world.alice)
    assert TITLE not in hers["My turn"]
    assert TITLE in hers["Waiting for others"]


def an_instruction(row: Assessment, alice: Viewer, mana: Viewer) -> Instruction:
    return instructed(decided(assessed(row, alice), mana), alice)[0]


def test_an_instruction_is_its_operators_turn_and_nobody_elses(
    row: Assessment, world: World, alice: Viewer, mana: Viewer, sign_in: SignIn
) -> None:
    title = an_instruction(row, alice, mana).title
    assert title in today(sign_in, world.otto)["My turn"]
    assert title not in today(sign_in, world.olga)["My turn"]
    hers = today(sign_in, world.alice)
    assert title not in hers["My turn"]
    assert title in hers["Waiting for others"]
    assert "Otto Otomo" in hers["Waiting for others"]


def test_a_system_that_may_be_ours_too_is_the_csirts_question_although_all_is_instructed(
    row: Assessment, world: World, alice: Viewer, mana: Viewer, sign_in: SignIn
) -> None:
    an_instruction(row, alice, mana)
    a_component(world.teams["a"], alice, vendor="", host="プレス2号機")
    jobs.run_waiting()
    assert f"Say whether it is ours: {TITLE}" in today(sign_in, world.alice)["My turn"]
    listed = sign_in(world.alice).get("/vulnerabilities/?view=mine").content.decode()
    assert "Is it ours?" in listed[listed.index("<tbody") :]


def test_what_was_reported_done_is_the_csirts_turn_once(
    row: Assessment, world: World, alice: Viewer, mana: Viewer, otto: Viewer, sign_in: SignIn
) -> None:
    instruction = an_instruction(row, alice, mana)
    measures.answer(instruction=instruction, what="done", text="入れました", by=otto)
    jobs.run_waiting()
    hers = today(sign_in, world.alice)
    assert hers["My turn"].count(TITLE) == 1
    assert "Waiting for others" not in hers
    assert TITLE not in today(sign_in, world.otto)["My turn"]


def test_another_team_and_the_secretariat_see_nothing_of_it(
    row: Assessment, world: World, sign_in: SignIn
) -> None:
    for name in ("bob", "sora", "adam"):
        page = sign_in(world.people[name]).get("/").content.decode()
        assert TITLE not in page.split("<main", 1)[1]
        assert "CVE-2024-0001" not in page


def test_a_warning_to_answer_stands_there_until_it_is_answered(
    world: World, alice: Viewer, bob: Viewer, sign_in: SignIn
) -> None:
    warning = released(world, alice)
    assert warning.title in today(sign_in, world.bob)["Warnings to answer"]
    answer(warning=warning, state="not_affected", by=bob)
    assert "Warnings to answer" not in today(sign_in, world.bob)


def test_executives_go_to_their_reports_and_an_executive_with_other_work_has_the_newest_there(
    world: World, alice: Viewer, mana: Viewer, sign_in: SignIn
) -> None:
    assert sign_in(world.eve).get("/").headers["Location"] == "/reports/"
    directory.set_roles(
        person=world.eve, team=world.teams["a"], roles=["executive", "operator"], by=mana
    )
    assert "Newest report" not in today(sign_in, world.eve)
    day = clock.today()
    for title in ("古いほう", "新しいほう"):
        made = reports.make_report(
            team=world.teams["a"], from_on=day.replace(day=1), to_on=day, title=title, by=alice
        )
        reports.issue(report=made, by=mana)
    section = today(sign_in, world.eve)["Newest report"]
    assert "新しいほう" in section
    assert "古いほう" not in section


def test_a_notice_of_a_report_calls_it_a_report(world: World) -> None:
    label = labelling.draft_label(
        world.teams["a"], Sensitivity.RED, named=[world.eve], state=State.RELEASED
    )
    entry = OutboxEntry(
        kind="report.issued",
        thing_kind="report",
        thing_id="P-1",
        path="/reports/P-1",
        template="reports/mail/issued",
        label=label,
        person=world.eve,
    )
    Person.objects.filter(pk=world.eve.pk).update(language="en")
    entry.person.refresh_from_db()
    letter = letters.letter_for(entry, Passage.NOTICE)
    assert letter.subject == "[TLP:RED] There is something for you to read: report"


def test_quick_search_finds_by_words_and_number_what_the_reader_may_see(
    row: Assessment, world: World, sign_in: SignIn
) -> None:
    for words in ("press controller", "CVE-2024-0001", row.public_id):
        assert f"/vulnerabilities/{row.public_id}" in (
            sign_in(world.alice).get("/search", {"q": words}).content.decode()
        )
        assert f"/vulnerabilities/{row.public_id}" not in (
            sign_in(world.bob).get("/search", {"q": words}).content.decode()
        )
    nothing = sign_in(world.alice).get("/search", {"q": " "})
    assert nothing.status_code == 200
    assert row.public_id not in nothing.content.decode()


@pytest.mark.usefixtures("one_moment")
def test_today_and_search_ask_the_database_as_often_for_fifty_as_for_five(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    counts: dict[str, list[int]] = {"/": [], "/search?q=zukai": []}
    for first, last in ((0, 5), (5, 50)):
        for number in range(first, last):
            assessment = Assessment(
                team=world.teams["a"],
                label=labelling.own_label(world.teams["a"]),
                key=f"CVE-2030-{number:04}",
                title=f"Zukai {number}",
                state="to_assess",
            )
            assessment.save()
            search.put(
                kind="assessment",
                thing_id=assessment.public_id,
                label=assessment.label,
                title=assessment.title,
                path=f"/vulnerabilities/{assessment.public_id}",
            )
        for path, numbers in counts.items():
            browser = sign_in(world.alice)
            browser.get(path)
            with transaction.atomic():  # something happened: nothing is cached any more
                history.record("test.step", world.teams["a"], by=SYSTEM)
            with CaptureQueriesContext(connection) as captured:
                page = browser.get(f"{path}{'&' if '?' in path else '?'}n={last}")
            assert "Zukai" in page.content.decode()
            numbers.append(len(captured))
    for path, (few, many) in counts.items():
        assert few == many, path
        assert many <= 14, path
