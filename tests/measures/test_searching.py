"""Instructions in quick search: by number and words, for whoever may read them, after an upgrade too."""

from __future__ import annotations

from importlib import import_module

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from noroshi.core import jobs
from noroshi.directory.viewer import Viewer
from noroshi.measures import actions
from noroshi.measures.jobs import make_findable
from noroshi.sharing import search
from noroshi.sharing.models import SearchEntry
from noroshi.sharing.system import rows
from tests.harness.people import World
from tests.measures.conftest import Instruct

upgrade = import_module("noroshi.measures.migrations.0002_findable")


def numbers_by(viewer: Viewer, words: str) -> list[str]:
    return [entry.thing_id for entry in search.find(viewer, words)]


def test_an_instruction_is_numbers_by_its_number_its_system_and_its_words_in_either_language(
    instruct: Instruct, alice: Viewer, otto: Viewer
) -> None:
    number = instruct().public_id
    for words in (
        number,
        "拠点VPN",
        "ＶＰＮ 大阪",
        "CVE-2026-20131",
        "upgrade 9.4.7",
        "書き出す",
        "合言葉",
    ):
        assert numbers_by(alice, words) == numbers_by(otto, words) == [number], words


def test_neither_another_operator_nor_another_team_finds_it(
    instruct: Instruct, olga: Viewer, bob: Viewer, adam: Viewer
) -> None:
    number = instruct().public_id
    assert [numbers_by(viewer, number) for viewer in (olga, bob, adam)] == [[], [], []]


def test_who_no_longer_has_the_work_finds_it_no_longer_and_the_new_words_count(
    instruct: Instruct, world: World, alice: Viewer, otto: Viewer, olga: Viewer
) -> None:
    instruction = instruct()
    actions.instruct_again(
        instruction=instruction,
        text="夜間に行う",
        due_at=instruction.due_at,
        operators=[world.olga],
        by=alice,
    )
    assert numbers_by(olga, "夜間") == [instruction.public_id]
    assert numbers_by(olga, "書き出す") == numbers_by(otto, instruction.public_id) == []


def test_an_upgrade_makes_those_findable_that_are_there_already_once(
    instruct: Instruct, alice: Viewer
) -> None:
    instruction = instruct()
    rows(SearchEntry, "a test writes what an older version would have written").delete()
    jobs.run_waiting()
    assert numbers_by(alice, "大阪") == []
    before = MigrationLoader(connection).project_state(("measures", "0001_initial"))
    upgrade.ask(before.apps, None)
    jobs.run_waiting()
    make_findable(instruction.public_id)  # a job is safe to run twice
    assert numbers_by(alice, "大阪") == [instruction.public_id]
