"""Threads that ended: closed, accepted or not affected, and one vulnerability that came back.

A chapter is a whole thread in the order of its days, so a long one stays a single function.
"""

from __future__ import annotations

from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions as inventory
from noroshi.sample.replay import Chapter, Days
from noroshi.sample.sazanami.places import PORTAL
from noroshi.sample.steps import Steps, output


def virus_scanner(day: Days, do: Steps) -> Chapter:
    """A person answers for an unreadable version text; evidence that shows too little comes back."""
    key, system = "CVE-2023-41179", "ウイルス対策 管理サーバー"
    yield day.back(47, "14:10")
    do.receive("ito", key)
    yield day.back(46, "09:40")
    do.answer_matches("ito", key, same=True)
    do.assess("ito", key, "管理画面に入れる人に限られるが、悪用が確認されている。")
    yield day.back(46, "13:20")
    do.decide(
        "sato",
        key,
        "apply",
        "次の定期を待たずに修正を入れる。止まるのは管理画面だけで、端末の保護は続く。",
    )
    yield day.back(46, "14:00")
    do.instruct(
        "ito",
        key,
        "patch",
        "修正プログラムを入れ、管理画面の版の表示を証跡として付ける。",
        day.past(42),
        version="14.0.0.12526",
    )
    yield day.back(45, "16:30")
    do.answer("tanaka", key, system, "done", "適用しました。")
    yield day.back(44, "09:30")
    do.send_back("suzuki", key, system, "版の写った画面か出力を付ける。適用の前後が分かればよい。")
    yield day.back(44, "14:00")
    do.answer(
        "tanaka",
        key,
        system,
        "done",
        "版の出力を付けます。",
        version="14.0.0.12526",
        evidence=[output("apexone-version.txt", "適用前 14.0.0.12033", "適用後 14.0.0.12526")],
    )
    yield day.back(43, "10:40")
    do.verify("suzuki", key, system, "適用の前後を確認。")


def core_router(day: Days, do: Steps) -> Chapter:
    """Closed by a changed configuration."""
    key, system = "CVE-2023-20273", "本社 基幹ルーター"
    yield day.back(46, "09:10")
    do.receive("suzuki", key)
    yield day.back(46, "11:10")
    do.assess("suzuki", key, "Web 管理機能が有効なときだけ影響する。社内からのみ届く。")
    yield day.back(46, "15:00")
    do.decide("sato", key, "apply", "使っていない Web 管理機能を止める。版上げは次の保守で行う。")
    yield day.back(46, "15:30")
    do.instruct(
        "suzuki",
        key,
        "configure",
        "no ip http server と no ip http secure-server を入れ、設定を保存する。",
        day.past(44),
    )
    yield day.back(45, "19:10")
    do.answer(
        "yamada",
        key,
        system,
        "done",
        "停止し、保存しました。通信への影響はありません。",
        evidence=[output("router-config.txt", "no ip http server", "no ip http secure-server")],
    )
    yield day.back(44, "11:20")
    do.verify("ito", key, system, "設定の出力を確認。外からの走査でも応答なし。")


def production_line(day: Days, do: Steps) -> Chapter:
    """A system that cannot be stopped: a work-around, and the rest accepted until the planned stop."""
    key = "CVE-2020-14750"
    yield day.back(45, "10:00")
    do.receive("ito", key)
    yield day.back(44, "10:30")
    do.assess(
        "ito", key, "管理コンソールは工場内の保守端末からのみ届く。修正には半日の停止がいる。"
    )
    yield day.back(43, "16:00")
    do.decide(
        "sato",
        key,
        "accept",
        "生産を半日止める損失が大きいため、次の計画停止まで受け入れる。管理コンソールは保守端末 2 台だけに絞り、記録を毎週確かめる。",
        until=day.ahead(24),
    )


