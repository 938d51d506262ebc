"""The inventory, the people and the reports of さざなみ製作所."""

from __future__ import annotations

from datetime import timedelta

from noroshi.directory import actions as directory
from noroshi.reports import actions as reports
from noroshi.sample.replay import Chapter, Days
from noroshi.sample.sazanami.places import HQ, MES, OSAKA, PORTAL
from noroshi.sample.steps import Steps


def inventory_comes_in(day: Days, do: Steps) -> Chapter:
    yield day.back(50, "09:30")
    do.take_list("suzuki", "sazanami.csv")
    yield day.back(50, "10:20")
    do.add_system(
        "suzuki",
        PORTAL,
        owner="tanaka",
        exposure="internet",
        criticality="high",
        place="データセンター西",
        note="https://parts.sazanami.example/ 取引先 140 社が使う。版は開発会社の部品表で届く。",
    )
    yield day.back(50, "10:40")
    do.note("suzuki", HQ, "vpn-hq.sazanami.example（192.0.2.10）。停止は業務時間外に 20 分まで。")
    do.note(
        "suzuki",
        OSAKA,
        "vpn-osaka.sazanami.example（192.0.2.20）。停止は 17 時以降、前日までに製造課へ連絡。",
    )
    do.note("suzuki", MES, "計画停止は四半期に 1 回。それ以外の停止は工場長の承認がいる。")
    yield day.back(49, "11:00")
    do.take_bom("suzuki", "portal-1.cdx.json", PORTAL)


def people_come_and_go(day: Days, do: Steps) -> Chapter:
    yield day.back(32, "17:00")
    directory.leave(
        person=do.cast.people["kimura"], team=do.cast.teams["sazanami"], by=do.cast.viewer("sato")
    )
    yield day.back(4, "09:20")
    directory.invite(
        team=do.cast.teams["sazanami"],
        mail="ishikawa@sazanami.example",
        role="csirt",
        name="石川（見本）",
        by=do.cast.viewer("sato"),
    )
    yield day.back(4, "09:30")
    directory.issue_token(
        name="構成管理からの部品表",
        scopes=["read", "write"],
        days=180,
        team=do.cast.teams["sazanami"],
        by=do.cast.viewer("sato"),
    )


def month_for_the_executive(day: Days, do: Steps) -> Chapter:
    first, last, issued = day.month()
    team = do.cast.teams["sazanami"]
    yield issued - timedelta(minutes=40)
    report = reports.make_report(
        team=team,
        from_on=first,
        to_on=last,
        by=do.cast.viewer("suzuki"),
        note="悪用が確認されたものは、見つけた日か翌日に手を打てています。工場の設備は計画停止に合わせるため、受け入れたものが残ります。",
    )
    yield issued
    reports.issue(report=report, by=do.cast.viewer("sato"))
    yield day.lately(0.50)
    today = day.zero
    reports.make_report(
        team=team,
        from_on=min(today.replace(day=1), today),
        to_on=today,
        by=do.cast.viewer("suzuki"),
        note="拠点VPN の版上げが今日終わります。保守用リモート接続の移行が遅れています。",
    )


CHAPTERS = (
    inventory_comes_in,
    people_come_and_go,
    month_for_the_executive,
)
