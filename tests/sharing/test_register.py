"""The register and those who may read it: names and entries are for the owner's side alone."""

from __future__ import annotations

import pytest

from noroshi.core.errors import Malformed
from noroshi.directory.viewer import Viewer
from noroshi.sharing import labelling, register
from noroshi.sharing.labels import Sensitivity
from noroshi.warnings import actions, queries
from noroshi.warnings.models import Warning
from tests.harness.people import World
from tests.warnings.builders import drafted, released, suspend


@pytest.fixture
def warning(world: World, alice: Viewer) -> Warning:
    """Alice has warned the circle."""
    return released(world, alice)


def test_the_owner_team_sees_who_received_a_release(warning: Warning, world: World) -> None:
    for name in ("alice", "mana"):
        rows = register.recipients_of(world.viewer(name), warning.release_id)
        assert {row.person_name for row in rows} == {world.bob.name, world.mia.name}
        entry = register.entry_of(world.viewer(name), warning.release_id)
        assert entry is not None
        assert warning.text in entry.text


def test_who_received_a_release_does_not_see_who_else_did(warning: Warning, bob: Viewer) -> None:
    assert register.recipients(bob, warning.release_id).exists()  # they may see the warning itself
    assert register.recipients_of(bob, warning.release_id) == []
    assert register.entry_of(bob, warning.release_id) is None


def test_an_answer_stands_in_the_register_beside_whoever_gave_it(
    warning: Warning, alice: Viewer, bob: Viewer
) -> None:
    actions.answer(warning=warning, state="affected", by=bob)
    rows = register.recipients_of(alice, warning.release_id)
    assert {row.person_id for row in rows if "answered" in row.receipts} == {bob.person_id}


def test_somebody_who_received_a_release_and_may_read_it_no_more_leaves_no_answer_in_the_register(
    warning: Warning, world: World, alice: Viewer
) -> None:
    suspend(world, "b")
    register.note_answer(warning.release_id, world.viewer("bob"))
    rows = register.recipients_of(alice, warning.release_id)
    assert world.bob.pk in {row.person_id for row in rows}
    assert not any("answered" in row.receipts for row in rows)


def test_nobody_of_the_owner_team_is_told_of_its_own_release(
    warning: Warning, alice: Viewer, world: World
) -> None:
    people = set(register.recipient_rows(alice).values_list("person_id", flat=True))
    assert people == {world.bob.pk, world.mia.pk}


def test_the_label_of_something_released_stays_as_it_is(warning: Warning, world: World) -> None:
    with pytest.raises(Malformed, match="cannot be changed"):
        labelling.relabel(
            warning.label, sensitivity=Sensitivity.CLEAR, circle=None, named=[world.charlie]
        )
    warning.label.refresh_from_db()
    assert warning.label.sensitivity == Sensitivity.AMBER
    assert not warning.label.named.exists()


def test_what_names_nobody_is_not_released(world: World, alice: Viewer) -> None:
    for sensitivity in (Sensitivity.RED, Sensitivity.AMBER):
        row = drafted(world, alice)
        labelling.relabel(row.label, sensitivity=sensitivity, circle=None, named=[])
        with pytest.raises(Malformed):
            register.release(
                thing_kind="warning", thing_id=row.public_id, label=row.label, text="本文", by=alice
            )
        row.label.refresh_from_db()
        assert row.label.state == "draft"


def test_a_team_that_was_suspended_after_a_release_answers_nothing_though_anybody_may_read_it(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    warning = released(world, alice, sensitivity=Sensitivity.CLEAR)
    assert [team.slug for team in queries.teams_to_answer_for(bob, warning)] == ["b"]
    suspend(world, "b")
    late = world.viewer("bob")
    assert queries.warning_for(late, warning.public_id) == warning
    assert list(queries.teams_to_answer_for(late, warning)) == []
    assert not register.own_rows(late).exists()
