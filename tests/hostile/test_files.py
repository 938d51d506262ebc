"""Two thousand hostile files: whatever arrives, somebody is told what it is, and nothing breaks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from django.test import Client

from noroshi.core import files, history, jobs
from noroshi.core.errors import Malformed
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.formats.dry_run import as_json, read_upload
from noroshi.inventory import actions as inventory
from noroshi.inventory import queries as inventory_queries
from noroshi.inventory import readers
from noroshi.inventory.models import Component, ImportChange
from noroshi.measures.models import Evidence
from noroshi.sharing import system
from noroshi.vulnerabilities import actions
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryImportFile,
    AdvisoryRevision,
    ImportState,
    Outcome,
)
from tests.harness.files import HostileFile, hostile_files
from tests.harness.people import World
from tests.harness.texts import PATHS
from tests.hostile.conftest import Log
from tests.hostile.sending import post, upload
from tests.measures.builders import instructed

SignIn: TypeAlias = Callable[[Person], Client]
FILES = list(hostile_files())
LIGHT = [file for file in FILES if not file.heavy]
HEAVY = [file for file in FILES if file.heavy]
LOOKING = "a test looks at everything"


@dataclass(frozen=True)
class Upload:
    """A hostile file as the pages hand it to the actions."""

    source: HostileFile

    @property
    def name(self) -> str:
        return self.source.name

    def read(self) -> bytes:
        return self.source.make()


def test_there_are_more_than_a_thousand_hostile_files() -> None:
    assert len(FILES) >= 1_000
    assert len({(file.name, file.make()) for file in LIGHT}) >= 1_000


def test_every_file_is_read_or_refused_with_a_sentence_and_a_place() -> None:
    for file in LIGHT:
        for reading in read_upload(file.make(), file.name):
            account = as_json(reading)
            json.dumps(account).encode()
            assert account["ok"] or account["problems"], file.name
            for problem in reading.problems:
                assert problem.where, (file.name, problem.message)
                assert str(problem)


def test_an_import_of_advisories_gives_an_account_of_every_file(
    world: World, alice: Viewer
) -> None:
    batch = actions.start_import(
        team=world.teams["a"], uploads=[Upload(file) for file in LIGHT[::2]], by=alice
    )
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.state == ImportState.DONE
    assert batch.done == batch.total

    rows = list(system.rows(AdvisoryImportFile, LOOKING))
    assert len(rows) == batch.total
    outcomes = Counter(row.outcome for row in rows)
    assert outcomes[Outcome.WAITING] == 0
    assert all(row.message for row in rows if row.outcome == Outcome.REFUSED)
    assert outcomes[Outcome.REFUSED] > 300
    assert outcomes[Outcome.NEW] + outcomes[Outcome.UPDATED] > 100
    # Nothing of a refused document is left behind, nothing of a taken one is missing.
    assert system.rows(Advisory, LOOKING).count() == outcomes[Outcome.NEW]
    assert system.rows(AdvisoryRevision, LOOKING).count() == sum(
        outcomes[kind] for kind in (Outcome.NEW, Outcome.UPDATED, Outcome.OLDER)
    )
    assert not list(history.verify())


def test_an_import_of_lists_gives_an_account_of_every_file(world: World, alice: Viewer) -> None:
    team, taken, refused = world.teams["a"], [], 0
    for file in LIGHT:
        if file.name.startswith(("csaf", "cve")) or "damaged" in file.name:
            continue
        raw = file.make()
        try:
            look = readers.look(raw, file.name)
        except Malformed:
            refused += 1
            continue
        entry = inventory.start_import(
            team=team, file_name=file.name, file_sha256=files.store(raw).sha256, look=look, by=alice
        )
        if entry.header:
            guess = {"name": 0, "system": 0} | dict(look.mapping)
            inventory.map_columns(entry=entry, mapping=guess, by=alice)
        taken.append(entry.public_id)
    jobs.run_waiting()
    assert refused > 100
    assert len(taken) > 200

    ended = [inventory_queries.import_for(alice, public_id) for public_id in taken]
    assert {entry.state for entry in ended} == {"done", "failed"}
    for entry in ended:
        changes = system.rows(ImportChange, LOOKING).filter(imported=entry).count()
        assert changes == entry.added + entry.changed + entry.gone
        if entry.state == "failed":
            assert (entry.failure or {})["message"]
            assert changes == 0
    assert system.rows(Component, LOOKING).filter(name="").count() == 0
    assert not list(history.verify())


def test_the_upload_pages_answer_every_file_with_a_page(
    world: World, sign_in: SignIn, log: Log
) -> None:
    browser = sign_in(world.alice)
    browser.raise_request_exception = False
    team = world.teams["a"].public_id
    answers: Counter[tuple[str, int]] = Counter()
    for file in LIGHT[::15]:
        sent = [(file.name, file.make())]
        for path, field, more in (
            ("/vulnerabilities/advisories/import", "files", {}),
            ("/systems/import", "file", {"is_complete": "on"}),
        ):
            answer = upload(browser, path, {"team": team, **more}, field, sent)
            answers[path, answer.status_code] += 1
            if answer.status_code == 400:
                assert "error" in answer.content.decode(), file.name
            if answer.status_code == 302:
                assert browser.get(answer["Location"]).status_code == 200, file.name
    jobs.run_waiting()
    assert {status for _path, status in answers} == {302, 400}
    assert browser.get("/systems/imports/").status_code == 200
    assert browser.get("/vulnerabilities/advisories/").status_code == 200
    assert log.errors == []


def test_evidence_with_any_name_is_kept_and_given_back_as_a_download(
    world: World, sign_in: SignIn, log: Log
) -> None:
    order = instructed(world)
    otto, alice = sign_in(world.otto), sign_in(world.alice)
    for client in (otto, alice):
        client.raise_request_exception = False
    named = [(path, b"<script>window.__hit=1</script>") for path in PATHS]
    for number in range(0, len(named), 10):
        fields = {"what": "done", "text": "see the files"}
        answer = upload(
            otto,
            f"/measures/{order.public_id}/answer",
            fields,
            "files",
            named[number : number + 10],
        )
        assert answer.status_code == 302
        assert (
            post(alice, f"/measures/{order.public_id}/send-back", {"text": "more"}).status_code
            == 302
        )
    stored = list(system.rows(Evidence, LOOKING))
    assert len(stored) >= len(named) - 6  # a part without any name is no file
    for evidence in stored:
        assert re.fullmatch(r"[^\x00-\x1f/\\:*?\"<>|]{1,100}", evidence.name), evidence.name
        answer = alice.get(f"/measures/{order.public_id}/files/{evidence.public_id}")
        answer.close()
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
    assert log.errors == []


def test_no_file_takes_more_memory_than_a_small_machine_has(tmp_path: Path) -> None:
    places = []
    for file in HEAVY:
        places.append(tmp_path / re.sub("[^a-z.-]", "_", file.name))
        places[-1].write_bytes(file.make())
    weighed = subprocess.run(
        [sys.executable, "-m", "tests.hostile.weighing", *places],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    for place in places:
        place.unlink()
    sizes = map(int, weighed.stdout.split())
    grown = dict(zip((file.name for file in HEAVY), sizes, strict=True))
    assert {name: size for name, size in grown.items() if size >= 300} == {}
