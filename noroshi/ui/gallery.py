"""Examples for the page of components: made-up organisations, people, products and numbers.

Only used while developing (``DEBUG``) and by the tests that look at the components.
"""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext as _

from noroshi.core import clock
from noroshi.core.errors import NotFound
from noroshi.ui import components as c
from noroshi.ui.shapes import (
    Answer,
    AudienceGroup,
    AudienceLine,
    AudiencePanel,
    Board,
    Chart,
    Choice,
    Column,
    Entry,
    Fact,
    Menu,
    NavGroup,
    NavItem,
    Pager,
    Row,
    Series,
    Step,
    Table,
    TableRow,
    View,
    hide_small,
)

PAGES = ("today", "list", "thing", "compose", "phone", "report", "signin")


def page(name: str) -> str:
    """The name again when there is such a page; nothing from a URL becomes a template's name."""
    if name not in PAGES:
        raise NotFound
    return name


def everything() -> dict[str, object]:
    """All examples by name."""
    return {
        "nav": nav(),
        "notices": 2,
        "notices_url": "#",
        "settings_url": "#",
        "viewer_team": "さざなみ製作所 CSIRT",
        "now": clock.now(),
        "mine": my_turn(),
        "waiting": waiting(),
        "vulnerabilities": vulnerabilities(),
        "systems": systems(),
        "views": views(),
        "menus": menus(),
        "pages": Pager(text="14 件のうち 1–9 件", newer="", older="#"),
        "facts": facts(),
        "path": path(),
        "entries": entries(),
        "readers": readers(),
        "board": Board(answers(), 24),
        "few": Board(hide_small(answers()), 24),
        "form": WarningForm(),
        "refused": refused(),
        "charts": charts(),
        "pages_shown": PAGES,
        "times": times(),
        "icons": sorted(ICONS),
        "label": "AMBER",
    }


ICONS = [
    "alert",
    "bell",
    "book",
    "check",
    "clock",
    "copy",
    "down",
    "download",
    "edit",
    "eye",
    "file",
    "gear",
    "incident",
    "key",
    "link",
    "lock",
    "mail",
    "menu",
    "moon",
    "net",
    "next",
    "note",
    "plus",
    "prev",
    "print",
    "report",
    "ring",
    "s-bar",
    "s-done",
    "s-half",
    "s-most",
    "s-new",
    "s-no",
    "s-now",
    "s-open",
    "s-wait",
    "search",
    "send",
    "server",
    "sun",
    "task",
    "team",
    "today",
    "up",
    "vuln",
    "warning",
    "wg",
    "x",
]


def nav() -> list[NavGroup]:
    def item(
        label: str, icon: str, count: int = 0, key: str = "", *, current: bool = False
    ) -> NavItem:
        return NavItem(label, "#", icon, str(count or ""), current, key)

    return [
        NavGroup("", [item(_("Today"), "today", 5, "t", current=True)]),
        NavGroup(
            "対応する",
            [
                item("脆弱性", "vuln", 14, "v"),
                item("インシデント", "incident", 3, "i"),
                item("指示とタスク", "task", 8),
            ],
        ),
        NavGroup(
            "分かち合う",
            [
                item("早期警戒", "warning", 2, "w"),
                item("共有事例", "book"),
                item("ワーキンググループ", "wg"),
                item("知見", "search"),
            ],
        ),
        NavGroup("つながる", [item("チーム名簿", "team"), item("信頼の輪", "ring")]),
        NavGroup(
            "ととのえる",
            [item("システム台帳", "server"), item("報告書", "report"), item("設定", "gear")],
        ),
    ]


def my_turn() -> list[Row]:
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


def vulnerabilities() -> Table:
    now = clock.now()
    lines = [
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
        rows=[
            TableRow(
                title,
                (
                    c.severity(level),
                    decision or "まだ",
                    f"{hits} システム",
                    c.status(*state),  # type: ignore[arg-type]  # a tuple of the three words
                    c.when(
                        (now + timedelta(days=days, hours=3)).date()
                        if days
                        else now + timedelta(hours=4),
                        due=True,
                    ),
                    c.person("鈴木（見本）"),
                ),
                url="#",
                sub=f"{number}　CVE-2099-100{level}{days % 10}",
                value=number,
            )
            for number, title, level, decision, hits, state, days in lines
        ],
        pick="v",
        sort="due",
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


class WarningForm(forms.Form):
    tlp = forms.ChoiceField(
        label="表示",
        choices=[(v, v) for v in ("RED", "AMBER_STRICT", "AMBER", "GREEN", "CLEAR")],
        widget=forms.RadioSelect,
        initial="AMBER",
    )
    circle = forms.ChoiceField(label="届ける輪", choices=[("1", "製造の輪（24 チーム）")])
    title = forms.CharField(label="題名", min_length=4)
    title_en = forms.CharField(label="題名（英語）", required=False)
    summary = forms.CharField(
        label="要点",
        help_text="何が起きていて、だれに関わるか。3 文まで。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    answer = forms.ChoiceField(
        label="影響",
        choices=[("c", "確認中"), ("y", "影響あり"), ("n", "影響なし"), ("d", "対応済み")],
        widget=forms.RadioSelect,
        initial="c",
    )
    until = forms.DateTimeField(
        label="回答の締切",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        required=False,
    )
    proof = forms.FileField(label="証跡", help_text="20 MB まで、5 点まで。", required=False)
    embargo = forms.BooleanField(
        label="この時刻まで、受け手はほかへ伝えられません",
        help_text="過ぎると、表示の範囲で伝えられるようになります",
        required=False,
    )

    TLP_HINTS = {
        "RED": "名前を挙げた人だけ。ほかのだれにも伝えない",
        "AMBER_STRICT": "受け手の組織の中だけ",
        "AMBER": "受け手の組織と、守る先の必要な人",
        "GREEN": "加盟チームと同業。公の場には出さない",
        "CLEAR": "だれでも",
    }


def refused() -> WarningForm:
    form = WarningForm({"tlp": "RED", "circle": "1", "summary": "", "title": "Hayate DB"})
    form.add_error("title", "題名に <b>製品の名前</b> だけでは、何が起きたか分かりません")
    return form


def charts() -> list[Chart]:
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
