"""From an advisory to the executives' report, and a warning to the others: five people, real files.

The program runs as people start it: web and jobs as processes, a database file, a mail server.
The advisories are real ones of CISA; the operator's link comes out of the mail that arrived.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.harness import smtp
from tests.harness.database import new_database
from tests.harness.people import PASSWORD, PEOPLE
from tests.journeys import instance

ROOT = Path(__file__).resolve().parents[2]
ADVISORIES = sorted((ROOT / "noroshi/sample/data/csaf").glob("*.json"))
BILL = ROOT / "tests/samples/journeys/hmi-workstation.cdx.json"
SYSTEM = "大阪工場 表示器設計端末"
CVE = "CVE-2024-5271"
OTHER_CVE = "CVE-2024-34171"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"the screen with version 6.2.3.0"
WHY = "悪用の手順が公になった。工場の端末なので今週中に直す。"
TITLE = "表示器の設計端末が狙われています"
SECRET = "合い言葉は東雲"  # stands in the warning only: whoever finds it has read it


@dataclass
class Story:
    """One telling of it in one language; every person has a browser of their own."""

    browser: Browser
    url: str
    language: str
    office: smtp.PostOffice
    pages: dict[str, Page] = field(default_factory=dict)

    def say(self, japanese: str, english: str) -> str:
        """The words of the page in the language of this story."""
        return japanese if self.language == "ja" else english

    def name(self, who: str) -> str:
        _team, japanese, english, _role = PEOPLE[who]
        return self.say(japanese, english)

    def page(self, who: str, width: int = 1280) -> Page:
        """An empty window, in which nobody is signed in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 844}, locale=self.language
        )
        context.set_default_timeout(15_000)
        self.pages[who] = context.new_page()
        return self.pages[who]

    def sign_in(self, who: str) -> Page:
        """With address and password, as everybody does."""
        page = self.page(who)
        page.goto(self.url)
        page.get_by_label(self.say("メールアドレス", "Mail address")).fill(
            f"{who}@{PEOPLE[who][0]}.example"
        )
        page.get_by_label(self.say("パスワード", "Password")).fill(PASSWORD)
        page.get_by_role("button", name=self.say("サインイン", "Sign in"), exact=True).click()
        expect(page.locator(".me summary")).to_contain_text(self.name(who))
        return page

    def sees(self, page: Page, japanese: str, english: str) -> None:
        expect(page.locator("main")).to_contain_text(self.say(japanese, english))

    def press(self, page: Page, japanese: str, english: str) -> None:
        page.get_by_role("button", name=self.say(japanese, english), exact=True).click()

    def follow(self, page: Page, japanese: str, english: str) -> None:
        page.locator("main").get_by_role("link", name=self.say(japanese, english)).first.click()

    def go(self, page: Page, japanese: str, english: str) -> None:
        """To a place of the navigation."""
        page.locator(".nav").get_by_role("link", name=self.say(japanese, english)).click()

    def mail(self, who: str, subject: str) -> EmailMessage:
        """The mail that the jobs have sent, once it is there."""
        address = f"{who}@{PEOPLE[who][0]}.example"
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for mail in self.office.to(address):
                if subject in str(mail["Subject"]):
                    return mail
            time.sleep(0.1)
        mails = [(str(mail["To"]), str(mail["Subject"])) for mail in self.office.received]
        raise AssertionError(f"No mail to {address} with {subject!r}; came: {mails}")

    def link_in(self, mail: EmailMessage) -> str:
        link = re.search(rf"{re.escape(self.url)}/\S+", smtp.text_of(mail))
        assert link is not None
        return link.group()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Folder and database of an instance with its people, before anything has happened."""
    folder = tmp_path_factory.mktemp("filled")
    with new_database() as database:
        instance.fill(folder, database, "ja")
        yield folder, database


# The same way in English takes as long again and goes through the same code: CI walks it.
LANGUAGES = ["ja", "en"] if os.environ.get("CI") else ["ja"]


@pytest.fixture(params=LANGUAGES)
def story(
    request: pytest.FixtureRequest, filled: tuple[Path, str], tmp_path: Path
) -> Iterator[Story]:
    folder = tmp_path / "instance"
    shutil.copytree(filled[0], folder)
    with new_database(like=filled[1]) as database:
        if request.param != "ja":
            instance.fill(folder, database, request.param)
        with (
            smtp.running(SimpleNamespace()) as office,
            instance.running(folder, database, smtp_port=office.port) as url,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium-headless-shell")
            )
            yield Story(browser, url, request.param, office)
            browser.close()


def test_five_people_from_advisory_to_report_and_warning(story: Story, tmp_path: Path) -> None:
    alice = story.sign_in("alice")
    she_brings_the_inventory_in(story, alice)
    she_brings_the_advisories_in(story, alice)
    vulnerability = she_assesses(story, alice)
    mana = story.sign_in("mana")
    nobody_decides_alone(story, alice, mana, vulnerability)
    the_manager_decides(story, mana, vulnerability)
    she_instructs_the_operator(story, alice)
    the_operator_does_it_on_the_phone(story)
    another_person_verifies(story, alice, vulnerability)
    the_executive_reads_the_report(story, alice, tmp_path)
    warning = she_warns_the_circle(story, alice, vulnerability)
    the_second_team_answers(story, warning)
    the_third_team_knows_nothing(story, warning)
    she_sees_the_answer(story, alice, warning)


def she_brings_the_inventory_in(story: Story, page: Page) -> None:
    story.sees(page, "あなたを待つものはありません。", "Nothing waits for you.")
    story.go(page, "システム", "Systems")
    story.follow(page, "ファイルを取り込む", "Take in a file")
    page.locator("input[type=file]").set_input_files(BILL)
    story.press(page, "取り込む", "Take in")
    done = page.locator(".status").get_by_text(story.say("完了", "Done"))
    _reload_until(page, lambda: done.count() > 0)
    story.go(page, "システム", "Systems")
    page.get_by_role("link", name=SYSTEM).click()
    expect(page.locator("main")).to_contain_text("6.2.2.0")
    story.follow(page, "変更する", "Change")
    page.get_by_label(story.name("otto")).check()
    page.get_by_label(story.say("接続範囲", "Reachable from")).select_option("partner")
    story.press(page, "保存する", "Save")
    expect(page.locator("main")).to_contain_text(story.name("otto"))


def she_brings_the_advisories_in(story: Story, page: Page) -> None:
    story.go(page, "脆弱性", "Vulnerabilities")
    story.sees(page, "まだ脆弱性はありません。", "No vulnerability of your systems is known yet.")
    story.follow(page, "勧告を取り込む", "Take in advisories")
    page.locator("input[type=file]").set_input_files([*ADVISORIES, BILL])
    story.press(page, "取り込む", "Take in")
    total = len(ADVISORIES) + 1
    expect(page.locator("progress")).to_have_attribute("max", str(total), timeout=30_000)
    done = story.say(f"{total} / {total} 件", f"{total} of {total} documents")
    _reload_until(page, lambda: page.get_by_text(done).count() > 0)
    page.reload()
    refused = page.get_by_role("row", name=BILL.name)
    expect(refused).to_contain_text(story.say("読み取れません", "Not understood"))
    expect(refused).to_contain_text(
        story.say("これは構成部品の一覧です", "This is a list of components.")
    )
    expect(page.get_by_role("row", name="icsa-24-151-02.json")).to_contain_text("Monitouch V-SFT")


def she_assesses(story: Story, page: Page) -> str:
    """She changes a point, the tables answer anew; another day needs a reason."""
    story.go(page, "脆弱性", "Vulnerabilities")
    row = page.get_by_role("row", name=CVE)
    _reload_until(page, lambda: row.count() > 0)
    expect(page.locator("tbody tr")).to_have_count(3)
    row.get_by_role("link").click()
    vulnerability = page.url
    expect(page.get_by_role("row", name=SYSTEM)).to_contain_text("6.2.2.0 < 6.2.3.0")
    story.sees(page, "あなたの番：評価する", "Your turn: assess it")
    story.follow(page, "評価する", "Assess")
    expect(page.locator("#proposal [name=priority]:checked")).to_have_value("scheduled")
    exploited = page.get_by_label(story.say("悪用中", "Being exploited"))
    exploited.check()
    page.locator("[name=human_impact][value=high]").check()
    expect(page.locator("#proposal [name=priority]:checked")).to_have_value("out-of-cycle")
    page.get_by_label(story.say("確かめたこと", "What you found")).fill("端末は保守会社から届く。")
    page.get_by_label(story.say("期限", "Due"), exact=True).fill(_day(5))
    story.press(page, "責任者の判断に回す", "Put before the security manager")
    expect(page.locator(".errors")).to_contain_text(
        story.say(
            "優先度か期限が表の提案と違います。", "Priority or due date differ from what the tables"
        )
    )
    expect(exploited).to_be_checked()
    page.get_by_label(
        story.say("優先度や期限が提案と違う理由", "Why priority or date differ")
    ).fill("週末に止められる。")
    story.press(page, "責任者の判断に回す", "Put before the security manager")
    story.sees(
        page,
        "評価をセキュリティ責任者に回しました。",
        "The assessment is with the security manager.",
    )
    story.sees(page, "判断待ち", "To decide")
    return vulnerability


def nobody_decides_alone(story: Story, alice: Page, mana: Page, vulnerability: str) -> None:
    """Not the analyst, and not a manager on what she assessed herself."""
    answer = alice.goto(f"{vulnerability}/decide")
    assert answer is not None and answer.status == 403
    story.sees(alice, "判断はセキュリティ責任者が行います。", "Only the security manager decides.")
    story.go(mana, "脆弱性", "Vulnerabilities")
    mana.get_by_role("row", name=OTHER_CVE).get_by_role("link").click()
    own = mana.url
    story.follow(mana, "評価する", "Assess")
    story.press(mana, "責任者の判断に回す", "Put before the security manager")
    story.sees(
        mana,
        "二人の目で確かめるため、判断は別の人が行います。",
        "Somebody else decides, so that two people have looked at it.",
    )
    answer = mana.goto(f"{own}/decide")
    assert answer is not None and answer.status == 409
    story.sees(
        mana,
        "この脆弱性はご自身が評価しました。",
        "You assessed this vulnerability yourself. Another security manager decides",
    )


def the_manager_decides(story: Story, page: Page, vulnerability: str) -> None:
    mail = story.mail("mana", story.say("判断をお願いします", "To decide"))
    assert story.say("定期外", "Out of cycle") in smtp.text_of(mail)
    assert story.link_in(mail) == vulnerability
    page.goto(vulnerability)
    story.sees(page, "あなたの番：どう対応するかを判断する", "Your turn: decide what is done")
    expect(page.locator(".ssvc .on").first).to_contain_text(story.say("悪用中", "Being exploited"))
    story.sees(page, "週末に止められる。", "週末に止められる。")
    story.follow(page, "判断する", "Decide")
    page.get_by_label(story.say("対処する", "Apply measures"), exact=True).check()
    page.get_by_label(story.say("理由（専門用語を使わずに）", "Why, in plain words")).fill(WHY)
    story.press(page, "判断を記録する", "Record the decision")
    story.sees(page, "判断を記録しました。", "The decision was recorded.")
    story.sees(page, "指示済み", "Instructed")


def she_instructs_the_operator(story: Story, page: Page) -> None:
    mail = story.mail("alice", story.say("判断されました", "Decided"))
    assert WHY in smtp.text_of(mail)
    page.goto(story.link_in(mail))
    story.follow(page, "指示する", "Instruct")
    system = page.get_by_label(SYSTEM)
    expect(system).to_be_checked()
    expect(page.locator("fieldset").first).to_contain_text(story.name("otto"))
    page.get_by_label(story.say("すること", "What to do")).select_option("upgrade")
    page.get_by_label(story.say("上げる版", "Version wanted")).fill("6.2.3.0")
    story.press(page, "指示を送る", "Send the instructions")
    story.sees(page, "指示を 1 件送りました。", "1 instruction was sent.")


def the_operator_does_it_on_the_phone(story: Story) -> None:
    """No account is asked for: the link in the mail is enough, on a narrow screen."""
    mail = story.mail("otto", "6.2.3.0")
    assert WHY in smtp.text_of(mail)
    page = story.page("otto", width=390)
    page.goto(story.link_in(mail))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    story.sees(page, WHY, WHY)
    story.sees(page, "recommends users update", "recommends users update")
    story.press(page, "着手する", "Start")
    story.sees(page, "着手を記録しました。", "Noted: you have started.")
    page.get_by_label(story.say("確かめた版", "Version as you see it now")).fill("6.2.3.0")
    report = page.locator("section:has(#done)")
    report.locator("[type=file]").set_input_files(
        {"name": "screen.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    report.get_by_role("button", name=story.say("完了を報告する", "Report done")).click()
    story.sees(
        page,
        "完了を報告しました。ありがとうございます。",
        "Reported as done. Thank you; another person",
    )


def another_person_verifies(story: Story, page: Page, vulnerability: str) -> None:
    """Otto reported it; Alice looks at the evidence and says that it is so."""
    story.mail("alice", story.say("【完了の報告】", "Reported done: "))
    story.go(page, "今日", "Today")
    story.follow(page, "検証する：", "Verify: ")
    story.sees(page, "6.2.3.0", "6.2.3.0")
    with page.expect_download() as saved:
        story.follow(page, "screen.png", "screen.png")
    assert saved.value.path().read_bytes() == PICTURE
    story.follow(page, "検証済みにする", "Mark as verified")
    story.press(page, "検証済みにする", "Mark as verified")
    story.sees(page, "検証済みにしました。", "Verified.")
    page.goto(vulnerability)
    report = story.say("あなたの番：完了を報告する", "Your turn: report that it is done")
    _reload_until(page, lambda: page.get_by_text(report).count() > 0)
    story.sees(page, "1 / 1 を検証済み", "1 of 1 verified")
    story.press(page, "報告済みにする", "Note as reported")
    story.sees(page, "報告済みとして記録しました。", "Noted as reported.")


def the_executive_reads_the_report(story: Story, alice: Page, folder: Path) -> None:
    story.go(alice, "報告", "Reports")
    story.follow(alice, "報告を作る", "Make a report")
    story.press(alice, "下書きを作る", "Make the draft")
    story.sees(alice, "下書きができました。", "The draft is ready.")
    issue = story.say("発行する", "Issue")
    alice.locator(".turn").get_by_role("button", name=issue).click()
    alice.locator("dialog").get_by_role("button", name=issue).click()
    story.sees(alice, "報告を発行しました。", "The report is issued")
    mail = story.mail("eve", "")
    eve = story.sign_in("eve")
    assert eve.url == f"{story.url}/reports/"  # executives have nothing else to look at
    eve.goto(story.link_in(mail))
    story.sees(eve, WHY, WHY)
    with eve.expect_download() as saved:
        story.follow(eve, "PDF で保存する", "Save as PDF")
    text = _text_of_pdf(saved.value.path(), folder)
    for expected in (WHY, CVE, story.say("判断とその理由", "Decided, and why"), "Monitouch V-SFT"):
        assert _packed(expected) in _packed(text)
    answer = eve.goto(f"{story.url}/vulnerabilities/")
    assert answer is not None
    expect(eve.locator("main")).not_to_contain_text(CVE)


def she_warns_the_circle(story: Story, page: Page, vulnerability: str) -> str:
    page.goto(vulnerability)
    story.follow(page, "早期警戒を出す", "Warn others")
    expect(page.locator("[name=cve]")).to_have_value(CVE)
    page.locator("[name=label][value=amber]").check()
    page.locator("[name=circle]").select_option(index=1)
    audience = page.locator("#audience")
    expect(audience).to_contain_text(story.say("びわ電機 CSIRT", "Biwa CSIRT"))
    expect(audience).to_contain_text(story.say("1 チーム", "1 team"))
    page.get_by_label(story.say("題名", "Title"), exact=True).fill(TITLE)
    page.get_by_label(story.say("要点", "In short")).fill(f"悪用を見ました。{SECRET}")
    page.get_by_label(story.say("すること", "What to do"), exact=True).fill("6.2.3.0 へ上げる")
    story.press(page, "公開へ進む", "Go on to release")
    story.sees(page, SECRET, SECRET)
    expect(page.locator("#audience")).to_contain_text(story.say("びわ電機 CSIRT", "Biwa CSIRT"))
    story.press(page, "1 チーム 2 人に公開する", "Release to 1 team, 2 people")
    story.sees(page, "を公開しました。", "is released.")
    return page.url


def the_second_team_answers(story: Story, warning: str) -> None:
    """From the mail, which names neither title nor text: TLP:AMBER does not lie in mailboxes."""
    mail = story.mail("bob", "TLP:AMBER")
    assert SECRET not in smtp.text_of(mail)
    assert TITLE not in str(mail["Subject"]) + smtp.text_of(mail)
    page = story.page("bob", width=390)
    page.goto(story.link_in(mail))
    expect(page.locator("main")).not_to_contain_text(SECRET)
    story.press(page, "影響あり", "Affected")
    story.sees(
        page,
        "自チームの回答を発行者に届けました。",
        "Your team's answer is with the team that warned.",
    )
    signed_in = story.sign_in("bob")
    signed_in.goto(warning)
    story.sees(signed_in, SECRET, SECRET)


def the_third_team_knows_nothing(story: Story, warning: str) -> None:
    """Not by address, not in a list, not by searching, not by mail. What they do see is TLP:CLEAR."""
    page = story.sign_in("charlie")
    answer = page.goto(warning)
    assert answer is not None and answer.status == 404
    story.sees(page, "お見せできるものがありません", "Nothing here for you")
    for path in ("/", "/warnings/?view=answer", "/warnings/?view=received", "/search?q=東雲"):
        answer = page.goto(f"{story.url}{path}")
        assert answer is not None and answer.status == 200
        for word in (TITLE, SECRET, warning.rpartition("/")[2]):
            expect(page.locator("main")).not_to_contain_text(word)
    assert story.office.to("charlie@c.example") == []
    searched = story.pages["alice"]
    searched.goto(f"{story.url}/search?q=東雲")
    story.sees(searched, TITLE, TITLE)  # the same words find it for her


def she_sees_the_answer(story: Story, page: Page, warning: str) -> None:
    page.goto(warning)
    row = page.get_by_role("row", name=story.say("びわ電機 CSIRT", "Biwa CSIRT"))
    expect(row).to_contain_text(story.say("影響あり", "Affected"))


def _reload_until(page: Page, seen: Callable[[], bool]) -> None:
    """Load the page again until it shows the work of the jobs."""
    until = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < until, page.locator("main").inner_text()
        time.sleep(0.25)
        page.reload()


def _day(ahead: int) -> str:
    return (date.today() + timedelta(days=ahead)).isoformat()


def _text_of_pdf(path: Path, folder: Path) -> str:
    copy = folder / "report.pdf"
    shutil.copy(path, copy)
    done = subprocess.run(
        ["pdftotext", "-raw", str(copy), "-"], capture_output=True, check=True, timeout=30
    )
    return done.stdout.decode()


def _packed(text: str) -> str:
    """Without spaces: a PDF breaks lines where the paper ends."""
    return re.sub(r"\s+", "", text)
