"""Somebody is stopped while a warning leaves, in two transactions at once.

What the register says of who read, and what the history says of who came first, must be one story;
and no mail goes to whoever left. Two threads on a real database: a file, or PostgreSQL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from noroshi.core import clock
from noroshi.core.errors import Refused
from noroshi.core.history.models import HistoryRow
from noroshi.directory import actions as directory
from noroshi.directory.models import Person
from noroshi.exchange.mail import jobs as post
from noroshi.measures import actions as measures
from noroshi.reports import actions as reports
from noroshi.sharing import audience as audiences
from noroshi.sharing import register, system
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import EntryState, OutboxEntry, Receipt, ReleaseReader
from noroshi.warnings import actions as warnings
from noroshi.warnings.models import Warning
from tests.harness.people import World, make_world
from tests.harness.smtp import PostOffice, running
from tests.inventory.builders import a_system

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def own_connections(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """A function that opens a connection for each thread: on SQLite to a copy of the database in a file."""
    usual = connections["default"]
    if usual.vendor != "sqlite":
        yield lambda: None
        return
    settings = {**usual.settings_dict, "NAME": str(tmp_path / "race.sqlite3")}
    opened = []

    def connect() -> None:
        own = type(usual)(settings, "default")
        opened.append(own)
        connections["default"] = own

    connect()
    opened[0].ensure_connection()
    usual.connection.backup(opened[0].connection)
    yield connect
    connections["default"] = usual
    for own in opened:
        own.inc_thread_sharing()
        own.close()


@pytest.fixture
def at_once(own_connections: Callable[[], None]) -> Run:
    """Runs calls in threads of their own; gives what each returned or raised, by its name."""

    def run(**calls: Callable[[], Any]) -> dict[str, Any]:
        ended: dict[str, Any] = {}

        def run_one(name: str, call: Callable[[], Any]) -> None:
            own_connections()
            try:
                ended[name] = call()
            except Exception as error:  # noqa: BLE001  # handed to the test
                ended[name] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=run_one, args=call) for call in calls.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert ended.keys() == calls.keys(), f"still running: {calls.keys() - ended.keys()}"
        return ended

    return run


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with running(settings) as office:
        yield office


def a_draft(world: World) -> Warning:
    content = warnings.Content(
        sensitivity=Sensitivity.AMBER,
        circle=world.circles["x"],
        title="題",
        title_en="T",
        text="本文",
        todo="する",
    )
    return warnings.draft(team=world.teams["a"], content=content, by=world.viewer("alice"))


def numbers() -> dict[str, int]:
    """Where in the history the last release, suspension and reinstatement stand."""
    rows = HistoryRow.objects.order_by("number").values_list("action", "number")
    return dict(rows)


def one_story(thing_id: str, person_id: int) -> bool:
    """Did it go to this person? The register, the outbox and the order of the history must agree."""
    rows = system.rows(ReleaseReader, "a test looks").filter(release__thing_id=thing_id)
    is_reader = rows.filter(person_id=person_id).exists()
    entries = system.rows(OutboxEntry, "a test looks").filter(thing_id=thing_id)
    assert entries.filter(person_id=person_id).exists() is is_reader
    assert set(entries.values_list("person_id", flat=True)) <= set(
        rows.values_list("person_id", flat=True)
    )
    stands = numbers()
    assert is_reader is (stands["sharing.release"] < stands.get("directory.suspend_person", 10**9))
    return is_reader


def waits_with_the_audience(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, Any]:
    """A release that has read who reads waits for ``stopped``, or half a second."""
    looked, stopped = threading.Event(), threading.Event()

    def look_and_wait(label: Any) -> Any:
        audience = audiences.audience_of(label)
        looked.set()
        stopped.wait(timeout=0.5)
        return audience

    monkeypatch.setattr(register, "audience_of", look_and_wait)
    return looked, stopped


def deliver_everything() -> None:
    for entry in system.rows(OutboxEntry, "a test delivers").filter(state=EntryState.QUEUED):
        post.deliver(entry.public_id)


def test_whoever_is_stopped_while_a_release_looks_who_reads_is_wholly_before_or_after(
    at_once: Run, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The release has read the audience, and waits; the suspension may not slip in between."""
    world = make_world()
    warning, bob = a_draft(world), world.people["bob"]
    looked, stopped = waits_with_the_audience(monkeypatch)

    def stop() -> None:
        assert looked.wait(timeout=10)
        directory.suspend_person(person=bob, team=world.teams["b"], by=world.viewer("mia"))
        stopped.set()

    alice = world.viewer("alice")
    ended = at_once(release=lambda: warnings.release(warning=warning, by=alice), stop=stop)
    assert not isinstance(ended["release"], Exception), ended["release"]
    assert ended["stop"] is None
    assert one_story(warning.public_id, bob.pk)
    deliver_everything()
    assert not office.to("bob@b.example")
    assert office.to("mia@b.example")
    receipts = system.rows(Receipt, "a test looks").filter(reader__person=bob)
    assert list(receipts.values_list("what", flat=True)) == ["withheld"]


