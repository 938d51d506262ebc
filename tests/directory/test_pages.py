"""The pages of the directory: what each reader sees, in both languages, at the same cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from noroshi.core import history
from noroshi.core.history import SYSTEM
from noroshi.core.models import HistoryRow
from noroshi.directory import actions, queries
from noroshi.directory.models import Circle, Organisation, Person, Role, Standing, Team
from noroshi.directory.viewer import Viewer
from tests.harness.people import World

SignIn = Callable[[Person], Client]


def _pages(world: World) -> list[str]:
    """Every page that answers a GET to Adam, who may see them all."""
    team, circle = world.teams["a"], world.circles["x"]
    base, alice = f"/teams/{team.public_id}", world.alice.public_id
    actions.invite(team=team, mail="i@a.example", role="csirt", by=world.viewer("adam"))
    invitation = team.invitations.get().public_id
    token = actions.issue_token(
        name="x", scopes=["read"], days=1, by=world.viewer("adam")
    ).public_id
    return [
        "/settings",
        "/settings/tokens",
        f"/settings/tokens/{token}",
        "/settings/security/",
        "/teams/",
        "/teams/?view=mine",
        "/teams/?q=aoba&standing=active",
        base,
        f"{base}/standing",
        f"{base}/invite",
        f"{base}/invitations/{invitation}",
        f"{base}/people",
        f"{base}/people?state=suspended",
        f"{base}/people/{alice}",
        f"{base}/people/{alice}/suspend",
        f"{base}/people/{alice}/reinstate",
        f"{base}/people/{alice}/leave",
        f"/people/{alice}",
        "/circles/",
        "/circles/new",
        f"/circles/{circle.public_id}",
        f"/circles/{circle.public_id}/teams",
        "/organisations/",
        "/organisations/new",
        f"/organisations/{team.organisation.public_id}/teams/new",
        "/account/logout",
        "/account/password/forgotten",
    ]


def _everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the sessions."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def _status_and_words(browser: Client, url: str) -> tuple[int, str]:
    """Status and words of a page, without its own address and the form's token."""
    answer = browser.get(url)
    words = answer.content.decode().replace(url, "…")
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", words)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_answers_in_both_languages(
    language: str, sign_in: Callable[..., Client], world: World
) -> None:
    urls, browser = _pages(world), sign_in(world.adam, language)
    for url in urls:
        answer = browser.get(url)
        page = answer.content.decode()
        assert answer.status_code == 200, url
        assert f'<html lang="{language}"' in page
        assert page.count("<h1") == 1
        assert "None" not in page
        assert "no-store" in answer.headers["Cache-Control"]


def test_looking_changes_nothing(sign_in: SignIn, world: World) -> None:
    urls, browser = _pages(world), sign_in(world.adam)
    before = _everything()
    for url in urls:
        browser.get(url)
        browser.head(url)
    assert _everything() == before


@pytest.mark.usefixtures("one_moment")
def test_no_page_costs_more_when_there_is_more(sign_in: SignIn, world: World) -> None:
    urls, browser = _pages(world), sign_in(world.adam)

    def cost() -> dict[str, int]:
        counts = {}
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                browser.get(url)
            counts[url] = len(queries)
        return counts

    before = cost()
    for number in range(12):
        organisation = actions.open_organisation(name=f"O{number}", by=SYSTEM)
        team = actions.open_team(
            organisation=organisation, name=f"T{number}", slug=f"t{number}", by=SYSTEM
        )
        for home in (team, world.teams["a"]):
            actions.add_person(
                mail=f"n{number}@t.example",
                name=f"N{number}",
                team=home,
                roles=[Role.CSIRT, Role.MANAGER],
                by=SYSTEM,
            )
        actions.open_circle(name=f"C{number}", teams=[team, world.teams["a"]], by=SYSTEM)
        actions.set_circle_teams(
            circle=world.circles["x"], teams=Team.objects.all(), by=world.viewer("adam")
        )
        actions.issue_token(name="y", scopes=["read"], days=9, by=world.viewer("adam"))
        actions.invite(
            team=world.teams["a"],
            mail=f"j{number}@a.example",
            role="csirt",
            by=world.viewer("adam"),
        )
    assert cost() == before
    assert max(before.values()) <= 12


