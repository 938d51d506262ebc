"""Every action leaves exactly the history row that it declares, within its own transaction.

The row names who acted and on what, as the example says it.

The actions are collected from the source (``tests.harness.register``), the examples from the
``history`` module of each area's tests. An action, a row or an example that has no counterpart is
named, with the file in which to write it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from tests.harness import history
from tests.harness.history import Case, Outcome
from tests.harness.register import Action, RecordCall, actions, record_calls

CASES = history.cases()
# Transactions of their own that leave no row, and why.
SILENT = {
    "noroshi.directory.actions.entrance.ask_for_new_password": "nobody has acted yet",
    "noroshi.measures.jobs.make_findable": "an upgrade fills quick search; nothing of the work changes",
    "noroshi.vulnerabilities.matching.match_advisory": "what matches follows from what is there",
}


class Outcomes(dict[Case, Outcome]):
    """Each example is run once, when it is first needed."""

    def __missing__(self, case: Case) -> Outcome:
        self[case] = history.outcome_of(case)
        return self[case]


@pytest.fixture(scope="module")
def _outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture
def outcomes(_outcomes: Outcomes, db: None) -> Outcomes:
    return _outcomes


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.area}: {case.title}")
def test_an_action_leaves_exactly_its_rows(case: Case, outcomes: Outcomes) -> None:
    outcome = outcomes[case]
    assert outcome.names == list(case.names), f"{case.title} leaves other rows than it declares"
    assert outcome.has_moved, f"{case.title}: the history ends where it ended before"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.area}: {case.title}")
def test_a_row_says_who_acted_and_on_what(case: Case, outcomes: Outcomes) -> None:
    outcome = outcomes[case]
    assert len(outcome.said) == len(case.names), (
        f"{case.title}: tests/{case.area}/history.py does not say of each row who acts and on what"
    )
    assert outcome.rows == outcome.said, f"{case.title}: not who acted, or not on what"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.area}: {case.title}")
def test_an_action_and_its_row_happen_together_or_not_at_all(
    case: Case, outcomes: Outcomes
) -> None:
    outcome = outcomes[case]
    assert not outcome.loose, f"{case.title}: outside a transaction: {outcome.loose}"
    assert not outcome.torn, f"{case.title}: without its row this stays: {outcome.torn}"


@pytest.mark.parametrize("call", record_calls(), ids=lambda call: call.where)
def test_every_name_that_is_recorded_has_an_example(call: RecordCall) -> None:
    names = {name for case in CASES for name in case.names}
    assert not [
        f"{call.where} records {pattern}, and no example makes it: "
        f"add one to tests/{call.area}/history.py."
        for pattern in call.names
        if not any(fnmatchcase(name, pattern) for name in names)
    ]


@pytest.mark.parametrize("call", record_calls(), ids=lambda call: call.where)
def test_every_call_that_records_is_passed_by_an_example(
    call: RecordCall, outcomes: Outcomes
) -> None:
    passed = {example_call for case in CASES for example_call in outcomes[case].calls}
    assert call in passed, (
        f"No example passes {call.where}: add one to tests/{call.area}/history.py."
    )


@pytest.mark.parametrize(
    "action",
    [action for action in actions() if action.dotted not in SILENT],
    ids=lambda action: action.dotted,
)
def test_every_action_runs_in_an_example(action: Action, outcomes: Outcomes) -> None:
    running = {example_action for case in CASES for example_action in outcomes[case].actions}
    assert action in running, (
        f"The action {action.dotted} runs in no example: add one to "
        f"tests/{action.area}/history.py with the rows that it leaves."
    )


def test_what_is_said_to_be_silent_is_an_action() -> None:
    assert SILENT.keys() <= {action.dotted for action in actions()}
