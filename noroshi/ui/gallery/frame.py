"""Examples of the frame around a page: navigation, icons."""

from __future__ import annotations

from django.utils.translation import gettext as _

from noroshi.ui.shapes import NavGroup, NavItem

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
