"""Posts of an action: rows in its own transaction, as many statements for many as for few."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from noroshi.core import jobs
from noroshi.directory.models import Person
from noroshi.exchange.mail.jobs import deliver
from noroshi.sharing import labelling, links, outbox, system
from noroshi.sharing.models import Link, OutboxEntry
from tests.harness.people import World

DELIVER = jobs.path_of(deliver)

NOTICE = outbox.Notice(
    "instruction.given",
    thing_kind="instruction",
    thing_id="T-1",
    template="x/mail/y",
    path="/x",
    link_purpose="a.b",
    link_path="/l/{secret}",
)


def people(count: int) -> list[Person]:
    return Person.objects.bulk_create(
        Person(
            mail=f"p{count}-{number}@a.example", name=f"人{number}", password=make_password(None)
        )
        for number in range(count)
    )


def posted(world: World, to: list[Person]) -> tuple[int, list[OutboxEntry]]:
    """How many statements posting took, and the entries."""
    with transaction.atomic():
        label = labelling.own_label(world.teams["a"])
        with CaptureQueriesContext(connection) as captured:
            entries = outbox.post(NOTICE, label, to=to)
    return len(captured), entries


def test_posting_to_three_hundred_asks_the_database_as_often_as_to_three(world: World) -> None:
    few, _ = posted(world, people(3))
    many, entries = posted(world, people(300))
    assert many == few
    assert len(entries) == 300


def test_everybody_gets_an_entry_a_link_and_a_job_of_their_own(world: World) -> None:
    _, entries = posted(world, people(3))
    rows = system.rows(OutboxEntry, "a test").filter(label=entries[0].label).select_related("link")
    assert [row.link and row.link.person_id for row in rows] == [row.person_id for row in rows]
    assert len({links.secret_of(link) for link in Link.objects.all()}) == 3
    tasks: list[Any] = [SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("id")]
    assert [task["args"][0] for task in tasks] == [row.public_id for row in entries]
    assert {task["func"] for task in tasks} == {DELIVER}


def test_nobody_to_tell_posts_nothing(world: World) -> None:
    assert posted(world, [])[1] == []
    assert not OrmQ.objects.exists()


def test_a_job_of_many_runs_like_a_job_of_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    monkeypatch.setattr("noroshi.exchange.mail.jobs.deliver", ran.append)
    jobs.enqueue_many(DELIVER, ["E-1", "E-2"])
    jobs.enqueue(DELIVER, "E-3")
    assert jobs.run_waiting() == 3
    assert ran == ["E-1", "E-2", "E-3"]
