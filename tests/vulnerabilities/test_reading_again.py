"""An upgrade whose readers have learnt: what an instance holds already is read once more."""

from __future__ import annotations

from importlib import import_module

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from noroshi.core import files, history, jobs
from noroshi.directory.viewer import Viewer
from noroshi.formats.versions import Scheme, key
from noroshi.inventory.models import Component
from noroshi.sharing.system import rows
from noroshi.vulnerabilities.models import Advisory, AdvisoryRevision, AffectedRange, Match
from tests.harness.people import World
from tests.vulnerabilities.builders import a_component, an_advisory, assessments, received

upgrade = import_module("noroshi.vulnerabilities.migrations.0007_read_again")

WHY = "a test writes what an older version would have written"
TOMCAT = an_advisory(
    vendor="Apache Software Foundation",
    name="Apache Tomcat",
    versions="vers:generic/>=10.1.0-M1|<=10.1.13",
    title="Request smuggling in Apache Tomcat",
)


def as_before(number: str) -> bytes:
    """The key of a milestone as it was made before: behind its release."""
    return key(number, Scheme.GENERIC).replace(b"\x07\0", b"\x1bm\0")


def upgraded() -> None:
    before = MigrationLoader(connection).project_state(("vulnerabilities", "0006_asks"))
    upgrade.ask(before.apps, None)
    jobs.run_waiting()


def test_a_release_whose_advisory_begins_with_its_milestones_is_found_after_the_upgrade(
    world: World, alice: Viewer
) -> None:
    advisory = received(TOMCAT, world.teams["a"], alice).advisory
    rows(AffectedRange, WHY).filter(status="affected").update(low=as_before("10.1.0-M1"))
    a_component(
        world.teams["a"], alice, "Apache Tomcat", "10.1.0", vendor="Apache Software Foundation"
    )
    jobs.run_waiting()
    assert assessments(alice) == []

    upgraded()

    assert [row.key for row in assessments(alice)] == ["CVE-2024-0001"]
    again = Advisory.objects.visible_to(alice).get()
    assert (again.public_id, again.received_at) == (advisory.public_id, advisory.received_at)
    assert files.read_file(again.raw_sha256) == TOMCAT
    assert AdvisoryRevision.objects.visible_to(alice).filter(advisory=again).count() == 1
    last = history.rows_of("advisory", again.public_id).latest("number")
    assert (last.action, last.actor) == ("vulnerabilities.read_again", history.SYSTEM.actor_id)


def test_an_installed_milestone_is_found_after_the_upgrade(world: World, alice: Viewer) -> None:
    received(
        an_advisory(name="Apache Tomcat", vendor="Apache", versions="vers:generic/<10.1.0"),
        world.teams["a"],
        alice,
    )
    affected = a_component(world.teams["a"], alice, "Apache Tomcat", "10.1.0-M5", vendor="Apache")
    rows(Component, WHY).update(version_key=as_before("10.1.0-M5"))
    jobs.run_waiting()
    assert assessments(alice) == []

    upgraded()

    assert [row.key for row in assessments(alice)] == ["CVE-2024-0001"]
    last = history.rows_of("system", affected.system.public_id).latest("number")
    assert (last.action, last.after) == ("inventory.order_versions", {"versions": 1})


def test_an_upgrade_that_changes_nothing_leaves_work_matches_and_history_as_they_are(
    world: World, alice: Viewer
) -> None:
    received(an_advisory(), world.teams["a"], alice)
    affected = a_component(world.teams["a"], alice)
    jobs.run_waiting()
    advisory = Advisory.objects.visible_to(alice).get()
    before = [
        rows(Match, WHY).count(),
        [(row.public_id, row.state) for row in assessments(alice)],
        history.rows_of("advisory", advisory.public_id).count(),
        history.rows_of("system", affected.system.public_id).count(),
    ]

    upgraded()
    upgraded()

    assert before == [
        rows(Match, WHY).count(),
        [(row.public_id, row.state) for row in assessments(alice)],
        history.rows_of("advisory", advisory.public_id).count(),
        history.rows_of("system", affected.system.public_id).count(),
    ]
    assert before[0]
