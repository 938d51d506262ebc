"""The VPN gateways of the three sites and their console: closed long ago, and under way today.

A chapter is a whole thread in the order of its days, so a long one stays a single function.
"""

from __future__ import annotations

from noroshi.sample.replay import Chapter, Days
from noroshi.sample.sazanami.places import HQ, NAGOYA, OSAKA
from noroshi.sample.steps import Steps, output


def first_vpn_hole(day: Days, do: Steps) -> Chapter:
    """The whole way from the advisory to closed, as it should be."""
    key = "CVE-2023-27997"
    yield day.back(47, "09:20")
    do.receive("ito", key)
    yield day.back(47, "10:40")
    do.assess("ito", key, "3 拠点とも SSL-VPN が外から届く。悪用が確認されており、認証の前に効く。")
    yield day.back(47, "11:30")
    do.decide(
        "sato",
        key,
        "apply",
        "外から届き、悪用が続いているため、今週のうちに版を上げる。止める時間は各拠点と合意済み。",
    )
    yield day.back(47, "13:00")
    do.instruct(
        "suzuki",
        key,
        "upgrade",
        "設定を書き出してから修正版を入れる。再起動のあと、get system status の出力を証跡として付ける。",
        day.past(44),
        version="7.2.5（名古屋は 7.0.12）",
        files=[
            output(
                "拠点VPN 版上げ手順.txt",
                "1. 設定を書き出す",
                "2. 修正版を入れる",
                "3. 再起動して 10 分待つ",
                "4. 版を確かめる",
            )
        ],
    )
    yield day.back(46, "19:40")
    do.answer(
        "yamada",
        key,
        HQ,
        "done",
        "20 時前に完了。接続試験も済み。",
        version="7.2.5",
        evidence=[
            output("hq-status.txt", "Version: FortiGate-200F v7.2.5,build1517", "Hostname: vpn-hq")
        ],
    )
    yield day.back(45, "09:30")
    do.verify("suzuki", key, HQ, "出力の版が修正済みの範囲にあることを確認。")
    yield day.back(45, "18:20")
    do.answer(
        "takahashi",
        key,
        OSAKA,
        "done",
        "17 時から停止、17 時 25 分に復旧。",
        version="7.2.5",
        evidence=[
            output(
                "osaka-status.txt",
                "Version: FortiGate-100F v7.2.5,build1517",
                "Hostname: vpn-osaka",
            )
        ],
    )
    yield day.back(44, "10:10")
    do.verify("suzuki", key, OSAKA, "版と接続の両方を確認。")
    yield day.back(44, "15:00")
    do.answer(
        "yamada",
        key,
        NAGOYA,
        "done",
        "遠隔で実施。",
        version="7.0.12",
        evidence=[
            output(
                "nagoya-status.txt",
                "Version: FortiGate-60F v7.0.12,build0523",
                "Hostname: vpn-nagoya",
            )
        ],
    )
    yield day.back(43, "09:50")
    do.verify("ito", key, NAGOYA, "版を確認。3 拠点とも完了。")
    yield day.back(43, "11:00")
    do.report("suzuki", key)
    do.set_version("yamada", HQ, "FortiOS", "7.2.5")
    do.set_version("takahashi", OSAKA, "FortiOS", "7.2.5")
    do.set_version("yamada", NAGOYA, "FortiOS", "7.0.12")


def vpn_console(day: Days, do: Steps) -> Chapter:
    """An operator cannot do it; the manager decides the next step."""
    key, system = "CVE-2024-47575", "拠点VPN 集中管理"
    yield day.back(7, "13:10")
    do.receive("suzuki", key)
    yield day.back(7, "14:20")
    do.assess(
        "suzuki",
        key,
        "社内からのみ届くが、入られると全拠点の設定が変えられる。悪用が確認されている。",
        due_on=day.ahead(2),
        reason="拠点の版上げと同じ担当のため、順に行う。",
    )
    yield day.back(6, "09:30")
    do.decide("sato", key, "apply", "7.2.8 に上げ、登録のない装置からの接続を拒む設定を入れる。")
    yield day.back(6, "10:00")
    do.instruct(
        "suzuki",
        key,
        "upgrade",
        "fgfm-deny-unknown を有効にしてから 7.2.8 に上げる。",
        day.ahead(2),
        version="7.2.8",
    )
    yield day.back(1, "16:20")
    do.answer(
        "yamada",
        key,
        system,
        "cannot",
        "拠点の版上げが終わるまで、集中管理は止められません。設定だけ先に入れる案があります。",
        reason="cannot_stop",
    )