def documents(day: Days, do: Steps) -> Chapter:
    """Closed, then open again: a server that stood in no list comes to light."""
    key, system = "CVE-2023-22527", "技術文書共有"
    yield day.back(44, "09:00")
    do.receive("suzuki", key)
    yield day.back(44, "09:40")
    do.assess("suzuki", key, "取引先から届く。認証なしで任意の操作ができ、悪用が広がっている。")
    yield day.back(44, "10:20")
    do.decide("sato", key, "apply", "今日のうちに取引先からの接続を止め、修正版に上げてから戻す。")
    yield day.back(44, "10:50")
    do.instruct(
        "suzuki",
        key,
        "upgrade",
        "接続を止めてから 8.5.4 に上げる。8 月以降の接続の記録を保全する。",
        day.past(43),
        version="8.5.4",
    )
    yield day.back(44, "11:30")
    do.answer("tanaka", key, system, "started", "取引先からの接続を止めました。")
    yield day.back(44, "17:20")
    do.answer(
        "tanaka",
        key,
        system,
        "done",
        "8.5.4 に上げ、記録を保全しました。不審な要求は見つかりません。",
        version="8.5.4",
        evidence=[output("confluence-version.txt", "Confluence 8.5.4", "plugin check: OK")],
    )
    yield day.back(43, "09:20")
    do.verify("ito", key, system, "版と記録を確認。接続を戻してよい。")
    yield day.back(43, "11:20")
    do.report("suzuki", key)
    yield day.back(1, "15:40")
    server = do.add_system(
        "suzuki",
        "大阪工場 手順書サーバー",
        owner="takahashi",
        exposure="internal",
        criticality="medium",
        place="大阪工場 製造課",
        note="棚卸しで見つかった。製造課が手順書の閲覧に使っている。",
    )
    inventory.add_component(
        system=server,
        draft=ComponentDraft(name="Confluence Data Center", version="8.5.3", vendor="Atlassian"),
        by=do.cast.viewer("suzuki"),
    )
    yield day.back(1, "16:30")
    do.assess(
        "ito",
        key,
        "社内からのみ届く。取引先から届く経路は見つかっていない。",
        due_on=day.ahead(2),
        reason="製造課が紙の手順書に切り替える準備に 2 日かかる。",
    )
    yield day.lately(0.40)
    do.reconsider(
        "sato", key, "無線の網からも届くのかを確かめてほしい。届くなら今日のうちに止めたい。"
    )


def repository(day: Days, do: Steps) -> Chapter:
    """A version in the range that is not affected all the same."""
    key = "CVE-2023-7028"
    yield day.back(42, "09:30")
    do.receive("ito", key)
    yield day.back(42, "13:10")
    do.assess(
        "ito",
        key,
        "版は範囲に入る。ただしパスワードでの利用を止め、社内の認証基盤だけを使っている。",
    )
    yield day.back(41, "10:00")
    do.decide(
        "sato",
        key,
        "not_affected",
        "パスワード再設定の機能を止めてあり、再設定のメールが出ないことを試験で確かめた。版上げは月例の保守で行う。",
    )


def drawing_tool(day: Days, do: Steps) -> Chapter:
    keys = ("CVE-2024-5271", "CVE-2024-34171", "CVE-2024-5597")
    yield day.back(38, "09:30")
    do.receive("suzuki", "ICSA-24-151-02")
    yield day.back(38, "14:00")
    for key in keys:
        do.assess(
            "suzuki",
            key,
            "細工した画面データを開くと影響する。端末は閉じた網にあり、社外のデータは開かない。",
        )
    yield day.back(37, "11:00")
    for key in keys:
        do.decide(
            "sato",
            key,
            "not_affected",
            "開くのは自社で作った画面データだけで、持ち込みの媒体は検査所を通す。新しい版は次の改造のときに入れる。",
        )


def mail(day: Days, do: Steps) -> Chapter:
    key, system = "CVE-2024-21410", "メール基盤"
    yield day.back(36, "09:20")
    do.receive("ito", key)
    yield day.back(36, "10:30")
    do.assess("ito", key, "外から届き、悪用が確認されている。拡張保護を有効にすれば防げる。")
    yield day.back(36, "11:10")
    do.decide(
        "sato",
        key,
        "apply",
        "拡張保護を今夜有効にする。古い複合機の送信が止まることは総務と合意済み。",
    )
    yield day.back(36, "11:40")
    do.instruct(
        "ito",
        key,
        "configure",
        "拡張保護を有効にし、健全性確認の出力を証跡として付ける。",
        day.past(35),
    )
    yield day.back(36, "21:30")
    do.answer(
        "yamada",
        key,
        system,
        "done",
        "有効にしました。送受信の試験も済み。",
        evidence=[
            output("healthcheck.txt", "Extended Protection Enabled: True", "Vulnerable: False")
        ],
    )
    yield day.back(35, "09:40")
    do.verify("suzuki", key, system, "出力と送受信を確認。")
    yield day.back(35, "10:00")
    do.report("ito", key)


