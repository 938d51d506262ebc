"""Quick search over teams, circles and people, who carry no label: the directory decides."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.directory.models import Person
from tests.harness.people import World

SignIn = Callable[..., Client]


def addresses(sign_in: SignIn, person: Person, words: str, **more: str) -> list[str]:
    """Where the results lead, in their order."""
    page = sign_in(person).get("/search", {"q": words, **more}).content.decode()
    main = page[page.index("<main") :].partition("</main>")[0]
    rows = re.search(r'<ul class="rows.*?</ul>', main, re.DOTALL)
    return re.findall(r'<a [^>]*href="([^"]+)"', rows[0]) if rows else []


def test_a_team_is_found_by_its_number_its_names_and_its_organisation(
    world: World, sign_in: SignIn
) -> None:
    team = world.teams["b"]
    for words in (
        team.public_id,
        team.name,
        team.organisation.name,
        "ＣＳＩＲＴ びわ",
        team.name_en,
    ):
        assert f"/teams/{team.public_id}" in addresses(sign_in, world.alice, words), words
    assert f"/teams/{team.public_id}" not in addresses(sign_in, world.alice, "ちとせ")


def test_whoever_may_not_know_of_a_team_a_circle_or_a_person_does_not_find_it(
    world: World, sign_in: SignIn
) -> None:
    for thing in (world.teams["c"], world.circles["y"], world.charlie):
        assert addresses(sign_in, world.otto, thing.public_id) == []
        assert addresses(sign_in, world.otto, thing.name) == []
        assert len(addresses(sign_in, world.adam, thing.public_id)) == 1


def test_circles_and_people_are_found_by_name(world: World, sign_in: SignIn) -> None:
    circle = world.circles["x"]
    assert f"/circles/{circle.public_id}" in addresses(sign_in, world.alice, circle.name)
    assert addresses(sign_in, world.alice, "青木") == [f"/people/{world.alice.public_id}"]


def test_words_that_are_jokers_for_the_database_are_words_here(
    world: World, sign_in: SignIn
) -> None:
    for words in ("%", "_", "' OR 1=1 --", "\\"):
        assert addresses(sign_in, world.alice, words) == []


def test_each_result_says_what_kind_of_thing_it_is(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.alice).get("/search", {"q": world.teams["b"].public_id}).content.decode()
    assert re.search(rf"Team.{{0,80}}{world.teams['b'].public_id}", page, re.DOTALL)


@pytest.mark.usefixtures("one_moment")
def test_what_has_no_label_costs_one_query(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.alice)
    browser.get("/search")
    counts = []
    for words in ("", "びわ"):
        with CaptureQueriesContext(connection) as captured:
            browser.get("/search", {"q": words})
        counts.append(len(captured))
    assert counts[1] - counts[0] <= 2  # the labelled ones, and those without
