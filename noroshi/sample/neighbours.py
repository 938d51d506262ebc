"""The work of the other five teams: shorter threads, the same steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from noroshi.sample.replay import Chapter, Days
from noroshi.sample.steps import Steps, output

# team → its CSIRT, manager and operator, and the list of its systems
STAFF = {
    "tsukishiro": ("mori", "ishii", "ogawa"),
    "asagiri": ("hayashi", "shimizu", "ikeda"),
    "hotarubi": ("abe", "yamaguchi", "matsumoto"),
    "kazamidori": ("anna", "inoue", "saito"),
    "shiosai": ("okada", "goto", "hasegawa"),
}


@dataclass(frozen=True)
class Work:
    """The work of a team on a vulnerability. ``end`` says how far it came."""

    team: str
    key: str
    day: int  # when it was assessed, in working days before now
    assessment: str
    decided: str = ""
    kind: str = "upgrade"
    order: str = ""
    answered: str = ""
    version: str = ""
    end: str = "closed"  # assessed, accepted, not_affected, open, started, done or closed
    due: int = 5  # working days for the instruction, or until which day it is accepted


WORK = (
    Work("tsukishiro", "CVE-2023-35078", 42, "外から届き、認証なしで管理できる。悪用が確認されている。",
         "今日のうちに修正版を入れる。端末 900 台の再登録は要らない。", "patch", "修正版を入れ、管理者の一覧を確かめる。",
         "入れました。見慣れない管理者はいません。", "11.10.0.2"),
    Work("tsukishiro", "CVE-2020-14750", 40, "管理コンソールは給電所の中からのみ届く。",
         "需給の切り替えができる日まで受け入れる。管理コンソールへの接続は 1 台に絞る。", end="accepted", due=35),
    Work("tsukishiro", "CVE-2022-30997", 30, "保守用の固定の認証情報がある。網は閉じている。",
         "保守端末を常時は離しておく手順に改める。", "configure", "保守端末の接続を抜き、使うときだけつなぐ札を付ける。",
         "札を付け、当直に引き継ぎました。", "", "started", 45),
    Work("tsukishiro", "CVE-2024-3400", 29, "外から届き、認証なしで命令が動く。悪用が確認されている。",
         "修正版が出るまで機能を止め、出た日に上げる。", "upgrade", "機能を止めてから 11.0.4-h1 に上げる。記録を保全する。",
         "上げました。侵入の跡は見つかりません。", "11.0.4-h1", "closed", 2),
    Work("tsukishiro", "CVE-2024-5650", 23, "監視制御の端末に入れる人に限られる。", "定期検査で修正を入れる。それまで媒体の持ち込みを止める。",
         "patch", "定期検査で R6.11.12 に上げる。", "", "R6.11.12", "open", 40),
    Work("tsukishiro", "CVE-2024-43572", 7, "事務の端末と需給管理が該当する。", "次の保守で更新する。", "patch",
         "月例の更新を入れる。", "端末は配信を始めました。", "", "started", 12),
    Work("asagiri", "CVE-2020-3259", 40, "外から届き、メモリの中身を読まれる。", "営業終了後に修正版に上げる。", "upgrade",
         "9.8.4.20 以降に上げ、利用者の認証情報を更新する。", "上げました。認証情報も更新済みです。", "9.8.4.20"),
    Work("asagiri", "CVE-2023-41085", 36, "IPsec を使っていない。", "該当する機能を使っていないことを設定で確かめた。", end="not_affected"),
    Work("asagiri", "CVE-2023-36850", 35, "保守用の通信に限られる。", "回線の二重化が終わるまで受け入れる。", end="accepted", due=28),
    Work("asagiri", "CVE-2024-24919", 16, "外から届き、設定を読まれる。悪用が確認されている。", "今夜、緊急の修正を入れる。",
         "patch", "緊急の修正を入れ、装置の認証情報を更新する。", "入れました。", "R81.10 Take 150", "closed", 2),
    Work("asagiri", "CVE-2024-38094", 9, "行内の利用者に限られるが、悪用が確認されている。", "週末に更新を入れる。", "patch",
         "10 月の更新を入れる。", "入れました。画面の表示を確かめてください。", "16.0.10412.20001", "done", 9),
    Work("asagiri", "CVE-2024-43572", 7, "行員端末が該当する。", "月例の配信で更新する。", "patch", "月例の更新を配信する。", end="open", due=10),
    Work("hotarubi", "CVE-2024-21410", 35, "外から届く。悪用が確認されている。", "拡張保護を有効にする。", "configure",
         "拡張保護を有効にする。", "有効にしました。", "", "closed", 3),
    Work("hotarubi", "CVE-2023-42795", 37, "電子カルテの中からのみ届く。", "次の版上げまで受け入れる。診療を止めない。", end="accepted", due=33),
    Work("hotarubi", "CVE-2023-7238", 29, "紹介元の画像でも起きる。", "外から受け取った画像の取り込みを止め、後継の閲覧器に移す。",
         "workaround", "取り込みの口を止め、放射線部に知らせる。", "止めました。", "", "done", 30),
    Work("hotarubi", "CVE-2024-21762", 2, "病院間の接続が外から届く。", "今夜止めて上げる。救急の連絡は電話に切り替える。", "upgrade",
         "7.0.14 に上げる。", "上げました。", "7.0.14", "closed", 1),
    Work("kazamidori", "CVE-2024-1709", 33, "外から届き、認証なしで管理者になれる。", "すぐに止め、修正版に上げてから戻す。", "upgrade",
         "止めてから 23.9.8 に上げる。", "上げました。", "23.9.8", "closed", 1),
    Work("kazamidori", "CVE-2024-28011", 17, "営業所 23 か所で使っている。管理画面が外に開いている所がある。",
         "管理画面を閉じ、年度内に業務用の機器に替える。", "isolate", "23 か所で管理画面を閉じ、閉じた所から一覧に印を付ける。",
         "15 か所まで済みました。", "", "started", 9),
    Work("kazamidori", "CVE-2024-21762", 2, "配送センターの 1 台が外から届く。", "夜の便のあとに止めて上げる。", "upgrade",
         "7.2.7 に上げる。", "便の遅れで、開始が遅れています。", "7.2.7", "started", 1),
    Work("kazamidori", "CVE-2023-42795", 34, "取引先から届く。", "次の版で直す。", "upgrade", "9.0.81 以降に上げる。", end="open", due=42),
    Work("shiosai", "CVE-2023-45802", 38, "申請の受付が外から届く。応答が遅くなるおそれがある。", "保守の範囲で上げる。", "upgrade",
         "2.4.58 に上げる。", "上げました。", "2.4.58"),
    Work("shiosai", "CVE-2024-36401", 23, "公開サーバーで、認証なしで命令が動く。悪用が確認されている。", "公開を止め、修正版に上げてから戻す。",
         "upgrade", "2.23.6 に上げる。", "上げました。地図の表示も確かめました。", "2.23.6", "closed", 2),
    Work("shiosai", "CVE-2024-38273", 19, "会議の機能を使っていない。", "該当する機能を止めてあることを確かめた。", end="not_affected"),
    Work("shiosai", "CVE-2024-21762", 2, "庁内への接続が外から届く。", end="assessed"),
)  # fmt: skip

RECEIVED = (
    (43, "mori", "CVE-2023-35078"),
    (41, "hayashi", "CVE-2020-3259"),
    (37, "hayashi", "CVE-2023-41085 CVE-2023-36850"),
    (34, "anna", "CVE-2024-1709"),
    (31, "mori", "CVE-2022-30997"),
    (30, "abe", "ICSMA-24-023-01"),
    (30, "mori", "CVE-2024-3400"),
    (27, "kobayashi", "CVE-2024-6387"),
    (25, "mori", "ICSA-24-172-01"),
    (24, "mori", "CVE-2024-5650"),
    (24, "okada", "CVE-2024-36401"),
    (21, "okada", "CVE-2024-38273"),
    (18, "anna", "CVE-2024-28011"),
    (17, "hayashi", "CVE-2024-24919"),
    (10, "hayashi", "CVE-2024-38094"),
)


def inventories(day: Days, do: Steps) -> Chapter:
    yield day.back(50, "13:00")
    for team, (csirt, _manager, _operator) in STAFF.items():
        do.take_list(csirt, f"{team}.csv")
    do.add_system(
        "abe",
        "電子カルテ 基盤",
        owner="matsumoto",
        exposure="internal",
        criticality="very high",
        place="本院 サーバー室",
        note="止めるときは診療部門と 2 週間前に合意する。",
    )
    yield day.back(49, "13:00")
    do.take_bom("abe", "karte.cdx.json", "電子カルテ 基盤")


def advisories(day: Days, do: Steps) -> Chapter:
    for back, who, names in RECEIVED:
        yield day.back(back, "08:50")
        do.receive(who, *names.split())
    return


def web_servers(day: Days, do: Steps) -> Chapter:
    yield day.back(40, "09:10")
    do.import_files("okada", "CVE-2023-45802", "CVE-2023-42795", "CVE-2023-45648")


def uncertain(day: Days, do: Steps) -> Chapter:
    """Matches that a person has to answer, with yes and with no."""
    yield day.back(25, "10:40")
    do.answer_matches("abe", "CVE-2024-6387", same=False)
    yield day.back(24, "10:20")
    do.answer_matches("mori", "CVE-2024-5650", same=True)


def suspension(day: Days, do: Steps) -> Chapter:
    """A team whose pledge ran out reads nothing of the others for the time being."""
    from noroshi.directory import actions

    yield day.back(12, "17:00")
    actions.set_standing(
        team=do.cast.teams["meter"], standing="suspended", by=do.cast.viewer("nakamura")
    )


def replay_work(work: Work, place: int, day: Days, do: Steps) -> Chapter:
    """A row of ``WORK`` as a chapter; ``place`` sets its minutes apart from the others'."""
    # Longer than others: the days of one piece of work are read in one go.
    csirt, manager, operator = STAFF[work.team]
    key, minute = work.key, 10 + place * 2 % 45
    yield day.back(work.day, f"11:{minute}")
    still = work.day - work.due
    due_on = day.past(still) if still > 0 else day.ahead(-still)
    if work.end in ("accepted", "not_affected"):
        do.assess(csirt, key, work.assessment)
    else:
        do.assess(csirt, key, work.assessment, due_on=due_on, reason="止められる日に合わせる。")
    if work.end == "assessed":
        return
    yield day.back(work.day, f"14:{minute}")
    if work.end == "accepted":
        do.decide(manager, key, "accept", work.decided, until=day.ahead(work.due))
        return
    if work.end == "not_affected":
        do.decide(manager, key, "not_affected", work.decided)
        return
    do.decide(manager, key, "apply", work.decided)
    yield day.back(work.day, f"15:{minute}")
    do.instruct(csirt, key, work.kind, work.order, due_on, version=work.version)
    if work.end == "open":
        return
    systems: Sequence[str] = [row.system_name for row in do.instructions_on(csirt, key)]
    yield day.back(max(work.day - 1, 1), f"16:{minute}")
    for system in systems:
        if work.end == "started":
            do.answer(operator, key, system, "started", work.answered)
        else:
            evidence = [output("version.txt", f"version {work.version}")] if work.version else []
            do.answer(
                operator,
                key,
                system,
                "done",
                work.answered,
                version=work.version,
                evidence=evidence,
            )
    if work.end != "closed":
        return
    yield day.back(max(work.day - 1, 1), f"17:{minute}")
    for system in systems:
        do.verify(csirt, key, system, "出力を確認。" if work.version else "設定を確認。")


CHAPTERS = (inventories, advisories, web_servers, uncertain, suspension)