def second_vpn_hole(day: Days, do: Steps) -> Chapter:
    """Under way today: done in Nagoya, to be verified at headquarters, begun in Osaka."""
    key = "CVE-2024-21762"
    yield day.back(3, "09:10")
    do.receive("ito", key)
    yield day.back(3, "10:20")
    do.assess(
        "ito",
        key,
        "3 拠点とも SSL-VPN が外から届く。認証の前に効き、悪用が確認されている。",
        due_on=day.ahead(0),
        reason="大阪工場の停止は今日の 17 時以降しか取れない。それまで接続元を国内に絞る。",
    )
    yield day.back(3, "11:20")
    do.decide(
        "sato",
        key,
        "apply",
        "外から届き、悪用が続いているため、拠点VPN はすべて期限の日までに版を上げる。大阪工場の 30 分の停止は生産に影響しないことを確かめた。",
    )
    yield day.back(3, "13:00")
    steps = [
        output(
            "拠点VPN 版上げ手順 第2版.txt",
            "1. 設定を書き出す",
            "2. 接続元を国内に絞る",
            "3. 修正版を入れる",
            "4. 再起動して 10 分待つ",
            "5. 版と管理者の一覧を確かめる",
        )
    ]
    text = "設定を書き出し、修正版を入れて再起動する。版と管理者の一覧を証跡として付ける。間に合わないときは SSL-VPN を止め、15 時までに知らせる。"
    for place, due_on, version in (
        (NAGOYA, day.past(1), "7.0.14"),
        (HQ, day.ahead(0), "7.2.7"),
        (OSAKA, day.ahead(0), "7.2.7"),
    ):
        do.instruct(
            "suzuki", key, "upgrade", text, due_on, only=[place], version=version, files=steps
        )
    yield day.back(2, "18:50")
    do.answer(
        "yamada",
        key,
        NAGOYA,
        "done",
        "遠隔で実施。見慣れない管理者はいません。",
        version="7.0.14",
        evidence=[
            output("nagoya-status.txt", "Version: FortiGate-60F v7.0.14,build0601"),
            output("nagoya-admins.txt", "admin-nagoya", "admin-hq"),
        ],
    )
    yield day.back(1, "09:30")
    do.verify("ito", key, NAGOYA, "版と管理者の一覧を確認。")
    yield day.back(1, "09:50")
    do.set_version("yamada", NAGOYA, "FortiOS", "7.0.14")
    yield day.lately(0.20)
    do.answer(
        "takahashi",
        key,
        OSAKA,
        "started",
        "17 時からの停止を予約しました。接続元は国内に絞ってあります。",
    )
    yield day.lately(0.70)
    do.answer(
        "yamada",
        key,
        HQ,
        "done",
        "昼休みに実施。接続試験も済み。",
        version="7.2.7",
        evidence=[
            output("hq-status.txt", "Version: FortiGate-200F v7.2.7,build1577", "Hostname: vpn-hq"),
            output("hq-admins.txt", "admin-hq", "admin-backup"),
        ],
    )


def third_vpn_hole(day: Days, do: Steps) -> Chapter:
    yield day.back(2, "09:20")
    do.receive("ito", "CVE-2024-23113", "CVE-2024-23111")
    yield day.back(2, "16:30")
    do.assess(
        "suzuki",
        "CVE-2024-23113",
        "管理用の通信が拠点間だけに開いている。21762 の版上げで合わせて直る。",
        due_on=day.ahead(1),
        reason="21762 の版上げが済んでから、版で確かめるため。",
    )


CHAPTERS = (first_vpn_hole, vpn_console, second_vpn_hole, third_vpn_hole)
