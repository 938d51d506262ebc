"""Nobody changes somebody of higher rank, and nobody gives themselves rights (rule 6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from noroshi.core.errors import Forbidden, Refused
from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import Membership, Person, PersonState, Role, Standing
from noroshi.directory.viewer import Viewer, viewer_for
from tests.harness.people import World

STEPS = (actions.suspend_person, actions.reinstate_person, actions.leave)


def _now(person: Person) -> tuple[str, set[str]]:
    person.refresh_from_db()
    return person.state, set(person.memberships.values_list("role", flat=True))


@pytest.mark.parametrize("rank", [Role.ADMIN, Role.SECRETARIAT])
def test_a_manager_does_not_touch_somebody_who_works_for_the_whole_site(
    rank: Role, mana: Viewer, world: World
) -> None:
    team = world.teams["a"]
    actions.add_person(mail="alice@a.example", name="", team=team, roles=[rank], by=SYSTEM)
    before = _now(world.alice)
    for step in STEPS:
        with pytest.raises(Forbidden):
            step(person=world.alice, team=team, by=mana)
    with pytest.raises(Forbidden):
        actions.set_roles(person=world.alice, team=team, roles=[rank], by=mana)
    assert _now(world.alice) == before


def test_a_rank_held_in_another_team_protects_too(mana: Viewer, world: World) -> None:
    actions.add_person(
        mail="alice@a.example", name="", team=world.teams["s"], roles=[Role.ADMIN], by=SYSTEM
    )
    with pytest.raises(Forbidden):
        actions.suspend_person(person=world.alice, team=world.teams["a"], by=mana)


@pytest.mark.parametrize("name", ["mana", "adam"])
def test_nobody_changes_their_own_roles_not_even_an_administrator(name: str, world: World) -> None:
    viewer, person = world.viewer(name), getattr(world, name)
    for slug in ("a", "s"):
        with pytest.raises(Forbidden):
            actions.set_roles(
                person=person, team=world.teams[slug], roles=[Role.CSIRT, Role.ADMIN], by=viewer
            )
    for step in STEPS:
        with pytest.raises(Forbidden):
            step(person=person, team=world.teams["a"], by=viewer)


def test_a_manager_gives_no_rank_above_their_own(mana: Viewer, world: World) -> None:
    for role in (Role.ADMIN, Role.SECRETARIAT):
        with pytest.raises(Forbidden):
            actions.set_roles(
                person=world.alice, team=world.teams["a"], roles=[Role.CSIRT, role], by=mana
            )
    assert _now(world.alice)[1] == {Role.CSIRT}


@pytest.mark.parametrize("name", ["alice", "otto", "eve", "sora", "mia", "public"])
def test_only_the_manager_or_an_administrator_runs_a_team(name: str, world: World) -> None:
    viewer, team = world.viewer(name), world.teams["a"]
    for step in STEPS:
        with pytest.raises(Forbidden):
            step(person=world.ann, team=team, by=viewer)
    with pytest.raises(Forbidden):
        actions.set_roles(person=world.ann, team=team, roles=[Role.MANAGER], by=viewer)
    with pytest.raises(Forbidden):
        actions.invite(team=team, mail="x@a.example", role="csirt", by=viewer)


@pytest.mark.parametrize("name", ["mana", "sora", "alice", "public"])
def test_only_an_administrator_opens_organisations_teams_and_circles(
    name: str, world: World
) -> None:
    viewer = world.viewer(name)
    with pytest.raises(Forbidden):
        actions.open_organisation(name="X", by=viewer)
    with pytest.raises(Forbidden):
        actions.open_team(organisation=world.teams["a"].organisation, name="X", slug="x", by=viewer)
    with pytest.raises(Forbidden):
        actions.open_circle(name="X", teams=[], by=viewer)
    with pytest.raises(Forbidden):
        actions.set_circle_teams(circle=world.circles["y"], teams=[world.teams["a"]], by=viewer)
    with pytest.raises(Forbidden):
        actions.set_standing(team=world.teams["a"], standing=Standing.LEFT, by=viewer)
    with pytest.raises(Forbidden):
        actions.add_person(mail="x@y.example", name="X", team=world.teams["a"], roles=[], by=viewer)


def test_a_manager_stops_nobody_who_works_in_a_team_that_is_not_theirs(
    mana: Viewer, mia: Viewer, world: World
) -> None:
    """Mana is an incident handler in team B as well, which makes her no manager there."""
    team = world.teams["a"]
    for mail in ("mana@a.example", "alice@a.example"):
        actions.add_person(mail=mail, name="", team=world.teams["b"], roles=[Role.CSIRT], by=SYSTEM)
    with pytest.raises(Forbidden):
        actions.suspend_person(person=world.alice, team=team, by=world.viewer("mana"))
    actions.leave(person=world.alice, team=team, by=world.viewer("mana"))  # her own team she may
    assert _now(world.alice) == (PersonState.ACTIVE, {Role.CSIRT})
    assert not viewer_for(world.alice).has_role(team.pk, Role.CSIRT)


def test_a_person_in_a_team_keeps_at_least_one_role(mana: Viewer, world: World) -> None:
    with pytest.raises(Refused):
        actions.set_roles(person=world.alice, team=world.teams["a"], roles=[], by=mana)


def test_the_pages_refuse_what_the_actions_refuse(
    sign_in: Callable[[Person], Client], world: World
) -> None:
    team, other = world.teams["a"].public_id, world.teams["b"].public_id
    actions.add_person(
        mail="alice@a.example", name="", team=world.teams["a"], roles=[Role.ADMIN], by=SYSTEM
    )
    mana, before = sign_in(world.mana), list(Membership.objects.values_list())
    alice, bob, herself = (p.public_id for p in (world.alice, world.bob, world.mana))
    for url, form, status in (
        (f"/teams/{team}/people/{alice}/suspend", {}, 403),
        (f"/teams/{team}/people/{alice}/leave", {}, 403),
        (f"/teams/{team}/people/{alice}", {"roles": "operator"}, 403),
        (f"/teams/{team}/people/{herself}", {"roles": ["manager", "csirt"]}, 403),
        (f"/teams/{team}/people/{world.ann.public_id}", {"roles": "admin"}, 200),  # not offered
        (f"/teams/{team}/invite", {"mail": "x@a.example", "role": "admin", "language": "ja"}, 200),
        (f"/teams/{team}/people/{bob}/suspend", {}, 404),  # own team, foreign person
        (f"/teams/{other}/people/{bob}/suspend", {}, 403),
        (f"/teams/{team}/people/{world.ann.public_id}/promote", {}, 404),
        ("/organisations/new", {"name": "X"}, 403),
        ("/circles/new", {"name": "X"}, 403),
        (f"/teams/{team}/standing", {"standing": "left"}, 403),
    ):
        assert mana.post(url, form).status_code == status, url
    assert list(Membership.objects.values_list()) == before
    assert not Person.objects.exclude(state=PersonState.ACTIVE).exists()


def test_a_manager_keeps_the_rank_that_they_could_not_give_when_they_change_other_roles(
    sign_in: Callable[[Person], Client], world: World
) -> None:
    """Adam makes an operator the secretariat's too; only Adam changes that person now."""
    team = world.teams["a"]
    actions.set_roles(
        person=world.otto,
        team=team,
        roles=[Role.OPERATOR, Role.SECRETARIAT],
        by=world.viewer("adam"),
    )
    answer = sign_in(world.mana).post(
        f"/teams/{team.public_id}/people/{world.otto.public_id}", {"roles": "csirt"}
    )
    assert answer.status_code == 403
    assert _now(world.otto)[1] == {Role.OPERATOR, Role.SECRETARIAT}
