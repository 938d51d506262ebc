"""Threads that wait for somebody now: to be decided, to be done, to be verified, or late.

A chapter is a whole thread in the order of its days, so a long one stays a single function.
"""

from __future__ import annotations

from noroshi.sample.replay import Chapter, Days
from noroshi.sample.steps import Steps, output


def databases(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-20962"
    yield day.back(33, "10:10")
    do.receive("ito", "CVE-2023-21980", key)
    yield day.back(32, "11:00")
    do.assess("ito", key, "データベースの利用者に限られ、止まるだけで漏れはない。")
    yield day.back(31, "15:20")
    do.decide("sato", key, "apply", "月例の保守で版を上げる。")
    yield day.back(31, "15:50")
    do.instruct(
        "ito",
        key,
        "upgrade",
        "8.0.37 に上げる。写しを取ってから行う。",
        day.ahead(14),
        version="8.0.37",
    )


def watching(day: Days, do: Steps) -> Chapter:
    """An acceptance that ran out comes back by itself."""
    key = "CVE-2023-29449"
    yield day.back(30, "09:40")
    do.receive("ito", key)
    yield day.back(30, "11:30")
    do.assess("ito", key, "監視の管理者に限られる。負荷が上がるだけで、内容は読まれない。")
    yield day.back(29, "10:00")
    do.decide(
        "sato",
        key,
        "accept",
        "監視サーバーの入れ替えまで受け入れる。管理者は 3 人に限ってある。",
        until=day.past(6),
    )
    yield day.back(3, "11:20")
    do.assess(
        "ito",
        key,
        "入れ替えが翌月に延びた。条件は前と変わらない。",
        due_on=day.ahead(20),
        reason="監視サーバーの入れ替えの日に合わせる。",
    )


def virtual_machines(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-37080"
    yield day.back(20, "09:20")
    do.receive("ito", key)
    yield day.back(20, "10:50")
    do.assess(
        "ito",
        key,
        "管理網からのみ届くが、入られると仮想基盤の全体に及ぶ。",
        due_on=day.ahead(4),
        reason="基幹システムの月末処理が終わってから止めるため。",
    )
    yield day.back(19, "09:40")
    do.decide(
        "sato",
        key,
        "apply",
        "月末処理のあとに版を上げる。それまで管理網への接続を踏み台 1 台に絞る。",
    )
    yield day.back(19, "10:20")
    do.instruct(
        "ito",
        key,
        "upgrade",
        "8.0 U2d に上げる。踏み台以外からの接続を先に止める。",
        day.ahead(4),
        version="8.0 U2d",
    )
    yield day.back(18, "17:00")
    do.answer(
        "yamada", key, "仮想基盤", "started", "接続を踏み台に絞りました。作業は予約済みです。"
    )


def help_desk(day: Days, do: Steps) -> Chapter:
    """The manager asks for more; now it waits for their decision, past its day."""
    key = "CVE-2024-28987"
    yield day.back(15, "09:30")
    do.receive("suzuki", key)
    yield day.back(14, "13:20")
    do.assess(
        "suzuki",
        key,
        "埋め込まれた認証情報で、問い合わせの中身を読まれる。社内から届く。",
        due_on=day.past(6),
        reason="窓口の繁忙期を避けるため。",
    )
    yield day.back(12, "16:40")
    do.reconsider("sato", key, "委託先の網からも届くのかを確かめてほしい。届くなら先に止めたい。")
    yield day.back(5, "11:30")
    do.assess(
        "suzuki",
        key,
        "委託先の 2 社からも届くことを確認した。問い合わせの中に利用者の連絡先が 1,800 件ある。",
        due_on=day.past(2),
        reason="委託先の接続を止める日に合わせる。",
    )


def remote_maintenance(day: Days, do: Steps) -> Chapter:
    """Late: the operator has begun, and the day is over."""
    first, second, system = "CVE-2024-8963", "CVE-2024-9380", "保守用リモート接続"
    yield day.back(13, "09:10")
    do.receive("ito", first)
    yield day.back(13, "10:20")
    do.assess(
        "ito",
        first,
        "保守会社の網から届く。4.6 は供給が終わっており、5.0 への移行がいる。",
        due_on=day.past(3),
        reason="移行に保守会社の立ち会いがいる。それまで接続元を絞る。",
    )
    yield day.back(13, "13:30")
    do.decide(
        "sato",
        first,
        "apply",
        "接続元を保守会社の 2 拠点に絞り、5.0.2 に移る。使わない時間は止める。",
    )
    yield day.back(13, "14:00")
    do.instruct(
        "ito",
        first,
        "upgrade",
        "接続元を絞ってから 5.0.2 に移る。移行のあと、管理者の一覧を見直す。",
        day.past(3),
        version="5.0.2",
    )
    yield day.back(11, "09:10")
    do.receive("ito", second)
    yield day.back(11, "09:50")
    do.assess(
        "ito",
        second,
        "8963 と組み合わせた悪用が確認されている。同じ移行で直る。",
        due_on=day.past(3),
        reason="8963 の移行に合わせる。",
    )
    yield day.back(11, "11:10")
    do.decide("sato", second, "apply", "5.0.2 への移行で合わせて対処する。")
    yield day.back(11, "11:30")
    do.instruct("ito", second, "upgrade", "5.0.2 への移行に含める。", day.past(3), version="5.0.2")
    yield day.back(6, "16:30")
    do.answer(
        "tanaka",
        first,
        system,
        "started",
        "接続元を絞りました。移行は保守会社の日程を待っています。",
    )


def machine_tools(day: Days, do: Steps) -> Chapter:
    """No fix will come: a work-around, after a person has answered the uncertain match."""
    key = "CVE-2024-7316"
    yield day.back(8, "09:00")
    do.receive("suzuki", "ICSA-24-291-03")
    yield day.back(8, "13:30")
    do.answer_matches("suzuki", key, same=True)
    do.assess(
        "suzuki",
        key,
        "細工した通信で加工機が止まる。修正は出ない。網は閉じているが、保守用の持ち込み端末がつながる。",
    )
    yield day.back(7, "10:00")
    do.decide(
        "sato",
        key,
        "apply",
        "加工機の前段で通信元を絞る。止めずに設定できることを製造元に確かめた。",
    )
    yield day.back(7, "10:30")
    do.instruct(
        "suzuki",
        key,
        "workaround",
        "前段のスイッチで、段取り用の端末と監視の 2 つだけを通す。夜勤の始まる前に試す。",
        day.ahead(5),
    )
    yield day.back(4, "16:00")
    do.answer(
        "takahashi",
        key,
        "大阪工場 加工ライン CNC",
        "started",
        "12 台のうち 5 台に設定しました。加工への影響はありません。",
    )
    yield day.back(1, "16:50")
    do.answer(
        "takahashi",
        key,
        "大阪工場 加工ライン CNC",
        "done",
        "残り 7 台も済みました。夜勤の加工に影響はありません。",
        evidence=[
            output(
                "switch-acl.txt",
                "access-list 110 permit 198.51.100.10",
                "access-list 110 permit 198.51.100.11",
                "access-list 110 deny any",
            )
        ],
    )


def phones(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-20488"
    yield day.back(6, "11:00")
    do.receive("ito", key)
    yield day.back(5, "14:00")
    do.assess("ito", key, "管理画面の利用者に限られる。社内からのみ届く。")
    yield day.back(4, "10:00")
    do.decide("sato", key, "apply", "次の保守契約の更新に合わせて修正版を入れる。")
    yield day.back(4, "10:30")
    do.instruct(
        "ito",
        key,
        "patch",
        "12.5(1)SU9 を入れる。内線への影響を総務に知らせる。",
        day.ahead(20),
        version="12.5(1)SU9",
    )


def production_database(day: Days, do: Steps) -> Chapter:
    key = "CVE-2024-21335"
    yield day.back(5, "09:20")
    do.receive("ito", key)
    yield day.back(2, "14:30")
    do.assess(
        "ito",
        key,
        "接続部品を使う利用者が、細工したサーバーにつなぐと影響する。接続先は固定している。",
    )


def newest(day: Days, do: Steps) -> Chapter:
    """Advisories that came in lately and wait for somebody to begin."""
    yield day.back(2, "10:40")
    do.receive("suzuki", "ICSA-24-296-01")
    yield day.back(1, "09:10")
    do.receive("ito", "CVE-2024-37085", "CVE-2024-6670", "CVE-2024-8110")
    yield day.lately(0.10)
    do.import_files("suzuki", "CVE-2024-23897", "CVE-2024-6670", broken="CVE-2023-7028")


CHAPTERS = (
    databases,
    watching,
    virtual_machines,
    help_desk,
    remote_maintenance,
    machine_tools,
    phones,
    production_database,
    newest,
)
