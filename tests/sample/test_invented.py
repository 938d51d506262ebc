"""Nobody in the sample is real, and the advisories are exactly what was published."""

from __future__ import annotations

import gzip
import ipaddress
import json
import re
from pathlib import Path

import pytest

from noroshi.formats.dry_run import read_file
from noroshi.sample.steps import DATA
from tests.harness.shared import shared_data

OURS = [*DATA.parent.rglob("*.py"), *(DATA / "inventory").iterdir()]
FOR_DOCUMENTS = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
]

# Four numbers that are a version.
VERSIONS = {"1.4.2.0", "6.2.0.0", "9.8.4.20", "11.10.0.1", "11.10.0.2"}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_what_we_wrote_names_no_real_host_or_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig").replace("[.]", ".")
    for domain in re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\b", text):
        assert domain.endswith(".example")
    for host in re.findall(r"\b[\w-]+(?:\.[\w-]+)*\.(?:com|jp|org|io|net)\b", text):
        assert host.endswith("example.net") or f"{host}/" in text  # a package's group, not a host
    for address in re.findall(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", text):
        assert address in VERSIONS or any(
            ipaddress.ip_address(address) in net for net in FOR_DOCUMENTS
        )


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.json")), ids=lambda path: path.name)
def test_every_document_is_read(path: Path) -> None:
    (answer,) = read_file(path)
    assert answer["ok"]
    assert answer["format"] in {"csaf-2.0", "cve-5", "cyclonedx-1.5", "cyclonedx-1.6"}


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.csv")), ids=lambda path: path.name)
def test_every_list_is_read_without_a_remark(path: Path) -> None:
    (answer,) = read_file(path)
    assert answer["ok"]
    assert answer["problems"] == []


def test_there_are_no_more_advisories_than_their_terms_allow() -> None:
    assert len(list((DATA / "csaf").glob("*.json"))) == 5
    assert 40 <= len(list((DATA / "cve").glob("*.json"))) <= 60
    readme = (DATA / "README.md").read_text()
    for path in (DATA / "csaf").glob("*.json"):
        assert path.stem.upper() in readme


def test_the_cve_records_are_as_they_were_published() -> None:
    ours = {path.stem: json.loads(path.read_bytes()) for path in (DATA / "cve").glob("*.json")}
    with gzip.open(shared_data() / "cve.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = {record["cveMetadata"]["cveId"]: record for record in map(json.loads, lines)}
    for key, record in ours.items():
        assert record == records[key]
