"""An instance of the last landed version starts with this one, and everybody goes on where they were.

``script/snapshot`` made what is stored here and says what must still be read in it. Nothing here
knows how this version works inside: addresses, commands, mails and the API are what people have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.harness import smtp
from tests.harness.database import new_database
from tests.upgrade import reading
from tests.upgrade.instance import STORED, Answer, Instance, Visitor, bring_back, path_in, sign_in

SECRET = "合い言葉は東雲"  # stands in the warning only
NEW_PASSWORD = "Nami-no-oto-8-kikoeru"


@dataclass
class Upgraded:
    """The instance after its first start, and what it said before its jobs ran."""

    instance: Instance
    expected: dict[str, Any]
    office: smtp.PostOffice
    port: int
    report: dict[str, Any] = field(default_factory=dict)
    operations: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    timelines: dict[str, Any] = field(default_factory=dict)
    jobs: str = ""
    schedules: str = ""

    @property
    def moment(self) -> str:
        return str(self.expected["moment"])

    def program(self, of: str = "suzuki", language: str = "en") -> Visitor:
        """A program with a token that the version before issued."""
        return Visitor(self.port, token=self.expected["tokens"][of], language=language)

    def link(self, name: str) -> str:
        """A path that the version before mailed."""
        return str(self.expected["links"][name])

    def instruction(self, key: str) -> Any:
        return self.program().read(f"/instructions/{self.expected['ids'][key + ' instruction']}")

    def vulnerability(self, key: str) -> Any:
        return self.program().read(f"/vulnerabilities/{self.expected['ids'][key]}")

    def opened(self, key: str, of: str = "suzuki") -> list[str]:
        """The states of the work on a vulnerability, none where nothing was opened."""
        rows = self.program(of).read("/vulnerabilities", q=self.expected["cves"][key])["items"]
        return [row["state"] for row in rows]

    def mails(self, address: str) -> list[str]:
        return [smtp.text_of(mail) for mail in self.office.to(address)]


@pytest.fixture(scope="module", params=STORED, ids=lambda path: str(path.name))
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgraded]:
    folder = tmp_path_factory.mktemp("upgrade")
    with new_database() as database, smtp.running(SimpleNamespace()) as office:
        instance = Instance(folder / "var", database, office.port)
        expected = bring_back(instance, request.param)
        with instance.serving(expected["moment"]) as port:
            started = Upgraded(instance, expected, office, port)
            read_everything(started)
            let_everything_run(started)
            yield started


def read_everything(started: Upgraded) -> None:
    program, japanese = started.program(), started.program(language="ja")
    started.operations = reading.operations(program)
    started.answers = reading.answers(program, list(started.expected["answers"]))
    started.timelines = reading.answers(japanese, list(started.expected["timelines"]))
    started.report = json.loads(
        started.instance.run(started.moment, "check", "--json", check=False)
    )


def let_everything_run(started: Upgraded) -> None:
    """Run waiting jobs, then each schedule once, then the jobs that those made."""
    started.jobs = started.instance.run(started.moment, "jobs", "--once", check=False)
    started.schedules = started.instance.run(started.moment, "python", _EVERY_SCHEDULE, check=False)


_EVERY_SCHEDULE = """
from django.utils.module_loading import import_string
from django_q.models import Schedule
from noroshi.core import jobs
for row in Schedule.objects.order_by("name"):
    import_string(row.func)()
