"""The pages of warnings, as people walk through them; with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from noroshi.core import clock
from noroshi.directory import actions as directory
from noroshi.directory.viewer import Viewer
from noroshi.sharing import links, register, system
from noroshi.sharing.channels import MAIL, TABLE, Passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import OutboxEntry
from noroshi.warnings import actions, queries
from noroshi.warnings.models import Answer, Warning
from tests.harness.people import World
from tests.warnings.builders import TEXT, drafted, join, person, released, suspend

SignIn = Callable[..., Client]


def written(world: World, **changes: Any) -> dict[str, Any]:
    """The fields that the browser sends for a complete TLP:AMBER warning to circle X."""
    names = "title_en cve find answer_by embargo_until team about about_key"
    empty = dict.fromkeys(names.split(), "")
    return {
        **empty,
        "label": "amber",
        "circle": world.circles["x"].public_id,
        "kind": "exploited",
        "title": "Tsuzumi VPN Gateway の悪用",
        "text": TEXT,
        "todo": "版を上げる",
        **changes,
    }


def words_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def only(world: World, name: str) -> Warning:
    warning = queries.warnings_for(world.viewer(name)).first()
    assert warning is not None
    return warning


def secret_for(warning: Warning, name: str) -> str:
    entry = (
        system.rows(OutboxEntry, "a test opens the mail")
        .select_related("link")
        .get(
            thing_id=warning.public_id, kind="warning.released", person__mail__startswith=f"{name}@"
        )
    )
    assert entry.link is not None
    return links.secret_of(entry.link)


# ---- writing -------------------------------------------------------------------------


def test_alice_writes_looks_at_who_reads_and_releases(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.alice)
    assert browser.get("/warnings/new").status_code == 200
    saved: Any = browser.post("/warnings/new", written(world, do="release"))
    warning = only(world, "alice")
    assert saved.status_code == 302
    assert saved.url == f"/warnings/{warning.public_id}/release"
    confirm = browser.get(saved.url)
    assert "Release to 1 team, 2 people" in words_of(confirm)
    assert TEXT in confirm.content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]{32})"', confirm.content.decode())
    assert seen is not None
    done = browser.post(saved.url, {"seen": seen.group(1)}, follow=True)
    assert done.redirect_chain == [(f"/warnings/{warning.public_id}", 302)]
    assert f"{warning.public_id} is released." in words_of(done)
    assert "Not sent yet" in words_of(done)


def test_red_without_names_is_refused_on_the_form_and_nothing_is_written(
    world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.alice)
    answer = browser.post("/warnings/new", written(world, label="red", do="release"))
    assert answer.status_code == 400
    assert "This cannot be released as it is" in words_of(answer)
    assert "TLP:RED needs at least one person outside your team" in words_of(answer)
    assert TEXT in answer.content.decode()  # nothing that was written is lost
    assert not queries.warnings_for(world.viewer("alice")).exists()


def test_a_half_written_draft_can_be_saved_and_taken_up_again(
    world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.alice)
    saved = browser.post("/warnings/new", written(world, title="", todo="", do="save"), follow=True)
    warning = only(world, "alice")
    assert saved.redirect_chain == [(f"/warnings/{warning.public_id}/edit", 302)]
    assert TEXT in saved.content.decode()
    browser.post(f"/warnings/{warning.public_id}/edit", written(world, title="題名", do="save"))
    assert only(world, "alice").title == "題名"
    browser.post(f"/warnings/{warning.public_id}/discard")
    assert not queries.warnings_for(world.viewer("alice")).exists()


def test_the_audience_follows_the_form(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.alice)
    panel = browser.post("/warnings/preview", written(world), headers={"HX-Request": "true"})
    assert panel.status_code == 200
    assert 'id="audience"' in panel.content.decode()
    assert "<html" not in panel.content.decode()
    assert "Biwa CSIRT 2 people" in words_of(panel)
    assert "Only a notice without the content" in words_of(panel)
    green = browser.post(
        "/warnings/preview", written(world, label="green"), headers={"HX-Request": "true"}
    )
    assert "Chitose CSIRT" in words_of(green)


def test_without_javascript_a_button_asks_who_reads_and_keeps_what_was_written(
    world: World, sign_in: SignIn
) -> None:
    whole = sign_in(world.alice).post("/warnings/preview", written(world, check="audience"))
    assert whole.status_code == 200
    assert "<html" in whole.content.decode()
    assert TEXT in whole.content.decode()
    assert "Biwa CSIRT" in words_of(whole)
    assert not queries.warnings_for(world.viewer("alice")).exists()


def test_people_are_found_by_name_and_stay_ticked(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.alice)
    page = browser.post("/warnings/new", written(world, label="red", find="Biwa", do="find"))
    assert page.status_code == 200
    assert world.bob.public_id in page.content.decode()
    assert world.charlie.public_id not in page.content.decode()  # nobody of a foreign circle
    sent = written(world, label="red", named=[world.bob.public_id], do="release")
    assert browser.post("/warnings/new", sent).status_code == 302
    assert only(world, "alice").label.named_ids() == {world.bob.pk, world.alice.pk}


def test_a_person_whom_the_writer_cannot_see_cannot_be_named(world: World, sign_in: SignIn) -> None:
    sent = written(world, label="red", named=[world.charlie.public_id], do="save")
    assert sign_in(world.alice).post("/warnings/new", sent).status_code == 400


def test_a_foreign_circle_and_an_unknown_field_are_refused(world: World, sign_in: SignIn) -> None:
    browser = sign_in(world.alice)
    foreign = written(world, circle=world.circles["y"].public_id, do="save")
    assert browser.post("/warnings/new", foreign).status_code == 400
    assert (
        browser.post("/warnings/new", written(world, state="released", do="save")).status_code
        == 400
    )
    assert not queries.warnings_for(world.viewer("alice")).exists()


def test_a_warning_begins_from_a_vulnerability_with_text_that_is_only_text(
    world: World, sign_in: SignIn
) -> None:
    browser = sign_in(world.alice)
    page = browser.get(
        "/warnings/new",
        {"about": "V-7KD3M9Q2", "key": "cve-2099-10023", "title": "<script>alert(1)</script>"},
    )
    html = page.content.decode()
    assert "<script>alert(1)" not in html
    assert 'value="CVE-2099-10023"' in html
    sent = written(world, about="V-7KD3M9Q2", cve="CVE-2099-10023", do="save")
    browser.post("/warnings/new", sent)
    assert [w.public_id for w in queries.warnings_about(world.viewer("alice"), "V-7KD3M9Q2")] == [
        only(world, "alice").public_id
    ]


@pytest.mark.parametrize("name", ["otto", "eve", "sora", "adam"])
def test_who_does_not_write_for_a_team_gets_no_form(
    world: World, sign_in: SignIn, name: str
) -> None:
    assert sign_in(world.people[name]).get("/warnings/new").status_code == 403


# ---- reading and answering -----------------------------------------------------------


def test_bob_reads_answers_and_sees_no_other_teams_names(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    other = join(world, "kasasagi")["kasasagi"]
    warning = released(world, alice)
    actions.answer(warning=warning, state="affected", note="ひみつの一言", by=other)
    browser = sign_in(world.bob)
    page = browser.get(f"/warnings/{warning.public_id}")
    assert "TLP:AMBER" in words_of(page)
    assert "Say whether it concerns your team" in words_of(page)
    assert "The numbers appear once five teams have answered" in words_of(page)
    sent = browser.post(
        f"/warnings/{warning.public_id}/answer",
        {"state": "investigating", "note": "調べています", "team": ""},
        follow=True,
    )
    assert "Investigating" in words_of(sent)
    assert "調べています" in words_of(sent)
    for hidden in ("kasasagi", "ひみつの一言", "Mana", "真中"):
        assert hidden not in sent.content.decode()


def test_the_owner_sees_the_board_the_receipts_and_every_step(
    world: World, alice: Viewer, bob: Viewer, sign_in: SignIn
) -> None:
    warning = released(world, alice)
    actions.answer(warning=warning, state="affected", note="1 台が 9.4.1", by=bob)
    words = words_of(sign_in(world.alice).get(f"/warnings/{warning.public_id}"))
    assert "1 of 1 team" in words
    assert "Biwa CSIRT Affected 1 台が 9.4.1" in re.sub(r"\s+", " ", words)
    assert "Not sent yet 2 people" in words
    assert "Biwa CSIRT answered: Affected." in words
    assert "Say whether it concerns your team" not in words


def test_a_hidden_number_is_not_told_by_the_heading_either(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    handlers = join(world, *(f"r{number}" for number in range(6)))
    warning = released(world, alice)
    for handler in handlers.values():
        actions.answer(warning=warning, state="fixed", by=handler)
    hidden = words_of(sign_in(world.bob).get(f"/warnings/{warning.public_id}"))
    assert "under 5" in hidden
    assert "6 of 7" not in hidden
    assert "6 of 7 teams" in words_of(sign_in(world.alice).get(f"/warnings/{warning.public_id}"))


def test_an_answer_that_is_none_of_the_four_is_named_on_the_page(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    warning = released(world, alice)
    page = sign_in(world.bob).post(
        f"/warnings/{warning.public_id}/answer", {"note": "?", "team": ""}
    )
    assert page.status_code == 400
    assert "Answer is empty." in words_of(page)


@pytest.mark.parametrize("name", ["charlie", "otto", "adam"])
@pytest.mark.parametrize("way", ["", "/edit", "/release"])
def test_a_third_team_is_told_that_there_is_nothing(
    world: World, alice: Viewer, sign_in: SignIn, name: str, way: str
) -> None:
    warning = released(world, alice)
    browser = sign_in(world.people[name])
    hidden = browser.get(f"/warnings/{warning.public_id}{way}")
    absent = browser.get(f"/warnings/W-00000000{way}")
    assert hidden.status_code == absent.status_code == 404
    assert words_of(hidden) == words_of(absent)
    listed = browser.get("/warnings/?view=received&q=Tsuzumi")
    assert warning.public_id not in listed.content.decode()


@pytest.mark.parametrize("way", ["answer", "withdraw", "discard", "preview", "edit", "release"])
def test_a_third_team_changes_nothing(
    world: World, alice: Viewer, sign_in: SignIn, way: str
) -> None:
    warning = released(world, alice)
    sent = (
        {"state": "fixed", "note": "", "team": ""}
        if way == "answer"
        else {"why": "x"}
        if way == "withdraw"
        else {}
    )
    assert (
        sign_in(world.charlie).post(f"/warnings/{warning.public_id}/{way}", sent).status_code == 404
    )
    assert queries.warning_for(alice, warning.public_id).state == "released"
    assert not system.rows(Answer, "a test looks for traces").exists()


def test_a_button_takes_no_field_that_it_does_not_list_and_is_not_pressed_by_looking(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    warning = drafted(world, alice)
    browser = sign_in(world.alice)
    url = f"/warnings/{warning.public_id}/discard"
    assert browser.post(url, {"state": "released"}).status_code == 400
    assert [browser.get(url).status_code, browser.head(url).status_code] == [405, 405]
    assert queries.warning_for(alice, warning.public_id).state == "draft"
    assert browser.post(url).status_code == 302
    assert not queries.warnings_for(alice).exists()


def test_nobody_is_led_to_sign_in(world: World, alice: Viewer, client: Client) -> None:
    warning = released(world, alice)
    away: Any = client.get(f"/warnings/{warning.public_id}")
    assert away.status_code == 302
    assert "/login" in away.url


def test_mana_withdraws_and_bob_reads_why(world: World, alice: Viewer, sign_in: SignIn) -> None:
    warning = released(world, alice)
    sign_in(world.mana).post(f"/warnings/{warning.public_id}/withdraw", {"why": "誤報でした"})
    words = words_of(sign_in(world.bob).get(f"/warnings/{warning.public_id}"))
    assert "This warning was withdrawn: 誤報でした" in words
    assert "Say whether it concerns your team" not in words


def test_the_page_reads_well_in_japanese(world: World, alice: Viewer, sign_in: SignIn) -> None:
    warning = released(world, alice)
    browser = sign_in(world.bob, "ja")
    words = words_of(browser.get(f"/warnings/{warning.public_id}"))
    for expected in (
        "早期警戒",
        "要点",
        "すること",
        "自チームの影響を答える",
        "影響あり",
        "影響なし",
        "確認中",
        "対応済み",
        "読める人",
    ):
        assert expected in words
    assert "早期警戒を書く" in words_of(browser.get("/warnings/new"))


# ---- the list ------------------------------------------------------------------------


def test_the_list_has_four_views_and_narrows_by_url(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    warning = released(world, alice)
    browser = sign_in(world.bob)
    for query, there in (
        ("view=answer", True),
        ("view=received", True),
        ("view=ours", False),
        ("view=drafts", False),
        ("view=received&kind=exploited", True),
        ("view=received&kind=phishing", False),
        ("view=received&label=amber", True),
        ("view=received&label=red", False),
        ("view=received&q=CVE-2099-10023", True),
        ("view=received&q=nothing", False),
    ):
        page = browser.get(f"/warnings/?{query}")
        assert page.status_code == 200
        assert (warning.public_id in page.content.decode()) == there, query
    assert browser.get("/warnings/?view=secret").status_code == 400
    assert browser.get("/warnings/?after=nonsense").status_code == 400


def test_the_views_count_only_what_their_reader_may_see(
    world: World, alice: Viewer, bob: Viewer, charlie: Viewer
) -> None:
    released(world, alice)
    drafted(world, alice)
    counts = {"answer": 0, "received": 0, "ours": 0, "drafts": 0}
    assert queries.counts_for(charlie) == counts
    assert queries.counts_for(bob) == {**counts, "answer": 1, "received": 1}
    assert queries.counts_for(alice) == {**counts, "ours": 1, "drafts": 1}


def test_an_empty_list_says_what_would_be_there(world: World, sign_in: SignIn) -> None:
    words = words_of(sign_in(world.bob).get("/warnings/"))
    assert "What other teams send to yours appears here" in words


def test_the_list_pages_forth_and_back(world: World, alice: Viewer, sign_in: SignIn) -> None:
    many = [released(world, alice, title=f"警戒 {number}") for number in range(53)]
    browser = sign_in(world.bob)
    first = browser.get("/warnings/?view=received").content.decode()
    older = re.search(r'href="(\?[^"]*after=[^"]*)"', first)
    assert older is not None
    second = browser.get("/warnings/" + older.group(1).replace("&amp;", "&")).content.decode()
    assert all(w.public_id in first and w.public_id not in second for w in many[3:])
    assert all(w.public_id in second for w in many[:3])
    newer = re.search(r'href="(\?[^"]*before=[^"]*)"', second)
    assert newer is not None
    back = browser.get("/warnings/" + newer.group(1).replace("&amp;", "&")).content.decode()
    assert all(w.public_id in back for w in many[3:])


# ---- the mailed link -----------------------------------------------------------------


def test_bob_answers_from_the_mail_without_signing_in(world: World, alice: Viewer) -> None:
    client = Client(headers={"accept-language": "en"})
    warning = released(world, alice)
    url = f"/warnings/answer/{secret_for(warning, 'bob')}"
    page = client.get(url)
    assert page.status_code == 200
    assert not system.rows(Answer, "opening a mail writes nothing").exists()
    sent = client.post(
        url, {"state": "not_affected", "note": "使っていません", "team": ""}, follow=True
    )
    assert "Not affected" in words_of(sent)
    (line,) = queries.answers_on(alice, warning)
    assert line.answer is not None
    assert (line.answer.state, line.answer.person_name) == ("not_affected", world.bob.name)
    assert "_auth_user_id" not in client.session  # the link answers, it does not sign in


@pytest.mark.parametrize(
    ("sensitivity", "whole"),
    [("red", False), ("amber+strict", False), ("amber", False), ("green", True), ("clear", True)],
)
def test_the_link_shows_the_text_only_where_mail_may_carry_it(
    world: World, alice: Viewer, client: Client, sensitivity: str, whole: bool
) -> None:
    warning = released(world, alice, sensitivity=sensitivity, named=[world.bob])
    page = client.get(f"/warnings/answer/{secret_for(warning, 'bob')}").content.decode()
    assert warning.public_id in page
    assert f"TLP:{sensitivity.upper()}" in page
    for word in (TEXT, "Tsuzumi", "CVE-2099-10023", "あおば"):
        assert (word in page) == (whole and word != "あおば"), word


@pytest.mark.parametrize(
    ("cell", "number", "title", "text"),
    [
        (Passage.WHOLE, True, True, True),
        (Passage.TITLE, True, True, False),
        (Passage.NOTICE, True, False, False),
        (Passage.BARE, False, False, False),
        (Passage.NEVER, False, False, False),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_page_behind_the_link_shows_as_much_as_the_mail_may_carry(
    world: World,
    alice: Viewer,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    cell: Passage,
    number: bool,
    title: bool,
    text: bool,
) -> None:
    warning = released(world, alice, sensitivity="amber")
    address = f"/warnings/answer/{secret_for(warning, 'bob')}"
    monkeypatch.setitem(TABLE[MAIL].passages, Sensitivity.AMBER, cell)
    page = client.get(address).content.decode()
    for word, is_there in ((warning.public_id, number), ("Tsuzumi", title), (TEXT, text)):
        assert (word in page) == is_there, word


def test_the_link_works_for_nobody_once_the_team_or_the_person_is_suspended(
    world: World, alice: Viewer, adam: Viewer, client: Client
) -> None:
    warning = released(world, alice)
    by_bob, by_mia = (f"/warnings/answer/{secret_for(warning, name)}" for name in ("bob", "mia"))
    directory.suspend_person(person=person(world, "mia"), team=world.teams["b"], by=adam)
    assert client.get(by_mia).status_code == 409
    suspend(world, "b")
    assert client.get(by_bob).status_code == 404
    for url in (by_bob, by_mia):
        assert client.post(url, {"state": "fixed", "note": "", "team": ""}).status_code in (
            404,
            409,
        )
    assert not system.rows(Answer, "a test looks for traces").exists()


def test_an_invented_secret_an_old_link_and_a_withdrawn_warning_open_nothing(
    world: World, alice: Viewer, client: Client
) -> None:
    warning = released(world, alice)
    secret = secret_for(warning, "bob")
    assert client.get(f"/warnings/answer/{secret[:-1]}~").status_code == 404
    assert client.get("/warnings/answer/nonsense").status_code == 404
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        assert client.get(f"/warnings/answer/{secret}").status_code == 409
    actions.withdraw(warning=warning, why="誤報でした", by=alice)
    assert client.get(f"/warnings/answer/{secret}").status_code == 409


# ---- weight --------------------------------------------------------------------------


def queries_of(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(url).status_code == 200
    return len(caught)


@pytest.mark.usefixtures("one_moment")
def test_pages_ask_at_most_twelve_questions_however_much_there_is(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    first = join(world, "first")["first"]
    warning = released(world, alice, answer_by=timezone.now() + timedelta(days=2))
    draft = drafted(world, alice)
    owner, receiver = sign_in(world.alice), sign_in(world.bob)
    visits = [
        (owner, "/warnings/?view=ours"),
        (receiver, "/warnings/?view=answer"),
        (receiver, "/warnings/?view=received&q=Tsuzumi"),
        (owner, f"/warnings/{warning.public_id}"),
        (receiver, f"/warnings/{warning.public_id}"),
        (owner, "/warnings/new"),
        (owner, f"/warnings/{draft.public_id}/edit"),
        (owner, f"/warnings/{draft.public_id}/release"),
        (Client(), f"/warnings/answer/{secret_for(warning, 'bob')}"),
    ]
    actions.answer(warning=warning, state="affected", by=first)
    few = [queries_of(browser, url) for browser, url in visits]
    handlers = join(world, *(f"more{number}" for number in range(8)))
    for number in range(8):
        more = released(world, alice, title=f"Tsuzumi {number}")
        for handler in handlers.values():
            actions.answer(warning=more, state="fixed", by=handler)
    many = [queries_of(browser, url) for browser, url in visits]
    assert few == many
    assert max(many) <= 12


def test_the_board_calls_a_team_in_the_readers_language_and_the_register_as_it_was(
    world: World, alice: Viewer, bob: Viewer, sign_in: Any
) -> None:
    warning = released(world, alice)
    actions.answer(warning=warning, state="affected", by=bob)
    english = sign_in(world.alice).get(f"/warnings/{warning.public_id}").content.decode()
    board = english.split("<main")[1]
    assert "Biwa CSIRT" in board
    assert "びわ電機 CSIRT" not in board
    japanese = sign_in(world.alice, "ja").get(f"/warnings/{warning.public_id}").content.decode()
    assert "びわ電機 CSIRT" in japanese.split("<main")[1]
    frozen = register.recipient_teams(alice, warning.release_id)
    assert list(frozen.values()) == ["びわ電機 CSIRT"]
