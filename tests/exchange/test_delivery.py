"""Mail that leaves, mail that does not, and a server that says no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from noroshi.core import clock
from noroshi.core.errors import Refused
from noroshi.directory.actions import suspend_person
from noroshi.directory.models import Circle, Person, Standing, Team
from noroshi.directory.viewer import Viewer
from noroshi.exchange.mail.jobs import deliver, deliver_waiting
from noroshi.exchange.mail.letters import Letter
from noroshi.exchange.mail.sending import send
from noroshi.sharing import labelling, links, outbox, system
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import EntryState, Label, OutboxEntry
from noroshi.sharing.outbox import Notice
from tests.harness.people import World
from tests.harness.smtp import PostOffice, text_of

Post = Callable[..., OutboxEntry]


@pytest.fixture
def post(world: World) -> Post:
    """``post(sensitivity)`` queues one mail to bob about a warning of team A."""

    def queue(
        sensitivity: Sensitivity = Sensitivity.GREEN, to: str = "bob", **notice: Any
    ) -> OutboxEntry:
        fields: dict[str, Any] = {
            "kind": "warning.released",
            "thing_kind": "warning",
            "thing_id": "W-7KD3M9Q2",
            "template": "tests/mail/green",
            "path": "/warnings/W-7KD3M9Q2",
            "context": {"title": "ひみつの題", "text": "ひみつの本文"},
        }
        with transaction.atomic():
            label = labelling.draft_label(
                world.teams["a"],
                sensitivity,
                circle=world.circles["x"],
                named=[world.people[to]],
                state=State.RELEASED,
            )
            (entry,) = outbox.post(Notice(**{**fields, **notice}), label, to=[world.people[to]])
        return entry

    return queue


@pytest.fixture(autouse=True)
def words(settings: Any, tmp_path: Any) -> None:
    """A template as an area would bring it along."""
    folder = tmp_path / "templates" / "tests" / "mail"
    folder.mkdir(parents=True)
    (folder / "green.txt").write_text(
        "{{ title }}\n\n{{ text }}\n{{ at_some_time }}\n\n{{ link }}\n"
    )
    (folder / "one_line.txt").write_text("{{ title }}")
    loaders = [
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ]
    engine = settings.TEMPLATES[0]
    options = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path / "templates"], "OPTIONS": options}]


def entry_of(entry: OutboxEntry) -> OutboxEntry:
    return system.rows(OutboxEntry, "a test looks").get(pk=entry.pk)


def state_of(entry: OutboxEntry) -> str:
    return entry_of(entry).state


def test_a_green_warning_goes_in_full_with_its_label_above_below_and_in_the_subject(
    post: Post, office: PostOffice
) -> None:
    entry = post()
    deliver(entry.public_id)
    (mail,) = office.received
    lines = text_of(mail).split("\n")
    assert mail["Subject"] == "[TLP:GREEN] ひみつの題"
    assert lines[0].startswith("TLP:GREEN") and lines[-1] == "TLP:GREEN"
    assert "ひみつの本文" in lines
    assert "http://127.0.0.1:8000/warnings/W-7KD3M9Q2" in lines
    assert state_of(entry) == EntryState.SENT


@pytest.mark.parametrize(
    "sensitivity", [Sensitivity.AMBER, Sensitivity.AMBER_STRICT, Sensitivity.RED]
)
def test_amber_and_red_leave_as_a_notice_without_title_or_text(
    post: Post, office: PostOffice, sensitivity: Sensitivity
) -> None:
    deliver(post(sensitivity).public_id)
    (mail,) = office.received
    assert mail["Subject"] == f"[{sensitivity.text}] 読んでいただきたいものがあります：早期警戒"
    assert "ひみつ" not in office.raw[0].decode() and "ひみつ" not in text_of(mail)
    assert "http://127.0.0.1:8000/warnings/W-7KD3M9Q2" in text_of(mail)


def test_the_mailed_link_carries_its_secret(post: Post, office: PostOffice) -> None:
    entry = post(link_purpose="warnings.answer", link_path="/warnings/answer/{secret}")
    deliver(entry.public_id)
    assert entry.link is not None
    secret = links.secret_of(entry.link)
    assert f"http://127.0.0.1:8000/warnings/answer/{secret}" in text_of(office.received[0])


def test_run_twice_it_sends_once(post: Post, office: PostOffice) -> None:
    entry = post()
    deliver(entry.public_id)
    deliver(entry.public_id)
    deliver_waiting()
    assert len(office.received) == 1


def test_an_entry_that_another_job_is_sending_is_left_alone(post: Post, office: PostOffice) -> None:
    entry = post()
    with transaction.atomic():
        waiting = outbox.waiting(entry.public_id)
        assert waiting is not None
        outbox.hold(waiting, clock.now() + timedelta(minutes=12))
    deliver(entry.public_id)
    assert office.received == []
    # the other job was killed: its entry is tried again, rather than lost
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        deliver_waiting()
    assert len(office.received) == 1


def test_a_person_suspended_after_the_posting_is_mailed_nothing(
    post: Post, office: PostOffice, world: World, mia: Viewer
) -> None:
    entry = post()
    suspend_person(person=world.bob, team=world.teams["b"], by=mia)
    deliver(entry.public_id)
    assert (office.received, state_of(entry)) == ([], EntryState.WITHHELD)


def test_a_team_suspended_or_taken_out_of_the_circle_is_mailed_nothing(
    post: Post, office: PostOffice, world: World
) -> None:
    gone, out = post(Sensitivity.AMBER), post(Sensitivity.AMBER)
    for entry in (gone, out):
        entry.label.named_readers.all().delete()
    world.circles["x"].seats.filter(team=world.teams["b"]).delete()
    deliver(out.public_id)
    Team.objects.filter(pk=world.teams["b"].pk).update(standing=Standing.SUSPENDED)
    deliver(gone.public_id)
    assert office.received == []
    assert {state_of(gone), state_of(out)} == {EntryState.WITHHELD}
    assert Circle.objects.filter(pk=world.circles["x"].pk).exists()


def test_a_label_made_stricter_after_the_posting_decides(post: Post, office: PostOffice) -> None:
    entry = post(Sensitivity.GREEN)
    Label.objects.filter(pk=entry.label_id).update(sensitivity=Sensitivity.RED)
    deliver(entry.public_id)
    assert "ひみつ" not in text_of(office.received[0])


def test_a_link_taken_back_while_the_mail_waited_is_not_mailed(
    post: Post, office: PostOffice, alice: Viewer
) -> None:
    entry = post(link_purpose="warnings.answer", link_path="/warnings/answer/{secret}")
    links.revoke_for("warning", "W-7KD3M9Q2", by=alice)
    deliver(entry.public_id)
    assert (office.received, state_of(entry)) == ([], EntryState.WITHHELD)


def test_a_server_that_says_later_is_tried_again_with_longer_pauses_until_it_is_given_up(
    post: Post, office: PostOffice
) -> None:
    entry = post()
    office.answer = "450 greylisted"
    start = clock.now()
    tries = []
    for minute in range(0, 73 * 60, 5):
        with time_machine.travel(start + timedelta(minutes=minute, seconds=30), tick=False):
            before = entry_of(entry).attempts
            if minute:
                deliver_waiting()
            else:
                deliver(entry.public_id)
            if entry_of(entry).attempts > before:
                tries.append(minute)
    assert tries[:5] == [0, 5, 15, 35, 75]
    assert tries[5:] == list(range(135, 72 * 60, 60))  # a weekend, and the hour after it
    row = entry_of(entry)
    assert (row.state, row.attempts) == (EntryState.FAILED, outbox.MAX_ATTEMPTS)
    assert "450" in row.fault


def test_when_the_server_is_back_the_mail_leaves_with_the_same_message_id(
    post: Post, office: PostOffice, settings: Any
) -> None:
    entry = post()
    working = settings.EMAIL_PORT
    settings.EMAIL_PORT = 1  # nobody listens
    deliver(entry.public_id)
    assert (state_of(entry), entry_of(entry).attempts) == (EntryState.QUEUED, 1)
    settings.EMAIL_PORT = working
    deliver_waiting()  # not yet: the pause is not over
    assert office.received == []
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        deliver_waiting()
    assert office.received[0]["Message-ID"] == f"<{entry.public_id}@127.0.0.1>"
    assert (state_of(entry), entry_of(entry).fault) == (EntryState.SENT, "")


def test_an_address_that_the_server_refuses_for_good_is_not_tried_again(
    post: Post, office: PostOffice
) -> None:
    entry = post()
    office.answer = "550 no such user"
    deliver(entry.public_id)
    row = entry_of(entry)
    assert (row.state, row.attempts) == (EntryState.FAILED, 1)
    assert "550" in row.fault


def test_an_entry_whose_every_attempt_was_killed_is_given_up(
    post: Post, office: PostOffice
) -> None:
    entry = post()
    killed = {"attempts": outbox.MAX_ATTEMPTS, "not_before": clock.now(), "fault": "killed"}
    system.rows(OutboxEntry, "a test").filter(pk=entry.pk).update(**killed)
    deliver_waiting()
    assert (office.received, state_of(entry)) == ([], EntryState.FAILED)


def test_a_mail_whose_job_was_lost_is_found_by_the_round(post: Post, office: PostOffice) -> None:
    entry = post()
    deliver_waiting()
    assert office.received == []  # its own job is only just queued
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        deliver_waiting()
    assert state_of(entry) == EntryState.SENT


def test_the_headers_say_that_a_program_wrote_it_and_name_no_list(
    post: Post, office: PostOffice, world: World
) -> None:
    entry = post()
    deliver(entry.public_id)
    (mail,) = office.received
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{entry.public_id}@127.0.0.1>"
    assert mail["From"] == "noroshi@localhost"
    assert mail["To"].addresses[0].display_name == "別所 望"
    assert mail.get_content_type() == "text/plain" and mail.get_content_charset() == "utf-8"
    assert mail.get_param("format") == "flowed"
    assert not [
        name for name, _value in mail.items() if name.lower().startswith(("list-", "precedence"))
    ]
    assert max(len(line) for line in office.raw[0].split(b"\r\n")) < 998


@pytest.mark.parametrize("sign", ["\r", "\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028"])
def test_a_line_break_in_a_subject_or_a_name_leaves_as_no_header(
    post: Post, office: PostOffice, world: World, sign: str
) -> None:
    in_subject = post(context={"title": f"警戒{sign}Bcc: all@example.org", "text": "x"})
    deliver(in_subject.public_id)
    Person.objects.filter(pk=world.bob.pk).update(name=f"別所{sign}Bcc: all@example.org")
    in_name = post()
    deliver(in_name.public_id)
    assert office.received == []
    for entry in (in_subject, in_name):
        row = entry_of(entry)
        assert row.state == EntryState.FAILED and row.fault
        assert row.attempts == 1


def test_a_nul_that_no_row_can_hold_leaves_as_no_header_either(office: PostOffice) -> None:
    for name, subject in (("別所\x00望", "警戒"), ("別所 望", "警\x00戒")):
        with pytest.raises(Refused):
            send(Letter(name, "bob@b.example", subject, "本文", "<W-1@127.0.0.1>"))
    assert office.received == []


def test_words_without_a_body_are_refused_visibly(post: Post, office: PostOffice) -> None:
    entry = post(template="tests/mail/one_line")
    deliver(entry.public_id)
    assert (office.received, state_of(entry)) == ([], EntryState.FAILED)
    assert "no subject line" in entry_of(entry).fault


def test_a_moment_is_told_in_the_readers_language_and_zone(
    post: Post, office: PostOffice, world: World
) -> None:
    moment = "2031-02-03T01:30:00+00:00"
    deliver(post(context={"title": "t", "at_some_time": moment}).public_id)
    Person.objects.filter(pk=world.bob.pk).update(language="en", time_zone="America/New_York")
    deliver(post(context={"title": "t", "at_some_time": moment}).public_id)
    japanese, english = (text_of(mail) for mail in office.received)
    assert "2031年2月3日（月）10:30" in japanese
    assert "2 Feb 2031, 20:30" in english


def test_html_and_template_signs_in_words_stay_what_they_are(
    post: Post, office: PostOffice
) -> None:
    evil = "<b>&amp;</b> {{ secret }} {% url 'x' %}"
    deliver(post(context={"title": "t", "text": evil}).public_id)
    assert evil in text_of(office.received[0])


def test_an_address_in_a_domain_with_letters_of_its_own_gets_its_mail(
    world: World, post: Post, office: PostOffice
) -> None:
    Person.objects.filter(pk=world.bob.pk).update(mail="bob@びわ.example")
    entry = post()
    deliver(entry.public_id)
    assert office.taken_for == [["bob@xn--z9jwc.example"]]
    assert state_of(entry) == EntryState.SENT


def test_an_address_that_no_server_takes_is_noted_as_failed(
    world: World, post: Post, office: PostOffice
) -> None:
    Person.objects.filter(pk=world.bob.pk).update(mail="bob@びわ" + "わ" * 70 + ".example")
    entry = post()
    deliver(entry.public_id)
    assert (state_of(entry), office.received) == (EntryState.FAILED, [])
    assert entry_of(entry).fault == "No mail can be sent to this address."


def test_a_mail_that_we_cannot_write_keeps_no_other_one_waiting(
    post: Post, office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = post(template="tests/mail/missing"), post()
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=False):
        deliver_waiting()
    assert [state_of(entry) for entry in (broken, whole)] == [EntryState.QUEUED, EntryState.SENT]
    assert broken.public_id in caplog.text


def test_a_mail_that_is_given_up_stands_in_the_log_by_its_id_alone(
    post: Post, office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    office.answer = "550 nobody of that name"
    entry = post()
    deliver(entry.public_id)
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == [f"{entry.public_id} was not delivered and is given up"]
