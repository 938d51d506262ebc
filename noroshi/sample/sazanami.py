"""Ten weeks at さざなみ製作所: what its CSIRT, its manager and its operators did, one vulnerability each."""

from __future__ import annotations

from datetime import timedelta

from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions as inventory
from noroshi.sample.steps import Steps, output
from noroshi.sample.telling import Chapter, Days

HQ, OSAKA, NAGOYA = "本社 拠点VPN", "大阪工場 拠点VPN", "名古屋営業所 拠点VPN"
MES, DRAWING, VIEWER = "大阪工場 生産実行システム", "大阪工場 操作盤 作画PC", "図面閲覧端末"
PORTAL = "部品受発注ポータル"


def inventory_comes_in(day: Days, do: Steps) -> Chapter:
    yield day.back(50, "09:30")
    do.take_list("suzuki", "sazanami.csv")
    yield day.back(50, "10:20")
    do.add_system(
        "suzuki", PORTAL, owner="tanaka", exposure="internet", criticality="high", place="データセンター西",
        note="https://parts.sazanami.example/ 取引先 140 社が使う。版は開発会社の部品表で届く。",
    )  # fmt: skip
    yield day.back(50, "10:40")
    do.note("suzuki", HQ, "vpn-hq.sazanami.example（192.0.2.10）。停止は業務時間外に 20 分まで。")
    do.note("suzuki", OSAKA, "vpn-osaka.sazanami.example（192.0.2.20）。停止は 17 時以降、前日までに製造課へ連絡。")
    do.note("suzuki", MES, "計画停止は四半期に 1 回。それ以外の停止は工場長の承認がいる。")
    yield day.back(49, "11:00")
    do.take_bom("suzuki", "portal-1.cdx.json", PORTAL)


def first_vpn_hole(day: Days, do: Steps) -> Chapter:
    """From the advisory to closed, as it should be."""
    key = "CVE-2023-27997"
    yield day.back(47, "09:20")
    do.receive("ito", key)
    yield day.back(47, "10:40")
    do.assess("ito", key, "3 拠点とも SSL-VPN が外から届く。悪用が確認されており、認証の前に効く。")
    yield day.back(47, "11:30")
    do.decide("sato", key, "apply", "外から届き、悪用が続いているため、今週のうちに版を上げる。止める時間は各拠点と合意済み。")
    yield day.back(47, "13:00")
    do.instruct(
        "suzuki", key, "upgrade",
        "設定を書き出してから修正版を入れる。再起動のあと、get system status の出力を証跡として付ける。",
        day.past(44), version="7.2.5（名古屋は 7.0.12）",
        files=[output("拠点VPN 版上げ手順.txt", "1. 設定を書き出す", "2. 修正版を入れる", "3. 再起動して 10 分待つ", "4. 版を確かめる")],
    )  # fmt: skip
    yield day.back(46, "19:40")
    do.answer("yamada", key, HQ, "done", "20 時前に完了。接続試験も済み。", version="7.2.5",
              shown=[output("hq-status.txt", "Version: FortiGate-200F v7.2.5,build1517", "Hostname: vpn-hq")])  # fmt: skip
    yield day.back(45, "09:30")
    do.verify("suzuki", key, HQ, "出力の版が修正済みの範囲にあることを確認。")
    yield day.back(45, "18:20")
    do.answer("takahashi", key, OSAKA, "done", "17 時から停止、17 時 25 分に復旧。", version="7.2.5",
              shown=[output("osaka-status.txt", "Version: FortiGate-100F v7.2.5,build1517", "Hostname: vpn-osaka")])  # fmt: skip
    yield day.back(44, "10:10")
    do.verify("suzuki", key, OSAKA, "版と接続の両方を確認。")
    yield day.back(44, "15:00")
    do.answer("yamada", key, NAGOYA, "done", "遠隔で実施。", version="7.0.12",
              shown=[output("nagoya-status.txt", "Version: FortiGate-60F v7.0.12,build0523", "Hostname: vpn-nagoya")])  # fmt: skip
    yield day.back(43, "09:50")
    do.verify("ito", key, NAGOYA, "版を確認。3 拠点とも完了。")
    yield day.back(43, "11:00")
    do.report("suzuki", key)
    do.set_version("yamada", HQ, "FortiOS", "7.2.5")
    do.set_version("takahashi", OSAKA, "FortiOS", "7.2.5")
    do.set_version("yamada", NAGOYA, "FortiOS", "7.0.12")


