"""The Windows terminals of office and factory, each with a maintenance day of its own.

A chapter is a whole thread in the order of its days, so a long one stays a single function.
"""

from __future__ import annotations

from noroshi.sample.replay import Chapter, Days
from noroshi.sample.sazanami.places import DRAWING, MES, VIEWER
from noroshi.sample.steps import Steps, output


def viewers(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-38112"
    yield day.back(16, "09:30")
    do.receive("suzuki", key)
    yield day.back(16, "11:00")
    do.assess(
        "suzuki",
        key,
        "利用者がファイルを開くと影響する。悪用が確認されている。",
        due_on=day.ahead(11),
        reason="閉じた網の作画PC は四半期の保守に合わせる。図面閲覧端末は先に行う。",
    )
    yield day.back(16, "14:30")
    do.decide(
        "sato",
        key,
        "apply",
        "図面閲覧端末は今週中に更新する。作画PC は閉じた網にあるため、四半期の保守に合わせる。",
    )
    yield day.back(16, "15:00")
    do.instruct(
        "suzuki", key, "patch", "月例の更新を入れる。", day.past(11), version="10.0.19045.4651"
    )
    yield day.back(14, "09:20")
    do.withdraw("suzuki", key, DRAWING, "閉じた網の端末は四半期の保守にまとめると決めたため。")
    yield day.back(14, "09:40")
    do.instruct(
        "suzuki",
        key,
        "patch",
        "四半期の保守で更新を入れる。媒体は検査所を通す。",
        day.ahead(11),
        only=[DRAWING],
        version="10.0.19044.4651",
    )
    yield day.back(13, "17:10")
    do.answer(
        "tanaka",
        key,
        VIEWER,
        "done",
        "42 台すべてに入りました。",
        version="10.0.19045.4651",
        evidence=[
            output("patch-report.txt", "対象 42 台", "適用済み 42 台", "OS build 19045.4651")
        ],
    )
    yield day.back(12, "10:10")
    do.verify("ito", key, VIEWER, "配信の一覧で 42 台を確認。")
    yield day.back(12, "10:30")
    do.set_version("tanaka", VIEWER, "Windows 10 Version 22H2", "10.0.19045.4651")


def windows(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-43572"
    yield day.back(9, "09:20")
    do.receive("ito", key)
    yield day.back(9, "11:00")
    do.assess(
        "ito",
        key,
        "利用者が管理コンソールの部品を開くと影響する。悪用が確認されている。",
        due_on=day.ahead(6),
        reason="工場の端末は週末の停止に合わせる。",
    )
    yield day.back(8, "10:10")
    do.decide("sato", key, "apply", "事務の端末は今週、工場の端末は次の週末に更新する。")
    yield day.back(8, "10:40")
    factory = "週末の停止で更新を入れる。"
    for system, due_on, version, text in (
        (VIEWER, day.past(3), "10.0.19045.5011", "月例の更新を入れる。"),
        (MES, day.ahead(3), "10.0.17763.6414", f"{factory}止める前に製造課へ連絡する。"),
        (DRAWING, day.ahead(6), "10.0.19044.5011", factory),
    ):
        do.instruct("ito", key, "patch", text, due_on, only=[system], version=version)
    yield day.back(6, "17:20")
    do.answer(
        "tanaka",
        key,
        VIEWER,
        "done",
        "42 台すべてに入りました。",
        version="10.0.19045.5011",
        evidence=[
            output("patch-report.txt", "対象 42 台", "適用済み 42 台", "OS build 19045.5011")
        ],
    )
    yield day.back(5, "09:40")
    do.verify("suzuki", key, VIEWER, "配信の一覧で 42 台を確認。")
    yield day.back(5, "10:00")
    do.set_version("tanaka", VIEWER, "Windows 10 Version 22H2", "10.0.19045.5011")
    yield day.back(1, "11:10")
    do.answer(
        "takahashi", key, MES, "started", "検証機で問題がないことを確認。週末の停止を予約しました。"
    )


CHAPTERS = (viewers, windows)
