"""The navigation: what a team that is alone is offered, and what an association is offered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import Person, Role, Standing, Team
from noroshi.directory.viewer import viewer_for
from tests.harness.people import World

SignIn = Callable[..., Client]
OF_AN_ASSOCIATION = ("/circles/", "/warnings/")


@pytest.fixture
def alone(db: None) -> tuple[Team, dict[Role, Person]]:
    """An instance with one team and nobody else."""
    organisation = actions.open_organisation(name="ひとつ製作所", by=SYSTEM)
    team = actions.open_team(organisation=organisation, name="ひとつ CSIRT", slug="one", by=SYSTEM)
    people = {
        role: actions.add_person(
            mail=f"{role}@one.example", name=role, team=team, roles=[role], by=SYSTEM
        )
        for role in (Role.CSIRT, Role.MANAGER, Role.ADMIN, Role.OPERATOR)
    }
    return team, people


def offered(sign_in: SignIn, person: Person) -> list[str]:
    """The addresses of the association's places that the navigation offers."""
    page = sign_in(person).get("/settings").content.decode()
    nav = page[page.index('<nav class="nav"') :].partition("</nav>")[0]
    assert 'href="/teams/"' in nav
    return [path for path in OF_AN_ASSOCIATION if f'href="{path}"' in nav]


def test_a_team_that_is_alone_is_offered_no_association(
    alone: tuple[Team, dict[Role, Person]], sign_in: SignIn
) -> None:
    for person in alone[1].values():
        assert offered(sign_in, person) == []


def test_a_second_team_makes_an_association_until_it_leaves(
    alone: tuple[Team, dict[Role, Person]], sign_in: SignIn
) -> None:
    team, people = alone
    second = actions.open_team(
        organisation=team.organisation, name="ふたつめ", slug="two", by=SYSTEM
    )
    assert offered(sign_in, people[Role.CSIRT]) == list(OF_AN_ASSOCIATION)
    actions.set_standing(team=second, standing=Standing.LEFT, by=viewer_for(people[Role.ADMIN]))
    assert offered(sign_in, people[Role.CSIRT]) == []


def test_a_circle_makes_an_association(
    alone: tuple[Team, dict[Role, Person]], sign_in: SignIn
) -> None:
    team, people = alone
    actions.open_circle(name="最初の輪", teams=[team], by=SYSTEM)
    assert offered(sign_in, people[Role.MANAGER]) == list(OF_AN_ASSOCIATION)


def test_whoever_knows_of_no_other_team_is_offered_the_association_all_the_same(
    world: World, sign_in: SignIn
) -> None:
    assert offered(sign_in, world.otto) == list(OF_AN_ASSOCIATION)
