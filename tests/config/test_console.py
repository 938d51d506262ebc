"""The commands that an operator runs at the console, on a real instance in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from noroshi.config import backup, environment
from tests.config.instance import ROOT, Instance
from tests.harness.database import new_database

SBOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {"component": {"type": "application", "name": "受発注システム"}},
    "components": [
        {
            "type": "library",
            "name": "log4j-core",
            "group": "org.apache.logging.log4j",
            "version": "2.14.1",
            "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        }
    ],
}


NO_INSTANCE = "There is no instance in this database: noroshi serve makes one, noroshi restore brings one back."
New = Callable[[str], Instance]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with one team, one manager and one imported bill of materials, made once."""
    folder = tmp_path_factory.mktemp("founded")
    with new_database() as database:
        yield _fill(folder, Instance(folder / "var", database))


def _fill(folder: Path, made: Instance) -> Instance:
    link = made.run(
        "invite",
        "mana@a.example",
        "--team",
        "a",
        "--organisation",
        "あおば製作所",
        "--role",
        "manager",
    ).stdout.strip()
    secret = link.rpartition("/")[2]
    made.python(
        "from noroshi.directory import actions\n"
        f"actions.accept_invitation(secret={secret!r}, name='真中 真名', password='a long enough password')"
    )
    sbom = folder / "sbom.json"
    sbom.write_text(json.dumps(SBOM, ensure_ascii=False), encoding="utf-8")
    done = made.run("import", str(sbom), "--team", "a", "--system", "受発注システム")
    assert "taken" in done.stdout
    return made


@pytest.fixture
def instance(founded: Instance, tmp_path: Path) -> Iterator[Instance]:
    """A copy of the founded instance for one test."""
    shutil.copytree(founded.var, tmp_path / "var")
    with new_database(like=founded.database) as database:
        yield Instance(tmp_path / "var", database)


@pytest.fixture
def new(tmp_path: Path) -> Iterator[New]:
    """``new("other")`` is an instance in which nothing is yet."""
    with ExitStack() as databases:
        yield lambda name: Instance(tmp_path / name, databases.enter_context(new_database()))


def test_the_first_administrator_comes_from_the_console_and_the_link_works_once(
    instance: Instance,
) -> None:
    people = instance.python(
        "from noroshi.directory.models import Person; print(Person.objects.count())"
    )
    assert people.strip() == "1"
    again = instance.run("invite", "x@a.example", "--team", "a", "--role", "king", check=False)
    assert again.returncode == 1
    assert "--role: choose one of" in again.stderr


def test_a_dry_run_says_what_would_be_understood_and_writes_nothing(
    tmp_path: Path, new: New
) -> None:
    good, bad = tmp_path / "sbom.json", tmp_path / "bad.json"
    good.write_text(json.dumps(SBOM, ensure_ascii=False), encoding="utf-8")
    bad.write_text('{"document": ', encoding="utf-8")
    instance = new("var")
    done = instance.run("read", "--json", str(good), str(bad), check=False)
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert first["ok"]
    assert "2.14.1" in {component["version"] for component in first["components"]}
    assert (second["ok"], bool(second["problems"][0]["where"])) == (False, True)
    assert not (tmp_path / "var" / "noroshi.sqlite3").exists()
    words = instance.run("read", str(good)).stdout
    assert words.startswith("ok ")


def test_a_reader_that_has_seen_enough_ends_a_command_quietly(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    file.write_text(json.dumps(SBOM), encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "noroshi", "read", "--json", str(file)],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, "")


def test_a_bill_of_materials_is_imported_for_a_team_that_is_there(
    instance: Instance, tmp_path: Path
) -> None:
    assert instance.check()["counts"]["inventory_component"] == 2, (
        "the system itself and its library"
    )
    wrong = instance.run("import", str(tmp_path), "--team", "zzz", check=False)
    assert (wrong.returncode, "there is no team zzz; known: a" in wrong.stderr) == (1, True)


def test_a_list_tells_what_it_did_and_which_rows_it_left_out(
    instance: Instance, tmp_path: Path
) -> None:
    table = tmp_path / "list.csv"
    table.write_text("System,Product,Version\nPortal,Press,1\nPortal,,2\n", encoding="utf-8")
    done = instance.run("import", str(table), "--team", "a")
    assert done.stdout == (
        f"taken    {table}  1 came, 0 in a new version, 0 went · 1 row was left out\n"
    )
    assert done.stderr == f"left out {table}  line 3: The product name is empty.\n"


def test_a_list_that_does_not_say_which_system_leaves_nothing_behind(
    instance: Instance, tmp_path: Path
) -> None:
    before = instance.check()["counts"]["inventory_import"]
    table = tmp_path / "list.csv"
    table.write_text("Product,Version\nPress,1\n", encoding="utf-8")
    done = instance.run("import", str(table), "--team", "a", check=False)
    assert done.returncode == 1
    assert done.stderr == f"refused  {table}  system: No column is chosen for the system.\n"
    assert instance.check()["counts"]["inventory_import"] == before


