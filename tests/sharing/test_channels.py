"""The channel table decides: one cell changed, and exactly that door opens or shuts.

A real thing of each label, made by our own actions, is asked for at every door.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

import noroshi
from noroshi.core import clock
from noroshi.exchange.mail import jobs
from noroshi.exchange.mail.letters import letter_for
from noroshi.reports import actions as reports
from noroshi.sharing import cache, channels, links, outbox, register, search, system
from noroshi.sharing.channels import (
    API,
    DOWNLOAD,
    MAIL,
    PAGE,
    PRINT,
    PUBLIC_FEED,
    SEARCH,
    TABLE,
    Passage,
)
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import EntryState, Label, OutboxEntry, Receipt, SearchEntry
from noroshi.warnings import queries
from tests.api.program import Program, program_of
from tests.harness.people import World
from tests.inventory.builders import a_system
from tests.vulnerabilities.builders import an_advisory, received
from tests.warnings.builders import released

WORD = "Kakusu"  # of the text
TITLE = "Hyoudai"
HIDDEN = "Something that may not be shown here"

Answer = object


@dataclass(frozen=True)
class Thing:
    """Something of one label, and where it is to be had."""

    number: str
    path: str
    file: str
    file_word: str
    pdf: str
    entry_id: str


@dataclass
class Doors:
    """Every door, asked for the thing of one label by somebody who may read it."""

    browser: Client
    program: Program
    things: dict[Sensitivity, Thing]

    def page(self, label: Sensitivity) -> Answer:
        return self._has(self.things[label].path, WORD)

    def download(self, label: Sensitivity) -> Answer:
        thing = self.things[label]
        return self._has(thing.file, thing.file_word)

    def print(self, label: Sensitivity) -> Answer:
        return self._has(self.things[label].pdf, "%PDF")

    def api(self, label: Sensitivity) -> Answer:
        answer = self.program.get(self.things[label].path)
        return answer.status_code == 200 and WORD in answer.content.decode()

    def search(self, label: Sensitivity) -> Answer:
        """For its number, its title, its text: is it found, linked, and called by its title?"""
        thing = self.things[label]
        seen = []
        for words in (thing.number, f"{TITLE} {thing.number}", f"{WORD} {thing.number}"):
            page = self.browser.get("/search", {"q": words}).content.decode().partition("<main")[2]
            page = page.replace(f'value="{words}"', "")
            seen.append((HIDDEN in page, f'href="{thing.path}"' in page, TITLE in page))
        return tuple(seen)

    def mail(self, label: Sensitivity) -> Answer:
        """Which of text, title, link and number, and label the mail holds; ``None``: none is sent."""
        entry = system.rows(OutboxEntry, "a test").get(public_id=self.things[label].entry_id)
        passed = outbox.passage_now(entry, MAIL)
        if passed is Passage.NEVER:
            return None
        letter = letter_for(entry, passed)
        with translation.override(entry.person.language):
            meaning = str(label.label)
        text = f"{letter.subject}\n{letter.body}\n{letter.thread_id}"
        secret = links.secret_of(entry.link) if entry.link else self.things[label].number
        return (
            WORD in text,
            TITLE in text,
            secret in letter.body and self.things[label].number in text,
            meaning in text,
        )

    def _has(self, path: str, word: str) -> bool:
        answer = self.browser.get(path)
        raw = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code in (200, 404)
        return answer.status_code == 200 and word in raw.decode(errors="replace")

    def ask(self, channel: str, label: Sensitivity) -> Answer:
        cache._memory = cache._Memory()  # the table is no action: nothing forgets by it
        with translation.override("en"):
            return getattr(self, channel)(label)


# What each door answers when the table says so.
WHOLE_OR_NOTHING = {passage: passage is Passage.WHOLE for passage in Passage}
BY_TITLE, MISSED = (False, True, True), (False, False, False)
NUMBERED, BARE = (False, True, False), (True, False, False)
EXPECTED: dict[str, dict[Passage, Answer]] = {
    PAGE: dict(WHOLE_OR_NOTHING),
    DOWNLOAD: dict(WHOLE_OR_NOTHING),
    PRINT: dict(WHOLE_OR_NOTHING),
    API: dict(WHOLE_OR_NOTHING),
    SEARCH: {
        Passage.WHOLE: (BY_TITLE, BY_TITLE, BY_TITLE),
        Passage.TITLE: (BY_TITLE, BY_TITLE, MISSED),
        Passage.NOTICE: (NUMBERED, MISSED, MISSED),
        Passage.BARE: (BARE, MISSED, MISSED),
        Passage.NEVER: (MISSED, MISSED, MISSED),
    },
    MAIL: {
        Passage.WHOLE: (True, True, True, True),
        Passage.TITLE: (False, True, True, True),
        Passage.NOTICE: (False, False, True, True),
        Passage.BARE: (False, False, False, False),
        Passage.NEVER: None,
    },
}


@pytest.fixture
def doors(world: World, sign_in: Callable[..., Client]) -> Doors:
    browser = sign_in(world.alice)
    alice = world.viewer("alice")
    today, three_days_ago = clock.today(), clock.today() - timedelta(days=3)
    team = world.teams["a"]
    report = reports.make_report(
        team=team, from_on=three_days_ago, to_on=today, title=TITLE, note=WORD, by=alice
    )
    reports.issue(report=report, by=alice)
    a_system(team, alice, "受注サーバー", [world.otto])
    (entry,) = system.rows(OutboxEntry, "a test").filter(thing_id=report.public_id)
    path = f"/reports/{report.public_id}"
    things = {
        Sensitivity.INTERNAL: Thing(
            report.public_id,
            path,
            file="/systems/systems.csv",
            file_word="受注サーバー",
            pdf=f"{path}/report.pdf",
            entry_id=entry.public_id,
        )
    }
    for label in Sensitivity:
        if label is Sensitivity.INTERNAL:
            continue
        warning = released(
            world,
            alice,
            sensitivity=label,
            circle=world.circles["x"],
            named=[world.alice, world.bob],
            title=TITLE,
            title_en=TITLE,
            text=WORD,
        )
        name = f"ACME {label}".replace("+", " ")
        tlp = label.text.removeprefix("TLP:").replace("CLEAR", "WHITE").replace("+STRICT", "")
        raw = an_advisory(tracking_id=name, tlp=tlp)
        advisory = received(raw, team, alice, world.circles["x"]).advisory
        relabel(advisory.label, label)
        paper = reports.make_report(team=team, from_on=today, to_on=today, by=alice)
        relabel(paper.label, label, world)
        sent = system.rows(OutboxEntry, "a test").get(thing_id=warning.public_id, person=world.bob)
        things[label] = Thing(
            warning.public_id,
            f"/warnings/{warning.public_id}",
            file=f"/vulnerabilities/advisories/{advisory.public_id}/original",
            file_word=name,
            pdf=f"/reports/{paper.public_id}/report.pdf",
            entry_id=sent.public_id,
        )
    return Doors(browser, program_of(alice, "read"), things)


def relabel(label: Label, sensitivity: Sensitivity, world: World | None = None) -> None:
    """Give a label that no action of ours gives: a report or a document of this label."""
    Label.objects.filter(pk=label.pk).update(sensitivity=sensitivity, state="released")
    if world is not None:
        label.named_readers.get_or_create(person=world.alice)


def put_again(thing: Thing) -> None:
    """The thing's own action, run again."""
    rows = system.rows(SearchEntry, "a test").select_related("label")
    entry = rows.filter(thing_id=thing.number).first()
    label = (
        entry.label
        if entry
        else system.rows(OutboxEntry, "a test").get(public_id=thing.entry_id).label
    )
    kind = thing.path.split("/")[1].rstrip("s")
    search.put(
        kind=kind, thing_id=thing.number, label=label, title=TITLE, path=thing.path, text=WORD
    )


