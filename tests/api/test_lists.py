"""Lists: every row once, at the same cost, in the bytes that the document promises."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from tests.api.program import Program, Stock, check_fits, program_of
from tests.harness.people import World
from tests.inventory import builders as inventory
from tests.vulnerabilities import builders
from tests.warnings.builders import released

HOT = ("/vulnerabilities", "/systems", "/components", "/advisories")


def _more(number: int, world: World, alice: Viewer) -> None:
    """One more of everything that a list shows."""
    team = world.teams["a"]
    name = f"Part {number}"
    builders.a_component(team, alice, name=name, host=f"設備 {number}", owners=(world.otto,))
    raw = builders.an_advisory(
        tracking_id=f"ACME-{number}", name=name, cve=f"CVE-2024-{1000 + number}"
    )
    builders.received(raw, team, alice)
    released(world, alice, title=f"注意 {number}")


@pytest.fixture
def filled(world: World, alice: Viewer) -> Callable[[int, int], None]:
    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            _more(number, world, alice)

    return fill


@pytest.mark.parametrize("path", [*HOT, "/warnings", "/teams", "/people", "/search"])
def test_walking_the_pages_forth_and_back_meets_every_row_once(
    path: str, filled: Callable[[int, int], None], alices: Program
) -> None:
    filled(0, 5)
    query = {"q": "注意"} if path == "/search" else {}
    forth = [row["id"] for page in alices.pages(path, 2, **query) for row in page]
    assert len(forth) == len(set(forth))
    assert forth == [row["id"] for row in alices.get(path, limit=200, **query).json()["items"]]
    last = next(
        cursor
        for cursor in _cursors(alices, path, query)
        if alices.get(path, limit=2, after=cursor, **query).json()["next"] is None
    )
    page = alices.get(path, limit=2, after=last, **query).json()
    back = [row["id"] for row in page["items"]]
    while page["previous"]:
        page = alices.get(path, limit=2, before=page["previous"], **query).json()
        back = [row["id"] for row in page["items"]] + back
    assert back == forth


def _cursors(program: Program, path: str, query: dict[str, str]) -> list[str]:
    cursors: list[str] = []
    after = ""
    while True:
        after = program.get(path, limit=2, after=after, **query).json()["next"]
        if after is None:
            return cursors
        cursors.append(after)


@pytest.mark.parametrize("sort", ["due", "-due", "opened", "-opened", "severity", "-priority"])
def test_no_vulnerability_is_lost_or_repeated_while_others_arrive(
    sort: str, world: World, alice: Viewer, filled: Callable[[int, int], None], alices: Program
) -> None:
    filled(0, 6)
    before = {row["id"] for row in alices.get("/vulnerabilities").json()["items"]}
    seen: list[str] = []
    for number, page in enumerate(alices.pages("/vulnerabilities", 2, sort=sort)):
        seen += [row["id"] for row in page]
        if number < 2:
            filled(10 + number, 11 + number)
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.usefixtures("one_moment")
@pytest.mark.parametrize("path", [*HOT, "/instructions", "/warnings"])
def test_a_longer_list_asks_the_database_no_more_often(
    path: str, filled: Callable[[int, int], None], alices: Program, stock: Stock
) -> None:
    filled(0, 2)
    alices.get(path, limit=99)  # the last use is noted, once a minute
    with CaptureQueriesContext(connection) as few:
        short = alices.get(path).json()["items"]
    filled(2, 8)
    with CaptureQueriesContext(connection) as many:
        long = alices.get(path).json()["items"]
    assert len(many) == len(few)
    assert len(long) > len(short) or path == "/instructions"


@pytest.mark.parametrize("path", HOT)
def test_the_bytes_of_a_hot_list_are_what_the_document_promises(
    path: str, filled: Callable[[int, int], None], alices: Program, stock: Stock
) -> None:
    filled(0, 3)
    received = check_fits(alices.get(path, limit=2), path)
    assert len(received["items"]) == 2
    assert received["next"]
    document_row = {key for row in received["items"] for key in row}
    with_page = {"/vulnerabilities", "/systems", "/advisories"}
    if path in with_page:  # a row says nothing that the thing itself does not say
        whole = alices.get(f"{path}/{received['items'][0]['id']}").json()
        assert document_row <= set(whole)
        assert all(whole[key] == received["items"][0][key] for key in document_row)


def test_systems_are_narrowed_and_ordered_as_on_the_page(
    world: World, team_a: Team, alice: Viewer, alices: Program
) -> None:
    inventory.a_system(team_a, alice, "給与", owners=[world.otto])
    quiet = {"exposure": "isolated", "criticality": "very high", "environment": "standby"}
    alices.post("/systems", {"team": team_a.public_id, "name": "検査機", "place": "津", **quiet})

    def names(**query: object) -> list[str]:
        return [row["name"] for row in alices.get("/systems", **query).json()["items"]]

    assert names() == ["検査機", "給与"]
    assert names(sort="-name") == ["給与", "検査機"]
    assert names(sort="exposure") == ["給与", "検査機"]
    assert names(sort="criticality") == ["検査機", "給与"]
    assert names(exposure=["isolated", "partner"]) == ["検査機"]
    assert names(environment="standby", criticality="very high") == ["検査機"]
    assert names(owner=world.otto.public_id) == ["給与"]
    assert names(q="津") == ["検査機"]
    assert names(retired="true") == []
    assert alices.get("/systems", sort="place").status_code == 400
    (pay,) = (row for row in alices.get("/systems").json()["items"] if row["name"] == "給与")
    assert pay["owners"] == [{"id": world.otto.public_id, "name": "大友 音"}]


def test_vulnerabilities_are_narrowed_as_on_the_page(stock: Stock, alices: Program) -> None:
    def count(**query: object) -> int:
        return len(alices.get("/vulnerabilities", **query).json()["items"])

    for query in (
        {},
        {"view": "open"},
        {"state": ["instructed", "closed"]},
        {"severity": "high"},
        {"priority": "immediate"},
        {"system": stock.system_id},
        {"q": "CVE-2024-0001"},
    ):
        assert count(**query) == 1, query
    for query in (
        {"view": "closed"},
        {"view": "mine"},
        {"state": "closed"},
        {"severity": "low"},
        {"priority": "defer"},
        {"exploited": "true"},
        {"system": "S-00000000"},
        {"q": "nothing"},
    ):
        assert count(**query) == 0, query


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "e30",
        "W10",
        "WzEsMl0",
        "é",
        "\x00",
        "WzE4NDQ2NzQ0MDczNzA5NTUxNjE1LDE4NDQ2NzQ0MDczNzA5NTUxNjE1XQ",
    ],
)
def test_a_cursor_that_no_page_gave_leads_nowhere(cursor: str, alices: Program) -> None:
    for path in (*HOT, "/warnings", "/instructions", "/imports", "/teams"):
        for way in ("after", "before"):
            assert alices.get(path, **{way: cursor}).status_code in (400, 200), path
    assert alices.get("/systems", after="x").status_code == 400


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1e3", ""])
def test_a_page_has_between_1_and_200_rows(limit: str, alices: Program) -> None:
    assert alices.get("/systems", limit=limit).status_code == 400


def test_a_teams_token_reads_as_the_csirt_does(world: World, mana: Viewer, stock: Stock) -> None:
    program = program_of(mana, "read", team=world.teams["a"])
    for path in HOT:
        assert len(program.get(path).json()["items"]) == 1, path


def test_a_list_that_was_remembered_still_speaks_the_language_that_is_asked_for(
    world: World, alice: Viewer, mana: Viewer, alices: Program
) -> None:
    builders.a_component(world.teams["a"], alice, owners=(world.otto,))
    builders.received(builders.an_advisory(), world.teams["a"], alice)
    row = builders.decided(builders.assessed(builders.assessments(alice)[0], alice), mana)
    builders.instructed(row, alice)
    (instruction,) = alices.get("/instructions").json()["items"]
    assert instruction["title"] == "Apply the patch to プレス1号機"
    alices.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ja"
    (instruction,) = alices.get("/instructions").json()["items"]
    assert instruction["title"] == "プレス1号機 に修正を適用する"