def test_a_backup_brings_back_every_row_and_file(
    instance: Instance, new: New, tmp_path: Path
) -> None:
    target = tmp_path / "noroshi.tar"
    manifest = json.loads(instance.run("backup", str(target)).stdout)
    assert target.stat().st_mode & 0o077 == 0
    assert instance.run("backup", str(target), check=False).returncode == 1, (
        "a backup is never overwritten"
    )

    other = new("other")
    other.run("restore", str(target))
    report = other.check()
    assert report["ok"], report["faults"]
    assert report["counts"] == manifest["counts"] == instance.check()["counts"]
    assert manifest["counts"]["core_storedfile"] == 1
    assert (other.var / "secret_key").read_text() == (instance.var / "secret_key").read_text()
    assert "already" in other.run("restore", str(target), check=False).stderr


def test_a_damaged_backup_is_refused_and_nothing_is_written(
    instance: Instance, new: New, tmp_path: Path
) -> None:
    target = tmp_path / "noroshi.tar"
    instance.run("backup", str(target))
    with tarfile.open(target) as archive:
        place = archive.getmember("database").offset_data + 5000
    raw = bytearray(target.read_bytes())
    raw[place] ^= 0xFF
    target.write_bytes(raw)
    other = new("other")
    done = other.run("restore", str(target), check=False)
    assert (done.returncode, "damaged" in done.stderr) == (1, True)
    assert other.check()["faults"] == [NO_INSTANCE]
    target.write_bytes(b"not a tar file")
    assert "not a backup" in other.run("restore", str(target), check=False).stderr


def test_a_backup_that_was_cut_off_between_two_files_is_refused(
    instance: Instance, new: New, tmp_path: Path
) -> None:
    target = tmp_path / "noroshi.tar"
    instance.run("backup", str(target))
    with tarfile.open(target) as archive:
        last = archive.getmembers()[-1]
    assert last.name.startswith("files/")
    target.write_bytes(target.read_bytes()[: last.offset])
    other = new("other")
    done = other.run("restore", str(target), check=False)
    assert (done.returncode, "not whole" in done.stderr) == (1, True)
    assert other.check()["faults"] == [NO_INSTANCE]