def virus_scanner(day: Days, do: Steps) -> Chapter:
    """A version text that nobody can read asks a person; evidence that shows too little comes back."""
    key, system = "CVE-2023-41179", "ウイルス対策 管理サーバー"
    yield day.back(47, "14:10")
    do.receive("ito", key)
    yield day.back(46, "09:40")
    do.answer_matches("ito", key, same=True)
    do.assess("ito", key, "管理画面に入れる人に限られるが、悪用が確認されている。")
    yield day.back(46, "13:20")
    do.decide("sato", key, "apply", "次の定期を待たずに修正を入れる。止まるのは管理画面だけで、端末の保護は続く。")
    yield day.back(46, "14:00")
    do.instruct("ito", key, "patch", "修正プログラムを入れ、管理画面の版の表示を証跡として付ける。", day.past(42), version="14.0.0.12526")
    yield day.back(45, "16:30")
    do.answer("tanaka", key, system, "done", "適用しました。")
    yield day.back(44, "09:30")
    do.send_back("suzuki", key, system, "版の写った画面か出力を付ける。適用の前後が分かればよい。")
    yield day.back(44, "14:00")
    do.answer("tanaka", key, system, "done", "版の出力を付けます。", version="14.0.0.12526",
              shown=[output("apexone-version.txt", "適用前 14.0.0.12033", "適用後 14.0.0.12526")])  # fmt: skip
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
    do.instruct("suzuki", key, "configure", "no ip http server と no ip http secure-server を入れ、設定を保存する。", day.past(44))
    yield day.back(45, "19:10")
    do.answer("yamada", key, system, "done", "停止し、保存しました。通信への影響はありません。",
              shown=[output("router-config.txt", "no ip http server", "no ip http secure-server")])  # fmt: skip
    yield day.back(44, "11:20")
    do.verify("ito", key, system, "設定の出力を確認。外からの走査でも応答なし。")


def production_line(day: Days, do: Steps) -> Chapter:
    """What cannot be stopped: a work-around, and the rest accepted until the planned stop."""
    key = "CVE-2020-14750"
    yield day.back(45, "10:00")
    do.receive("ito", key)
    yield day.back(44, "10:30")
    do.assess("ito", key, "管理コンソールは工場内の保守端末からのみ届く。修正には半日の停止がいる。")
    yield day.back(43, "16:00")
    do.decide(
        "sato", key, "accept",
        "生産を半日止める損失が大きいため、次の計画停止まで受け入れる。管理コンソールは保守端末 2 台だけに絞り、記録を毎週確かめる。",
        until=day.ahead(24),
    )  # fmt: skip


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
    do.instruct("suzuki", key, "upgrade", "接続を止めてから 8.5.4 に上げる。8 月以降の接続の記録を保全する。", day.past(43), version="8.5.4")
    yield day.back(44, "11:30")
    do.answer("tanaka", key, system, "started", "取引先からの接続を止めました。")
    yield day.back(44, "17:20")
    do.answer("tanaka", key, system, "done", "8.5.4 に上げ、記録を保全しました。不審な要求は見つかりません。", version="8.5.4",
              shown=[output("confluence-version.txt", "Confluence 8.5.4", "plugin check: OK")])  # fmt: skip
    yield day.back(43, "09:20")
    do.verify("ito", key, system, "版と記録を確認。接続を戻してよい。")
    yield day.back(43, "11:20")
    do.set_version("tanaka", system, "Confluence Data Center", "8.5.4")
    do.report("suzuki", key)
    yield day.back(1, "15:40")
    found = do.add_system(
        "suzuki", "大阪工場 手順書サーバー", owner="takahashi", exposure="internal", criticality="medium",
        place="大阪工場 製造課", note="棚卸しで見つかった。製造課が手順書の閲覧に使っている。",
    )  # fmt: skip
    inventory.add_component(
        system=found,
        draft=ComponentDraft(name="Confluence Data Center", version="8.5.3", vendor="Atlassian"),
        by=do.cast.viewer("suzuki"),
    )
    yield day.back(1, "16:30")
    do.assess("ito", key, "社内からのみ届く。取引先から届く経路は見つかっていない。", due_on=day.ahead(2),
              reason="製造課が紙の手順書に切り替える準備に 2 日かかる。")  # fmt: skip
    yield day.lately(0.40)
    do.reconsider("sato", key, "無線の網からも届くのかを確かめてほしい。届くなら今日のうちに止めたい。")