def test_nobody_is_led_to_the_sign_in_page_from_every_page(world: World) -> None:
    for url in _pages(world):
        answer = Client().get(url)
        if url.startswith("/account/"):
            continue
        assert answer.headers["Location"].startswith("/account/login?next="), url


def test_a_member_finds_every_team_and_reaches_those_who_share_a_circle(
    sign_in: SignIn, world: World
) -> None:
    alice = sign_in(world.alice)
    page = alice.get("/teams/").content.decode()
    for name in ("Aoba CSIRT", "Biwa CSIRT", "Chitose CSIRT"):
        assert name in page
    page = alice.get("/teams/?q=chitose").content.decode()
    assert "Chitose CSIRT" in page
    assert "Biwa CSIRT" not in page
    friend = alice.get(f"/teams/{world.teams['b'].public_id}").content.decode()
    assert "Bob Bessho" in friend
    assert "Makers" in friend
    stranger = alice.get(f"/teams/{world.teams['c'].public_id}").content.decode()
    assert "Chitose CSIRT" in stranger
    assert "Charlie" not in stranger
    assert "Banks" not in stranger
    assert alice.get(f"/people/{world.bob.public_id}").status_code == 200
    for hidden in (
        f"/people/{world.charlie.public_id}",
        f"/circles/{world.circles['y'].public_id}",
    ):
        assert (404, _status_and_words(alice, hidden)[1]) == _status_and_words(
            alice, hidden[:-8] + "00000000"
        )


def test_of_other_teams_a_member_knows_the_contact_people_and_no_operators(
    world: World, bob: Viewer
) -> None:
    of_a = queries.people_for(bob).filter(memberships__team=world.teams["a"])
    assert set(of_a) == {world.alice, world.ann, world.mana}
    assert queries.people_for(world.viewer("alice")).filter(pk=world.otto.pk).exists()


def test_an_operator_of_no_member_team_knows_their_own_team_only(
    sign_in: SignIn, world: World
) -> None:
    otto = sign_in(world.otto)
    page = otto.get("/teams/").content.decode()
    assert "Aoba CSIRT" in page
    assert "Biwa CSIRT" not in page
    assert otto.get(f"/teams/{world.teams['b'].public_id}").status_code == 404


def test_mana_changes_roles_and_the_history_knows(sign_in: SignIn, world: World) -> None:
    team = world.teams["a"].public_id
    url = f"/teams/{team}/people/{world.ann.public_id}"
    answer = sign_in(world.mana).post(url, {"roles": ["csirt", "manager"]})
    assert answer.headers["Location"] == f"/teams/{team}/people"
    row = HistoryRow.objects.get(action="directory.set_roles")
    assert row.actor == world.mana.public_id
    assert (row.before, row.after) == (
        {"roles": ["csirt"]},
        {"roles": ["csirt", "manager"], "team": team},
    )
    assert not list(history.verify())


def test_adam_opens_an_organisation_a_team_and_a_circle_and_changes_a_standing(
    sign_in: SignIn, world: World
) -> None:
    adam = sign_in(world.adam)
    answer = adam.post("/organisations/new", {"name": "はるか大学", "name_en": "Haruka University"})
    organisation = Organisation.objects.get(name_en="Haruka University")
    new_team = f"/organisations/{organisation.public_id}/teams/new"
    assert answer.headers["Location"] == new_team
    sent = {"name": "HARUKA-CSIRT", "name_en": "", "slug": "haruka", "mail": "", "is_member": "on"}
    answer = adam.post(new_team, sent)
    team = Team.objects.get(slug="haruka")
    assert answer.headers["Location"] == f"/teams/{team.public_id}/invite"
    assert adam.post(new_team, sent).status_code == 409  # the short name is there already
    circle_form = {"name": "大学の輪", "name_en": "", "purpose": "", "teams": [team.public_id]}
    assert adam.post("/circles/new", circle_form).status_code == 302
    circle = Circle.objects.get(name="大学の輪")
    other = world.teams["b"].public_id
    assert adam.post(f"/circles/{circle.public_id}/teams", {"teams": [other]}).status_code == 302
    assert [t.slug for t in circle.teams.all()] == ["b"]
    standing = f"/teams/{team.public_id}/standing"
    assert adam.post(standing, {"standing": "suspended"}).status_code == 302
    assert adam.post(standing, {"standing": "suspended"}).status_code == 409
    assert adam.post(standing, {"standing": "deleted"}).status_code == 200
    team.refresh_from_db()
    assert team.standing == Standing.SUSPENDED


