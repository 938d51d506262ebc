"""The pages by which files come into the inventory, as people meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.inventory import jobs, queries
from tests.harness.people import World
from tests.inventory.builders import (
    LIST,
    page_text,
    sbom,
    uploaded,
)

SignIn = Callable[..., Client]


def _upload(browser: Client, raw: bytes, name: str, **more: object) -> Any:
    team = re.search(r'name="team" value="([^"]+)"', page_text(browser.get("/systems/import")))
    assert team
    return browser.post(
        "/systems/import",
        {"team": team[1], "file": SimpleUploadedFile(name, raw), "is_complete": "on", **more},
    )


def test_alice_drops_in_an_sbom_and_follows_it_to_its_end(
    sign_in: SignIn, world: World, alice: Viewer
) -> None:
    browser = sign_in(world.alice)
    page = _upload(browser, sbom(("lodash", "4.17.20")), "bom.json")
    entry = queries.imports_for(alice).get()
    assert page["Location"] == f"/systems/imports/{entry.public_id}"

    waiting = browser.get(f"/systems/imports/{entry.public_id}")
    assert "hx-get" in page_text(waiting) and "The file is being read." in page_text(waiting)
    bar = browser.get(f"/systems/imports/{entry.public_id}", headers={"HX-Request": "true"})
    assert "<html" not in page_text(bar) and "HX-Refresh" not in bar

    jobs.run_import(entry.public_id)
    bar = browser.get(f"/systems/imports/{entry.public_id}", headers={"HX-Request": "true"})
    assert bar["HX-Refresh"] == "true" and "2 / 2 rows" in page_text(bar)
    done = page_text(browser.get(f"/systems/imports/{entry.public_id}"))
    assert "2 came, 0 in a new version, 0 went" in done and "lodash" in done


def test_a_long_import_says_how_far_it_is_in_both_languages(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    entry = uploaded(sbom(("a", "1")), "bom.json", team_a, alice)
    entry.state, entry.rows_total, entry.rows_done = "running", 5000, 3200
    entry.save()
    url = f"/systems/imports/{entry.public_id}"
    assert "3,200 / 5,000 rows" in page_text(sign_in(world.alice).get(url))
    assert "3,200 / 5,000 行" in page_text(sign_in(world.alice, "ja").get(url))


def test_alice_maps_the_columns_and_sees_ten_rows_before_anything_is_written(
    sign_in: SignIn, world: World, alice: Viewer
) -> None:
    browser = sign_in(world.alice)
    rows = "".join(f"受注,製品{n:02},1.{n}\n" for n in range(15))
    page = _upload(browser, f"箱,品,番\n{rows}".encode(), "list.csv")
    url = page["Location"]
    text = page_text(browser.get(url))
    assert "製品00" in text and "Look again" in text

    looked = page_text(browser.post(url, {"system": 0, "name": 1, "version": 2, "do": "look"}))
    assert "製品09" in looked and "製品10" not in looked
    assert not queries.systems_for(alice).exists()

    done = browser.post(url, {"system": 0, "name": 1, "version": 2, "do": "go"})
    jobs.run_import(queries.imports_for(alice).get().public_id)
    assert "15 came" in page_text(browser.get(done["Location"]))
    assert browser.post(url, {"system": 0, "name": 1, "do": "go"}).status_code == 409

    again = _upload(browser, "箱,品,番\n倉庫,弁,2.0\n".encode(), "list.csv")
    text = page_text(browser.get(again["Location"]))
    assert "弁" in text and "2.0" in text


def test_one_column_is_not_two_fields(sign_in: SignIn, world: World) -> None:
    browser = sign_in(world.alice)
    url = _upload(browser, LIST, "list.csv")["Location"]
    page = browser.post(url, {"system": 0, "name": 1, "vendor": 1, "do": "go"})
    assert page.status_code == 400
    assert "chosen for another field" in page_text(page)


@pytest.mark.parametrize(
    ("raw", "name", "sentence"),
    [
        (b"{", "bom.json", "This is not JSON"),
        (
            b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": 7}',
            "bom.json",
            "components",
        ),
        (b"[" * 1000 + b"]" * 1000, "deep.json", "deep.json"),
        ("製品名,バージョン\n製品,version\n".encode(), "list.csv", "Line 2"),
        (b"Product,Version\na,1\nProduct,Version\nb,2\n", "list.csv", "Line 3"),
        (b'Product,Version\na,1\n"b,2\n', "list.csv", "Line 3"),
        (b"\x81\xff\xff,a\n", "list.csv", "neither UTF-8"),
        (b"PK\x03\x04 not really", "list.zip", "list.zip"),
        (b"", "bom.json", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name_and_leaves_nothing(
    raw: bytes, name: str, sentence: str, sign_in: SignIn, world: World, alice: Viewer
) -> None:
    page = _upload(sign_in(world.alice), raw, name)
    assert page.status_code == 400
    assert sentence in page_text(page)
    assert not queries.imports_for(alice).exists()


def test_a_file_that_is_too_large_is_refused_with_the_limit(
    sign_in: SignIn, world: World, settings: object
) -> None:
    settings.NOROSHI_MAX_UPLOAD = 1_048_576  # type: ignore[attr-defined]
    page = _upload(sign_in(world.alice), b"x" * 1_048_577, "big.csv")
    assert page.status_code == 400
    assert "larger than 1 MB" in page_text(page)


def test_several_files_go_in_at_once(sign_in: SignIn, world: World, alice: Viewer) -> None:
    files = [SimpleUploadedFile(f"{n}.json", sbom(("a", "1"), title=f"app-{n}")) for n in range(3)]
    browser = sign_in(world.alice)
    page = browser.post("/systems/import", {"team": world.teams["a"].public_id, "file": files})
    assert page["Location"] == "/systems/imports/"
    assert queries.imports_for(alice).count() == 3


def test_a_standing_import_can_be_let_go_on(
    sign_in: SignIn, world: World, alice: Viewer, team_a: Team
) -> None:
    entry = uploaded(sbom(("a", "1")), "bom.json", team_a, alice)
    browser = sign_in(world.alice)
    assert browser.post(f"/systems/imports/{entry.public_id}/resume").status_code == 302
    jobs.run_import(entry.public_id)
    assert browser.post(f"/systems/imports/{entry.public_id}/resume").status_code == 409