def repository(day: Days, do: Steps) -> Chapter:
    """In the range, and yet not affected."""
    key = "CVE-2023-7028"
    yield day.back(42, "09:30")
    do.receive("ito", key)
    yield day.back(42, "13:10")
    do.assess("ito", key, "版は範囲に入る。ただしパスワードでの利用を止め、社内の認証基盤だけを使っている。")
    yield day.back(41, "10:00")
    do.decide("sato", key, "not_affected", "パスワード再設定の機能を止めてあり、再設定のメールが出ないことを試験で確かめた。版上げは月例の保守で行う。")


def drawing_tool(day: Days, do: Steps) -> Chapter:
    keys = ("CVE-2024-5271", "CVE-2024-34171", "CVE-2024-5597")
    yield day.back(38, "09:30")
    do.receive("suzuki", "ICSA-24-151-02")
    yield day.back(38, "14:00")
    for key in keys:
        do.assess("suzuki", key, "細工した画面データを開くと影響する。端末は閉じた網にあり、社外のデータは開かない。")
    yield day.back(37, "11:00")
    for key in keys:
        do.decide("sato", key, "not_affected", "開くのは自社で作った画面データだけで、持ち込みの媒体は検査所を通す。新しい版は次の改造のときに入れる。")


def mail(day: Days, do: Steps) -> Chapter:
    key, system = "CVE-2024-21410", "メール基盤"
    yield day.back(36, "09:20")
    do.receive("ito", key)
    yield day.back(36, "10:30")
    do.assess("ito", key, "外から届き、悪用が確認されている。拡張保護を有効にすれば防げる。")
    yield day.back(36, "11:10")
    do.decide("sato", key, "apply", "拡張保護を今夜有効にする。古い複合機の送信が止まることは総務と合意済み。")
    yield day.back(36, "11:40")
    do.instruct("ito", key, "configure", "拡張保護を有効にし、健全性確認の出力を証跡として付ける。", day.past(35))
    yield day.back(36, "21:30")
    do.answer("yamada", key, system, "done", "有効にしました。送受信の試験も済み。",
              shown=[output("healthcheck.txt", "Extended Protection Enabled: True", "Vulnerable: False")])  # fmt: skip
    yield day.back(35, "09:40")
    do.verify("suzuki", key, system, "出力と送受信を確認。")
    yield day.back(35, "10:00")
    do.report("ito", key)


