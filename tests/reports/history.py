"""The rows that the actions on reports leave in the history."""

from __future__ import annotations

from noroshi.core import clock
from noroshi.reports import actions
from noroshi.reports.models import Report
from tests.harness.history import Act, leaves
from tests.harness.people import World


def _made(world: World) -> Report:
    today = clock.today()
    return actions.make_report(
        team=world.teams["a"], from_on=today.replace(day=1), to_on=today, by=world.viewer("alice")
    )


@leaves("reports.make")
def alice_makes_a_report(world: World) -> Act:
    return lambda: _made(world)


@leaves("sharing.release", "reports.issue")
def mana_puts_a_report_before_the_executives(world: World) -> Act:
    report, mana = _made(world), world.viewer("mana")
    return lambda: actions.issue(report=report, by=mana)


@leaves("reports.discard")
def alice_throws_a_report_away(world: World) -> Act:
    report, alice = _made(world), world.viewer("alice")
    return lambda: actions.discard(report=report, by=alice)
