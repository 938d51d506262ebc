"""The pages of the inventory as people meet them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.inventory import queries
from tests.harness.people import World
from tests.inventory.builders import (
    LIST,
    a_component,
    a_system,
    page_text,
    present,
    sbom,
    taken_in,
    uploaded,
)

SignIn = Callable[..., Client]


def test_an_empty_inventory_says_how_to_begin(sign_in: SignIn, world: World) -> None:
    page = sign_in(world.alice).get("/systems/")
    assert "No systems yet. Take in an SBOM" in page_text(page)
    assert 'href="/systems/import"' in page_text(page)
    assert 'href="/systems/import"' not in page_text(sign_in(world.otto).get("/systems/"))


def test_alice_adds_a_system_and_a_component_by_hand(
    sign_in: SignIn, world: World, alice: Viewer
) -> None:
    browser = sign_in(world.alice)
    team = world.teams["a"].public_id
    facts = {
        "team": team,
        "name": "受注",
        "exposure": "internet",
        "criticality": "high",
        "environment": "production",
    }
    page = browser.post("/systems/new", {**facts, "owners": [world.otto.public_id]})
    system = queries.systems_for(alice).get()
    assert page["Location"] == f"/systems/{system.public_id}"

    page = browser.post(
        f"/systems/{system.public_id}/components/new",
        {"name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0"},
    )
    component = queries.components_of(alice, system).get()
    assert (component.version, component.purl) == ("1.3.0", "pkg:npm/left-pad")
    text = page_text(browser.get(page["Location"]))
    assert "left-pad" in text and "Otto Otomo" in text
    assert sign_in(world.otto).get(page["Location"]).status_code == 200


def test_a_field_that_the_form_does_not_list_is_refused(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice)
    page = sign_in(world.alice).post(
        f"/systems/{system.public_id}/components/new", {"name": "x", "team_id": "2"}
    )
    assert page.status_code == 400
    assert not queries.components_of(alice, system).exists()


def test_what_cannot_be_taken_is_said_beside_its_field(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice)
    page = sign_in(world.alice).post(
        f"/systems/{system.public_id}/components/new",
        {"name": "x", "purl": "nonsense", "cpe": "cpe:2.3:x"},
    )
    assert page.status_code == 400
    assert "is not a package URL" in page_text(page) and "is not a CPE name" in page_text(page)


def test_a_version_that_is_too_long_is_refused_beside_a_package_url_that_can_be_read(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice)
    page = sign_in(world.alice).post(
        f"/systems/{system.public_id}/components/new",
        {"name": "left-pad", "purl": "pkg:npm/left-pad", "version": "1" * 201},
    )
    assert page.status_code == 400
    assert "at most 200 characters" in page_text(page)


def test_html_and_formulas_stay_text(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    taken_in(LIST, "list.csv", team_a, alice)
    browser = sign_in(world.alice)
    store = queries.systems_for(alice).get(name="倉庫")
    text = page_text(browser.get(f"/systems/{store.public_id}"))
    assert "&lt;b&gt;pump&lt;/b&gt;" in text and "<b>pump</b>" not in text

    order = queries.systems_for(alice).get(name="受注")
    page = browser.get(f"/systems/{order.public_id}/components.csv")
    assert page["Content-Disposition"].startswith("attachment")
    raw = b"".join(page)
    assert raw.startswith(b"\xef\xbb\xbf")
    names = [line[2] for line in csv.reader(io.StringIO(raw.decode("utf-8-sig")))]
    assert names == ["name", "'=HYPERLINK(1)", "nginx"]


def test_an_exported_table_reads_back_as_the_same_components(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    taken_in(LIST, "list.csv", team_a, alice)
    order = queries.systems_for(alice).get(name="受注")
    page = sign_in(world.alice).get(f"/systems/{order.public_id}/components.csv")
    entry = taken_in(b"".join(page), "out.csv", team_a, alice)
    assert (entry.added, entry.changed, entry.gone, entry.bad) == (0, 0, 0, 0)
    assert present(alice, order) == {"nginx": "1.24.0", "=HYPERLINK(1)": "2"}


def test_the_list_of_systems_is_exported_with_its_filters(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    a_system(team_a, alice, "+公開", owners=[world.otto])
    taken_in(LIST, "list.csv", team_a, alice)
    page = sign_in(world.alice).get("/systems/systems.csv?exposure=internet")
    lines = list(csv.reader(io.StringIO(b"".join(page).decode("utf-8-sig"))))
    assert [line[1] for line in lines] == ["system", "'+公開"]
    assert lines[1][6] == "otto@a.example"


def test_an_operator_sees_his_system_and_sets_a_version(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice, owners=[world.otto])
    component = a_component(system, alice)
    browser = sign_in(world.otto)
    url = f"/systems/{system.public_id}"
    text = page_text(browser.get(url))
    assert "nginx" in text and "/change" not in text and "/retire" not in text
    component_url = f"{url}/components/{component.public_id}"
    assert "Set the version" in page_text(
        browser.get(component_url)
    ) and "/remove" not in page_text(browser.get(component_url))
    assert browser.post(f"{component_url}/version", {"version": "1.26.1"}).status_code == 302
    assert present(alice, system) == {"nginx": "1.26.1"}
    assert browser.post(f"{component_url}/remove").status_code == 403
    assert browser.get("/systems/import").status_code == 403


def test_another_team_gets_404_everywhere_and_the_same_as_for_nothing(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice)
    component = a_component(system, alice)
    entry = taken_in(sbom(("a", "1")), "bom.json", team_a, alice)
    browser = sign_in(world.bob)
    own = a_system(world.teams["b"], world.viewer("bob"), "B のシステム")
    for url in (
        f"/systems/{system.public_id}",
        f"/systems/{system.public_id}/change",
        f"/systems/{system.public_id}/components.csv",
        f"/systems/{system.public_id}/components/{component.public_id}",
        f"/systems/{own.public_id}/components/{component.public_id}",
        f"/systems/imports/{entry.public_id}",
        f"/systems/imports/{entry.public_id}/columns",
        "/systems/S-00000000",
    ):
        assert browser.get(url).status_code == 404, url
    assert browser.post(f"/systems/{system.public_id}/retire").status_code == 404
    assert system.name not in page_text(browser.get("/systems/"))
    assert system.public_id not in page_text(browser.get("/systems/import"))


def test_a_component_is_not_reached_through_another_system(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    """Both are alice's own: what an address says must be so."""
    component = a_component(a_system(team_a, alice), alice)
    other = a_system(team_a, alice, "別のシステム")
    browser = sign_in(world.alice)
    url = f"/systems/{other.public_id}/components/{component.public_id}"
    assert browser.get(url).status_code == 404
    assert browser.post(f"{url}/remove").status_code == 404
    component.refresh_from_db()
    assert component.gone_at is None