def portal(day: Days, do: Steps) -> Chapter:
    """Four vulnerabilities, one release: the next bill of materials shows that they are gone."""
    early = ("CVE-2023-45802", "CVE-2023-42795", "CVE-2023-45648")
    yield day.back(39, "13:30")
    for key in early:
        do.assess("ito", key, "外から届く。求められる条件は厳しく、実証も出ていない。")
    yield day.back(38, "16:10")
    for key in early:
        do.decide("sato", key, "apply", "開発会社の 3.5.0 にまとめて取り込む。前段の装置で要求の量を抑えておく。")
    yield day.back(38, "16:40")
    for key in early:
        do.instruct("ito", key, "upgrade", "開発会社の 3.5.0 を入れる。新しい部品表を受け取る。", day.past(13), version="3.5.0")
    late = "CVE-2024-38475"
    yield day.back(22, "09:30")
    do.receive("suzuki", late)
    yield day.back(22, "11:00")
    do.assess("suzuki", late, "書き換えの規則を使っている。3.5.0 で直る。", due_on=day.past(13),
              reason="3.5.0 の受け入れ試験が始まっており、前倒しより確実なため。")  # fmt: skip
    yield day.back(21, "10:20")
    do.decide("sato", late, "apply", "3.5.0 の公開を 1 週間早める。")
    yield day.back(21, "10:50")
    do.instruct("suzuki", late, "upgrade", "3.5.0 を入れる。書き換えの規則に UnsafeAllow3F を足さない。", day.past(13), version="3.5.0")
    yield day.back(15, "22:10")
    for key in (*early, late):
        do.answer("tanaka", key, PORTAL, "done", "3.5.0 を公開しました。", version="3.5.0")
    yield day.back(14, "10:30")
    do.take_bom("suzuki", "portal-2.cdx.json", PORTAL)


