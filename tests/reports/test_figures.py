"""The figures against work whose every step is known."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from noroshi.measures import actions as measures
from noroshi.reports.figures import MOST_LATE, MOST_SYSTEMS, WHY_LENGTH
from noroshi.vulnerabilities.models import Assessment, CloseReason
from noroshi.warnings import actions as warning_actions
from tests.harness.people import World
from tests.inventory.builders import a_component
from tests.reports.builders import (
    NOW,
    a_month,
    a_system,
    assessed,
    at,
    closed,
    decided,
    instructed,
    made,
    moved_to,
    opened,
)
from tests.warnings import builders as warnings


def test_what_came_and_went_in_the_period_is_counted_once(world: World) -> None:
    a_month(world)
    figures = made(world).figures
    # the fix of the sixth took 4 days, the older one 30
    assert figures["found"] == 3
    assert figures["fixed"] == 2
    assert figures["not_ours"] == 1
    assert figures["median_days"] == 17
    assert figures["instructions"] == {"given": 2, "verified": 1, "late": 1}


def test_what_is_open_stands_by_priority_and_age_and_adds_up(world: World) -> None:
    a_month(world)
    figures = made(world).figures["open"]
    assert figures["total"] == 2
    assert figures["by_priority"]["immediate"] == [0, 1, 0, 0]  # 19 days old
    assert figures["by_priority"][""] == [0, 0, 0, 1]  # since August, not assessed
    assert sum(map(sum, figures["by_priority"].values())) == figures["total"]


def test_an_age_belongs_to_the_column_whose_day_it_has_not_passed(world: World) -> None:
    for days in (7, 30, 90):
        opened(world, NOW - timedelta(days=days), title=f"{days} 日")
        opened(world, NOW - timedelta(days=days, minutes=1), title=f"{days} 日と一分")
    assert made(world).figures["open"]["by_priority"][""] == [1, 2, 2, 1]


def test_the_late_one_says_where_who_and_how_long(world: World) -> None:
    rows = a_month(world)
    late = made(world).figures["late"]
    assert late["total"] == 1
    (row,) = late["rows"]
    assert row["id"] == rows["vpn"].public_id
    assert row["days"] == 3  # due on the twentieth at 18:00
    assert row["systems"] == [
        {
            "name": "大阪工場 拠点VPN",
            "operators": [{"ja": "大友 音", "en": "Otto Otomo"}],
            "state": "open",
        }
    ]


def test_late_work_that_nobody_was_told_to_do_blames_nobody(world: World) -> None:
    row = opened(world, at("11-05"), system=a_system(world, "受注"))
    assessed(world, row, at("11-06"), date(2026, 11, 10))
    assert made(world).figures["late"]["rows"][0]["systems"] == [{"name": "受注", "operators": []}]


def test_a_system_that_is_done_is_no_longer_named_among_the_late(world: World) -> None:
    row = opened(world, at("11-05"), system=a_system(world, "受注"))
    assessed(world, row, at("11-06"), date(2026, 11, 10))
    affected = row.systems.visible_to(world.viewer("alice")).get()
    affected.verified_at = at("11-09")
    affected.save()
    assert made(world).figures["late"]["rows"][0]["systems"] == []


def test_decisions_carry_the_managers_own_words_newest_first(world: World) -> None:
    rows = a_month(world)
    decided_ = made(world).figures["decided"]
    assert (decided_["total"], decided_["apply"], decided_["accept"]) == (3, 2, 1)
    assert [row["id"] for row in decided_["rows"]] == [
        rows[name].public_id for name in ("accepted", "vpn", "fixed")
    ]
    newest = decided_["rows"][0]
    assert newest["why"] == "止められないため、網を分けて年末の保守で替えます。"
    assert newest["until"] == "2026-12-28"
    assert newest["by"] == {"ja": "真中 真名", "en": "Mana Manaka"}
    assert newest["on"] == "2026-11-12"


def test_a_decision_of_another_period_is_not_told_again_but_its_risk_is(world: World) -> None:
    row = opened(world, at("09-01"), title="夏からの受け入れ")
    assessed(world, row, at("09-02"), date(2026, 12, 1))
    decided(world, row, at("09-03"), "accept", "年末まで待ちます。", date(2026, 12, 25))
    figures = made(world).figures
    assert figures["decided"]["total"] == 0
    assert [row["id"] for row in figures["accepted"]["rows"]] == [row.public_id]


def test_the_accepted_risk_that_comes_back_next_stands_first(world: World) -> None:
    for day in (28, 10, 20):
        row = opened(world, at("11-01"), title=f"{day} 日まで")
        assessed(world, row, at("11-02"), date(2026, 12, 1))
        decided(world, row, at("11-03"), "accept", "待ちます。", date(2026, 12, day))
    rows = made(world).figures["accepted"]["rows"]
    assert [row["until"] for row in rows] == ["2026-12-10", "2026-12-20", "2026-12-28"]


def test_every_week_of_the_trend_follows_from_the_one_before(world: World) -> None:
    a_month(world)
    figures = made(world).figures
    before = figures["open_before"]
    assert before == 2
    assert len(figures["trend"]) == 12
    for week in figures["trend"]:
        assert week["open"] == before + week["opened"] - week["left"]
        before = week["open"]
    assert before == figures["open"]["total"]
    assert [(week["opened"], week["left"]) for week in figures["trend"][-4:]] == [
        (2, 1),
        (1, 3),
        (0, 0),
        (0, 0),
    ]


def test_what_stands_under_red_is_in_no_list_and_no_count(world: World) -> None:
    opened(world, at("11-05"), title="見える欠陥")
    without = made(world).figures
    hidden = opened(
        world, at("11-06"), title="伏せた欠陥", red_for="alice", system=a_system(world, "秘密の系")
    )
    assessed(world, hidden, at("11-07"), date(2026, 11, 9))
    assert hidden in Assessment.objects.visible_to(world.viewer("alice"))  # who makes it sees both
    assert made(world, by="alice").figures == without


def test_an_instruction_on_red_work_is_not_counted(world: World) -> None:
    hidden = opened(world, at("11-06"), red_for="alice", system=a_system(world, "秘密の系"))
    hidden.label.named.through.objects.create(label=hidden.label, person=world.mana)
    assessed(world, hidden, at("11-07"), date(2026, 11, 9))
    decided(world, hidden, at("11-08"))
    instructed(world, hidden, at("11-08", 12), date(2026, 11, 9))
    assert made(world).figures["instructions"] == {"given": 0, "verified": 0, "late": 0}


def test_another_teams_work_is_not_ours(world: World) -> None:
    opened(world, at("11-05"), title="びわ電機の欠陥", team="b")
    figures = made(world).figures
    assert figures["found"] == figures["open"]["total"] == 0


def test_the_period_is_whole_days_of_the_makers_zone(world: World) -> None:
    opened(world, at("10-31", 23), title="前の月")
    opened(world, at("11-01", 0), title="初日の零時")
    assert made(world).figures["found"] == 1


def test_work_that_waits_for_another_person_does_not_name_the_operator(world: World) -> None:
    row = opened(world, at("11-05"), system=a_system(world, "受注"))
    assessed(world, row, at("11-06"), date(2026, 11, 10))
    decided(world, row, at("11-06", 11))
    instruction = instructed(world, row, at("11-06", 12), date(2026, 11, 9))
    with moved_to(at("11-08")):
        measures.answer(
            instruction=instruction, what="done", new_version="2", by=world.viewer("otto")
        )
    assert made(world).figures["late"]["rows"][0]["systems"][0]["state"] == "done"


def test_warnings_sent_and_answered_are_counted_and_red_ones_are_not(world: World) -> None:
    with moved_to(at("11-10")):
        warnings.released(world, world.viewer("alice"))
        warnings.released(
            world,
            world.viewer("alice"),
            sensitivity="red",
            circle=None,
            named=[world.people["bob"]],
        )
        bob = world.viewer("bob")
        draft = warning_actions.draft(
            team=world.teams["b"], content=warnings.content(world, title="びわ電機から"), by=bob
        )
        theirs = warning_actions.release(warning=draft, by=bob)
        warning_actions.answer(warning=theirs, state="investigating", by=world.viewer("alice"))
        warning_actions.answer(warning=theirs, state="not_affected", by=world.viewer("alice"))
    assert made(world).figures["warnings"] == {"sent": 1, "answered": 1}


def test_executives_are_not_told_that_somebody_answered_a_red_warning(world: World) -> None:
    with moved_to(at("11-10")):
        bob, alice = world.viewer("bob"), world.viewer("alice")
        secret = warnings.content(world, sensitivity="red", circle=None, named=[world.alice])
        draft = warning_actions.draft(team=world.teams["b"], content=secret, by=bob)
        warning = warning_actions.release(warning=draft, by=bob)
        warning_actions.answer(warning=warning, state="affected", by=alice)
    assert made(world).figures["warnings"] == {"sent": 0, "answered": 0}


def test_long_lists_are_cut_and_the_totals_are_not(world: World) -> None:
    for number in range(MOST_LATE + 2):
        row = opened(world, at("11-01"), title=f"欠陥 {number:02}")
        assessed(world, row, at("11-02"), date(2026, 11, 3))
    figures = made(world).figures
    assert figures["late"]["total"] == MOST_LATE + 2
    assert len(figures["late"]["rows"]) == MOST_LATE


def test_long_reasons_and_many_systems_are_cut(world: World) -> None:
    many = opened(world, at("11-05"), system=a_system(world, "系 0"))
    for number in range(1, MOST_SYSTEMS + 3):
        affected = many.systems.visible_to(world.viewer("alice")).first()
        assert affected is not None
        system = a_system(world, f"系 {number}")
        affected.pk, affected.system = None, system
        affected.component = a_component(system, world.viewer("alice"), name="part")
        affected.save(force_insert=True)
    assessed(world, many, at("11-06"), date(2026, 11, 10))
    decided(world, many, at("11-07"), why="長い理由です。" * 200)
    figures = made(world).figures
    row = figures["late"]["rows"][0]
    assert (len(row["systems"]), row["more_systems"]) == (MOST_SYSTEMS, 3)
    assert len(figures["decided"]["rows"][0]["why"]) == WHY_LENGTH
    assert figures["decided"]["rows"][0]["why"].endswith("…")


def test_the_figures_stay_as_they_were(world: World) -> None:
    rows = a_month(world)
    report = made(world)
    before = report.figures
    closed(rows["vpn"], NOW, CloseReason.VERIFIED)
    report.refresh_from_db()
    assert report.figures == before


def test_the_number_of_queries_does_not_grow_with_the_work(world: World) -> None:
    counts = []
    a_month(world)
    for round_ in range(2):
        with CaptureQueriesContext(connection) as caught:
            made(world)
        counts.append(len(caught))
        for number in range(6):
            name = f"{round_} {number}"
            row = opened(
                world, at("11-03"), title=f"欠陥 {name}", system=a_system(world, f"系 {name}")
            )
            assessed(world, row, at("11-04"), date(2026, 11, 20))
            decided(world, row, at("11-05"))
            instructed(world, row, at("11-05", 12), date(2026, 11, 19))
    with CaptureQueriesContext(connection) as caught:
        made(world)
    counts.append(len(caught))
    assert len(set(counts)) == 1, counts
