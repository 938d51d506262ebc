"""The rows that the actions on reports leave in the history."""

from __future__ import annotations

from noroshi.core import clock
from noroshi.reports import actions
from noroshi.reports.models import Report
from noroshi.sharing.models import Release
from tests.harness.history import Act, leaves, made
from tests.harness.people import World


def _made(world: World) -> Report:
    today = clock.today()
    return actions.make_report(
        team=world.teams["a"], from_on=today.replace(day=1), to_on=today, by=world.viewer("alice")
    )


@leaves("reports.make")
def alice_makes_a_report(world: World) -> Act:
    return Act(lambda: _made(world), (world.alice, "report", made))


@leaves("sharing.release", "reports.issue")
def mana_puts_a_report_before_the_executives(world: World) -> Act:
    report, mana = _made(world), world.viewer("mana")
    return Act(
        lambda: actions.issue(report=report, by=mana),
        (
            world.mana,
            "release",
            lambda _: Release.objects.visible_to(mana).get(thing_id=report.public_id),
        ),
        (world.mana, "report", report),
    )


@leaves("reports.discard")
def alice_throws_a_report_away(world: World) -> Act:
    report, alice = _made(world), world.viewer("alice")
    return Act(lambda: actions.discard(report=report, by=alice), (world.alice, "report", report))
