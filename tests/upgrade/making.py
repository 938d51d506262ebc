"""Make the stored instance that ``tests/upgrade`` upgrades: see ``script/snapshot``.

The sample association goes on working for a weekend, through the pages and the API of the checkout
in which this runs: on Friday with a mail server and a job worker, on Monday without a worker, so
that jobs of every kind wait. What comes out is kept for good: later versions must go on with it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.formats.advisories import branch, csaf_document, product
from tests.harness import smtp
from tests.harness.database import new_database
from tests.upgrade import reading
from tests.upgrade.instance import Instance, Visitor, enter, path_in

FRIDAY = "2026-11-27T16:00:00+09:00"
MONDAY = "2026-11-30T10:00:00+09:00"
LATER = "2026-11-30T10:30:00+09:00"  # when the next version starts
PASSWORD = "Kawara-7-yane-no-ue"
SYSTEM = "見本ゲートウェイ"
PRODUCTS = {
    # key → product, and what its vulnerability is there for
    "mailed": "Gate Alpha",  # its operator has the mail with the link
    "answered": "Gate Beta",  # its operator has answered, the job that tells so waits
    "replaced": "Gate Gamma",  # its component is in a new version, the job that verifies waits
    "verified": "Gate Delta",  # another person has verified, the job that closes waits
    "accepted": "Gate Epsilon",  # accepted until Sunday
    "listed": "Gate Zeta",  # comes with a list that was taken in, its matching waits
    "entered": "Gate Eta",  # was entered by hand, its matching waits
    "shared": "Gate Theta",  # a team that joins the circle runs it
    "arriving": "Gate Iota",  # its advisory waits to be read
}
CVES = {key: f"CVE-2026-{90201 + place}" for place, key in enumerate(PRODUCTS)}


@dataclass
class Making:
    """``expected`` becomes the JSON that tells the test what to look for."""

    instance: Instance
    office: smtp.PostOffice
    expected: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Visitor] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    port: int = 0

    @contextlib.contextmanager
    def day(self, moment: str) -> Iterator[None]:
        """The instance is up; whoever has a token has it at hand."""
        with self.instance.serving(moment) as self.port:
            for person in self.people.values():
                person.port = self.port
            yield

    def let_jobs_run(self, moment: str, *, only_waiting: bool = False) -> None:
        """Until nothing waits, or only those that wait now."""
        limit = "OrmQ.objects.count()" if only_waiting else "10_000"
        self.instance.run(
            moment,
            "python",
            "from django_q.models import OrmQ\nfrom noroshi.core import jobs\n"
            f"jobs.run_waiting(limit={limit})",
        )

    def mail_to(self, address: str) -> str:
        """The text of the newest mail to somebody."""
        return smtp.text_of(self.office.to(address)[-1])

    # ---- Friday ---------------------------------------------------------------------

    def friday(self) -> None:
        self.instance.run(FRIDAY, "sample")
        with self.day(FRIDAY):
            self.programs_get_tokens()
            self.people_are_invited()
        self.let_jobs_run(FRIDAY)
        with self.day(FRIDAY):
            self.people_accept()
            self.a_system_and_its_advisories_come()
        self.let_jobs_run(FRIDAY)
        with self.day(FRIDAY):
            self.vulnerabilities_are_decided()
            self.a_warning_is_released()
        self.let_jobs_run(FRIDAY)
        self.expected["links"] = {
            **self.expected["links"],
            "answer": path_in(self.mail_to("yamada@sazanami.example")),
            "warning": path_in(self.mail_to("mori@tsukishiro.example")),
        }

    def programs_get_tokens(self) -> None:
        """A program for each of these people, with everything that a person may hand on."""
        names = {
            "suzuki": "鈴木",
            "sato": "佐藤",
            "yamada": "山田",
            "mori": "森",
            "okada": "岡田",
            "nakamura": "中村",
        }
        for key, name in names.items():
            person = enter(self.port, name)
            page = person.post(
                "/settings/tokens",
                name="更新の試験",
                team="me",
                days="180",
                scopes=["read", "write", "share"],
            )
            self.people[key] = Visitor(self.port, token=_secret_on(page.text), language="en")
            self.ids[key] = self.people[key].read("/me")["person"]["id"]
        sato = enter(self.port, "佐藤")
        team = self.people["suzuki"].read("/teams", mine="true")["items"][0]["id"]
        self.ids["team"] = team
        page = sato.post(
            "/settings/tokens", name="構成管理", team=team, days="180", scopes=["read", "write"]
        )
        self.expected["tokens"] = {
            "suzuki": self.people["suzuki"].token,
            "okada": self.people["okada"].token,
            "team": _secret_on(page.text),
        }

    def invite(self, mail: str, name: str, role: str) -> None:
        """The team's manager invites somebody."""
        page = enter(self.port, "佐藤").post(
            f"/teams/{self.ids['team']}/invite", mail=mail, name=name, role=role, language="ja"
        )
        assert mail in page.text, page.words

    def people_are_invited(self) -> None:
        self.invite("nagai@sazanami.example", "永井（見本）", "csirt")
        self.invite("uehara@sazanami.example", "上原（見本）", "csirt")
        self.invite("okamoto@sazanami.example", "岡本（見本）", "operator")

    def people_accept(self) -> None:
        """Two do, one with an app as second step; the third leaves it for later."""
        for key, name in (("nagai", "永井（見本）"), ("uehara", "上原（見本）")):
            path = path_in(self.mail_to(f"{key}@sazanami.example"))
            Visitor(self.port).post(
                path, name=name, language="ja", password=PASSWORD, again=PASSWORD
            )
        person = Visitor(self.port)
        person.post("/account/login", login="nagai@sazanami.example", password=PASSWORD)
        again = "/settings/security/again?next=/settings/security/app"
        page = person.post(again, password=PASSWORD)
        seed = re.search(r">\s*([A-Z2-7]{32})\s*<", page.text)
        assert seed is not None, page.words
        code = reading.code_of(seed[1], FRIDAY)
        # the page makes a new key each time that it is opened, so it is sent from here
        answer = person.send("/settings/security/app", page, code=code)
        assert answer.status in {200, 302}, answer.words
        self.expected["people"] = {
            "nagai@sazanami.example": {"password": PASSWORD, "app": seed[1]},
            "uehara@sazanami.example": {"password": PASSWORD, "app": ""},
        }
        self.expected["links"] = {
            "invitation": path_in(self.mail_to("okamoto@sazanami.example")),
        }

    def a_system_and_its_advisories_come(self) -> None:
        suzuki = self.people["suzuki"]
        self.ids["system"] = self.new_system("suzuki", SYSTEM, "yamada")
        for key in ("mailed", "answered", "replaced", "verified", "accepted"):
            self.ids[f"{key} component"] = self.new_component("suzuki", "system", key)
        self.ids["okada's system"] = self.new_system("okada", "見本窓口")
        self.new_component("okada", "okada's system", "shared")
        known = [key for key in PRODUCTS if key not in {"arriving", "shared"}]
        suzuki.call(
            "POST",
            "/advisory-imports",
            team=self.ids["team"],
            tlp="TLP:GREEN",
            files=[(f"{CVES[key]}.json", an_advisory(key)) for key in known],
        )
        circles = suzuki.read("/circles")["items"]
        self.ids["circle"] = next(
            circle["id"] for circle in circles if circle["name"] == "製造の輪"
        )
        suzuki.call(
            "POST",
            "/advisory-imports",
            team=self.ids["team"],
            tlp="TLP:AMBER",
            circle=self.ids["circle"],
            files=[("shared.json", an_advisory("shared", "AMBER"))],
        )

    def new_system(self, who: str, name: str, *owners: str) -> str:
        person = self.people[who]
        team = person.read("/teams", mine="true")["items"][0]["id"]
        person.call(
            "POST",
            "/systems",
            {
                "team": team,
                "name": name,
                "exposure": "internet",
                "criticality": "high",
                "owners": [self.ids[key] for key in owners],
            },
        )
        result: str = person.read("/systems", q=name)["items"][0]["id"]
        return result

    def new_component(self, who: str, system: str, key: str) -> str:
        person, path = self.people[who], f"/systems/{self.ids[system]}/components"
        person.call("POST", path, {"vendor": "見本重工", "name": PRODUCTS[key], "version": "1.2"})
        result: str = person.read(path, q=PRODUCTS[key])["items"][0]["id"]
        return result

    def vulnerability(self, key: str) -> str:
        rows = self.people["suzuki"].read("/vulnerabilities", q=CVES[key])["items"]
        result: str = next(row["id"] for row in rows if row["key"] == CVES[key])
        return result

    def vulnerabilities_are_decided(self) -> None:
        suzuki, sato = self.people["suzuki"], self.people["sato"]
        for key in ("mailed", "answered", "replaced", "verified", "accepted"):
            row = self.ids[key] = self.vulnerability(key)
            start = suzuki.read(f"/vulnerabilities/{row}/proposal")
            suzuki.call(
                "PUT",
                f"/vulnerabilities/{row}/assessment",
                {
                    **start["inputs"],
                    "priority": start["proposals"]["deployer"]["priority"],
                    "due_on": start["due_on"],
                    "text": "外から届く機器です。",
                },
            )
            decision = {"decision": "apply", "text": "今週中に直します。"}
            if key == "accepted":
                decision = {
                    "decision": "accept",
                    "text": "日曜の停止まで待ちます。",
                    "accept_until": "2026-11-29",
                }
            sato.call("PUT", f"/vulnerabilities/{row}/decision", decision)
        for key in ("replaced", "verified", "answered", "mailed"):
            self.instruct(key)
        self.answer("verified")
        self.answer("replaced")

    def instruct(self, key: str) -> None:
        suzuki, row = self.people["suzuki"], self.ids[key]
        suzuki.call(
            "POST",
            f"/vulnerabilities/{row}/instructions",
            systems=self.ids["system"],
            kind="upgrade",
            wanted_version="2.0",
            due_on="2026-11-27",
            text=f"{PRODUCTS[key]} を 2.0 に上げてください。",
            attachments=("手順.txt", "電源を切らずに更新できます。\n".encode()),
        )
        (instruction,) = suzuki.read("/instructions", subject=row)["items"]
        self.ids[f"{key} instruction"] = instruction["id"]

    def answer(self, key: str) -> None:
        path = f"/instructions/{self.ids[f'{key} instruction']}/answer"
        evidence = ("画面.txt", b"version 2.0\n")
        self.people["yamada"].call(
            "POST", path, what="done", new_version="2.0", text="上げました。", evidence=evidence
        )

    def a_warning_is_released(self) -> None:
        suzuki = self.people["suzuki"]
        words: dict[str, Any] = {
            "team": self.ids["team"],
            "tlp": "TLP:AMBER",
            "circle": self.ids["circle"],
            "kind": "exploited",
            "title": "見本ゲートウェイへの攻撃が続いています",
            "title_en": "Attacks on the sample gateway go on",
            "text": "合い言葉は東雲。公開された手順で試されています。",
            "todo": ["2.0 へ上げる"],
            "cve": CVES["mailed"],
            "answer_by": "2026-12-04T18:00:00+09:00",
        }
        suzuki.call("POST", "/warnings", words)
        self.ids["warning"] = suzuki.read("/warnings", q="合い言葉は東雲")["items"][0]["id"]
        path = f"/warnings/{self.ids['warning']}"
        seen = suzuki.read(f"{path}/audience")["seen"]
        suzuki.call("POST", f"{path}/release", {"seen": seen})
        words |= {"title": "まだ書きかけの警戒", "title_en": "", "answer_by": None}
        suzuki.call("POST", "/warnings", words)

    # ---- Monday ---------------------------------------------------------------------

    def monday(self) -> None:
        """The worker of this version runs twice more, then leaves the rest waiting."""
        self.office.answer = "450 later"
        with self.day(MONDAY):
            self.people["suzuki"].call(
                "PUT",
                f"/instructions/{self.ids['mailed instruction']}/due",
                {"due_at": "2026-11-30T10:10:00+09:00", "text": "今朝のうちにお願いします。"},
            )
        self.let_jobs_run(MONDAY)  # the mail server wants it later
        self.office.answer = ""
        with self.day(MONDAY):
            self.people["suzuki"].call(
                "PUT",
                f"/systems/{self.ids['system']}/components/{self.ids['replaced component']}/version",
                {"version": "2.0"},
            )
            self.people["suzuki"].call(
                "POST", f"/instructions/{self.ids['verified instruction']}/verify", {"note": ""}
            )
            self.take_list("listed", "見本倉庫", "listed.csv")
            self.forget("uehara@sazanami.example")
        self.let_jobs_run(MONDAY, only_waiting=True)
        with self.day(MONDAY):
            self.answer("answered")
            self.new_component("suzuki", "system", "entered")
            self.ids["import"] = self.take_list("mailed", "見本工場", "waiting.csv")
            answer = self.people["suzuki"].call(
                "POST",
                "/advisory-imports",
                team=self.ids["team"],
                tlp="TLP:GREEN",
                files=[("arriving.json", an_advisory("arriving"))],
            )
            (self.ids["advisory import"],) = answer["ids"]
            self.a_team_joins_the_circle()
            self.invite("ueda@sazanami.example", "植田（見本）", "operator")
            self.forget("nagai@sazanami.example")
        self.instance.run(MONDAY, "python", _AS_MIGRATIONS_DID)
        self.expected["links"]["password"] = path_in(self.mail_to("uehara@sazanami.example"))

    def forget(self, mail: str) -> None:
        """Somebody asks for a link to a new password."""
        Visitor(self.port).post("/account/password/forgotten", mail=mail)

    def take_list(self, key: str, system: str, name: str) -> str:
        """A list with one row; the columns are as Noroshi guesses them."""
        suzuki = self.people["suzuki"]
        rows = f"システム名,ベンダー,製品名,バージョン\n{system},見本重工,{PRODUCTS[key]},1.0\n"
        answer = suzuki.call(
            "POST",
            "/imports",
            team=self.ids["team"],
            is_complete="false",
            file=(name, rows.encode()),
        )
        (entry,) = answer["ids"]
        mapping = suzuki.read(f"/imports/{entry}")["mapping"]
        suzuki.call("PUT", f"/imports/{entry}/columns", {"mapping": mapping})
        return str(entry)

    def a_team_joins_the_circle(self) -> None:
        """Its administrator ticks one more team."""
        person, path = enter(self.port, "中村"), f"/circles/{self.ids['circle']}/teams"
        page = person.get(path).text
        boxes = re.findall(r'<input type="checkbox" name="teams"[^>]*>', page)
        ticked = [box for box in boxes if "checked" in box]
        joining = self.people["okada"].read("/teams", mine="true")["items"][0]["id"]
        teams = [_value_of(box) for box in ticked]
        assert teams and any(joining == _value_of(box) for box in boxes), page
        person.post(path, teams=[*teams, joining])