def test_an_administrator_finds_a_team_that_has_left_and_lets_it_in_again(
    sign_in: SignIn, world: World
) -> None:
    team, adam, alice = world.teams["b"], sign_in(world.adam), sign_in(world.alice)
    standing = f"/teams/{team.public_id}/standing"
    assert adam.post(standing, {"standing": "left"}).status_code == 302
    assert standing not in adam.get("/teams/").content.decode()
    assert standing in adam.get("/teams/?standing=left").content.decode()
    assert team.public_id not in alice.get("/teams/?standing=left").content.decode()
    assert alice.get(standing).status_code == 403
    assert adam.get(standing).status_code == 200
    assert adam.post(standing, {"standing": "active"}).status_code == 302
    assert team.public_id in alice.get("/teams/").content.decode()
    assert sign_in(world.bob).get(f"/teams/{team.public_id}").status_code == 200


def test_long_lists_come_in_pages_that_stand_in_the_url(sign_in: SignIn, world: World) -> None:
    organisation = actions.open_organisation(name="O", by=SYSTEM)
    for number in range(60):
        actions.open_team(
            organisation=organisation, name=f"Team {number:02}", slug=f"n{number}", by=SYSTEM
        )
    alice = sign_in(world.alice)
    first = alice.get("/teams/?q=Team").content.decode()
    assert "Team 00" in first
    assert "Team 55" not in first
    older = re.search(r'href="(\?q=Team&amp;after=[^"]+)" rel="next"', first)
    assert older is not None
    second = alice.get(f"/teams/{unescape(older[1])}").content.decode()
    assert "Team 55" in second
    assert "Team 00" not in second
    assert 'rel="prev"' in second
    for strange in ("0", "99", "x", "9" * 40, "²"):
        assert alice.get(f"/teams/?q=Team&after={quote(strange)}").status_code == 400


@pytest.mark.parametrize("url", ["/people/%00", "/teams/?q=%00", "/invitation/a%00b"])
def test_an_address_with_a_nul_is_no_address(url: str, sign_in: SignIn, world: World) -> None:
    assert sign_in(world.alice).get(url).status_code == 400


def test_settings_are_kept_and_strange_ones_refused(sign_in: SignIn, world: World) -> None:
    alice = sign_in(world.alice)
    good = {"language": "ja", "time_zone": "Europe/Berlin", "theme": "dark"}
    assert alice.post("/settings", good).status_code == 302
    for field, strange in (("language", "xx"), ("time_zone", "../etc/passwd"), ("theme", "pink")):
        assert alice.post("/settings", {**good, field: strange}).status_code == 200
    assert alice.post("/settings", {**good, "state": "left"}).status_code == 400
    world.alice.refresh_from_db()
    assert (world.alice.language, world.alice.time_zone, world.alice.theme) == tuple(good.values())


def test_text_from_outside_is_shown_as_text(sign_in: SignIn, world: World) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    for row in (world.teams["a"], world.circles["x"]):
        row.name = row.name_en = evil
        row.save()
    world.alice.name = world.alice.name_en = evil[:100]
    world.alice.save()
    urls, adam = _pages(world), sign_in(world.adam)
    for url in urls:
        page = adam.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
