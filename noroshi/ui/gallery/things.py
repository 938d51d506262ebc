"""Examples of the parts of a page about one thing: facts, steps, timeline, readers."""

from __future__ import annotations

from datetime import date, timedelta

from noroshi.core import clock
from noroshi.ui import components as c
from noroshi.ui.shapes import Answer, AudienceGroup, AudienceLine, AudiencePanel, Entry, Fact, Step


def facts() -> list[Fact]:
    return [
        Fact("識別子", "CVE-2099-10023", mono=True),
        Fact("製品", "Tsuzumi VPN Gateway"),
        Fact("影響する版", "9.0 以上 9.4.7 未満"),
        Fact("修正版", "9.4.7", mono=True),
        Fact("CVSS 4.0", "9.3"),
        Fact("公表", c.when(date(2026, 11, 22))),
        Fact("持ち主", c.team("さざなみ製作所 CSIRT"), "本社、大阪工場"),
        Fact("空の値", ""),
    ]


def path() -> list[Step]:
    return [
        Step("照合", "3 システムが該当", "done"),
        Step("評価", "伊藤（見本） 10:40", "done"),
        Step("判断", "即時 11:20", "done"),
        Step("対応と検証", "1 / 3 が完了を報告", "now"),
        Step("報告", "未着手"),
    ]


def entries() -> list[Entry]:
    now = clock.now()
    ito, sato = c.person("伊藤（見本）"), c.person("佐藤（見本）")
    return [
        Entry(
            now - timedelta(minutes=18),
            "接続の記録を取り寄せ、同じ宛先へ 41 回の通信を確かめた。",
            meta=(ito, "証跡 1 点"),
        ),
        Entry(
            now - timedelta(hours=1),
            "判断：端末を網から外す。拠点VPN の記録を保全する。",
            "check",
            "key",
            (sato, "セキュリティ責任者"),
        ),
        Entry(
            now - timedelta(hours=1, minutes=32),
            "端末を網から外した。電源は入れたままにしてある。",
            "lock",
            "fine",
            (ito,),
        ),
        Entry(
            now - timedelta(hours=2),
            "保守会社に先に電話する。",
            "note",
            meta=(ito, "自チームのメモ"),
            own=True,
        ),
        Entry(
            now - timedelta(days=1),
            "監視から通知：保守用端末が 203.0.113[.]45 へ 5 分おきに接続。",
            "alert",
            "alarm",
            ("監視システム",),
        ),
    ]


def readers() -> AudiencePanel:
    return AudiencePanel(
        people=61,
        teams=24,
        summary="製造の輪。受け手は自分の組織と、守る先の必要な人に伝えられます。",
        groups=[
            AudienceGroup(
                "届け方",
                [
                    AudienceLine("暗号メール　19 チーム 49 人", "名前で選んだ 1 人を含みます"),
                    AudienceLine("TAXII　2 チーム 2 人", "観測値も機械で届きます"),
                ],
            ),
            AudienceGroup(
                "使える鍵がなく、画面で読む 3 チーム 10 人",
                [
                    AudienceLine("みなと化学 CSIRT", "鍵が登録されていません", "warn"),
                    AudienceLine("Kasasagi-CERT", "鍵が 11月20日に切れました", "warn"),
                ],
                "本文は送らず、読みに来る知らせだけを送ります。",
            ),
            AudienceGroup(
                "届かない人", [AudienceLine("あさひ精工 CSIRT", "加盟を停止中です", "no")]
            ),
        ],
        more_url="#",
    )


def answers() -> list[Answer]:
    return [
        Answer("対応済み", 6, "fok"),
        Answer("影響あり", 4, "fbad"),
        Answer("確認中", 3, "fwarn"),
        Answer("影響なし", 8, "f2"),
        Answer("読んだ", 1, "f3"),
        Answer("未回答", 2, "f4"),
    ]
