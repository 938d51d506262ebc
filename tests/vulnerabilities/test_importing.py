"""Many advisories at once: real ones, archives, bad ones among good ones, a killed job."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from django.test import Client

from noroshi.core import jobs
from noroshi.core.errors import Forbidden, Malformed
from noroshi.directory.models import Membership
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import SbomDraft
from noroshi.formats.dry_run import read_path
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import importing, match_reasons, receiving
from noroshi.vulnerabilities.actions import start_import
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryImport,
    AdvisoryImportFile,
    Vulnerability,
)
from tests.harness.people import World
from tests.harness.shared import shared_data, unpacked
from tests.inventory.builders import taken_in
from tests.vulnerabilities.builders import a_component, affected_systems, an_advisory, assessments

SignIn = Callable[..., Client]


def upload(raw: bytes, name: str) -> io.BytesIO:
    """An open file with a name, as a form delivers it."""
    file = io.BytesIO(raw)
    file.name = name
    return file


def outcomes(batch: AdvisoryImport, by: Viewer) -> dict[str, str]:
    rows = AdvisoryImportFile.objects.visible_to(by).filter(batch=batch)
    return dict(rows.values_list("name", "outcome"))


def zipped(*members: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, raw in members:
            archive.writestr(name, raw)
    return target.getvalue()


def test_an_archive_goes_in_and_the_bad_ones_are_listed_with_their_place(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    raw = zipped(
        ("good.json", an_advisory()),
        ("again.json", an_advisory()),
        ("newer.json", an_advisory(revision=3, title="Newer")),
        ("broken.json", b'{"document": '),
        ("page.html", b"<html></html>"),
        ("bad.json", an_advisory(tracking_id="B").replace(b'"P1"', b'"P9"', 1)),
    )
    batch = start_import(team=world.teams["a"], uploads=[upload(raw, "all.zip")], by=alice)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.done) == ("done", 6, 6)
    assert outcomes(batch, alice) == {
        "all.zip/good.json": "new",
        "all.zip/again.json": "same",
        "all.zip/newer.json": "updated",
        "all.zip/broken.json": "refused",
        "all.zip/page.html": "refused",
        "all.zip/bad.json": "refused",
    }
    refused = AdvisoryImportFile.objects.visible_to(alice).filter(outcome="refused")
    assert all(one.message for one in refused)
    assert "vulnerabilities" in refused.get(name="all.zip/bad.json").where
    assert len(assessments(alice)) == 1


def test_the_reader_of_an_import_reads_the_line_in_their_language(
    world: World, alice: Viewer, sign_in: SignIn
) -> None:
    batch = start_import(
        team=world.teams["a"], uploads=[upload(b'{"document": ', "a.json")], by=alice
    )
    jobs.run_waiting()
    browser = sign_in(world.alice)
    url = f"/vulnerabilities/advisories/imports/{batch.public_id}"
    assert "Line 1: This is not JSON" in browser.get(url).content.decode()
    browser.post("/settings/language", {"language": "ja", "next": "/"})
    assert "1 行目: JSON ではありません" in browser.get(url).content.decode()


def test_a_killed_import_goes_on_where_it_stood(
    world: World, alice: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = b"\n".join(
        an_advisory(tracking_id=f"A-{number}", cve=f"CVE-2024-000{number}") for number in range(5)
    )
    batch = start_import(team=world.teams["a"], uploads=[upload(lines, "all.jsonl")], by=alice)
    taken = receiving.receive_draft

    def killed(**fields: object) -> object:
        if Advisory.objects.visible_to(alice).count() == 2:
            raise KeyboardInterrupt
        return taken(**fields)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(importing, "receive_draft", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_waiting()
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("running", 2)
    monkeypatch.undo()
    with as_system("the job is delivered again"):
        importing.run(batch.public_id)
        importing.run(batch.public_id)
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("done", 5)
    assert set(outcomes(batch, alice)) == {f"all.jsonl:{number}" for number in range(1, 6)}
    assert Advisory.objects.visible_to(alice).count() == 5


def test_somebody_who_lost_the_right_meanwhile_brings_nothing_in(
    world: World, alice: Viewer, mana: Viewer
) -> None:
    batch = start_import(team=world.teams["a"], uploads=[upload(an_advisory(), "a.json")], by=alice)
    Membership.objects.filter(person=world.people["alice"]).delete()
    jobs.run_waiting()
    assert outcomes(batch, mana) == {"a.json": "refused"}
    assert Advisory.objects.visible_to(mana).count() == 0


def test_an_import_needs_files_and_the_right(world: World, alice: Viewer, otto: Viewer) -> None:
    with pytest.raises(Malformed):
        start_import(team=world.teams["a"], uploads=[], by=alice)
    with pytest.raises(Forbidden):
        start_import(team=world.teams["a"], uploads=[upload(b"{}", "a.json")], by=otto)


PLANT = (
    ("Rockwell Automation", "FactoryTalk View SE", "9.0", "操作卓1"),
    ("Rockwell Automation", "FactoryTalk View SE", "11.0", "操作卓2"),
    ("Mitsubishi Electric", "GT SoftGOT2000", "1.250C", "表示器"),
    ("Rockwell Automation, Inc.", "MicroLogix 1400", "21.006", "包装機"),
    ("Schneider Electric", "MicroLogix 1400", "21.006", "名前だけ同じ"),
)
EQUAL = "vendor and product name equal"
SIMILAR = (
    "product names similar (Rockwell Automation MicroLogix 1400 and "
    "Rockwell Automation, Inc. MicroLogix 1400)"
)
REAL = ("icsa-20-177-03", "icsa-22-130-06", "icsa-22-188-01", "icsa-18-270-03", "icsa-21-133-01")


def test_real_cisa_advisories_match_a_plant_and_ask_where_the_vendor_is_written_otherwise(
    world: World, alice: Viewer, charlie: Viewer, tmp_path: Path
) -> None:
    folder = unpacked("csaf-cisa.tar.gz", tmp_path)
    paths = [path for name in REAL for path in folder.rglob(f"{name}.json")]
    for vendor, name, version, host in PLANT:
        a_component(world.teams["a"], alice, name, version, vendor=vendor, host=host)
    uploads = [upload(path.read_bytes(), path.name) for path in paths]
    batch = start_import(team=world.teams["a"], uploads=uploads, by=alice)
    jobs.run_waiting()
    assert list(outcomes(batch, alice).values()) == ["new"] * len(REAL)
    assert Advisory.objects.visible_to(charlie).count() == len(REAL)  # TLP:WHITE
    reasons = {
        affected.system.name: (affected.certainty, match_reasons.sentence(affected.why))
        for affected in affected_systems(alice)
    }
    assert reasons == {
        "操作卓1": (
            "certain",
            f"{EQUAL} (Rockwell Automation FactoryTalk View SE), version 9.0 ≤ 9.0",
        ),
        "表示器": (
            "certain",
            f"{EQUAL} (Mitsubishi Electric GT SoftGOT2000), version 1.215Z ≤ 1.250C ≤ 1.270G",
        ),
        "包装機": ("waiting", f"{SIMILAR}, version 21.006 ≤ 21.007"),
    }


def test_a_real_bill_of_materials_meets_an_advisory_on_one_of_its_packages(
    world: World, alice: Viewer, tmp_path: Path
) -> None:
    folder = unpacked("cyclonedx.tar.gz", tmp_path)
    path, one = next(
        (path, row)
        for path in sorted(folder.rglob("*.json"))
        for draft in _drafts(path)
        for row in draft.components
        if row.version and row.purl.startswith("pkg:npm/") and "%40" not in row.purl
    )
    taken_in(path.read_bytes(), path.name, world.teams["a"], alice)
    jobs.run_waiting()
    name = re.split("[@?]", one.purl)[0].removeprefix("pkg:npm/")
    raw = an_advisory(
        vendor="npm", name=name, purl=f"pkg:npm/{name}", versions=f"vers:npm/<={one.version}"
    )
    start_import(team=world.teams["a"], uploads=[upload(raw, "a.json")], by=alice)
    jobs.run_waiting()
    assert {(affected.how, affected.certainty) for affected in affected_systems(alice)} == {
        ("purl", "certain")
    }
    assert one.version in {affected.component.version for affected in affected_systems(alice)}


def _drafts(path: Path) -> list[SbomDraft]:
    drafts = (reading.draft for reading in read_path(path))
    return [draft for draft in drafts if isinstance(draft, SbomDraft)]


def test_real_cve_records_come_in_line_by_line(world: World, alice: Viewer) -> None:
    with gzip.open(shared_data() / "cve.jsonl.gz") as source:
        raw = b"".join(islice(source, 30))
    batch = start_import(team=world.teams["a"], uploads=[upload(raw, "cve.jsonl")], by=alice)
    jobs.run_waiting()
    assert list(outcomes(batch, alice).values()) == ["new"] * 30
    known = Vulnerability.objects.visible_to(alice)
    assert known.exclude(ssvc_exploitation="").count() == 30
