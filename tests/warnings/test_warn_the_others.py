"""A warning crosses the team's wall: to whom, what of it, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from noroshi.core import clock, history
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused
from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.sharing import audience as sharing
from noroshi.sharing import outbox, register, search, system
from noroshi.sharing.channels import MAIL, Passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import EntryState, Link, OutboxEntry, Release
from noroshi.ui.shapes import AudiencePanel
from noroshi.warnings import actions, audience_panel, queries
from noroshi.warnings.models import Answer, Origin, Warning
from tests.harness.people import World
from tests.warnings.builders import content, drafted, join, person, released, suspend


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def mails(warning: Warning, kind: str = "warning.released") -> list[OutboxEntry]:
    rows = system.rows(OutboxEntry, "a test looks at every message")
    return list(rows.filter(thing_id=warning.public_id, kind=kind).select_related("person", "link"))


# ---- who reads -----------------------------------------------------------------------


def test_a_draft_is_its_own_teams_alone(
    world: World, alice: Viewer, mana: Viewer, bob: Viewer
) -> None:
    warning = drafted(world, alice)
    assert queries.warning_for(mana, warning.public_id) == warning
    with pytest.raises(NotFound):
        queries.warning_for(bob, warning.public_id)


@pytest.mark.parametrize("reader", ["otto", "eve", "adam", "sora", "charlie", "public"])
def test_a_warning_to_the_circle_is_unknown_to_everybody_else(
    world: World, alice: Viewer, reader: str
) -> None:
    warning = released(world, alice)
    viewer = world.viewer(reader)
    with pytest.raises(NotFound):
        queries.warning_for(viewer, warning.public_id)
    assert not queries.warnings_for(viewer).exists()
    assert not queries.to_answer(viewer).exists()
    assert set(queries.counts_for(viewer).values()) == {0}
    assert not search.find(viewer, "Tsuzumi").exists()
    assert not queries.warnings_for(viewer, words="Tsuzumi").exists()


def test_a_second_team_reads_it_finds_it_and_is_asked(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    warning = released(world, alice)
    assert queries.warning_for(bob, warning.public_id).text == warning.text
    assert list(queries.to_answer(bob)) == [warning]
    assert list(queries.warnings_for(bob, words="Tsuzumi")) == [warning]
    assert queries.counts_for(bob) == {"answer": 1, "received": 1, "ours": 0, "drafts": 0}
    assert queries.counts_for(alice) == {"answer": 0, "received": 0, "ours": 1, "drafts": 0}


def test_a_red_warning_is_seen_only_by_the_people_it_names(
    world: World, alice: Viewer, mana: Viewer, bob: Viewer, mia: Viewer
) -> None:
    warning = released(world, alice, sensitivity=Sensitivity.RED, named=[world.bob])
    assert queries.warning_for(bob, warning.public_id) == warning
    assert queries.warning_for(alice, warning.public_id) == warning  # the author is named with it
    for colleague in (mana, mia):
        with pytest.raises(NotFound):
            queries.warning_for(colleague, warning.public_id)
    assert [entry.person.name for entry in mails(warning)] == [world.bob.name]


def test_under_embargo_a_green_warning_stays_in_the_circle_and_opens_by_itself(
    world: World, alice: Viewer, bob: Viewer, charlie: Viewer
) -> None:
    end = clock.now() + timedelta(days=1)
    warning = released(world, alice, sensitivity=Sensitivity.GREEN, embargo_until=end)
    assert queries.warning_for(bob, warning.public_id) == warning
    with pytest.raises(NotFound):
        queries.warning_for(charlie, warning.public_id)
    with time_machine.travel(end + timedelta(minutes=1), tick=False):
        assert queries.warning_for(world.viewer("charlie"), warning.public_id) == warning
        assert not queries.teams_to_answer_for(world.viewer("charlie"), warning)


def test_a_green_embargo_without_a_circle_reaches_nobody_and_is_refused(
    world: World, alice: Viewer
) -> None:
    end = clock.now() + timedelta(days=1)
    warning = drafted(world, alice, sensitivity=Sensitivity.GREEN, circle=None, embargo_until=end)
    with pytest.raises(Malformed, match="Nobody outside your team"):
        actions.release(warning=warning, by=alice)


def test_what_a_warning_was_started_from_stays_with_the_team(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    about = actions.About("assessment", "V-7KD3M9Q2", key="ADV-SECRET-1")
    warning = actions.draft(team=world.teams["a"], content=content(world), about=about, by=alice)
    actions.release(warning=warning, by=alice)
    assert queries.origin_of(bob, warning) is None
    assert not queries.warnings_about(bob, "V-7KD3M9Q2").exists()
    assert list(queries.warnings_about(alice, "V-7KD3M9Q2")) == [warning]
    text = Release.objects.one_for(bob, thing_id=warning.public_id).text
    assert "CVE-2099-10023" in text
    assert "V-7KD3M9Q2" not in text
    assert "ADV-SECRET-1" not in text
    assert all("ADV-SECRET-1" not in str(entry.context) for entry in mails(warning))


# ---- the preview ---------------------------------------------------------------------


def lines(panel: AudiencePanel, title: str) -> dict[str, str]:
    return {
        str(line.name): str(line.detail)
        for group in panel.groups
        if group.title == title
        for line in group.lines
    }


def test_the_preview_says_who_reads_who_not_and_why(world: World, alice: Viewer) -> None:
    join(world, "kasasagi")
    suspend(world, "kasasagi")
    panel = audience_panel.preview(
        alice, team=world.teams["a"], sensitivity="amber", circle=world.circles["x"]
    )
    assert (panel.teams, panel.people) == (1, 2)
    assert lines(panel, "Teams") == {"Biwa CSIRT": "2 people"}
    assert lines(panel, "Whom it does not reach") == {
        "kasasagi CSIRT": "Its part in the circle is suspended."
    }
    assert (
        "Only a notice without the content, with a link to answer"
        in lines(panel, "How it reaches them").values()
    )


@pytest.mark.parametrize(
    ("sensitivity", "mail"),
    [
        ("red", "notice"),
        ("amber+strict", "notice"),
        ("amber", "notice"),
        ("green", "text"),
        ("clear", "text"),
    ],
)
def test_the_preview_says_what_mail_carries(
    world: World, alice: Viewer, sensitivity: str, mail: str
) -> None:
    panel = audience_panel.preview(
        alice,
        team=world.teams["a"],
        sensitivity=sensitivity,
        circle=world.circles["x"],
        named=[world.bob],
    )
    channels = " ".join(lines(panel, "How it reaches them").values())
    assert ("Only a notice" in channels) == (mail == "notice")
    assert panel.anybody == (sensitivity == "clear")


def test_the_preview_counts_nobody_whom_the_embargo_keeps_out(world: World) -> None:
    """Nor does it expect other teams than those of the circle."""

    def preview(until: datetime | None) -> tuple[set[Person], list[str]]:
        audience = sharing.audience_if(
            owner=world.teams["a"],
            sensitivity=Sensitivity.GREEN,
            circle=world.circles["x"],
            named=(),
            embargo_until=until,
        )
        people = {reader.person for reader in audience.readers}
        return people, [team.name for team in audience.left_out]

    circle = {world.bob, world.mia}
    assert preview(clock.now() + timedelta(days=1)) == (circle, [])
    assert preview(None) == ({*circle, world.charlie}, ["Secretariat"])


def test_red_counts_people_and_says_that_no_circle_helps(world: World, alice: Viewer) -> None:
    panel = audience_panel.preview(
        alice,
        team=world.teams["a"],
        sensitivity="red",
        circle=world.circles["x"],
        named=[world.charlie],
    )
    assert (panel.teams, panel.people) == (None, 1)
    assert list(lines(panel, "Whom it does not reach").values()) == [
        "TLP:RED goes to the people it names, not to a circle."
    ]


def test_a_named_person_who_was_stopped_is_left_out_with_the_reason(
    world: World, alice: Viewer, adam: Viewer
) -> None:
    directory.suspend_person(person=person(world, "bob"), team=world.teams["b"], by=adam)
    panel = audience_panel.preview(
        alice, team=world.teams["a"], sensitivity="red", named=[world.bob]
    )
    assert panel.people == 0
    assert list(lines(panel, "Whom it does not reach").values()) == [
        "This account is stopped or has left."
    ]


def test_nobody_previews_for_a_team_that_is_not_theirs(
    world: World, bob: Viewer, otto: Viewer
) -> None:
    for stranger in (bob, otto):
        with pytest.raises(Forbidden):
            audience_panel.preview(stranger, team=world.teams["a"], sensitivity="green")


def test_somebody_who_serves_two_teams_counts_for_both(world: World, alice: Viewer) -> None:
    handler = join(world, "hotaru")["hotaru"]
    shared = person(world, "bob")
    team = Team.objects.get(slug="hotaru")
    directory.add_person(
        mail=shared.mail, name=shared.name, team=team, roles=[Role.CSIRT], by=SYSTEM
    )
    left = Person.objects.get(public_id=handler.public_id)
    directory.leave(person=left, team=team, by=world.viewer("adam"))
    warning = released(world, alice)
    tally = queries.board_of(alice, warning)
    assert tally is not None
    assert tally.recipients == 2
    bob = world.viewer("bob")
    with pytest.raises(Malformed, match="choose one"):
        actions.answer(warning=warning, state="affected", by=bob)
    actions.answer(warning=warning, state="affected", team_id=team.public_id, by=bob)
    actions.answer(warning=warning, state="fixed", team_id=world.teams["b"].public_id, by=bob)
    answers = queries.answers_on(alice, warning)
    assert {row.team_name: row.answer.state for row in answers if row.answer} == {
        "hotaru CSIRT": "affected",
        "びわ電機 CSIRT": "fixed",
    }
    assert len([entry for entry in mails(warning) if entry.person.pk == shared.pk]) == 1


# ---- letting it out ------------------------------------------------------------------


def test_the_manager_may_release_what_the_handler_wrote(
    world: World, alice: Viewer, mana: Viewer
) -> None:
    warning = actions.release(warning=drafted(world, alice), by=mana)
    assert warning.state == "released"
    assert warning.released_by_id == mana.person_id


def test_an_operator_or_another_team_neither_writes_nor_releases(
    world: World, alice: Viewer, otto: Viewer, bob: Viewer
) -> None:
    warning = drafted(world, alice)
    with pytest.raises(Forbidden):
        drafted(world, otto)
    for stranger in (otto, bob):
        with pytest.raises(NotFound):
            actions.release(warning=warning, by=stranger)


@pytest.mark.parametrize(
    ("lack", "where"),
    [
        ({"sensitivity": "red", "named": ()}, "named"),
        ({"sensitivity": "amber", "circle": None}, "circle"),
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"todo": "\n \n"}, "todo"),
        ({"answer_by": "past"}, "answer_by"),
    ],
)
def test_what_is_incomplete_is_refused_and_says_what_is_missing(
    world: World, alice: Viewer, lack: dict[str, object], where: str
) -> None:
    if "answer_by" in lack:
        lack = {"answer_by": clock.now() - timedelta(hours=1)}
    warning = drafted(world, alice, **lack)
    with pytest.raises(Malformed) as refused:
        actions.release(warning=warning, by=alice)
    assert refused.value.where == where
    assert queries.warning_for(alice, warning.public_id).state == "draft"
    assert not mails(warning)
    assert not system.rows(Release, "a test looks for traces").exists()


def test_own_team_only_is_no_label_for_a_warning(world: World, alice: Viewer) -> None:
    with pytest.raises(Malformed, match="a warning is for others"):
        drafted(world, alice, sensitivity=Sensitivity.INTERNAL)


def test_a_release_freezes_the_text_and_goes_to_each_reader_once(
    world: World, alice: Viewer
) -> None:
    warning = released(world, alice)
    entry = Release.objects.one_for(alice, thing_id=warning.public_id)
    assert warning.text in entry.text
    assert entry.label_then["label"] == "TLP:AMBER"
    assert sorted(mail.person.mail for mail in mails(warning)) == ["bob@b.example", "mia@b.example"]
    assert all(
        mail.link is not None and mail.link.purpose == "warnings.answer" for mail in mails(warning)
    )
    assert [row.action for row in history.rows_of("warning", warning.public_id)] == [
        "warnings.draft",
        "warnings.release",
    ]


def test_a_released_text_can_no_longer_change_or_vanish(world: World, alice: Viewer) -> None:
    warning = released(world, alice)
    with pytest.raises(Refused, match="stays as it was read"):
        actions.change_draft(warning=warning, content=content(world, text="別の文"), by=alice)
    with pytest.raises(Refused, match="stays as it was read"):
        actions.discard(warning=warning, by=alice)
    with pytest.raises(Refused, match="released already"):
        actions.release(warning=warning, by=alice)


def test_a_release_is_refused_when_it_is_not_what_one_was_shown(
    world: World, alice: Viewer, mana: Viewer
) -> None:
    warning = drafted(world, alice)
    seen = actions.fingerprint(warning, sharing.audience_of(warning.label))
    actions.change_draft(warning=warning, content=content(world, text="まったく別の文"), by=alice)
    with pytest.raises(Refused, match="changed since you looked"):
        actions.release(warning=warning, by=mana, seen=seen)


def test_a_new_team_in_the_circle_is_noticed_before_the_release(
    world: World, alice: Viewer
) -> None:
    warning = drafted(world, alice)
    seen = actions.fingerprint(warning, sharing.audience_of(warning.label))
    join(world, "newcomer")
    with pytest.raises(Refused, match="changed since you looked"):
        actions.release(warning=warning, by=alice, seen=seen)
    now = actions.fingerprint(
        warning, sharing.audience_of(queries.warning_for(alice, warning.public_id).label)
    )
    assert actions.release(warning=warning, by=alice, seen=now).state == "released"


def test_a_suspended_team_releases_nothing(world: World, alice: Viewer) -> None:
    warning = drafted(world, alice)
    suspend(world, "a")
    with pytest.raises(Forbidden, match="suspended"):
        actions.release(warning=warning, by=alice)  # alice's page was open before the suspension


def test_somebody_stopped_while_their_page_is_open_releases_nothing(
    world: World, alice: Viewer, adam: Viewer
) -> None:
    warning = drafted(world, alice)
    directory.suspend_person(person=person(world, "alice"), team=world.teams["a"], by=adam)
    with pytest.raises(NotFound):
        actions.release(warning=warning, by=alice)


def test_a_discarded_draft_leaves_only_its_history(world: World, alice: Viewer) -> None:
    about = actions.About("assessment", "V-7KD3M9Q2")
    warning = actions.draft(team=world.teams["a"], content=content(world), about=about, by=alice)
    actions.discard(warning=warning, by=alice)
    assert not queries.warnings_for(alice).exists()
    assert not system.rows(Origin, "a test looks for traces").exists()
    assert not search.find(alice, "Tsuzumi").exists()
    assert history.rows_of("warning", warning.public_id).count() == 2


# ---- suspension racing the release ---------------------------------------------------


def test_a_team_suspended_before_the_release_is_no_recipient(world: World, alice: Viewer) -> None:
    join(world, "kasasagi")
    warning = drafted(world, alice)
    suspend(world, "b")
    warning = actions.release(warning=warning, by=alice)
    assert list(register.recipient_teams(alice, warning.release_id).values()) == ["kasasagi CSIRT"]


def test_whoever_serves_a_suspended_team_too_is_told_for_the_other_one_alone(
    world: World, alice: Viewer
) -> None:
    join(world, "kasasagi")
    team = Team.objects.get(slug="kasasagi")
    bob = person(world, "bob")
    directory.add_person(mail=bob.mail, name=bob.name, team=team, roles=[Role.CSIRT], by=SYSTEM)
    suspend(world, "kasasagi")
    audience_now = sharing.audience_of(drafted(world, alice).label)
    assert {reader.team for reader in audience_now.recipients} == {world.teams["b"]}
    assert [left.name for left in audience_now.left_out] == [str(team)]


def test_a_team_suspended_after_the_release_does_not_answer_what_anybody_may_read(
    world: World, alice: Viewer
) -> None:
    warning = released(world, alice, sensitivity=Sensitivity.CLEAR)
    suspend(world, "b")
    bob = world.viewer("bob")
    assert queries.warning_for(bob, warning.public_id)  # everybody reads it
    assert not queries.teams_to_answer_for(bob, warning)
    assert not queries.to_answer(bob).exists()
    with pytest.raises(Forbidden):
        actions.answer(warning=warning, state="affected", by=bob)


def test_a_named_person_does_not_answer_for_a_team_that_was_suspended(
    world: World, alice: Viewer
) -> None:
    """The operator works for another team too, so being named still opens the warning."""
    operator = directory.add_person(
        mail="bo@b.example", name="房 保", team=world.teams["b"], roles=[Role.OPERATOR], by=SYSTEM
    )
    warning = released(world, alice, sensitivity=Sensitivity.RED, named=[operator])
    directory.add_person(
        mail=operator.mail, name="", team=world.teams["c"], roles=[Role.OPERATOR], by=SYSTEM
    )
    suspend(world, "b")
    by = viewer_for(operator)
    assert queries.warning_for(by, warning.public_id)  # it names this person
    assert not queries.teams_to_answer_for(by, warning)
    with pytest.raises(Forbidden):
        actions.answer(warning=warning, state="affected", by=by)


def test_a_team_suspended_after_the_release_gets_no_late_mail(world: World, alice: Viewer) -> None:
    warning = released(world, alice)
    suspend(world, "b")
    for entry in mails(warning):
        waiting = outbox.waiting(entry.public_id)
        assert waiting is not None
        assert outbox.passage_now(waiting, MAIL) is Passage.NEVER
    bob = world.viewer("bob")
    with pytest.raises(NotFound):
        queries.warning_for(bob, warning.public_id)
    with pytest.raises(NotFound):
        actions.answer(warning=warning, state="affected", by=bob)
    tally = queries.board_of(alice, warning)
    assert tally is not None
    assert tally.recipients == 1  # the register keeps who had it


# ---- answers -------------------------------------------------------------------------


def test_the_newest_answer_of_a_team_counts_and_the_others_are_kept(
    world: World, alice: Viewer, bob: Viewer, mia: Viewer
) -> None:
    warning = released(world, alice)
    actions.answer(warning=warning, state="investigating", by=bob)
    actions.answer(warning=warning, state="affected", note="1 台が 9.4.1", by=mia)
    (line,) = queries.answers_on(alice, warning)
    assert line.answer is not None
    assert (line.answer.state, line.answer.note, line.answer.person_name) == (
        "affected",
        "1 台が 9.4.1",
        mia.name,
    )
    assert [answer.state for answer in queries.own_answers(bob, warning)] == [
        "affected",
        "investigating",
    ]
    assert not queries.to_answer(bob).exists()


def test_only_the_owner_team_sees_who_answered(world: World, alice: Viewer, bob: Viewer) -> None:
    other = join(world, "kasasagi")["kasasagi"]
    warning = released(world, alice)
    actions.answer(warning=warning, state="affected", note="うちは 3 台", by=bob)
    with pytest.raises(NotFound):
        queries.answers_on(other, warning)
    with pytest.raises(NotFound):
        queries.history_of(other, warning)
    assert register.recipients_of(other, warning.release_id) == []
    assert len(register.recipients_of(alice, warning.release_id)) == 3
    assert queries.own_answers(other, warning) == []


def test_an_operator_does_not_read_what_the_team_answered(
    world: World, alice: Viewer, bob: Viewer, mia: Viewer
) -> None:
    operator = viewer_for(
        directory.add_person(
            mail="olive@b.example",
            name="尾木 理",
            team=world.teams["b"],
            roles=[Role.OPERATOR],
            by=SYSTEM,
        )
    )
    warning = released(world, alice, sensitivity=Sensitivity.CLEAR)
    actions.answer(warning=warning, state="affected", note="うちは 3 台", by=bob)
    assert queries.warning_for(operator, warning.public_id)  # everybody reads it
    assert [each.note for each in queries.own_answers(mia, warning)] == ["うちは 3 台"]
    assert queries.own_answers(operator, warning) == []
    assert queries.own_states(operator, [warning]) == {}


def test_receivers_see_counts_only_once_five_teams_answered(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    handlers = join(world, "r1", "r2", "r3", "r4", "r5")
    warning = released(world, alice)
    for number, slug in enumerate(handlers, start=1):
        actions.answer(warning=warning, state="fixed", by=handlers[slug])
        tally = queries.board_of(bob, warning)
        assert tally is not None
        assert (tally.counts is None) == (number < 5)
    last = queries.board_of(bob, warning)
    assert last is not None
    assert last.counts == {
        "investigating": 0,
        "affected": 0,
        "not_affected": 0,
        "fixed": 5,
        "unanswered": 1,
    }


def test_a_reader_who_received_nothing_sees_no_board(
    world: World, alice: Viewer, charlie: Viewer
) -> None:
    end = clock.now() + timedelta(hours=1)
    warning = released(world, alice, sensitivity=Sensitivity.GREEN, embargo_until=end)
    with time_machine.travel(end + timedelta(hours=1), tick=False):
        assert queries.board_of(world.viewer("charlie"), warning) is None


def test_the_owner_and_outsiders_cannot_answer(
    world: World, alice: Viewer, charlie: Viewer
) -> None:
    warning = released(world, alice)
    with pytest.raises(Forbidden):
        actions.answer(warning=warning, state="fixed", by=alice)
    with pytest.raises(NotFound):
        actions.answer(warning=warning, state="fixed", by=charlie)


def test_nobody_answers_for_a_team_that_is_not_theirs(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    join(world, "kasasagi")
    warning = released(world, alice)
    other = Team.objects.get(slug="kasasagi")
    with pytest.raises(NotFound):
        actions.answer(warning=warning, state="fixed", team_id=other.public_id, by=bob)


def test_an_invented_answer_is_refused(world: World, alice: Viewer, bob: Viewer) -> None:
    with pytest.raises(Malformed):
        actions.answer(warning=released(world, alice), state="unanswered", by=bob)
    assert not system.rows(Answer, "a test looks for traces").exists()


def test_a_named_operator_answers_for_their_team(world: World, alice: Viewer) -> None:
    operator = directory.add_person(
        mail="olive@b.example",
        name="尾木 理",
        team=world.teams["b"],
        roles=[Role.OPERATOR],
        by=SYSTEM,
    )
    warning = released(world, alice, sensitivity=Sensitivity.RED, named=[operator])
    actions.answer(warning=warning, state="not_affected", by=viewer_for(operator))
    assert [line.team_name for line in queries.answers_on(alice, warning)] == ["びわ電機 CSIRT"]


# ---- taking it back ------------------------------------------------------------------


def test_a_withdrawn_warning_ends_its_links_and_holds_unsent_mail_back(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    warning = released(world, alice)
    sent, unsent = mails(warning)
    entry = outbox.waiting(sent.public_id)
    assert entry is not None
    outbox.finish(entry, EntryState.SENT)
    warning = actions.withdraw(warning=warning, why="誤報でした", by=alice)
    assert {mail.public_id: mail.state for mail in mails(warning)} == {
        sent.public_id: "sent",
        unsent.public_id: "withheld",
    }
    assert not Link.objects.filter(thing_id=warning.public_id, revoked_at=None).exists()
    assert len(mails(warning, "warning.withdrawn")) == 2
    assert queries.warning_for(bob, warning.public_id).withdrawn_why == "誤報でした"
    assert not queries.to_answer(bob).exists()
    with pytest.raises(Refused, match="withdrawn"):
        actions.answer(warning=warning, state="fixed", by=bob)
    with pytest.raises(Refused, match="withdrawn already"):
        actions.withdraw(warning=warning, why="もう一度", by=alice)


def test_withdrawing_needs_a_reason_and_the_owner_team(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    warning = released(world, alice)
    with pytest.raises(Malformed, match="Say why"):
        actions.withdraw(warning=warning, why=" ", by=alice)
    with pytest.raises(Forbidden):
        actions.withdraw(warning=warning, why="消したい", by=bob)
    with pytest.raises(Refused, match="discard"):
        actions.withdraw(warning=drafted(world, alice), why="下書き", by=alice)


def test_who_was_told_for_a_role_that_is_gone_no_longer_answers_for_the_team(
    world: World, alice: Viewer, mia: Viewer
) -> None:
    warning = released(world, alice, sensitivity=Sensitivity.CLEAR)
    directory.set_roles(
        person=person(world, "bob"), team=world.teams["b"], roles=[Role.OPERATOR], by=mia
    )
    bob = world.viewer("bob")
    assert queries.warning_for(bob, warning.public_id)  # everybody reads it
    assert not queries.teams_to_answer_for(bob, warning)
    assert not queries.to_answer(bob).exists()
    with pytest.raises(Forbidden):
        actions.answer(warning=warning, state="not_affected", by=bob)
    actions.answer(warning=warning, state="affected", by=mia)
