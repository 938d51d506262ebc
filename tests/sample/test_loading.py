"""The sample association: loaded through the real actions, in every state, and nothing leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from noroshi.config import checking
from noroshi.core import history, jobs
from noroshi.core.errors import Refused
from noroshi.core.history.models import HistoryRow
from noroshi.directory.models import Letter, Membership, Person, PersonState, Role, Standing, Team
from noroshi.directory.viewer import Viewer
from noroshi.exchange.mail.jobs import deliver_waiting
from noroshi.measures import jobs as measures_jobs
from noroshi.measures import queries as measures
from noroshi.measures.models import Evidence, Instruction
from noroshi.measures.states import State as Measure
from noroshi.reports import queries as reports
from noroshi.sample import loading
from noroshi.sample.cast import PEOPLE
from noroshi.sample.replay import TOKYO
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import EntryState, OutboxEntry
from noroshi.sharing.system import rows
from noroshi.vulnerabilities import jobs as vulnerabilities_jobs
from noroshi.vulnerabilities import queries as vulnerabilities
from noroshi.vulnerabilities.models import Alias, Assessment, CloseReason, Outcome
from noroshi.vulnerabilities.states import Decision, State
from noroshi.warnings import queries as warnings
from noroshi.warnings.models import Warning
from noroshi.warnings.states import AnswerState
from noroshi.warnings.states import State as WarningState
from tests.sample.conftest import NOW

Reader = Callable[[str], Viewer]


def every(model: Any) -> Any:
    return rows(model, "a test counts")


def test_the_sample_is_not_loaded_twice(sample: None) -> None:
    before = HistoryRow.objects.count()
    with pytest.raises(Refused, match="empty instance"):
        loading.load()
    loading.load_once()
    assert HistoryRow.objects.count() == before


# ---- it is whole ---------------------------------------------------------------------


def test_the_history_holds_and_runs_forward(sample: None) -> None:
    assert not list(history.verify())
    moments = list(HistoryRow.objects.order_by("number").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert (NOW - moments[0]).days >= 66  # ten weeks, told backward over weekends
    assert moments[-1] <= NOW


def test_the_instance_is_whole(sample: None) -> None:
    assert checking.check().faults == []


def test_nothing_of_the_past_is_mailed_once_the_jobs_run(sample: None) -> None:
    assert not OrmQ.objects.exists()
    assert not Letter.objects.exists()
    posted = every(OutboxEntry).count()
    assert posted > 100
    measures_jobs.remind_late()
    vulnerabilities_jobs.end_acceptances()
    deliver_waiting()
    jobs.run_waiting()
    assert every(OutboxEntry).count() == posted
    assert set(every(OutboxEntry).values_list("state", flat=True)) == {EntryState.SENT}


# ---- everything occurs ---------------------------------------------------------------


def test_every_state_of_a_vulnerability_occurs_at_the_main_team(reader: Reader) -> None:
    assessments = vulnerabilities.assessments_for(reader("suzuki"))
    assert set(assessments.values_list("state", flat=True)) == set(State)
    assert set(assessments.exclude(decision="").values_list("decision", flat=True)) == set(Decision)


def test_nothing_came_back_but_what_the_story_tells_of(sample: None) -> None:
    again = every(Assessment).filter(reopened_at__isnull=False).values_list("team__slug", "key")
    assert set(again) == {("sazanami", "CVE-2023-22527"), ("sazanami", "CVE-2023-29449")}


def test_vulnerabilities_are_closed_for_every_reason_that_people_can_bring_about(
    sample: None,
) -> None:
    reasons = set(every(Assessment).exclude(close_reason="").values_list("close_reason", flat=True))
    assert reasons == set(CloseReason) - {CloseReason.WITHDRAWN}
    assert set(every(Alias).values_list("same", flat=True)) == {True, False}


def test_every_state_of_an_instruction_occurs_at_the_main_team(reader: Reader) -> None:
    instructions = measures.instructions_for(reader("suzuki"))
    assert set(instructions.values_list("state", flat=True)) == set(Measure)
    assert [row for row in instructions if row.is_late]
    assert every(Evidence).count() > 10


def test_warnings_occur_under_every_label_and_in_every_state(sample: None) -> None:
    all_warnings = every(Warning)
    assert set(all_warnings.values_list("state", flat=True)) == set(WarningState)
    assert set(all_warnings.values_list("label__sensitivity", flat=True)) == set(Sensitivity) - {
        Sensitivity.INTERNAL
    }


def test_the_main_teams_warning_has_answers_in_all_states_and_a_silent_team(
    reader: Reader,
) -> None:
    suzuki = reader("suzuki")
    warning = warnings.warnings_for(suzuki, view="ours").first()
    assert warning is not None
    board = warnings.board_of(suzuki, warning)
    assert board is not None
    assert board.counts is not None
    assert sum(board.counts.values()) == board.recipients == 5
    assert all(board.counts[state] for state in (*AnswerState, warnings.UNANSWERED))


def test_every_name_says_that_it_is_a_sample(sample: None) -> None:
    for person in Person.objects.all():
        assert person.name.endswith("（見本）")
        assert person.name_en.endswith("(sample)")
        assert person.mail.endswith(".example")
        assert not person.has_usable_password()


def test_a_suspended_team_and_a_person_who_left_are_there(sample: None) -> None:
    assert Team.objects.get(standing=Standing.SUSPENDED).slug == "meter"
    assert Person.objects.get(state=PersonState.LEFT).mail == "kimura@sazanami.example"
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role)


def test_an_import_lists_a_file_that_was_cut_off(reader: Reader) -> None:
    suzuki = reader("suzuki")
    batch = vulnerabilities.imports_for(suzuki).latest("created_at")
    assert vulnerabilities.outcome_counts(suzuki, batch) == {
        Outcome.NEW: 1,
        Outcome.SAME: 1,
        Outcome.REFUSED: 1,
    }


# ---- what a visitor sees -------------------------------------------------------------


def test_today_is_full_for_the_first_visitor(reader: Reader) -> None:
    suzuki = reader("suzuki")
    today = vulnerabilities.today_for(suzuki, 12)
    assert {row.state for row in today.mine} >= {State.WAITING_MATCH, State.TO_ASSESS}
    assert today.others
    assert len(today.newest) == 5
    mine, with_operators = measures.today_for(suzuki, 12)
    assert [row.state for row in mine] == [Measure.DONE, Measure.DONE]
    assert with_operators
    assert warnings.to_answer(suzuki).count() == 2
    assert all(vulnerabilities.due_overview(suzuki).values())


def test_something_is_due_today_something_late_and_something_next_week(reader: Reader) -> None:
    due = [
        timezone.localtime(row.due_at, TOKYO).date()
        for row in measures.instructions_for(reader("suzuki"))
        if row.is_unfinished
    ]
    days = {(day - NOW.date()).days for day in due}
    assert 0 in days
    assert min(days) < 0
    assert any(1 <= day <= 7 for day in days)


def test_the_manager_has_decisions_and_an_operator_work(reader: Reader) -> None:
    assert vulnerabilities.mine_for(reader("sato")).filter(state=State.TO_DECIDE).count() >= 2
    assert Instruction.objects.visible_to(reader("takahashi")).exists()
    cannot = measures.instructions_for(reader("sato"), measures.Filters(view="mine"))
    assert Measure.CANNOT in {row.state for row in cannot}


def test_the_executive_reads_last_months_report_and_not_the_draft(reader: Reader) -> None:
    (report,) = reports.reports_for(reader("watanabe"))
    assert (report.from_on.isoformat(), report.to_on.isoformat()) == ("2026-10-01", "2026-10-31")
    assert reports.reports_for(reader("suzuki")).count() == 2


def entered(name: str) -> tuple[Client, str]:
    """A browser of that person, who came in by one click, and the page Today."""
    person = Person.objects.get(mail__startswith=f"{name}@")
    browser = Client(HTTP_HOST="127.0.0.1:8000", REMOTE_ADDR="127.0.0.1")
    assert browser.post(f"/account/sample/{person.public_id}").status_code == 302
    page = browser.get("/", follow=True)
    assert page.status_code == 200, name
    return browser, page.content.decode()


def test_everybody_who_has_not_left_comes_in_by_one_click(sample: None, settings: Any) -> None:
    settings.NOROSHI_SAMPLE = True
    for name in PEOPLE.keys() - {"kimura"}:
        entered(name)


def test_every_page_that_today_links_to_opens(sample: None, settings: Any) -> None:
    settings.NOROSHI_SAMPLE = True
    browser, page = entered("suzuki")
    paths = {path for path in re.findall(r'href="(/[^"#]*)"', page) if "/static/" not in path}
    assert len(paths) > 25
    for path in paths:
        answer = browser.get(path.replace("&amp;", "&"))
        assert answer.status_code == 200, path


def test_the_sign_in_page_offers_them_by_team_and_not_who_left(sample: None, settings: Any) -> None:
    settings.NOROSHI_SAMPLE = True
    browser = Client(HTTP_HOST="127.0.0.1:8000", REMOTE_ADDR="127.0.0.1")
    page = browser.get("/account/login", HTTP_ACCEPT_LANGUAGE="ja").content.decode()
    assert "さざなみ製作所 CSIRT" in page
    assert "鈴木（見本）" in page
    assert "木村（見本）" not in page
    assert page.count("/account/sample/") == len(PEOPLE) - 1
