"""Early warnings between the teams, with answers in every state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from noroshi.sample.replay import Chapter, Days
from noroshi.sample.steps import Steps
from noroshi.sharing.labels import Sensitivity
from noroshi.warnings import actions
from noroshi.warnings.actions import About, Content
from noroshi.warnings.models import Kind, Warning
from noroshi.warnings.states import AnswerState

AMBER, STRICT, GREEN = Sensitivity.AMBER, Sensitivity.AMBER_STRICT, Sensitivity.GREEN
CLEAR, RED = Sensitivity.CLEAR, Sensitivity.RED
INVESTIGATING, AFFECTED = AnswerState.INVESTIGATING, AnswerState.AFFECTED
NOT_AFFECTED, FIXED = AnswerState.NOT_AFFECTED, AnswerState.FIXED


@dataclass(frozen=True)
class WarningSteps:
    """The steps of those who write, release and answer warnings."""

    do: Steps

    def draft(
        self,
        who: str,
        label: Sensitivity,
        *,
        title: str,
        title_en: str,
        text: str,
        todo: str,
        circle: str = "",
        named: tuple[str, ...] = (),
        kind: Kind = Kind.EXPLOITED,
        cve: str = "",
        answer_by: datetime | None = None,
        about: str = "",
    ) -> Warning:
        """Begin a warning; ``about`` is the vulnerability that it was started from."""
        cast = self.do.cast
        origin = None
        if about:
            origin = About("assessment", self.do.assessment(who, about).public_id, about)
        content = Content(
            sensitivity=label,
            circle=cast.circles[circle] if circle else None,
            named=[cast.people[key] for key in named],
            kind=kind,
            title=title,
            title_en=title_en,
            text=text,
            todo=todo,
            cve=cve,
            answer_by=answer_by,
        )
        return actions.draft(
            team=cast.team_of(who), content=content, about=origin, by=cast.viewer(who)
        )

    def release(self, who: str, warning: Warning) -> None:
        actions.release(warning=warning, by=self.do.cast.viewer(who))

    def withdraw(self, who: str, warning: Warning, why: str) -> None:
        actions.withdraw(warning=warning, why=why, by=self.do.cast.viewer(who))

    def answer(self, who: str, warning: Warning, state: AnswerState, note: str = "") -> None:
        actions.answer(warning=warning, state=state, note=note, by=self.do.cast.viewer(who))


def first_vpn_warning(day: Days, say: WarningSteps) -> Chapter:
    """An old warning that everybody has answered, so that receivers see the sums."""
    yield day.back(46, "16:00")
    warning = say.draft(
        "suzuki",
        AMBER,
        circle="infrastructure",
        cve="CVE-2023-27997",
        answer_by=day.back(42, "12:00"),
        title="FortiOS の SSL-VPN の悪用",
        title_en="FortiOS SSL-VPN is being exploited",
        about="CVE-2023-27997",
        text="FortiOS の SSL-VPN で、認証の前に任意の操作ができる脆弱性の悪用が確認されています。7.2.0 から 7.2.4、7.0.0 から 7.0.11 を使い、SSL-VPN が外から届くチームに関わります。",
        todo="修正版（7.2.5、7.0.12 など）に上げる。\n上げられないときは SSL-VPN を止める。\n直近 1 か月の接続の記録を保全する。",
    )
    yield day.back(46, "16:30")
    say.release("sato", warning)
    yield day.back(45, "10:00")
    say.answer("hayashi", warning, NOT_AFFECTED, "別の製品を使っています。")
    yield day.back(45, "10:40")
    say.answer("mori", warning, NOT_AFFECTED)
    yield day.back(45, "13:00")
    say.answer("abe", warning, AFFECTED, "病院間の接続に 1 台あります。今夜止めて上げます。")
    yield day.back(44, "09:30")
    say.answer("abe", warning, FIXED, "7.0.12 に上げました。")
    yield day.back(44, "11:40")
    say.answer("anna", warning, FIXED, "配送センターの 1 台を 7.2.5 に上げました。")
    yield day.back(43, "13:00")
    say.answer("okada", warning, FIXED, "更新の予算を待たず、保守の範囲で上げました。")


def pictures(day: Days, say: WarningSteps) -> Chapter:
    yield day.back(29, "10:00")
    warning = say.draft(
        "abe",
        STRICT,
        circle="infrastructure",
        kind=Kind.VULNERABILITY,
        cve="CVE-2023-7238",
        answer_by=day.back(25, "17:00"),
        title="医用画像ビューアの格納型スクリプト挿入",
        title_en="Stored script injection in a medical image viewer",
        text="Osimis WebViewer 1.4.2.0 で、画像の付帯情報に書いたスクリプトが閲覧者の画面で動きます。紹介元から受け取る画像でも起きることを試験環境で確かめました。",
        todo="使っているかを放射線部門に確かめる。\n使っていれば、外から受け取った画像の取り込みを止める。",
    )
    yield day.back(29, "11:30")
    say.release("yamaguchi", warning)
    yield day.back(28, "09:40")
    say.answer("suzuki", warning, NOT_AFFECTED, "健康管理室を含め、使っていません。")
    yield day.back(28, "10:10")
    say.answer("mori", warning, NOT_AFFECTED)
    yield day.back(27, "15:00")
    say.answer("hayashi", warning, NOT_AFFECTED)
    yield day.back(27, "16:20")
    say.answer("okada", warning, INVESTIGATING, "市民病院に確かめています。")
    yield day.back(26, "10:10")
    say.answer("anna", warning, NOT_AFFECTED, "We carry no such system.")


def secure_shell(day: Days, say: WarningSteps) -> Chapter:
    yield day.back(26, "11:00")
    warning = say.draft(
        "kobayashi",
        CLEAR,
        kind=Kind.VULNERABILITY,
        cve="CVE-2024-6387",
        answer_by=day.back(20, "17:00"),
        title="OpenSSH の競合状態の脆弱性（regreSSHion）",
        title_en="OpenSSH race condition (regreSSHion)",
        text="OpenSSH 8.5p1 から 9.7p1 に、認証の前に効く競合状態の脆弱性があります。悪用の成功には長い時間がかかりますが、外から届くサーバーでは早めの対処を勧めます。",
        todo="外から届くサーバーの版を確かめる。\n修正版に上げるか、配布元の修正を入れる。\nすぐに上げられないときは LoginGraceTime を 0 にする。",
    )
    yield day.back(26, "13:00")
    say.release("kobayashi", warning)
    yield day.back(25, "10:00")
    say.answer("suzuki", warning, NOT_AFFECTED, "外から届くサーバーはありません。")
    yield day.back(25, "11:10")
    say.answer("abe", warning, FIXED, "配布元の修正が入っていました。")
    yield day.back(24, "14:00")
    say.answer("hayashi", warning, FIXED)
    yield day.back(24, "16:40")
    say.answer("mori", warning, NOT_AFFECTED)
    yield day.back(23, "09:50")
    say.answer("anna", warning, FIXED, "All three gateways were updated.")
    yield day.back(22, "13:30")
    say.answer("okada", warning, INVESTIGATING, "委託先に確かめています。")


def a_false_trail(day: Days, say: WarningSteps) -> Chapter:
    """Withdrawn: what looked like an attacker was an update."""
    yield day.back(18, "11:00")
    warning = say.draft(
        "anna",
        STRICT,
        circle="makers",
        kind=Kind.MALWARE,
        answer_by=day.back(14, "12:00"),
        title="運行管理端末から 203.0.113[.]45 への定期通信",
        title_en="Beaconing to 203.0.113[.]45 from dispatch terminals",
        text="運行管理の端末 6 台が、5 分おきに 203.0.113[.]45（update.example[.]net）へ通信しています。同じ端末管理を使うチームに関わるおそれがあります。",
        todo="8 月からの通信の記録で、この宛先を探す。\n見つけた端末は電源を切らずに網から離す。",
    )
    yield day.back(18, "11:30")
    say.release("inoue", warning)
    yield day.back(18, "13:10")
    say.answer("suzuki", warning, INVESTIGATING, "工場の端末を調べています。")
    yield day.back(18, "14:00")
    say.answer("mori", warning, NOT_AFFECTED, "この宛先への通信はありません。")
    yield day.back(17, "10:20")
    say.withdraw(
        "inoue",
        warning,
        "端末管理の製造元に確かめ、宛先が正規の更新配信と分かったため。お騒がせしました。",
    )


def vpn_now(day: Days, say: WarningSteps) -> Chapter:
    """The warning that matters today: answers in every state, and a team that is still silent."""
    key = "CVE-2024-21762"
    yield day.back(3, "15:20")
    warning = say.draft(
        "suzuki",
        AMBER,
        circle="infrastructure",
        cve=key,
        answer_by=day.until(1, "12:00"),
        about=key,
        title="FortiOS の SSL-VPN の新たな悪用",
        title_en="New exploitation of FortiOS SSL-VPN",
        text="FortiOS の SSL-VPN で、認証の前に任意の操作ができる脆弱性（CVE-2024-21762）の悪用が確認されています。7.2.6 以前と 7.0.13 以前を使い、SSL-VPN が外から届くチームに関わります。侵入のあと、見慣れない管理者を足す例があります。",
        todo="修正版（7.2.7、7.0.14 など）に上げる。止まる時間は 1 台およそ 30 分です。\n上げられないときは SSL-VPN を止める。\n管理者の一覧と、直近 1 か月の接続の記録を確かめる。",
    )
    yield day.back(3, "16:10")
    say.release("sato", warning)
    yield day.back(3, "17:20")
    say.answer("mori", warning, NOT_AFFECTED, "本店は別の製品です。")
    yield day.back(2, "09:40")
    say.answer("abe", warning, INVESTIGATING, "病院間の接続 1 台を調べています。")
    yield day.back(2, "11:00")
    say.answer("anna", warning, AFFECTED, "One gateway runs 7.2.5. We stop it tonight.")
    yield day.back(1, "10:00")
    say.answer("abe", warning, FIXED, "昨夜 7.0.14 に上げました。見慣れない管理者はいません。")
    yield day.lately(0.35)
    say.answer("okada", warning, INVESTIGATING, "保守会社に停止の日を確かめています。")


def for_a_few_eyes(day: Days, say: WarningSteps) -> Chapter:
    """TLP:RED, to people and not to teams; さざなみ has not answered yet."""
    yield day.back(1, "14:30")
    warning = say.draft(
        "mori",
        RED,
        named=("ishii", "suzuki", "sato", "shimizu"),
        kind=Kind.OTHER,
        answer_by=day.until(2, "12:00"),
        title="保守会社を経由した監視網への接続の試み",
        title_en="Attempts to reach a monitoring network through a maintenance company",
        text="保守会社の正規の利用者名で、発電所の監視網につなごうとする試みを 2 回止めました。同じ会社に設備の保守を任せている方に、個人としてお知らせします。会社名は電話でお伝えします。",
        todo="保守会社の利用者の接続を、時刻と接続元で見直す。\n使っていない利用者を止める。\nこの内容は、名前のある方のほかに伝えない。",
    )
    yield day.back(1, "15:10")
    say.release("ishii", warning)
    yield day.back(1, "16:50")
    say.answer("shimizu", warning, NOT_AFFECTED, "勘定系の保守に同じ会社は入っていません。")


def invoices(day: Days, say: WarningSteps) -> Chapter:
    """A GREEN warning that さざなみ still has to answer."""
    yield day.lately(0.05)
    warning = say.draft(
        "okada",
        GREEN,
        kind=Kind.PHISHING,
        answer_by=day.until(1, "17:00"),
        title="請求書を装うメールの急増",
        title_en="Surge of mails posing as invoices",
        text="昨日の夕方から、請求書の差し替えを装うメールが 40 通ほど届いています。本文の宛名は実在の部署で、添付の閲覧に外部の認証画面を求めます。差出人は invoice@billing.example などです。",
        todo="受信の記録で billing.example からのメールを探す。\n認証画面に入力した人がいれば、パスワードを変えて接続を切る。\n財務の窓口に電話での確認を頼む。",
    )
    yield day.lately(0.12)
    say.release("goto", warning)
    yield day.lately(0.30)
    say.answer("hayashi", warning, AFFECTED, "12 通届きました。入力した人はいません。")
    yield day.lately(0.45)
    say.answer("abe", warning, NOT_AFFECTED)


def half_written(day: Days, say: WarningSteps) -> Chapter:
    yield day.lately(0.60)
    say.draft(
        "suzuki",
        STRICT,
        circle="makers",
        kind=Kind.VULNERABILITY,
        cve="CVE-2024-7316",
        about="CVE-2024-7316",
        title="加工機の数値制御装置を止める通信",
        title_en="Traffic that stops numerical controllers",
        text="数値制御装置 M800/M80 などが、細工した通信で止まります。修正は予定されていません。前段で通信元を絞る設定を 12 台のうち 5 台で試し、加工に影響がないことを確かめました。",
        todo="前段のスイッチで、段取り用の端末と監視だけを通す。",
    )


CHAPTERS = (
    first_vpn_warning,
    pictures,
    secure_shell,
    a_false_trail,
    vpn_now,
    for_a_few_eyes,
    invoices,
    half_written,
)
