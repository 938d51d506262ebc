"""A team's work to report on. People's steps are our own actions, at the time they were taken.

Opening and closing are the matching's steps; here the row is written as the matching writes it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine

from noroshi.inventory.models import System
from noroshi.measures import actions as measures
from noroshi.measures.models import Instruction
from noroshi.reports import actions
from noroshi.reports.models import Report
from noroshi.sharing import labelling
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.labels import State as LabelState
from noroshi.vulnerabilities import assessing
from noroshi.vulnerabilities.models import AssessedSystem, Assessment, CloseReason
from noroshi.vulnerabilities.states import State
from tests.harness.people import World
from tests.inventory import builders as inventory

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 24, 14, 10, tzinfo=TOKYO)  # a Tuesday
FIRST = date(2026, 11, 1)


def at(day: str, hour: int = 10) -> datetime:
    """``at("11-03")``: ten o'clock in Tokyo on that day of 2026."""
    month, number = day.split("-")
    return datetime(2026, int(month), int(number), hour, tzinfo=TOKYO)


def moved_to(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def a_system(world: World, name: str) -> System:
    return inventory.a_system(world.teams["a"], world.viewer("alice"), name, [world.otto])


def opened(
    world: World,
    when: datetime,
    *,
    title: str = "Tsuzumi VPN Gateway の認証回避",
    key: str = "",
    system: System | None = None,
    team: str = "a",
    red_for: str = "",
) -> Assessment:
    """A vulnerability that the matching opened then, under RED when it names somebody."""
    with moved_to(when):
        owner = world.teams[team]
        label = labelling.own_label(owner)
        if red_for:
            label = labelling.draft_label(
                owner, Sensitivity.RED, named=[world.people[red_for]], state=LabelState.RELEASED
            )
        count = Assessment.objects.visible_to(world.viewer("alice")).count()
        row = Assessment.objects.create(
            team=owner,
            label=label,
            key=key or f"CVE-2026-{10000 + count + len(title)}",
            title=title,
            severity="critical",
            state=State.TO_ASSESS,
        )
        if system is not None:
            by = world.viewer("alice")
            AssessedSystem.objects.create(
                assessment=row,
                system=system,
                component=inventory.a_component(system, by, name=f"part-{row.public_id}"),
                how="purl",
                confidence=100,
                certainty="certain",
                exposure=system.exposure,
            )
    return row


def assessed(
    world: World,
    row: Assessment,
    when: datetime,
    due_on: date,
    priority: str = "immediate",
) -> Assessment:
    with moved_to(when):
        return assessing.assess(
            assessment=row,
            choice=assessing.Choice(
                "active",
                "open",
                "yes",
                "high",
                "total",
                True,
                priority,
                due_on,
                "保守の窓に合わせる",
            ),
            by=world.viewer("alice"),
        )


def decided(
    world: World,
    row: Assessment,
    when: datetime,
    decision: str = "apply",
    why: str = "外から攻撃されているため、止めて直します。",
    until: date | None = None,
) -> Assessment:
    with moved_to(when):
        return assessing.decide(
            assessment=row, decision=decision, text=why, accept_until=until, by=world.viewer("mana")
        )


def instructed(world: World, row: Assessment, when: datetime, due_on: date) -> Instruction:
    with moved_to(when):
        alice = world.viewer("alice")
        affected = AssessedSystem.objects.visible_to(alice).filter(assessment=row)
        instructions = assessing.instruct(
            assessment=row,
            systems=affected.select_related("system__team", "system__label", "component"),
            kind="upgrade",
            text="9.4.7 へ版を上げる",
            due_on=due_on,
            by=alice,
        )
        return instructions[0]


def verified(world: World, instruction: Instruction, when: datetime) -> None:
    with moved_to(when):
        measures.answer(
            instruction=instruction, what="done", new_version="9.4.7", by=world.viewer("otto")
        )
        measures.verify(instruction=instruction, by=world.viewer("alice"))


def closed(row: Assessment, when: datetime, reason: CloseReason = CloseReason.VERIFIED) -> None:
    row.refresh_from_db()
    row.state, row.closed_at, row.close_reason = State.CLOSED, when, reason
    row.save()


def a_month(world: World) -> dict[str, Assessment]:
    """Found in November 3, fixed 2 (one found before), 1 late, 1 accepted, 1 not ours, 1 under RED."""
    osaka, mail = a_system(world, "大阪工場 拠点VPN"), a_system(world, "メールの関所")
    vpn = opened(world, at("11-05"), key="CVE-2026-20131", system=osaka)
    assessed(world, vpn, at("11-05", 12), date(2026, 11, 20))
    decided(world, vpn, at("11-06"))
    instructed(world, vpn, at("11-06", 12), date(2026, 11, 19))

    fixed = opened(world, at("11-02"), title="メールの関所の欠陥", key="CVE-2026-1001", system=mail)
    assessed(world, fixed, at("11-02", 12), date(2026, 11, 10), "out-of-cycle")
    decided(world, fixed, at("11-03"), why="休みの前に版を上げます。")
    verified(world, instructed(world, fixed, at("11-03", 12), date(2026, 11, 9)), at("11-06", 10))
    closed(fixed, at("11-06", 10))

    older = opened(world, at("10-10"), title="古い帳票印刷の欠陥", key="CVE-2026-1002")
    closed(older, at("11-09"), CloseReason.SBOM)
    not_ours = opened(world, at("11-10"), title="使っていない製品の欠陥", key="CVE-2026-1003")
    closed(not_ours, at("11-11"), CloseReason.NOT_OURS)

    accepted = opened(world, at("08-20"), title="検査機の古い部品", key="CVE-2026-1004")
    assessed(world, accepted, at("08-21"), date(2026, 12, 20), "scheduled")
    decided(
        world,
        accepted,
        at("11-12"),
        "accept",
        "止められないため、網を分けて年末の保守で替えます。",
        date(2026, 12, 28),
    )
    waiting = opened(world, at("08-01"), title="まだ見ていない欠陥", key="CVE-2026-1005")
    secret = opened(world, at("11-08"), title="伏せた欠陥", key="CVE-2026-6666", red_for="alice")
    return {
        "vpn": vpn,
        "fixed": fixed,
        "older": older,
        "not_ours": not_ours,
        "accepted": accepted,
        "waiting": waiting,
        "secret": secret,
    }


def made(
    world: World,
    by: str = "alice",
    note: str = "",
    title: str = "",
    from_on: date = FIRST,
    to_on: date = date(2026, 11, 24),
) -> Report:
    with moved_to(NOW):
        return actions.make_report(
            team=world.teams["a"],
            from_on=from_on,
            to_on=to_on,
            note=note,
            title=title,
            by=world.viewer(by),
        )


def issued(world: World, by: str = "mana") -> Report:
    report = made(world)
    with moved_to(NOW + timedelta(minutes=5)):
        return actions.issue(report=report, by=world.viewer(by))