jobs.run_waiting()
print("everything ran")
"""


# ---- programs ---------------------------------------------------------------------------


def test_a_program_finds_every_operation_under_its_name(upgraded: Upgraded) -> None:
    gone = []
    for name, before in upgraded.expected["operations"].items():
        now = upgraded.operations.get(name, {"parameters": []})
        same = all(before[key] == now.get(key) for key in ("method", "path"))
        if not same or not set(before["parameters"]) <= set(now["parameters"]):
            gone.append(f"{name}: {before} became {now}")
    assert not gone


def test_a_program_gets_the_answers_that_it_got(upgraded: Upgraded) -> None:
    assert len(upgraded.expected["operations_read"]) > 30
    assert reading.missing(upgraded.expected["answers"], upgraded.answers) == []


def test_timelines_say_the_same_sentences(upgraded: Upgraded) -> None:
    assert upgraded.expected["timelines"]
    assert reading.missing(upgraded.expected["timelines"], upgraded.timelines) == []


@pytest.mark.parametrize("token", ["suzuki", "team"])
def test_a_program_goes_on_writing(upgraded: Upgraded, token: str) -> None:
    program = upgraded.program(token)
    path = f"/systems/{upgraded.expected['ids']['system']}/components"
    program.call("POST", path, {"name": f"Written by {token}", "version": "3.1"})
    (row,) = program.read(path, q=f"Written by {token}")["items"]
    assert row["version"] == "3.1"


# ---- jobs -------------------------------------------------------------------------------


def test_every_job_that_waited_runs(upgraded: Upgraded) -> None:
    waited = sum(upgraded.expected["waiting_jobs"].values())
    assert int(upgraded.jobs.strip().splitlines()[-1]) >= waited


def test_what_runs_by_the_clock_goes_on(upgraded: Upgraded) -> None:
    assert upgraded.schedules.endswith("everything ran\n"), upgraded.schedules
    assert upgraded.vulnerability("accepted")["state"] == "to_assess"  # accepted until yesterday


def test_a_list_and_advisories_that_waited_are_taken_in(upgraded: Upgraded) -> None:
    ids, program = upgraded.expected["ids"], upgraded.program()
    entry = program.read(f"/imports/{ids['import']}")
    assert (entry["state"], entry["added"]) == ("done", 1)
    batch = program.read(f"/advisory-imports/{ids['advisory import']}")
    assert (batch["state"], batch["outcomes"]) == ("done", {"new": 1})


def test_an_answered_vulnerability_waits_for_another_person(upgraded: Upgraded) -> None:
    assert upgraded.vulnerability("answered")["state"] == "verifying"


def test_what_the_inventory_shows_as_replaced_is_done(upgraded: Upgraded) -> None:
    assert upgraded.vulnerability("replaced")["state"] == "closed"
    assert upgraded.instruction("replaced")["state"] == "closed"


def test_what_was_verified_is_closed(upgraded: Upgraded) -> None:
    assert upgraded.vulnerability("verified")["state"] == "closed"
    assert upgraded.instruction("verified")["state"] == "closed"


@pytest.mark.parametrize(
    ("key", "reader"), [("listed", "suzuki"), ("entered", "suzuki"), ("shared", "okada")]
)
def test_what_came_in_before_is_matched(upgraded: Upgraded, key: str, reader: str) -> None:
    assert upgraded.opened(key, reader) == ["to_assess"]


# ---- mail -------------------------------------------------------------------------------


def test_mail_that_waited_leaves_with_its_words(upgraded: Upgraded) -> None:
    answered = upgraded.expected["ids"]["answered instruction"]
    (mail,) = [text for text in upgraded.mails("suzuki@") if f"/measures/{answered}" in text]
    assert "上げました。" in mail
    moved = [text for text in upgraded.mails("yamada@") if "今朝のうちに" in text]
    assert len(moved) == 1  # the mail server had wanted it later
    late = [
        text for text in upgraded.mails("yamada@") if text not in moved and "Gate Alpha" in text
    ]
    assert len(late) == 1  # it is late since twenty minutes


def test_letters_that_waited_leave_with_links_that_open(upgraded: Upgraded) -> None:
    for address, words in (("ueda@", "植田（見本）"), ("nagai@", "新しいパスワード")):
        (letter,) = upgraded.mails(address)
        page = Visitor(upgraded.port).get(path_in(letter))
        assert page.status == 200
        assert words in page.text


# ---- links that were mailed --------------------------------------------------------------


def test_an_operator_opens_the_mailed_link_and_answers(upgraded: Upgraded) -> None:
    visitor, path = Visitor(upgraded.port), upgraded.link("answer")
    page = visitor.get(path)
    assert "Gate Alpha を 2.0 に上げてください。" in page.words
    visitor.send(path, page, what="done", new_version="2.0", text="")
    assert upgraded.instruction("mailed")["state"] == "done"


def test_another_team_opens_the_mailed_warning_and_answers(upgraded: Upgraded) -> None:
    visitor, path = Visitor(upgraded.port), upgraded.link("warning")
    page = visitor.get(path)
    assert upgraded.expected["ids"]["warning"] in page.words
    assert SECRET not in page.text  # TLP:AMBER shows no words without a sign-in
    visitor.send(path, page, state="affected", note="調べています。")
    answers = upgraded.program().read(f"/warnings/{upgraded.expected['ids']['warning']}/answers")
    assert "調べています。" in [row["note"] for row in answers["teams"]]


def test_somebody_accepts_the_invitation(upgraded: Upgraded) -> None:
    visitor, path = Visitor(upgraded.port), upgraded.link("invitation")
    words = {"name": "岡本（見本）", "language": "ja"}
    visitor.post(path, password=NEW_PASSWORD, again=NEW_PASSWORD, **words)
    _, page = sign_in(upgraded.port, "okamoto@sazanami.example", NEW_PASSWORD)
    assert is_inside(page)
    assert "岡本（見本）" in page.words
    assert Visitor(upgraded.port).get(path).status != 200  # it works once


def test_somebody_chooses_a_new_password_by_the_mailed_link(upgraded: Upgraded) -> None:
    mail, path = "uehara@sazanami.example", upgraded.link("password")
    Visitor(upgraded.port).post(path, password=NEW_PASSWORD, again=NEW_PASSWORD)
    old = upgraded.expected["people"][mail]["password"]
    assert not is_inside(sign_in(upgraded.port, mail, old)[1])
    assert is_inside(sign_in(upgraded.port, mail, NEW_PASSWORD)[1])


def test_somebody_signs_in_with_password_and_app(upgraded: Upgraded) -> None:
    mail = "nagai@sazanami.example"
    person = upgraded.expected["people"][mail]
    visitor, page = sign_in(upgraded.port, mail, person["password"])
    assert not is_inside(page)
    code = reading.code_of(person["app"], upgraded.moment)
    assert is_inside(visitor.send("/account/second", page, code=code))


def is_inside(page: Answer) -> bool:
    """Does the page offer to sign out?"""
    return page.status == 200 and "サインアウト" in page.words


# ---- what is kept ------------------------------------------------------------------------


def test_the_instance_is_whole_and_no_row_is_lost(upgraded: Upgraded) -> None:
    assert upgraded.report["ok"], upgraded.report["faults"]
    before, now = upgraded.expected["counts"], upgraded.report["counts"]
    assert {name: now.get(name, 0) for name in before} == before


def test_the_history_is_whole_and_goes_on(upgraded: Upgraded) -> None:
    number, row_hash = upgraded.expected["history"]
    output = upgraded.instance.run(
        upgraded.moment, "python", _VERIFY_HISTORY.format(number=number), check=False
    )
    assert output == f"The history holds.\n{row_hash}\n"


_VERIFY_HISTORY = """
from django.db import connection
from noroshi.config import cli
cli.main(["verify-history"])
with connection.cursor() as cursor:
    cursor.execute("SELECT row_hash FROM core_historyrow WHERE number = {number}")
    print(cursor.fetchone()[0])
"""


def test_a_backup_of_it_comes_back_whole(upgraded: Upgraded, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    taken = json.loads(upgraded.instance.run(upgraded.moment, "backup", str(target)))
    with new_database() as database:
        other = Instance(tmp_path / "var", database)
        other.run(upgraded.moment, "restore", str(target))
        report = json.loads(other.run(upgraded.moment, "check", "--json"))
    assert report["ok"], report["faults"]
    assert report["counts"] == taken["counts"]


def test_a_file_is_read_as_before(upgraded: Upgraded, tmp_path: Path) -> None:
    names = []
    for entry in upgraded.expected["read"]:
        (tmp_path / entry["name"]).write_text(entry["text"], encoding="utf-8", newline="")
        names.append(str(tmp_path / entry["name"]))
    output = upgraded.instance.run(upgraded.moment, "read", "--json", *names, check=False)
    lines = [json.loads(line) for line in output.splitlines()]
    for line in lines:
        line["file"] = Path(line["file"]).name
    before = [line for entry in upgraded.expected["read"] for line in entry["lines"]]
    assert reading.missing(before, lines) == []
