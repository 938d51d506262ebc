"""Quick search over teams, circles and people, who carry no label: the directory decides."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.desk.pages import MOST_NAMES
from noroshi.directory.models import Person, Team
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


def test_a_name_is_found_however_it_is_spelled_where_it_stands_and_where_it_is_typed(
    world: World, sign_in: SignIn
) -> None:
    team, alice = world.teams["b"], world.alice
    spelled = {
        "ＡＢＣ商事 ＣＳＩＲＴ": ["ABC商事", "ＡＢＣ商事 ＣＳＩＲＴ", "abc csirt"],
        "ｱｶﾂｷ商会 CSIRT": ["ｱｶﾂｷ商会", "アカツキ商会", "あかつき"],
        "つきしろ電力": ["ツキシロ", "ﾂｷｼﾛ", "つきしろ電力"],
        "ミライ〜株式会社①": ["ミライ〜株式会社①", "みらい"],
        "鈴木（見本）": ["鈴木（見本）", "鈴木(見本)", "見本"],
    }
    for name, words in spelled.items():
        Team.objects.filter(pk=team.pk).update(name=name)
        Person.objects.filter(pk=world.ann.pk).update(name=name)
        for typed in words:
            led = addresses(sign_in, alice, typed)
            assert f"/teams/{team.public_id}" in led, (name, typed)
            assert f"/people/{world.ann.public_id}" in led, (name, typed)


def test_a_number_is_found_without_its_prefix_and_no_part_of_it_is(
    world: World, sign_in: SignIn
) -> None:
    team = world.teams["b"]
    number = team.public_id.partition("-")[2]
    assert addresses(sign_in, world.alice, number.lower()) == [f"/teams/{team.public_id}"]
    assert addresses(sign_in, world.alice, number[:5]) == []


def test_that_more_names_fit_than_are_shown_is_said(world: World, sign_in: SignIn) -> None:
    more = "More teams, circles and people have these words."
    assert more not in sign_in(world.alice).get("/search", {"q": "青木"}).content.decode()
    Team.objects.bulk_create(
        Team(
            organisation=world.teams["b"].organisation,
            name=f"支社 {number}",
            slug=f"s{number}",
            is_member=True,
        )
        for number in range(MOST_NAMES + 1)
    )
    page = sign_in(world.alice).get("/search", {"q": "支社"}).content.decode()
    assert more in page
    assert len(addresses(sign_in, world.alice, "支社")) == MOST_NAMES


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
