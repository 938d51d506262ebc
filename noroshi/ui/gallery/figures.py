"""Examples of charts and of moments."""

from __future__ import annotations

from datetime import date, timedelta

from noroshi.core import clock
from noroshi.ui import components as c
from noroshi.ui.shapes import Chart, Series


def charts() -> list[Chart]:
    # Long because it is data: one chart of each kind.
    months = [f"{m}月" for m in range(1, 13)]
    return [
        Chart(
            "bars",
            "領域ごとの段階",
            "SIM3 の自己評価の平均、4 のうち",
            ["組織", "人", "道具", "手順"],
            [Series("平均", [3.1, 2.4, 2.8, 2.6])],
        ),
        Chart(
            "columns",
            "受け付けた報告",
            "今年、月ごとの件数。11 月が最も多い",
            months,
            [Series("報告", [12, 9, 14, 8, 11, 17, 9, 6, 13, 15, 21, 0])],
            "件",
        ),
        Chart(
            "line",
            "期限のうちに終えた割合",
            "緊急と重要、月ごと。緊急は 9 割を超えた",
            months,
            [
                Series("緊急", [71, 70, 76, 80, 82, 81, 85, 88, 90, 91, 93, 94]),
                Series("重要", [60, 62, 61, 65, 64, 70, 69, 72, 75, 74, 78, 80], "f2"),
            ],
            "%",
        ),
        Chart(
            "stacked",
            "期限の様子",
            "過ぎた 1 件、今週 6 件",
            ["いま"],
            [
                Series("超過", [1], "fbad"),
                Series("今週", [6], "fwarn"),
                Series("来週から先", [11], "f2"),
            ],
        ),
    ]


def times() -> list[tuple[str, str]]:
    now = clock.now()
    return [
        ("2 時間前", c.when(now - timedelta(hours=2, minutes=39))),
        ("期限、今日", c.when(now + timedelta(hours=3, minutes=50), due=True)),
        ("期限、明日", c.when(now + timedelta(hours=26), due=True)),
        ("期限、過ぎた", c.when(now - timedelta(days=1), due=True)),
        ("期限、終えた", c.when(now - timedelta(days=1), due=True, done=True)),
        ("日付", c.when(date(2027, 2, 28), due=True)),
        ("なし", c.when(None)),
    ]