def cells(channel: str, label: Sensitivity) -> Iterator[Passage]:
    """Each value of the cell but the one that it has."""
    yield from (cell for cell in Passage if cell is not TABLE[channel].passages[label])


def test_one_cell_changed_changes_exactly_that_door(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {
        (channel, label): doors.ask(channel, label) for channel in EXPECTED for label in Sensitivity
    }
    for (channel, label), answer in before.items():
        cell = TABLE[channel].passages[label]
        assert answer == EXPECTED[channel][cell], (channel, label, "as the table is")
    for channel in TABLE:
        for label in Sensitivity:
            for number, cell in enumerate(cells(channel, label)):
                with monkeypatch.context() as changed:
                    changed.setitem(TABLE[channel].passages, label, cell)
                    _check(doors, before, channel, label, cell, everywhere=number == 0)
                if channel == SEARCH:
                    put_again(doors.things[label])


def _check(
    doors: Doors,
    before: dict[tuple[str, Sensitivity], Answer],
    channel: str,
    label: Sensitivity,
    cell: Passage,
    *,
    everywhere: bool,
) -> None:
    if channel in EXPECTED:
        if channel == SEARCH:
            put_again(doors.things[label])
        assert doors.ask(channel, label) == EXPECTED[channel][cell], (channel, label, cell)
    if not everywhere:
        return
    # Laying out a PDF takes long: among the doors that stay as they are, the report's own label.
    others = [
        (other, label)
        for other in EXPECTED
        if other != channel and (other != PRINT or label is Sensitivity.INTERNAL)
    ]
    others += [(API, other) for other in Sensitivity if other is not label]
    for door in others:
        assert doors.ask(*door) == before[door], (channel, label, cell, "changes", door)


def test_every_door_that_there_is_stands_in_the_table_with_what_it_is_for() -> None:
    assert set(TABLE) == {*EXPECTED, PUBLIC_FEED}
    assert all(channel.purpose for channel in TABLE.values())
    assert all(set(channel.passages) == set(Sensitivity) for channel in TABLE.values())


def test_whoever_hands_out_a_file_asks_by_a_channel_of_its_own() -> None:
    """Seen in the source: a page that gives a file out and asks as a page would pass every test
    that does not know it."""
    hands_out = re.compile(r"\b(files\.download|pdf\.pdf_of|return _csv)\(")
    givers = []
    for path in sorted(Path(noroshi.__file__).parent.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not hands_out.search(source):
            continue
        for node in ast.walk(ast.parse(source)):
            body = ast.get_source_segment(source, node) if isinstance(node, ast.FunctionDef) else ""
            if isinstance(node, ast.FunctionDef) and body and hands_out.search(body):
                givers.append((f"{path.stem}.{node.name}", ".through(" in body))
    assert len(givers) >= 5
    assert [name for name, asks in givers if not asks] == []


def test_a_door_that_is_not_in_the_table_opens_to_nobody(world: World) -> None:
    with pytest.raises(KeyError):
        list(SearchEntry.objects.visible_to(world.viewer("alice").through("window")))


def test_what_passes_two_doors_is_what_passes_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE[SEARCH].passages, Sensitivity.GREEN, Passage.NOTICE)
    assert channels.least(Sensitivity.GREEN, (API, SEARCH)) is Passage.NOTICE
    assert channels.least(Sensitivity.RED, (API, SEARCH)) is Passage.NEVER
    assert channels.least(Sensitivity.RED, ()) is Passage.WHOLE


def test_a_mail_whose_channel_shuts_while_it_waits_is_withheld(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = released(world, world.viewer("alice"))
    monkeypatch.setitem(TABLE[MAIL].passages, Sensitivity.AMBER, Passage.NEVER)
    entry = system.rows(OutboxEntry, "a test").get(thing_id=warning.public_id, person=world.bob)
    jobs.deliver(entry.public_id)
    entry.refresh_from_db()
    assert entry.state == EntryState.WITHHELD
    receipts = system.rows(Receipt, "a test").filter(reader__person=world.bob)
    assert [row.what for row in receipts] == ["withheld"]


def test_a_warning_whose_label_leaves_by_no_mail_still_goes_to_its_circle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They read it on its page and are recipients, of whom the register says that no mail went."""
    monkeypatch.setitem(TABLE[MAIL].passages, Sensitivity.AMBER, Passage.NEVER)
    alice = world.viewer("alice")
    warning = released(world, alice)
    recipients = register.recipients_of(alice, warning.release_id)
    assert {(row.person_id, row.mail) for row in recipients} == {
        (world.bob.pk, Passage.NEVER),
        (world.mia.pk, Passage.NEVER),
    }
    assert queries.teams_to_answer_for(world.viewer("bob"), warning)


def test_what_was_stored_with_more_than_may_be_found_now_is_not_found(
    world: World, doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLE[SEARCH].passages, Sensitivity.AMBER, Passage.TITLE)
    number = doors.things[Sensitivity.AMBER].number
    alice = world.viewer("alice")
    assert not search.find(alice, number).exists()
    put_again(doors.things[Sensitivity.AMBER])
    assert search.find(alice, number).exists()