def databases(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-20962"
    yield day.back(33, "10:10")
    do.receive("ito", "CVE-2023-21980", key)
    yield day.back(32, "11:00")
    do.assess("ito", key, "データベースの利用者に限られ、止まるだけで漏れはない。")
    yield day.back(31, "15:20")
    do.decide("sato", key, "apply", "月例の保守で版を上げる。")
    yield day.back(31, "15:50")
    do.instruct("ito", key, "upgrade", "8.0.37 に上げる。写しを取ってから行う。", day.ahead(14), version="8.0.37")


def watching(day: Days, do: Steps) -> Chapter:
    """An acceptance that ran out comes back by itself."""
    key = "CVE-2023-29449"
    yield day.back(30, "09:40")
    do.receive("ito", key)
    yield day.back(30, "11:30")
    do.assess("ito", key, "監視の管理者に限られる。負荷が上がるだけで、内容は読まれない。")
    yield day.back(29, "10:00")
    do.decide("sato", key, "accept", "監視サーバーの入れ替えまで受け入れる。管理者は 3 人に限ってある。", until=day.past(6))
    yield day.back(3, "11:20")
    do.assess("ito", key, "入れ替えが翌月に延びた。条件は前と変わらない。", due_on=day.ahead(20),
              reason="監視サーバーの入れ替えの日に合わせる。")  # fmt: skip


def planning(day: Days, do: Steps) -> Chapter:
    yield day.back(28, "09:30")
    do.receive("suzuki", "CVE-2023-4822")
    yield day.back(27, "09:30")
    do.receive("suzuki", "CVE-2024-30045")
    yield day.back(27, "11:10")
    do.assess("suzuki", "CVE-2023-4822", "検証用の環境で、利用者は 5 人。権限の上げ下げだけに関わる。")
    do.assess("suzuki", "CVE-2024-30045", "検証用の環境で、外から届かない。")
    yield day.back(26, "10:30")
    do.decide("sato", "CVE-2023-4822", "accept", "検証用で実データがないため、製品版への入れ替えまで受け入れる。", until=day.ahead(38))
    do.decide("sato", "CVE-2024-30045", "apply", "実行環境の更新だけで済むため、すぐに入れる。")
    yield day.back(26, "11:00")
    do.instruct("suzuki", "CVE-2024-30045", "patch", "8.0.5 を入れる。", day.past(21), version="8.0.5")
    yield day.back(24, "16:00")
    do.answer("tanaka", "CVE-2024-30045", "生産計画 分析基盤", "done", "更新しました。", version="8.0.5",
              shown=[output("dotnet-info.txt", "Microsoft.NETCore.App 8.0.5")])  # fmt: skip
    yield day.back(23, "10:00")
    do.verify("ito", "CVE-2024-30045", "生産計画 分析基盤", "版を確認。")
    yield day.back(23, "10:20")
    do.set_version("tanaka", "生産計画 分析基盤", ".NET 8.0", "8.0.5")


def virtual_machines(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-37080"
    yield day.back(20, "09:20")
    do.receive("ito", key)
    yield day.back(20, "10:50")
    do.assess("ito", key, "管理網からのみ届くが、入られると仮想基盤の全体に及ぶ。", due_on=day.ahead(4),
              reason="基幹システムの月末処理が終わってから止めるため。")  # fmt: skip
    yield day.back(19, "09:40")
    do.decide("sato", key, "apply", "月末処理のあとに版を上げる。それまで管理網への接続を踏み台 1 台に絞る。")
    yield day.back(19, "10:20")
    do.instruct("ito", key, "upgrade", "8.0 U2d に上げる。踏み台以外からの接続を先に止める。", day.ahead(4), version="8.0 U2d")
    yield day.back(18, "17:00")
    do.answer("yamada", key, "仮想基盤", "started", "接続を踏み台に絞りました。作業は予約済みです。")


def viewers(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-38112"
    yield day.back(16, "09:30")
    do.receive("suzuki", key)
    yield day.back(16, "11:00")
    do.assess("suzuki", key, "利用者がファイルを開くと影響する。悪用が確認されている。", due_on=day.ahead(11),
              reason="閉じた網の作画PC は四半期の保守に合わせる。図面閲覧端末は先に行う。")  # fmt: skip
    yield day.back(16, "14:30")
    do.decide("sato", key, "apply", "図面閲覧端末は今週中に更新する。作画PC は閉じた網にあるため、四半期の保守に合わせる。")
    yield day.back(16, "15:00")
    do.instruct("suzuki", key, "patch", "月例の更新を入れる。", day.past(11), version="10.0.19045.4651")
    yield day.back(14, "09:20")
    do.withdraw("suzuki", key, DRAWING, "閉じた網の端末は四半期の保守にまとめると決めたため。")
    yield day.back(14, "09:40")
    do.instruct("suzuki", key, "patch", "四半期の保守で更新を入れる。媒体は検査所を通す。", day.ahead(11), only=[DRAWING], version="10.0.19044.4651")
    yield day.back(13, "17:10")
    do.answer("tanaka", key, VIEWER, "done", "42 台すべてに入りました。", version="10.0.19045.4651",
              shown=[output("patch-report.txt", "対象 42 台", "適用済み 42 台", "OS build 19045.4651")])  # fmt: skip
    yield day.back(12, "10:10")
    do.verify("ito", key, VIEWER, "配信の一覧で 42 台を確認。")
    yield day.back(12, "10:30")
    do.set_version("tanaka", VIEWER, "Windows 10 Version 22H2", "10.0.19045.4651")


def help_desk(day: Days, do: Steps) -> Chapter:
    """The manager asks for more; now it waits for him, past its day."""
    key = "CVE-2024-28987"
    yield day.back(15, "09:30")
    do.receive("suzuki", key)
    yield day.back(14, "13:20")
    do.assess("suzuki", key, "埋め込まれた認証情報で、問い合わせの中身を読まれる。社内から届く。", due_on=day.past(6), reason="窓口の繁忙期を避けるため。")
    yield day.back(12, "16:40")
    do.reconsider("sato", key, "委託先の網からも届くのかを確かめてほしい。届くなら先に止めたい。")
    yield day.back(5, "11:30")
    do.assess("suzuki", key, "委託先の 2 社からも届くことを確認した。問い合わせの中に利用者の連絡先が 1,800 件ある。",
              due_on=day.past(2), reason="委託先の接続を止める日に合わせる。")  # fmt: skip


def remote_maintenance(day: Days, do: Steps) -> Chapter:
    """Late: the operator has begun, and the day is over."""
    first, second, system = "CVE-2024-8963", "CVE-2024-9380", "保守用リモート接続"
    yield day.back(13, "09:10")
    do.receive("ito", first)
    yield day.back(13, "10:20")
    do.assess("ito", first, "保守会社の網から届く。4.6 は供給が終わっており、5.0 への移行がいる。", due_on=day.past(3),
              reason="移行に保守会社の立ち会いがいる。それまで接続元を絞る。")  # fmt: skip
    yield day.back(13, "13:30")
    do.decide("sato", first, "apply", "接続元を保守会社の 2 拠点に絞り、5.0.2 に移る。使わない時間は止める。")
    yield day.back(13, "14:00")
    do.instruct("ito", first, "upgrade", "接続元を絞ってから 5.0.2 に移る。移行のあと、管理者の一覧を見直す。", day.past(3), version="5.0.2")
    yield day.back(11, "09:10")
    do.receive("ito", second)
    yield day.back(11, "09:50")
    do.assess("ito", second, "8963 と組み合わせた悪用が確認されている。同じ移行で直る。", due_on=day.past(3), reason="8963 の移行に合わせる。")
    yield day.back(11, "11:10")
    do.decide("sato", second, "apply", "5.0.2 への移行で合わせて対処する。")
    yield day.back(11, "11:30")
    do.instruct("ito", second, "upgrade", "5.0.2 への移行に含める。", day.past(3), version="5.0.2")
    yield day.back(6, "16:30")
    do.answer("tanaka", first, system, "started", "接続元を絞りました。移行は保守会社の日程を待っています。")


def windows(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-43572"
    yield day.back(9, "09:20")
    do.receive("ito", key)
    yield day.back(9, "11:00")
    do.assess("ito", key, "利用者が管理コンソールの部品を開くと影響する。悪用が確認されている。", due_on=day.ahead(6),
              reason="工場の端末は週末の停止に合わせる。")  # fmt: skip
    yield day.back(8, "10:10")
    do.decide("sato", key, "apply", "事務の端末は今週、工場の端末は次の週末に更新する。")
    yield day.back(8, "10:40")
    do.instruct("ito", key, "patch", "月例の更新を入れる。", day.past(3), only=[VIEWER], version="10.0.19045.5011")
    do.instruct("ito", key, "patch", "週末の停止で更新を入れる。止める前に製造課へ連絡する。", day.ahead(3), only=[MES], version="10.0.17763.6414")
    do.instruct("ito", key, "patch", "週末の停止で更新を入れる。", day.ahead(6), only=[DRAWING], version="10.0.19044.5011")
    yield day.back(6, "17:20")
    do.answer("tanaka", key, VIEWER, "done", "42 台すべてに入りました。", version="10.0.19045.5011",
              shown=[output("patch-report.txt", "対象 42 台", "適用済み 42 台", "OS build 19045.5011")])  # fmt: skip
    yield day.back(5, "09:40")
    do.verify("suzuki", key, VIEWER, "配信の一覧で 42 台を確認。")
    yield day.back(5, "10:00")
    do.set_version("tanaka", VIEWER, "Windows 10 Version 22H2", "10.0.19045.5011")
    yield day.back(1, "11:10")
    do.answer("takahashi", key, MES, "started", "検証機で問題がないことを確認。週末の停止を予約しました。")


def machine_tools(day: Days, do: Steps) -> Chapter:
    """No fix will come: a work-around, after a person has said that it is ours."""
    key = "CVE-2024-7316"
    yield day.back(8, "09:00")
    do.receive("suzuki", "ICSA-24-291-03")
    yield day.back(8, "13:30")
    do.answer_matches("suzuki", key, same=True)
    do.assess("suzuki", key, "細工した通信で加工機が止まる。修正は出ない。網は閉じているが、保守用の持ち込み端末がつながる。")
    yield day.back(7, "10:00")
    do.decide("sato", key, "apply", "加工機の前段で通信元を絞る。止めずに設定できることを製造元に確かめた。")
    yield day.back(7, "10:30")
    do.instruct("suzuki", key, "workaround", "前段のスイッチで、段取り用の端末と監視の 2 つだけを通す。夜勤の始まる前に試す。", day.ahead(5))
    yield day.back(4, "16:00")
    do.answer("takahashi", key, "大阪工場 加工ライン CNC", "started", "12 台のうち 5 台に設定しました。加工への影響はありません。")


def vpn_console(day: Days, do: Steps) -> Chapter:
    """The operator cannot; the manager decides what comes next."""
    key, system = "CVE-2024-47575", "拠点VPN 集中管理"
    yield day.back(7, "13:10")
    do.receive("suzuki", key)
    yield day.back(7, "14:20")
    do.assess("suzuki", key, "社内からのみ届くが、入られると全拠点の設定が変えられる。悪用が確認されている。", due_on=day.ahead(2),
              reason="拠点の版上げと同じ担当のため、順に行う。")  # fmt: skip
    yield day.back(6, "09:30")
    do.decide("sato", key, "apply", "7.2.8 に上げ、登録のない装置からの接続を拒む設定を入れる。")
    yield day.back(6, "10:00")
    do.instruct("suzuki", key, "upgrade", "fgfm-deny-unknown を有効にしてから 7.2.8 に上げる。", day.ahead(2), version="7.2.8")
    yield day.back(1, "16:20")
    do.answer("yamada", key, system, "cannot", "拠点の版上げが終わるまで、集中管理は止められません。設定だけ先に入れる案があります。",
              reason="cannot_stop")  # fmt: skip


def phones(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-20488"
    yield day.back(6, "11:00")
    do.receive("ito", key)
    yield day.back(5, "14:00")
    do.assess("ito", key, "管理画面の利用者に限られる。社内からのみ届く。")
    yield day.back(4, "10:00")
    do.decide("sato", key, "apply", "次の保守契約の更新に合わせて修正版を入れる。")
    yield day.back(4, "10:30")
    do.instruct("ito", key, "patch", "12.5(1)SU9 を入れる。内線への影響を総務に知らせる。", day.ahead(20), version="12.5(1)SU9")


def production_database(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-21335"
    yield day.back(5, "09:20")
    do.receive("ito", key)
    yield day.back(2, "14:30")
    do.assess("ito", key, "接続部品を使う利用者が、細工したサーバーにつなぐと影響する。接続先は固定している。")


def second_vpn_hole(day: Days, do: Steps) -> Chapter:
    """Under way today: one place done, one to be verified, one at work."""
    key = "CVE-2024-21762"
    yield day.back(3, "09:10")
    do.receive("ito", key)
    yield day.back(3, "10:20")
    do.assess("ito", key, "3 拠点とも SSL-VPN が外から届く。認証の前に効き、悪用が確認されている。", due_on=day.ahead(0),
              reason="大阪工場の停止は今日の 17 時以降しか取れない。それまで接続元を国内に絞る。")  # fmt: skip
    yield day.back(3, "11:20")
    do.decide("sato", key, "apply", "外から届き、悪用が続いているため、拠点VPN はすべて期限の日までに版を上げる。大阪工場の 30 分の停止は生産に影響しないことを確かめた。")
    yield day.back(3, "13:00")
    steps = [output("拠点VPN 版上げ手順 第2版.txt", "1. 設定を書き出す", "2. 接続元を国内に絞る", "3. 修正版を入れる", "4. 再起動して 10 分待つ", "5. 版と管理者の一覧を確かめる")]
    text = "設定を書き出し、修正版を入れて再起動する。版と管理者の一覧を証跡として付ける。間に合わないときは SSL-VPN を止め、15 時までに知らせる。"
    do.instruct("suzuki", key, "upgrade", text, day.past(1), only=[NAGOYA], version="7.0.14", files=steps)
    do.instruct("suzuki", key, "upgrade", text, day.ahead(0), only=[HQ], version="7.2.7", files=steps)
    do.instruct("suzuki", key, "upgrade", text, day.ahead(0), only=[OSAKA], version="7.2.7", files=steps)
    yield day.back(2, "18:50")
    do.answer("yamada", key, NAGOYA, "done", "遠隔で実施。見慣れない管理者はいません。", version="7.0.14",
              shown=[output("nagoya-status.txt", "Version: FortiGate-60F v7.0.14,build0601"), output("nagoya-admins.txt", "admin-nagoya", "admin-hq")])  # fmt: skip
    yield day.back(1, "09:30")
    do.verify("ito", key, NAGOYA, "版と管理者の一覧を確認。")
    yield day.back(1, "09:50")
    do.set_version("yamada", NAGOYA, "FortiOS", "7.0.14")
    yield day.lately(0.20)
    do.answer("takahashi", key, OSAKA, "started", "17 時からの停止を予約しました。接続元は国内に絞ってあります。")
    yield day.lately(0.70)
    do.answer("yamada", key, HQ, "done", "昼休みに実施。接続試験も済み。", version="7.2.7",
              shown=[output("hq-status.txt", "Version: FortiGate-200F v7.2.7,build1577", "Hostname: vpn-hq"), output("hq-admins.txt", "admin-hq", "admin-backup")])  # fmt: skip


def third_vpn_hole(day: Days, do: Steps) -> Chapter:
    yield day.back(2, "09:20")
    do.receive("ito", "CVE-2024-23113", "CVE-2024-23111")
    yield day.back(2, "16:30")
    do.assess("suzuki", "CVE-2024-23113", "管理用の通信が拠点間だけに開いている。21762 の版上げで合わせて直る。", due_on=day.ahead(1),
              reason="21762 の版上げが済んでから、版で確かめるため。")  # fmt: skip


def newest(day: Days, do: Steps) -> Chapter:
    """What came in lately and waits for somebody to begin."""
    yield day.back(2, "10:40")
    do.receive("suzuki", "ICSA-24-296-01")
    yield day.back(1, "09:10")
    do.receive("ito", "CVE-2024-37085", "CVE-2024-6670", "CVE-2024-8110")
    yield day.lately(0.10)
    do.import_files("suzuki", "CVE-2024-23897", "CVE-2024-6670", broken="CVE-2023-7028")


def people_come_and_go(day: Days, do: Steps) -> Chapter:
    from noroshi.directory import actions

    yield day.back(32, "17:00")
    actions.leave(
        person=do.cast.people["kimura"], team=do.cast.teams["sazanami"], by=do.cast.viewer("sato")
    )
    yield day.back(4, "09:20")
    actions.invite(
        team=do.cast.teams["sazanami"], mail="ishikawa@sazanami.example", role="csirt", name="石川（見本）",
        by=do.cast.viewer("sato"),
    )  # fmt: skip
    yield day.back(4, "09:30")
    actions.issue_token(
        name="構成管理からの部品表", scopes=["read", "write"], days=180,
        team=do.cast.teams["sazanami"], by=do.cast.viewer("sato"),
    )  # fmt: skip


def month_for_the_executive(day: Days, do: Steps) -> Chapter:
    from noroshi.reports import actions

    first, last, issued = day.month()
    team = do.cast.teams["sazanami"]
    yield issued - timedelta(minutes=40)
    report = actions.make_report(
        team=team, from_on=first, to_on=last, by=do.cast.viewer("suzuki"),
        note="悪用が確認されたものは、見つけた日か翌日に手を打てています。工場の設備は計画停止に合わせるため、受け入れたものが残ります。",
    )  # fmt: skip
    yield issued
    actions.issue(report=report, by=do.cast.viewer("sato"))
    yield day.lately(0.50)
    today = day.zero
    actions.make_report(
        team=team, from_on=min(today.replace(day=1), today), to_on=today, by=do.cast.viewer("suzuki"),
        note="拠点VPN の版上げが今日終わります。保守用リモート接続の移行が遅れています。",
    )  # fmt: skip


CHAPTERS = (
    inventory_comes_in, first_vpn_hole, virus_scanner, core_router, production_line, documents,
    repository, drawing_tool, mail, portal, databases, watching, planning, virtual_machines, viewers,
    help_desk, remote_maintenance, windows, machine_tools, vpn_console, phones, production_database,
    second_vpn_hole, third_vpn_hole, newest, people_come_and_go, month_for_the_executive,
)  # fmt: skip
