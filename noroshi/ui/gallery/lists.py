"""Examples of lists: rows, tables, views and filters."""

from __future__ import annotations

from datetime import date, timedelta

from noroshi.core import clock
from noroshi.ui import components as c
from noroshi.ui.shapes import Choice, Column, Menu, Row, Table, TableRow, Tone, View


def my_turn() -> list[Row]:
    # Long because it is data: five rows, with a value on each line.
    now = clock.now()
    return [
        Row(
            "初動の判断を記録する",
            "#",
            ("I-31 保守用端末からの不審な外部通信", "大阪工場"),
            now + timedelta(minutes=50),
            icon="incident",
            tone="bad",
        ),
        Row(
            "本社の対処を検証する",
            "#",
            ("V-142 Tsuzumi VPN Gateway の認証回避", "山田（見本）が 13:20 に完了を報告"),
            now + timedelta(hours=3, minutes=50),
            icon="vuln",
            tone="go",
        ),
        Row(
            "回答 4 件を確かめる",
            "#",
            ("W-18 Tsuzumi VPN Gateway の悪用", c.tlp("AMBER")),
            now + timedelta(hours=21, minutes=50),
            icon="warning",
            tone="go",
        ),
        Row(
            "影響を評価する",
            "#",
            ("V-145 Hayate DB の権限昇格", "該当 4 システム"),
            now + timedelta(hours=26, minutes=50),
            icon="vuln",
            tone="go",
        ),
        Row(
            "10 月の経営報告を確かめる",
            "#",
            ("下書き 2 版", "佐藤（見本）が依頼"),
            date(2026, 11, 27),
            icon="report",
        ),
    ]


def waiting() -> list[Row]:
    return [
        Row("大阪工場 拠点VPN の版上げ", "#", ("T-233", "V-142"), end=c.person("高橋（見本）")),
        Row(
            "保守用リモート接続の停止可否",
            "#",
            ("T-234", "V-142", "まだ開かれていません"),
            end=c.person("田中（見本）"),
        ),
        Row("V-139 Orizuru Mail の例外申請", "#", ("判断待ち",), end=c.person("佐藤（見本）")),
    ]


# Number, title, severity, decision, systems, state, days until it is due.
_VULNERABILITIES: list[tuple[str, str, int, str, int, tuple[str, str, Tone], int]] = [
    (
        "V-139",
        "Orizuru Mail の添付処理の不備",
        3,
        "定期外",
        1,
        ("判断待ち", "wait", "warn"),
        -1,
    ),
    ("V-142", "Tsuzumi VPN Gateway の認証回避", 4, "即時", 3, ("対応中", "half", "go"), 0),
    ("V-145", "Hayate DB の権限昇格", 3, "", 4, ("評価待ち", "half", "go"), 1),
    ("V-146", "Kagami Web Server における要求の取り違え", 3, "", 2, ("新着", "new", ""), 2),
    ("V-141", "Kura Storage の認可の不備", 3, "定期外", 6, ("検証待ち", "most", "go"), 3),
    (
        "V-134",
        "Hayate DB クライアントの証明書検証の不備",
        2,
        "計画",
        9,
        ("検証待ち", "most", "go"),
        7,
    ),
    ("V-140", "Take OS 内核の競合状態", 2, "計画", 48, ("対応中", "half", "go"), 16),
    ("V-131", "Hibari Agent のメモリ破壊", 1, "保留", 3, ("例外", "wait", "warn"), 96),
]


def vulnerabilities() -> Table:
    return Table(
        caption="未完了の脆弱性、期限の近い順",
        columns=[
            Column("脆弱性"),
            Column("深刻度", sort="severity"),
            Column("判断", nowrap=True),
            Column("該当", number=True, nowrap=True),
            Column("状態"),
            Column("期限", sort="due", nowrap=True),
            Column("担当", nowrap=True),
        ],
        rows=[_vulnerability(*facts) for facts in _VULNERABILITIES],
        pick="v",
        sort="due",
    )


def _vulnerability(
    number: str,
    title: str,
    level: int,
    decision: str,
    systems: int,
    state: tuple[str, str, Tone],
    days: int,
) -> TableRow:
    now = clock.now()
    due = (now + timedelta(days=days, hours=3)).date() if days else now + timedelta(hours=4)
    return TableRow(
        title,
        (
            c.severity(level),
            decision or "まだ",
            f"{systems} システム",
            c.status(*state),
            c.when(due, due=True),
            c.person("鈴木（見本）"),
        ),
        url="#",
        sub=f"{number}　CVE-2099-100{level}{days % 10}",
        value=number,
    )


def systems() -> Table:
    return Table(
        caption="該当するシステム",
        columns=[
            Column("システム"),
            Column("版", nowrap=True),
            Column("照合"),
            Column("持ち主", nowrap=True),
        ],
        rows=[
            TableRow(
                "本社 拠点VPN",
                ("9.4.2", "版の範囲に入る", c.person("山田（見本）")),
                "#",
                "vpn-hq.example.com",
            ),
            TableRow(
                "大阪工場 拠点VPN",
                ("9.4.5", "版の範囲に入る", c.person("高橋（見本）")),
                "#",
                "vpn-osaka.example.com",
            ),
            TableRow(
                "保守用リモート接続",
                ("9.2.1", "版の範囲に入る", c.person("田中（見本）")),
                "#",
                "192.0.2.18",
            ),
        ],
    )


def views() -> list[View]:
    return [
        View("未完了", "#", 14, current=True),
        View("評価待ち", "#", 4),
        View("判断待ち", "#", 2),
        View("対応中", "#", 6),
        View("検証待ち", "#", 2),
        View("完了", "#"),
    ]


def menus() -> list[Menu]:
    return [
        Menu(
            "severity",
            "深刻度",
            [
                Choice("4", "緊急", 1),
                Choice("3", "重要", 4),
                Choice("2", "警告", 3),
                Choice("1", "注意", 1),
            ],
        ),
        Menu(
            "decision",
            "判断",
            [Choice("now", "即時"), Choice("soon", "定期外"), Choice("plan", "計画")],
        ),
        Menu("owner", "担当", [Choice("me", "自分"), Choice("none", "未定")]),
    ]
