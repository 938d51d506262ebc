"""Rights that are taken away are gone from the next request on (rule 8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from noroshi.core.errors import Refused
from noroshi.core.history import SYSTEM
from noroshi.directory import actions, queries
from noroshi.directory.models import Person, PersonState, Role, Standing
from noroshi.directory.viewer import Viewer, viewer_for_token
from tests.directory.conftest import is_signed_in
from tests.harness.people import World

SignIn = Callable[[Person], Client]


def test_a_person_suspended_in_the_middle_of_a_session_is_out_with_the_next_request(
    sign_in: SignIn, world: World
) -> None:
    alice, mana = sign_in(world.alice), sign_in(world.mana)
    team = world.teams["a"].public_id
    assert is_signed_in(alice)
    step = f"/teams/{team}/people/{world.alice.public_id}/suspend"
    assert "ends now" in mana.get(step).content.decode()
    assert is_signed_in(alice)  # the page only says what would happen
    assert mana.post(step).status_code == 302
    answer = alice.post("/settings/theme", {"theme": "dark"})
    world.alice.refresh_from_db()
    assert world.alice.theme == "auto"
    assert answer.status_code == 302
    assert not is_signed_in(alice)


def test_after_reinstating_the_old_session_stays_ended(
    sign_in: SignIn, mana: Viewer, world: World
) -> None:
    old, team = sign_in(world.alice), world.teams["a"]
    actions.suspend_person(person=world.alice, team=team, by=mana)
    actions.reinstate_person(person=world.alice, team=team, by=mana)
    assert not is_signed_in(old)
    assert is_signed_in(sign_in(world.alice))


def test_a_role_change_counts_from_the_next_request(
    sign_in: SignIn, adam: Viewer, world: World
) -> None:
    mana, team = sign_in(world.mana), world.teams["a"]
    people = f"/teams/{team.public_id}/people"
    assert mana.get(people).status_code == 200
    actions.set_roles(person=world.mana, team=team, roles=[Role.CSIRT], by=adam)
    assert mana.get(people).status_code == 403
    actions.set_roles(person=world.mana, team=team, roles=[Role.MANAGER], by=adam)
    assert mana.get(people).status_code == 200


def test_who_leaves_their_last_team_is_out_and_who_leaves_one_of_two_signs_in_anew(
    sign_in: SignIn, mana: Viewer, world: World
) -> None:
    team = world.teams["a"]
    actions.add_person(
        mail="ann@a.example", name="", team=world.teams["b"], roles=[Role.CSIRT], by=SYSTEM
    )
    alice, ann = sign_in(world.alice), sign_in(world.ann)
    for person in (world.alice, world.ann):
        actions.leave(person=person, team=team, by=mana)
    assert not is_signed_in(alice)
    assert not is_signed_in(ann)
    world.alice.refresh_from_db()
    assert world.alice.state == PersonState.LEFT
    assert is_signed_in(sign_in(world.ann))
    assert sign_in(world.ann).get(f"/teams/{team.public_id}/people").status_code == 403


def test_tokens_end_with_suspension_leaving_and_the_managers_office(
    adam: Viewer, world: World
) -> None:
    team = world.teams["a"]

    def made_by(name: str, *, for_team: bool) -> str:
        return actions.issue_token(
            name="x",
            scopes=["read"],
            days=30,
            team=team if for_team else None,
            by=world.viewer(name),
        ).secret

    of_alice, own, of_team = (
        made_by("alice", for_team=False),
        made_by("mana", for_team=False),
        made_by("mana", for_team=True),
    )
    assert all(map(queries.valid_token, (of_alice, own, of_team)))
    actions.set_roles(person=world.mana, team=team, roles=[Role.CSIRT], by=adam)
    assert queries.valid_token(of_team) is None  # she knows its secret and runs the team no more
    assert queries.valid_token(own) is not None
    actions.suspend_person(person=world.mana, team=team, by=adam)
    assert queries.valid_token(own) is None
    actions.leave(person=world.alice, team=team, by=adam)
    assert queries.valid_token(of_alice) is None


def test_the_tokens_of_a_team_end_when_the_team_leaves(
    mana: Viewer, adam: Viewer, world: World
) -> None:
    team = world.teams["a"]
    secret = actions.issue_token(name="x", scopes=["read"], days=30, team=team, by=mana).secret
    token = queries.valid_token(secret)
    assert token is not None
    actions.set_standing(team=team, standing=Standing.SUSPENDED, by=adam)
    suspended = queries.valid_token(secret)
    assert suspended is not None
    assert not viewer_for_token(suspended).circle_ids
    actions.set_standing(team=team, standing=Standing.LEFT, by=adam)
    assert queries.valid_token(secret) is None


def test_two_people_suspend_at_once_and_the_second_is_told(
    mana: Viewer, adam: Viewer, world: World
) -> None:
    team = world.teams["a"]
    stale = Person.objects.get(pk=world.alice.pk)
    actions.suspend_person(person=world.alice, team=team, by=mana)
    with pytest.raises(Refused):
        actions.suspend_person(person=stale, team=team, by=adam)


def test_the_people_of_a_team_that_left_have_no_part_in_its_work_any_more(
    world: World, adam: Viewer
) -> None:
    assert world.viewer("bob").reading_team_ids == {world.teams["b"].pk}
    actions.set_standing(team=world.teams["b"], standing=Standing.LEFT, by=adam)
    bob = world.viewer("bob")
    assert (bob.roles, bob.reading_team_ids, bob.circle_ids) == ({}, frozenset(), frozenset())
    assert bob.named_id is None


def test_a_team_that_left_is_gone_from_the_directory(
    sign_in: SignIn, adam: Viewer, world: World
) -> None:
    bob = sign_in(world.bob)
    card = f"/teams/{world.teams['a'].public_id}"
    assert bob.get(card).status_code == 200
    actions.set_standing(team=world.teams["a"], standing=Standing.LEFT, by=adam)
    assert bob.get(card).status_code == 404
