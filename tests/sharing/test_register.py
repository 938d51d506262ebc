"""The register: to whom a release went is for its owner; receiving it once is no leave to speak."""

from __future__ import annotations

from noroshi.directory.viewer import Viewer
from noroshi.sharing import register
from noroshi.sharing.labels import Sensitivity
from noroshi.warnings import queries
from tests.harness.people import World
from tests.warnings.builders import released, suspend


def test_only_the_owner_reads_to_whom_a_release_went(
    world: World, alice: Viewer, bob: Viewer, otto: Viewer
) -> None:
    warning = released(world, alice)
    assert {row.person_name for row in register.recipients_of(alice, warning.release_id)} == {
        str(world.bob.name),
        str(world.mia.name),
    }
    assert register.entry_of(alice, warning.release_id) is not None
    for reader in (bob, otto):
        assert register.recipients_of(reader, warning.release_id) == []
        assert register.entry_of(reader, warning.release_id) is None


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
