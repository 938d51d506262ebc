"""Files become components: again and again, without doubles, and whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from noroshi.core import history
from noroshi.core.errors import Malformed
from noroshi.directory import actions as directory
from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.inventory import actions, importing, jobs, queries, system_queries
from noroshi.inventory.events import IMPORT_DONE
from noroshi.inventory.models import Product
from tests.harness.listening import listening
from tests.harness.people import World
from tests.harness.shared import unpacked
from tests.inventory.builders import (
    a_component,
    a_system,
    named,
    present,
    sbom,
    taken_in,
    uploaded,
    waiting_jobs,
)

LIST = (
    "システム名,メーカー,製品名,バージョン,シリアル番号,公開範囲,重要度,環境,担当\n"
    "受注,Apache,HTTP Server,2.4.57,,インターネット,非常に高い,本番,大友 音\n"
    "受注,Oracle,MySQL,8.0.33,,,,,\n"
    "倉庫,Fortinet,FortiGate 100F,7.2.5,FG1,社内,中,本番,olga@a.example\n"
).encode()


@contextmanager
def killed_at(statement: str, time: int) -> Iterator[None]:
    """The process ends when the database is given this statement for the ``time``-th time."""
    seen = []

    def run(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if statement.replace('"', "").casefold() in sql.replace('"', "").casefold():
            seen.append(sql)
            if len(seen) == time:
                raise KeyboardInterrupt
        return execute(sql, *rest)

    with connection.execute_wrapper(run):
        yield
    assert seen


def test_an_sbom_without_a_chosen_system_goes_into_the_one_of_its_title(
    alice: Viewer, team_a: Team
) -> None:
    entry = taken_in(sbom(("lodash", "4.17.20")), "bom.json", team_a, alice)

    assert entry.state == "done"
    assert present(alice, named(alice, "order-app")) == {"order-app": "1.0", "lodash": "4.17.20"}
    assert (entry.added, entry.changed, entry.gone) == (2, 0, 0)


def test_the_same_file_again_changes_nothing(alice: Viewer, team_a: Team) -> None:
    raw = sbom(("lodash", "4.17.20"), ("express", "4.18.2"))
    taken_in(raw, "bom.json", team_a, alice)
    again = taken_in(raw, "bom.json", team_a, alice)

    assert (again.rows_done, again.added, again.changed, again.gone) == (3, 0, 0, 0)
    assert queries.systems_for(alice).count() == 1
    assert len(present(alice, named(alice, "order-app"))) == 3


def test_a_newer_file_tells_what_came_changed_and_went(alice: Viewer, team_a: Team) -> None:
    system = a_system(team_a, alice)
    taken_in(
        sbom(("lodash", "4.17.20"), ("left-pad", "1.3.0")), "1.json", team_a, alice, target=system
    )
    entry = taken_in(
        sbom(("lodash", "4.17.21"), ("react", "18.2.0")), "2.json", team_a, alice, target=system
    )

    counts = {
        kind: [
            (c.component.name, c.before, c.after) for c in queries.changes_of(alice, entry, kind)
        ]
        for kind in ("came", "changed", "went")
    }
    assert counts == {
        "came": [("react", "", "18.2.0")],
        "changed": [("lodash", "4.17.20", "4.17.21")],
        "went": [("left-pad", "1.3.0", "")],
    }
    gone = queries.components_of(alice, system, view="gone").get()
    assert gone.name == "left-pad" and gone.gone_at is not None


def test_what_went_and_comes_back_is_the_same_component(alice: Viewer, team_a: Team) -> None:
    with_it, without = sbom(("lodash", "4.17.20")), sbom(("react", "18.2.0"))
    taken_in(with_it, "1.json", team_a, alice)
    before = queries.components_of(alice, named(alice, "order-app")).get(name="lodash")
    taken_in(without, "2.json", team_a, alice)
    taken_in(with_it, "3.json", team_a, alice)

    after = queries.components_of(alice, named(alice, "order-app")).get(name="lodash")
    assert after.public_id == before.public_id and after.first_seen_at == before.first_seen_at


def test_two_versions_of_one_product_in_one_system_stay_two(alice: Viewer, team_a: Team) -> None:
    taken_in(sbom(("ws", "7.5.9"), ("ws", "8.13.0")), "1.json", team_a, alice)
    entry = taken_in(sbom(("ws", "8.13.0"), ("ws", "7.5.10")), "2.json", team_a, alice)

    system = named(alice, "order-app")
    versions = sorted(row.version for row in queries.components_of(alice, system).filter(name="ws"))
    assert versions == ["7.5.10", "8.13.0"]
    assert (entry.added, entry.changed, entry.gone) == (0, 1, 0)


def test_what_a_person_entered_is_not_taken_away_by_a_file(alice: Viewer, team_a: Team) -> None:
    system = a_system(team_a, alice)
    a_component(system, alice, "鍵管理装置", "V3.1")
    taken_in(sbom(("lodash", "4.17.20")), "bom.json", team_a, alice, target=system)

    assert "鍵管理装置" in present(alice, system)


def test_a_file_that_does_not_list_everything_takes_nothing_away(
    alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice)
    taken_in(sbom(("lodash", "4.17.20")), "1.json", team_a, alice, target=system)
    entry = taken_in(
        sbom(("react", "18.2.0")), "2.json", team_a, alice, target=system, is_complete=False
    )

    assert entry.gone == 0
    assert {"lodash", "react"} <= set(present(alice, system))


def test_an_sbom_without_versions_goes_in_and_says_so(alice: Viewer, team_a: Team) -> None:
    entry = taken_in(sbom(("lodash", ""), ("react", "")), "bom.json", team_a, alice)

    assert (entry.added, entry.bad) == (3, 0)
    assert [row["left_out"] for row in entry.bad_rows] == [False, False]
    system = named(alice, "order-app")
    unread = queries.components_of(alice, system, view="unread")
    assert {row.name for row in unread} == {"lodash", "react"}


def test_a_table_carries_many_systems_and_what_is_known_of_them(
    alice: Viewer, team_a: Team, world: World
) -> None:
    entry = taken_in(LIST, "資産.csv", team_a, alice)

    assert (entry.state, entry.added, entry.bad_rows) == ("done", 3, [])
    order, store = named(alice, "受注"), named(alice, "倉庫")
    assert (order.exposure, order.criticality, order.environment) == (
        "internet",
        "very high",
        "production",
    )
    assert [person.pk for person in order.owners.all()] == [world.otto.pk]
    assert [person.pk for person in store.owners.all()] == [world.olga.pk]
    assert store.exposure == "internal"
    assert queries.components_of(alice, store).get().serial == "FG1"


def test_a_table_in_shift_jis_is_read_as_well(alice: Viewer, team_a: Team) -> None:
    taken_in(LIST.decode().encode("cp932"), "資産.csv", team_a, alice)

    assert present(alice, named(alice, "受注")) == {"HTTP Server": "2.4.57", "MySQL": "8.0.33"}


def test_a_bad_row_is_named_with_its_line_and_the_rest_goes_in(alice: Viewer, team_a: Team) -> None:
    raw = (
        LIST + "受注,,,1.0,,,,,\n受注,Acme,".encode() + b"x" * 301 + b",1,,,,,\n,Acme,Pump,1,,,,,\n"
    )
    entry = taken_in(raw, "資産.csv", team_a, alice)

    assert (entry.state, entry.added, entry.bad) == ("done", 3, 3)
    assert [row["where"] for row in entry.bad_rows if row["left_out"]] == [
        "line 5",
        "line 6",
        "line 7",
    ]


def test_with_a_bad_row_nothing_is_found_gone(alice: Viewer, team_a: Team) -> None:
    taken_in(LIST, "資産.csv", team_a, alice)
    head, first, *_rest = LIST.splitlines(keepends=True)
    entry = taken_in(
        head + first + "受注,Oracle,,8.0.34,,,,,\n".encode(), "資産.csv", team_a, alice
    )

    assert (entry.bad, entry.gone) == (1, 0)
    assert "MySQL" in present(alice, named(alice, "受注"))


def test_an_unknown_word_or_operator_is_a_remark_and_changes_nothing(
    alice: Viewer, team_a: Team
) -> None:
    raw = "システム,製品名,公開範囲,担当\n受注,nginx,どこか,山田 太郎\n".encode()
    entry = taken_in(raw, "資産.csv", team_a, alice)

    assert [row["values"]["text"] for row in entry.bad_rows] == ["どこか", "山田 太郎"]
    system = named(alice, "受注")
    assert system.exposure == "internal" and not system.owners.all()


def test_a_table_with_two_headers_is_refused_with_its_line(alice: Viewer, team_a: Team) -> None:
    raw = "システム,製品名,バージョン\n製品名,システム,バージョン\n受注,nginx,1.0\n".encode()

    with pytest.raises(Malformed, match="second header") as refused:
        uploaded(raw, "資産.csv", team_a, alice)
    assert refused.value.where == "line 2"


def test_a_second_header_further_down_fails_the_import_and_writes_nothing(
    alice: Viewer, team_a: Team
) -> None:
    head, *rest = LIST.splitlines(keepends=True)
    entry = taken_in(head + 4 * b"".join(rest) + head, "資産.csv", team_a, alice)

    assert entry.state == "failed"
    assert entry.failure is not None and entry.failure["where"] == "line 14"
    assert not queries.systems_for(alice).exists()


def test_an_advisory_is_not_an_inventory(alice: Viewer, team_a: Team) -> None:
    with pytest.raises(Malformed, match="This is an advisory"):
        uploaded(b'{"document": {"csaf_version": "2.0"}}', "a.json", team_a, alice)


def test_two_spellings_of_one_product_are_one_product(alice: Viewer, team_a: Team) -> None:
    raw = "system,vendor,name,version\nA,ＡＣＭＥ  Corp,Pump,1\nB,acme corp,PUMP,2\n".encode()
    taken_in(raw, "list.csv", team_a, alice)

    assert Product.objects.count() == 1


def test_an_import_killed_between_chunks_goes_on_and_ends_as_if_it_had_not_been(
    alice: Viewer, team_a: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    raw = sbom(*((f"package-{n}", f"1.{n}") for n in range(45)))
    entry = uploaded(raw, "bom.json", team_a, alice)
    with killed_at('INSERT INTO "inventory_component"', 3), pytest.raises(KeyboardInterrupt):
        jobs.run_import(entry.public_id)
    half = queries.import_for(alice, entry.public_id)
    assert (half.state, half.rows_done, half.added, half.rows_total) == ("running", 20, 20, 46)

    with listening(IMPORT_DONE) as path:
        jobs.run_import(entry.public_id)
        jobs.run_import(entry.public_id)
    whole = queries.import_for(alice, entry.public_id)
    assert (whole.state, whole.rows_done, whole.added, whole.gone) == ("done", 46, 46, 0)
    assert len(present(alice, named(alice, "order-app"))) == 46
    assert waiting_jobs().count((path, entry.public_id)) == 1
    assert list(history.verify()) == []


def test_an_import_stops_behind_the_chunk_in_which_its_person_was_stopped(
    world: World, alice: Viewer, mana: Viewer, team_a: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    raw = sbom(*((f"package-{n}", f"1.{n}") for n in range(45)))
    entry = uploaded(raw, "bom.json", team_a, alice)
    inserts = 0

    def stop_at_the_second(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal inserts
        inserts += sql.startswith('INSERT INTO "inventory_component"')
        if inserts == 2:
            inserts += 1
            directory.suspend_person(person=world.alice, team=team_a, by=mana)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(stop_at_the_second):
        jobs.run_import(entry.public_id)
    half = queries.import_for(mana, entry.public_id)
    assert (half.state, half.rows_done, half.added) == ("failed", 20, 20)


def test_a_killed_newer_file_shows_nothing_as_gone_before_its_last_row(
    alice: Viewer, team_a: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    taken_in(sbom(*((f"package-{n}", "1") for n in range(40))), "1.json", team_a, alice)
    entry = uploaded(sbom(*((f"package-{n}", "1") for n in range(30))), "2.json", team_a, alice)

    with killed_at("INVENTORY_COMPONENT SET GONE_AT", 1), pytest.raises(KeyboardInterrupt):
        jobs.run_import(entry.public_id)
    assert len(present(alice, named(alice, "order-app"))) == 41

    jobs.run_import(entry.public_id)
    assert queries.import_for(alice, entry.public_id).gone == 10
    assert len(present(alice, named(alice, "order-app"))) == 31


def test_a_chunk_never_ends_between_two_versions_of_one_product(
    alice: Viewer, team_a: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 3)
    taken_in(sbom(*((name, f"{n}.0") for name in "abc" for n in (1, 2))), "1.json", team_a, alice)
    entry = taken_in(
        sbom(*((name, f"{n}.0") for name in "abc" for n in (2, 3))), "2.json", team_a, alice
    )

    assert (entry.added, entry.changed, entry.gone) == (0, 3, 0)


def test_more_versions_of_one_product_than_a_chunk_holds_go_in_all_the_same(
    alice: Viewer, team_a: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 4)
    taken_in(sbom(*(("linux", f"5.{n}") for n in range(11))), "1.json", team_a, alice)
    entry = taken_in(sbom(*(("linux", f"5.{n}") for n in range(1, 12))), "2.json", team_a, alice)

    system = named(alice, "order-app")
    versions = {row.version for row in queries.components_of(alice, system).filter(name="linux")}
    assert entry.state == "done"
    assert versions == {f"5.{n}" for n in range(1, 12)}


def test_a_done_import_asks_for_matching_once_and_names_the_changed_systems(
    alice: Viewer, team_a: Team
) -> None:
    taken_in(LIST, "資産.csv", team_a, alice)
    newer = LIST.replace(b"8.0.33", b"8.0.35")
    with listening(IMPORT_DONE) as path:
        entry = taken_in(newer, "資産.csv", team_a, alice)

    assert waiting_jobs().count((path, entry.public_id)) == 1
    assert system_queries.systems_changed_by(entry.public_id) == [named(alice, "受注").pk]
    row = history.rows_of("system", named(alice, "受注").public_id).last()
    assert row is not None
    assert row.action == "inventory.import_into" and row.actor_name == alice.name
    assert row.after == {"import": entry.public_id, "changed": 1}


def test_the_mapping_is_remembered_for_the_same_header_in_the_same_team(
    alice: Viewer, bob: Viewer, team_a: Team, world: World
) -> None:
    raw = "資産,製造,品,番\n受注,Acme,Pump,1.0\n".encode()
    mapping = {"system": 0, "vendor": 1, "name": 2, "version": 3}
    taken_in(raw, "一.csv", team_a, alice, mapping=mapping)

    again = uploaded("資産,製造,品,番\n倉庫,Acme,Valve,2.0\n".encode(), "二.csv", team_a, alice)
    assert queries.mapping_for(alice, again) == mapping
    foreign = uploaded(raw, "一.csv", world.teams["b"], bob)
    assert queries.mapping_for(bob, foreign) != mapping


def test_an_import_into_a_system_retired_meanwhile_fails_with_a_sentence(
    alice: Viewer, team_a: Team
) -> None:
    system = a_system(team_a, alice)
    entry = uploaded(sbom(("lodash", "1.0")), "bom.json", team_a, alice, target=system)
    actions.retire_system(system=system, by=alice)
    jobs.run_import(entry.public_id)

    failed = queries.import_for(alice, entry.public_id)
    assert failed.state == "failed" and failed.failure is not None
    assert not present(alice, system)


def test_every_real_cyclonedx_example_is_taken_in_or_refused_with_a_sentence(
    alice: Viewer, team_a: Team, tmp_path: Path
) -> None:
    taken = 0
    for path in sorted(unpacked("cyclonedx.tar.gz", tmp_path).rglob("*.json")):
        raw = path.read_bytes()
        try:
            entry = taken_in(raw, path.name, team_a, alice)
        except Malformed:
            continue
        assert entry.state == "done", path
        taken += 1
    assert taken >= 10