_AS_MIGRATIONS_DID = """
from django.db import connection
from noroshi.core import jobs
for table, path in (
    ("vulnerabilities_advisory", "noroshi.vulnerabilities.jobs.read_again"),
    ("inventory_system", "noroshi.inventory.jobs.order_versions_again"),
):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT public_id FROM {table} ORDER BY id LIMIT 3")
        jobs.enqueue_many(path, [row[0] for row in cursor.fetchall()])
"""


def an_advisory(key: str, tlp: str = "GREEN") -> bytes:
    """A CSAF 2.0 advisory on one of the invented products."""
    name = PRODUCTS[key]
    document = csaf_document(document__title=f"見本重工 {name} の脆弱性")
    head = document["document"]
    head["distribution"]["tlp"]["label"] = tlp
    head["tracking"] |= {"id": f"MIHON-{CVES[key][-5:]}"}
    old = branch(
        "product_version_range", "vers:generic/<2.0", product=product(f"{name} <2.0", "P1")
    )
    new = branch("product_version", "2.0", product=product(f"{name} 2.0", "P2"))
    document["product_tree"]["branches"] = [
        branch("vendor", "見本重工", branch("product_name", name, old, new))
    ]
    document["vulnerabilities"][0]["cve"] = CVES[key]
    return json.dumps(document, ensure_ascii=False).encode()


