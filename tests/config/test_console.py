"""What an operator does at the console, on a real instance in a folder of its own."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.config.instance import Instance

SBOM = {
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "metadata": {"component": {"type": "application", "name": "受発注システム"}},
    "components": [{"type": "library", "name": "log4j-core", "group": "org.apache.logging.log4j", "version": "2.14.1",
                    "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance with one team, one manager and one imported bill of materials, made once."""
    folder = tmp_path_factory.mktemp("founded")
    made = Instance(folder / "var")
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
def instance(founded: Instance, tmp_path: Path) -> Instance:
    """A copy of the founded instance for one test."""
    shutil.copytree(founded.var, tmp_path / "var")
    return Instance(tmp_path / "var")


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


def test_a_dry_run_says_what_would_be_understood_and_writes_nothing(tmp_path: Path) -> None:
    good, bad = tmp_path / "sbom.json", tmp_path / "bad.json"
    good.write_text(json.dumps(SBOM, ensure_ascii=False), encoding="utf-8")
    bad.write_text('{"document": ', encoding="utf-8")
    instance = Instance(tmp_path / "var")
    done = instance.run("read", "--json", str(good), str(bad), check=False)
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert first["ok"]
    assert "2.14.1" in {one["version"] for one in first["components"]}
    assert (second["ok"], bool(second["problems"][0]["where"])) == (False, True)
    assert not (tmp_path / "var" / "noroshi.sqlite3").exists()
    words = instance.run("read", str(good)).stdout
    assert words.startswith("ok ")


def test_a_bill_of_materials_is_imported_for_a_team_that_is_there(
    instance: Instance, tmp_path: Path
) -> None:
    assert instance.check()["counts"]["inventory_component"] == 2, (
        "the system itself and its library"
    )
    wrong = instance.run("import", str(tmp_path), "--team", "zzz", check=False)
    assert (wrong.returncode, "there is no team zzz; known: a" in wrong.stderr) == (1, True)


def test_a_backup_brings_back_every_row_and_file(instance: Instance, tmp_path: Path) -> None:
    target = tmp_path / "noroshi.tar"
    manifest = json.loads(instance.run("backup", str(target)).stdout)
    assert target.stat().st_mode & 0o077 == 0
    assert instance.run("backup", str(target), check=False).returncode == 1, (
        "a backup is never overwritten"
    )

    other = Instance(tmp_path / "other")
    other.run("restore", str(target))
    report = other.check()
    assert report["ok"], report["faults"]
    assert report["counts"] == manifest["counts"] == instance.check()["counts"]
    assert manifest["counts"]["core_storedfile"] == 1
    assert (other.var / "secret_key").read_text() == (instance.var / "secret_key").read_text()
    assert "already" in other.run("restore", str(target), check=False).stderr


def test_a_damaged_backup_is_refused_and_nothing_is_written(
    instance: Instance, tmp_path: Path
) -> None:
    target = tmp_path / "noroshi.tar"
    instance.run("backup", str(target))
    raw = bytearray(target.read_bytes())
    place = raw.index(b"SQLite format 3") + 5000
    raw[place] ^= 0xFF
    target.write_bytes(raw)
    other = Instance(tmp_path / "other")
    done = other.run("restore", str(target), check=False)
    assert (done.returncode, "damaged" in done.stderr) == (1, True)
    assert not (other.var / "noroshi.sqlite3").exists() or not other.python(
        "from django.db import connection; print('directory_person' in connection.introspection.table_names())"
    ).startswith("True")
    target.write_bytes(b"not a tar file")
    assert "not a backup" in other.run("restore", str(target), check=False).stderr


def test_check_and_verify_history_name_what_is_wrong(instance: Instance) -> None:
    assert instance.run("verify-history").stdout == "The history holds.\n"
    with sqlite3.connect(instance.var / "noroshi.sqlite3") as database:
        database.execute("UPDATE core_historyrow SET actor_name = 'somebody' WHERE number = 2")
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
    told = instance.python(
        "from noroshi.config import floors\n"
        "from django.db import connection\n"
        "connection.ensure_connection()\n"
        "connection.cursor().execute('PRAGMA synchronous=OFF')\n"
        "print(floors.faults())"
    )
    assert "synchronous is weaker than FULL" in told