def test_filters_and_order_stand_in_the_address(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    a_system(team_a, alice, "公開サイト", owners=[world.otto])
    taken_in(LIST, "list.csv", team_a, alice)
    browser = sign_in(world.alice)

    def names(query: str) -> list[str]:
        return re.findall(
            r'class="title" href="/systems/S-[^"]+">([^<]+)<',
            page_text(browser.get(f"/systems/{query}")),
        )

    assert names("?exposure=internet") == ["公開サイト"]
    assert names(f"?owner={world.otto.public_id}") == ["公開サイト"]
    assert names("?q=倉") == ["倉庫"]
    assert names("?sort=exposure")[0] == "公開サイト"
    assert names("?sort=-exposure")[-1] == "公開サイト"
    assert names("?criticality=low") == []
    assert names("?sort=nonsense&exposure=nonsense") == []


def test_a_long_list_is_walked_by_cursor_in_both_directions(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice)
    taken_in(sbom(*((f"p{n:03}", "1") for n in range(119))), "b.json", team_a, alice, target=system)
    browser = sign_in(world.alice)

    def walk(rel: str, url: str) -> list[list[str]]:
        pages = []
        while True:
            text = page_text(browser.get(url))
            pages.append(re.findall(r'components/K-[^"]+">([^<]+)<', text))
            link = re.search(rf'href="([^"]+)" rel="{rel}"', text)
            if link is None:
                return pages
            url = f"/systems/{system.public_id}{link[1].replace('&amp;', '&')}"
            last.append(url)

    last: list[str] = []
    down = walk("next", f"/systems/{system.public_id}")
    assert [len(page) for page in down] == [50, 50, 20]
    assert len({name for page in down for name in page}) == 120
    assert walk("prev", last[-1])[::-1] == down
    assert browser.get(f"/systems/{system.public_id}?after=nonsense").status_code == 400


@pytest.mark.usefixtures("one_moment")
def test_no_page_asks_the_database_more_often_when_there_is_more(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    def queries_for(many: int) -> dict[str, int]:
        lines = "".join(
            f"システム{n:02},製品{k},{many}.{k},大友 音\n" for n in range(many) for k in range(many)
        )
        raw = f"システム名,製品名,バージョン,担当\n{lines}".encode()
        entry = taken_in(raw, "l.csv", team_a, alice)
        system = queries.systems_for(alice).order_by("name")[0]
        component = queries.components_of(alice, system).order_by("pk")[0]
        browser = sign_in(world.alice)
        counts = {}
        for page in (
            "",
            system.public_id,
            f"{system.public_id}/components/{component.public_id}",
            f"{system.public_id}/change",
            f"imports/{entry.public_id}",
            "imports/",
            "import",
        ):
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(f"/systems/{page}").status_code == 200
            counts[re.sub(r"(IM|K)-\w+", r"\1", page)] = len(captured)
        return counts

    few, many = queries_for(5), queries_for(50)
    assert few == many
    assert max(many.values()) <= 12


def test_both_languages_have_every_page(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice, owners=[world.otto])
    component = a_component(system, alice)
    entry = taken_in(LIST, "list.csv", team_a, alice)
    waiting = uploaded(LIST, "other.csv", team_a, alice)
    for name, arguments, japanese in (
        ("systems", [], "システム"),
        ("add-system", [], "システムを加える"),
        ("start-import", [], "ファイルを取り込む"),
        ("imports", [], "取り込み"),
        ("system", [system.public_id], "コンポーネント"),
        ("change-system", [system.public_id], "保存する"),
        ("add-component", [system.public_id], "コンポーネントを加える"),
        ("component", [system.public_id, component.public_id], "バージョンを記録する"),
        ("change-component", [system.public_id, component.public_id], "コンポーネントを直す"),
        ("import", [entry.public_id], "変わったもの"),
        ("columns", [waiting.public_id], "列を選ぶ"),
    ):
        url = reverse(f"inventory:{name}", args=arguments)
        assert japanese in page_text(sign_in(world.alice, "ja").get(url)), name


def test_nobody_signed_in_is_led_to_the_sign_in(client: Client, world: World) -> None:
    for url in ("/systems/", "/systems/new", "/systems/import", "/systems/systems.csv"):
        assert client.get(url).status_code == 302
