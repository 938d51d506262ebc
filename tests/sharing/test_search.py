"""Quick search finds Japanese and Latin words, and only what the reader may see."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import translation

from noroshi.directory.viewer import Viewer
from noroshi.sharing import search
from noroshi.sharing.channels import SEARCH, TABLE, Passage
from noroshi.sharing.labelling import draft_label, own_label
from noroshi.sharing.labels import Sensitivity, State
from tests.harness.people import World


@pytest.fixture
def entries(world: World) -> None:
    with transaction.atomic():
        search.put(
            kind="assessment",
            thing_id="V-AAAA1111",
            label=own_label(world.teams["a"]),
            path="/v/1",
            title="生産管理サーバーのファイル転送の脆弱性",
            sub="CVE-2024-21762",
            text="FortiOS 7.0.13 ﾌｧｲｱｳｫｰﾙ",
        )
        shared = draft_label(
            world.teams["b"], Sensitivity.AMBER, circle=world.circles["x"], state=State.RELEASED
        )
        search.put(
            kind="warning",
            thing_id="W-BBBB2222",
            label=shared,
            path="/w/1",
            title="VPN 装置への攻撃",
        )


WORDS_OF_HERS = (
    *("生産管理", "管理", "サーバ", "ｻｰﾊﾞｰ", "さーばー", "ファイル 転送"),
    *("cve-2024-21762", "CVE-2024-21762", "21762", "fortios", "7.0.13", "ファイアウォール"),
    *("V-AAAA1111", "v-aaaa1111 脆弱性"),
)


@pytest.mark.parametrize("query", WORDS_OF_HERS)
def test_alice_finds_her_assessment_by(query: str, alice: Viewer, entries: None) -> None:
    assert [entry.thing_id for entry in search.find(alice, query)] == ["V-AAAA1111"]


@pytest.mark.parametrize(
    "query", ["", "  ", "脆", "fortigate", "管理者 転送", '"', "'; drop table x", "a OR b", "*"]
)
def test_words_that_are_not_there_find_nothing(query: str, alice: Viewer, entries: None) -> None:
    assert not search.find(alice, query).exists()


def test_each_reader_finds_only_what_the_label_lets_through(
    alice: Viewer, bob: Viewer, charlie: Viewer, otto: Viewer, entries: None
) -> None:
    def hits(viewer: Viewer, query: str) -> list[str]:
        return [entry.thing_id for entry in search.find(viewer, query)]

    assert hits(alice, "攻撃") == hits(bob, "攻撃") == ["W-BBBB2222"]
    assert hits(charlie, "攻撃") == hits(otto, "攻撃") == []
    assert hits(bob, "脆弱性") == []


def test_a_thing_that_changes_its_title_is_found_by_the_new_one_only(
    world: World, alice: Viewer, entries: None
) -> None:
    with transaction.atomic():
        search.put(
            kind="assessment",
            thing_id="V-AAAA1111",
            label=own_label(world.teams["a"]),
            path="/v/1",
            title="別の題名",
        )
    assert search.find(alice, "別の題名").count() == 1
    assert not search.find(alice, "生産管理").exists()
    with transaction.atomic():
        search.drop("assessment", "V-AAAA1111")
    assert not search.find(alice, "別の題名").exists()


def test_an_author_who_writes_a_marking_word_is_found_by_no_hidden_text(
    world: World, alice: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stored whole is found by the words of its title no sooner than it is put again."""
    label = draft_label(
        world.teams["a"], Sensitivity.AMBER, circle=world.circles["x"], state=State.RELEASED
    )
    words = " ".join(search.FITS.values())
    for number, text in (("W-00000001", "kakusu"), ("W-00000002", f"kakusu {words}")):
        search.put(kind="warning", thing_id=number, label=label, title="題", path="/", text=text)
    assert search.find(alice, "kakusu").count() == 2
    monkeypatch.setitem(TABLE[SEARCH].passages, Sensitivity.AMBER, Passage.NOTICE)
    assert search.find(alice, "kakusu").count() == 0


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Passage.WHOLE, [("題", "W-00000001", "/")]),
        (Passage.TITLE, [("題", "W-00000001", "/")]),
        (Passage.NOTICE, [("TLP:AMBER", "W-00000001", "/")]),
        (Passage.BARE, [("Something that may not be shown here", "", "")]),
        (Passage.NEVER, []),
    ],
)
def test_a_hit_shows_as_much_as_its_label_may_be_found_with(
    world: World,
    alice: Viewer,
    monkeypatch: pytest.MonkeyPatch,
    cell: Passage,
    shown: list[tuple[str, str, str]],
) -> None:
    monkeypatch.setitem(TABLE[SEARCH].passages, Sensitivity.AMBER, cell)
    label = draft_label(
        world.teams["a"], Sensitivity.AMBER, circle=world.circles["x"], state=State.RELEASED
    )
    search.put(kind="warning", thing_id="W-00000001", label=label, title="題", path="/")
    with translation.override("en"):
        hits = search.hits(alice, search.find(alice, "W-00000001"))
        assert [(str(hit.title), hit.thing_id, hit.path) for hit in hits] == shown