def _with_another_byte(archive: Path, member: str) -> None:
    """One byte in the middle of a file of the archive is another; the archive itself stays whole."""
    with tarfile.open(archive) as opened:
        entry = opened.getmember(member)
    raw = bytearray(archive.read_bytes())
    raw[entry.offset_data + entry.size // 2] ^= 0xFF
    archive.write_bytes(raw)


# Beside the list that was imported: an advisory, an instruction's attachment, its evidence.
FILES_OF_EACH_KIND = """
from datetime import timedelta
from noroshi.core import clock
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import viewer_for
from noroshi.inventory.models import System
from noroshi.measures import actions as measures
from noroshi.vulnerabilities.actions import receive_advisory
from tests.vulnerabilities.builders import an_advisory
mana, team = Person.objects.get(), Team.objects.get()
by = viewer_for(mana)
receive_advisory(raw=an_advisory(), team=team, by=by)
row = measures.instruct(
    team=team, subject=measures.Subject("assessment", "V-00000000", "題"),
    system=System.objects.visible_to(by).get(), operators=[mana], by=by,
    order=measures.Order(
        "patch", "する", clock.now() + timedelta(days=1),
        attachments=[measures.Upload("how.txt", b"how to")],
    ),
)
measures.answer(
    instruction=row, what="done", files=[measures.Upload("done.txt", b"it is done")], by=by
)
"""


def test_a_backup_with_one_rotten_file_is_refused_and_the_file_is_named(
    instance: Instance, new: New, tmp_path: Path
) -> None:
    instance.python(FILES_OF_EACH_KIND)
    target, rotten = tmp_path / "noroshi.tar", tmp_path / "rotten.tar"
    instance.run("backup", str(target))
    with tarfile.open(target) as archive:
        names = [name for name in archive.getnames() if name.startswith("files/")]
    assert len(names) == 4
    other = new("other")
    for name in names:
        shutil.copy(target, rotten)
        _with_another_byte(rotten, name)
        done = other.run("restore", str(rotten), check=False)
        assert (done.returncode, name.rpartition("/")[2] in done.stderr) == (1, True)
        assert other.check()["faults"] == [NO_INSTANCE]


def test_a_backup_with_a_name_that_is_not_ours_is_refused(
    instance: Instance, new: New, tmp_path: Path
) -> None:
    """Whatever an archive says, nothing is written outside the folder that it is unpacked to."""
    target = tmp_path / "noroshi.tar"
    instance.run("backup", str(target))
    other, strange = new("other"), tmp_path / "strange"
    strange.write_text("not ours")
    for name in ("../escaped", "files/../../escaped", "notes"):
        renamed = tmp_path / "renamed.tar"
        shutil.copy(target, renamed)
        with tarfile.open(renamed, "a") as archive:
            archive.add(strange, name)
        done = other.run("restore", str(renamed), check=False)
        assert (done.returncode, "not a backup" in done.stderr) == (1, True)
        assert other.check()["faults"] == [NO_INSTANCE]
        assert not list(tmp_path.rglob("escaped"))


def test_check_and_verify_history_name_what_is_wrong(instance: Instance) -> None:
    assert instance.run("verify-history").stdout == "The history holds.\n"
    instance.python(
        "from django.db import connection\n"
        "connection.cursor().execute(\"UPDATE core_historyrow SET actor_name = 'somebody' WHERE number = 2\")"
    )
    for stored in (instance.var / "files").glob("??/*"):
        stored.unlink()
    done = instance.run("verify-history", check=False)
    assert (done.returncode, done.stdout) == (1, "history row 2: changed\n")
    faults = instance.check()["faults"]
    assert "history row 2: changed" in faults
    assert any("is named and missing" in fault for fault in faults)


def test_the_sample_runs_on_loopback_only(tmp_path: Path) -> None:
    done = Instance(tmp_path / "var").run("serve", "--sample", "--host", "0.0.0.0", check=False)
    assert (done.returncode, "127.0.0.1 only" in done.stderr) == (1, True)


def test_start_refuses_a_database_that_may_lose_rows(instance: Instance) -> None:
    weaken = "SET synchronous_commit = off" if instance.database else "PRAGMA synchronous=OFF"
    output = instance.python(
        "from noroshi.config import floors\n"
        "from django.db import connection\n"
        "connection.ensure_connection()\n"
        f"connection.cursor().execute({weaken!r})\n"
        "print(floors.faults())"
    )
    assert "synchronous" in output and output.count("could be lost") == 1


def test_where_no_instance_is_the_console_says_so_and_what_to_do(new: New, tmp_path: Path) -> None:
    nothing = new("nothing")
    done = nothing.run("check", check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"fault: {NO_INSTANCE}" in done.stdout.splitlines()
    done = nothing.run("backup", str(tmp_path / "b.tar"), check=False)
    assert (done.returncode, done.stderr) == (1, f"{NO_INSTANCE}\n")
    assert not (tmp_path / "b.tar").exists()


def test_check_says_what_an_interrupted_update_left_out(instance: Instance) -> None:
    output = instance.python(
        "from django.db import connection\n"
        "from noroshi.config import checking\n"
        "connection.cursor().execute('DROP TABLE inventory_importchange')\n"
        "print(*checking.check().faults)"
    )
    assert output.startswith(
        "1 tables are missing, first inventory_importchange: noroshi serve makes"
    )


def test_a_database_older_than_the_program_is_said_and_what_to_do(
    instance: Instance, tmp_path: Path
) -> None:
    instance.python(
        "from django.db.migrations.recorder import MigrationRecorder\n"
        "MigrationRecorder.Migration.objects.filter(app='measures').latest('pk').delete()"
    )
    older = (
        "The database is older than this program (1 migrations wait): "
        "noroshi serve brings it up to this version."
    )
    assert f"fault: {older}" in instance.run("check", check=False).stdout.splitlines()
    done = instance.run("import", str(tmp_path), "--team", "a", check=False)
    assert (done.returncode, done.stderr) == (1, f"{older}\n")
    assert instance.run("jobs", "--once", check=False).stderr == f"{older}\n"
    instance.run("backup", str(tmp_path / "before.tar"))


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    done = Instance(tmp_path, "postgresql://127.0.0.1:1/noroshi").run("check", check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        (
            (
                "postgresql://noroshi:secret@db.example.org:5433/csirt"
                "?sslmode=verify-full&sslrootcert=/etc/ca.pem"
            ),
            {
                "host": "db.example.org",
                "port": "5433",
                "user": "noroshi",
                "dbname": "csirt",
                "sslmode": "verify-full",
                "sslrootcert": "/etc/ca.pem",
            },
        ),
        (
            "postgresql:///csirt?host=/var/run/postgresql&port=5433",
            {"host": "/var/run/postgresql", "port": "5433", "dbname": "csirt"},
        ),
        (
            "postgresql://%2Fvar%2Frun%2Fpostgresql/csirt",
            {"host": "/var/run/postgresql", "dbname": "csirt"},
        ),
        (
            "postgresql://[::1]:5433/a%20b?password=secret&options=-c%20search_path%3Dour",
            {"host": "::1", "port": "5433", "dbname": "a b", "options": "-c search_path=our"},
        ),
    ],
)
def test_backup_reaches_the_database_that_the_program_reaches_and_shows_no_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, parameters: dict[str, str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert conninfo_to_dict(backup.address(environment.database(tmp_path))) == parameters