def a_report(world: World) -> tuple[Callable[[], Any], Person]:
    """Alice issues a report to Eve."""
    today, alice = clock.today(), world.viewer("alice")
    made = reports.make_report(
        team=world.teams["a"], from_on=today.replace(day=1), to_on=today, by=alice
    )
    return lambda: reports.issue(report=made, by=alice).public_id, world.eve


def a_red_instruction(world: World) -> tuple[Callable[[], Any], Person]:
    """Alice instructs Otto on a matter that names her alone."""
    alice = world.viewer("alice")
    host = a_system(world.teams["a"], alice, owners=[world.otto])

    def instruct() -> str:
        row = measures.instruct(
            team=world.teams["a"],
            subject=measures.Subject("assessment", "V-00000000", "題"),
            system=host,
            order=measures.Order("patch", "する", clock.now() + timedelta(days=1)),
            operators=[world.otto],
            red_readers=[world.alice],
            by=alice,
        )
        return row.public_id

    return instruct, world.otto


@pytest.mark.parametrize("prepare", [a_report, a_red_instruction])
def test_whoever_is_stopped_while_a_report_or_a_red_instruction_leaves_is_wholly_before_or_after(
    prepare: Callable[[World], tuple[Callable[[], Any], Person]],
    at_once: Run,
    office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A report has only the register to hold the history; an instruction has written its row before."""
    world = make_world()
    leave, person = prepare(world)
    looked, stopped = waits_with_the_audience(monkeypatch)

    def stop() -> None:
        assert looked.wait(timeout=10)
        directory.suspend_person(person=person, team=world.teams["a"], by=world.viewer("mana"))
        stopped.set()

    ended = at_once(leave=leave, stop=stop)
    assert isinstance(ended["leave"], str), ended["leave"]
    assert ended["stop"] is None
    assert one_story(ended["leave"], person.pk)
    deliver_everything()
    assert not office.to(person.mail)


def test_releases_and_suspensions_at_once_tell_one_story_each_time(
    at_once: Run, office: PostOffice
) -> None:
    world = make_world()
    bob, team = world.people["bob"], world.teams["b"]
    mia, alice = world.viewer("mia"), world.viewer("alice")
    for number in range(6):
        warning = a_draft(world)
        seen = warnings.fingerprint(warning, audiences.audience_of(warning.label))
        start = threading.Barrier(2)

        def release(warning: Warning = warning, seen: str = seen, start: Any = start) -> Any:
            start.wait()
            return warnings.release(warning=warning, by=alice, seen=seen)

        def stop(number: int = number, start: Any = start) -> None:
            start.wait()
            threading.Event().wait(0.004 * (number % 3))
            directory.suspend_person(person=bob, team=team, by=mia)

        ended = at_once(release=release, stop=stop)
        assert ended["stop"] is None
        if isinstance(ended["release"], Refused):  # what alice saw is not what would leave
            assert "directory.suspend_person" in numbers()
            assert not system.rows(ReleaseReader, "a test looks").filter(
                release__thing_id=warning.public_id
            )
        else:
            assert isinstance(ended["release"], Warning), ended["release"]
            assert one_story(warning.public_id, bob.pk)
        deliver_everything()
        assert not office.to("bob@b.example")
        directory.reinstate_person(person=bob, team=team, by=mia)


def test_somebody_who_reads_a_release_takes_up_another_role_at_the_same_moment(
    at_once: Run,
) -> None:
    world = make_world()
    bob, alice, adam = world.people["bob"], world.viewer("alice"), world.viewer("adam")
    bob.set_password("of nobody")
    bob.save()
    drafts = [a_draft(world) for _ in range(6)]
    issued = [
        directory.invite(team=world.teams["c"], mail=bob.mail, role="operator", by=adam)
        for _ in range(24)
    ]
    ended = at_once(
        release=lambda: [warnings.release(warning=draft, by=alice).state for draft in drafts],
        bob=lambda: [
            directory.accept_invitation(secret=invitation.secret).pk for invitation in issued
        ],
    )
    assert ended == {"release": ["released"] * 6, "bob": [bob.pk] * 24}