def _secret_on(page: str) -> str:
    result = re.search(r'<pre class="cmd"[^>]*>([^<]+)</pre>', page)
    assert result is not None, page
    return result[1]


def _value_of(box: str) -> str:
    result = re.search(r'value="([^"]+)"', box)
    assert result is not None, box
    return result[1]


def make(folder: Path, vendor: str) -> None:
    """Store an instance on this database in ``folder``: its archive, and the JSON beside it."""
    with (
        tempfile.TemporaryDirectory() as name,
        new_database() as database,
        smtp.running(SimpleNamespace()) as office,
    ):
        instance = Instance(Path(name) / "var", database, office.port)
        making = Making(instance, office)
        making.friday()
        making.monday()
        store(instance, folder / f"{vendor}.tar.xz")
        with instance.serving(LATER) as port:
            record(making, port)
        text = json.dumps(making.expected, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / f"{vendor}.json").write_text(text + "\n", encoding="utf-8")


def store(instance: Instance, archive: Path) -> None:
    """The database as it is now with the key and the files that belong to it."""
    content = instance.folder.with_name("content")
    content.mkdir()
    if instance.database:
        (content / "database.sql").write_text(_dump(instance.database), encoding="utf-8")
    else:
        with contextlib.closing(sqlite3.connect(instance.folder / "noroshi.sqlite3")) as database:
            database.execute("VACUUM INTO ?", [str(content / "noroshi.sqlite3")])
    shutil.copy(instance.folder / "secret_key", content)
    shutil.copytree(instance.folder / "files", content / "files")
    with tarfile.open(archive, "w:xz", preset=9) as target:
        for path in sorted(content.rglob("*")):
            if path.is_file():
                target.add(path, str(path.relative_to(content)))


