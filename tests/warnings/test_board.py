"""The board: whatever teams answer, in whatever order, its parts add up to the recipients."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noroshi.directory.viewer import Viewer
from noroshi.warnings import actions, queries
from noroshi.warnings.states import AnswerState
from tests.harness.people import World
from tests.warnings.builders import join, released, suspend

SLUGS = ("r1", "r2", "r3", "r4", "r5", "r6")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sampled_from(SLUGS), st.sampled_from(AnswerState.values)),
        st.tuples(st.just("suspend"), st.sampled_from(SLUGS), st.just("")),
    ),
    max_size=12,
)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_the_board_always_adds_up_to_the_recipients(
    world: World, alice: Viewer, steps: list[tuple[str, str, str]]
) -> None:
    with transaction.atomic():
        handlers = join(world, *SLUGS)
        warning = released(world, alice)
        answers: dict[str, str] = {}
        out: set[str] = set()
        for what, slug, state in steps:
            if what == "suspend" and slug not in out:
                suspend(world, slug)
                out.add(slug)
            elif what == "answer" and slug not in out:
                actions.answer(warning=warning, state=state, by=handlers[slug])
                answers[slug] = state
            tally = queries.board_of(alice, warning)
            assert tally is not None
            assert tally.counts is not None
            assert tally.recipients == len(SLUGS) + 1  # and team B
            assert sum(tally.counts.values()) == tally.recipients
            assert tally.answered == len(answers)
            for known in AnswerState.values:
                assert tally.counts[known] == list(answers.values()).count(known)
        assert len(queries.answers_on(alice, warning)) == len(SLUGS) + 1
        transaction.set_rollback(True)