def portal(day: Days, do: Steps) -> Chapter:
    """Four vulnerabilities, one release: the next bill of materials shows that they are gone."""
    early = ("CVE-2023-45802", "CVE-2023-42795", "CVE-2023-45648")
    yield day.back(39, "13:30")
    for key in early:
        do.assess(
            "ito",
            key,
            "外から届く。求められる条件は厳しく、実証も出ていない。",
            due_on=day.past(13),
            reason="開発会社の 3.5.0 の公開に合わせる。それまで前段の装置で抑える。",
        )
    yield day.back(38, "16:10")
    for key in early:
        do.decide(
            "sato",
            key,
            "apply",
            "開発会社の 3.5.0 にまとめて取り込む。前段の装置で要求の量を抑えておく。",
        )
    yield day.back(38, "16:40")
    for key in early:
        do.instruct(
            "ito",
            key,
            "upgrade",
            "開発会社の 3.5.0 を入れる。新しい部品表を受け取る。",
            day.past(13),
            version="3.5.0",
        )
    late = "CVE-2024-38475"
    yield day.back(22, "09:30")
    do.receive("suzuki", late)
    yield day.back(22, "11:00")
    do.assess(
        "suzuki",
        late,
        "書き換えの規則を使っている。3.5.0 で直る。",
        due_on=day.past(13),
        reason="3.5.0 の受け入れ試験が始まっており、前倒しより確実なため。",
    )
    yield day.back(21, "10:20")
    do.decide("sato", late, "apply", "3.5.0 の公開を 1 週間早める。")
    yield day.back(21, "10:50")
    do.instruct(
        "suzuki",
        late,
        "upgrade",
        "3.5.0 を入れる。書き換えの規則に UnsafeAllow3F を足さない。",
        day.past(13),
        version="3.5.0",
    )
    yield day.back(15, "22:10")
    for key in (*early, late):
        do.answer("tanaka", key, PORTAL, "done", "3.5.0 を公開しました。", version="3.5.0")
    yield day.back(14, "10:30")
    do.take_bom("suzuki", "portal-2.cdx.json", PORTAL)


def planning(day: Days, do: Steps) -> Chapter:
    yield day.back(28, "09:30")
    do.receive("suzuki", "CVE-2023-4822")
    yield day.back(27, "09:30")
    do.receive("suzuki", "CVE-2024-30045")
    yield day.back(27, "11:10")
    do.assess(
        "suzuki", "CVE-2023-4822", "検証用の環境で、利用者は 5 人。権限の上げ下げだけに関わる。"
    )
    do.assess("suzuki", "CVE-2024-30045", "検証用の環境で、外から届かない。")
    yield day.back(26, "10:30")
    do.decide(
        "sato",
        "CVE-2023-4822",
        "accept",
        "検証用で実データがないため、製品版への入れ替えまで受け入れる。",
        until=day.ahead(38),
    )
    do.decide("sato", "CVE-2024-30045", "apply", "実行環境の更新だけで済むため、すぐに入れる。")
    yield day.back(26, "11:00")
    do.instruct(
        "suzuki", "CVE-2024-30045", "patch", "8.0.5 を入れる。", day.past(21), version="8.0.5"
    )
    yield day.back(24, "16:00")
    do.answer(
        "tanaka",
        "CVE-2024-30045",
        "生産計画 分析基盤",
        "done",
        "更新しました。",
        version="8.0.5",
        evidence=[output("dotnet-info.txt", "Microsoft.NETCore.App 8.0.5")],
    )
    yield day.back(23, "10:00")
    do.verify("ito", "CVE-2024-30045", "生産計画 分析基盤", "版を確認。")
    yield day.back(23, "10:20")
    do.set_version("tanaka", "生産計画 分析基盤", ".NET 8.0", "8.0.5")


CHAPTERS = (
    virus_scanner,
    core_router,
    production_line,
    documents,
    repository,
    drawing_tool,
    mail,
    portal,
    planning,
)