def _dump(database: str) -> str:
    """Plain SQL that any server and any client takes: no ``COPY``, no commands of psql, and no
    settings, which each version of the server knows others of."""
    options = ["--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=500"]
    done = subprocess.run(
        ["pg_dump", *options, database], capture_output=True, text=True, check=True
    )
    left_out = re.compile(r"^(\\|SET |SELECT pg_catalog\.set_config|--)")
    lines, inside = [], False
    for line in done.stdout.split("\n"):
        if inside or not left_out.match(line):
            lines.append(line)
        # a text that goes on in the next line is no statement of its own
        inside ^= line.count("'") % 2 == 1
    return "\n".join(lines)


def record(making: Making, port: int) -> None:
    """Read in the instance what it must still say after the upgrade."""
    expected, ids = making.expected, making.ids
    program = Visitor(port, token=expected["tokens"]["suzuki"], language="en")
    chosen = {
        "/systems/": [ids["system"]],
        "/imports/": [ids["import"]],
        "/vulnerabilities/": [ids["answered"]],
        "/advisory-imports/": [ids["advisory import"]],
        "/instructions/": [ids["answered instruction"]],
        "/warnings/": [ids["warning"]],
    }
    questions = list(reading.questions(program, chosen))
    counts = json.loads(making.instance.run(LATER, "check", "--json"))["counts"]
    expected |= {
        "moment": LATER,
        "ids": ids,
        "cves": CVES,
        "counts": counts,
        "history": json.loads(making.instance.run(LATER, "python", _END_OF_HISTORY)),
        "waiting_jobs": json.loads(making.instance.run(LATER, "python", _WAITING_JOBS)),
        "operations": reading.operations(program),
        "operations_read": sorted({name for name, _ in questions}),
        "answers": reading.answers(program, [path for _, path in questions]),
        "timelines": reading.answers(
            Visitor(port, token=program.token, language="ja"),
            [path for _, path in questions if path.endswith("/timeline")],
        ),
        "read": read_files(making.instance),
    }


_END_OF_HISTORY = """
import json
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT count, row_hash FROM core_historyhead")
    print(json.dumps(cursor.fetchone()))
"""
_WAITING_JOBS = """
import json
from collections import Counter
from django_q.models import OrmQ
from django_q.signing import SignedPackage
print(json.dumps(Counter(SignedPackage.loads(row.payload)["func"] for row in OrmQ.objects.all())))
"""


def read_files(instance: Instance) -> list[Any]:
    """Small files with the lines that ``noroshi read --json`` prints for them."""
    files = {
        "advisory.json": an_advisory("mailed"),
        "list.csv": "製品,版\n見本,1.0\n".encode(),
        "broken.json": b'{"document": {"category": "csaf_security_advisory"',
    }
    result = []
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in files.items():
            path = Path(folder) / name
            path.write_bytes(raw)
            output = instance.run(LATER, "read", "--json", str(path), check=False)
            lines = [json.loads(line) for line in output.splitlines()]
            for line in lines:
                line["file"] = Path(line["file"]).name
            result.append({"name": name, "text": raw.decode(), "lines": lines})
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="where the archive goes, as tests/upgrade/2026-11-30"
    )
    parser.add_argument("database", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    make(options.folder, options.database)


if __name__ == "__main__":
    main()
