"""The dry run: any file gets an answer, and it says what the file is."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from noroshi.formats import containers, jsontext
from noroshi.formats.dry_run import as_json, read_file, read_path, read_upload
from tests.formats.advisories import csaf_document, cve_record
from tests.harness.shared import shared_data

CSAF = json.dumps(csaf_document()).encode()
CVE = json.dumps(cve_record()).encode()
SBOM = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.4",
        "serialNumber": "urn:uuid:1",
        "components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a"}],
    }
).encode()


def _only_answer(raw: bytes, name: str = "file") -> dict[str, Any]:
    (reading,) = read_upload(raw, name)
    return as_json(reading)


def _refusal(raw: bytes, name: str = "file") -> str:
    answer = _only_answer(raw, name)
    assert not answer["ok"]
    (problem,) = answer["problems"]
    assert problem["where"]
    return str(problem["message"])


def test_an_advisory_is_told_with_what_it_affects(tmp_path: Path) -> None:
    path = tmp_path / "acme.json"
    path.write_bytes(CSAF)
    (answer,) = read_file(path)
    assert answer == {
        "file": str(path),
        "line": None,
        "format": "csaf-2.0",
        "ok": True,
        "problems": [],
        "title": "Acme Press Controller",
        "ids": ["ACME-2024-001", "CVE-2024-0001"],
        "affected": [
            {
                "vulnerability": "CVE-2024-0001",
                "vendor": "Acme Works",
                "product": "Press Controller",
                "text": "vers:generic/<4.1",
                "range": "vers:generic/<4.1",
                "status": "affected",
            },
            {
                "vulnerability": "CVE-2024-0001",
                "vendor": "Acme Works",
                "product": "Press Controller",
                "text": "4.1",
                "range": "vers:generic/4.1",
                "status": "fixed",
            },
        ],
    }


def test_a_bill_of_materials_is_told_with_its_components() -> None:
    answer = _only_answer(SBOM)
    assert (answer["format"], answer["ok"], answer["ids"]) == (
        "cyclonedx-1.4",
        True,
        ["urn:uuid:1"],
    )
    assert answer["components"] == [
        {
            "name": "a",
            "version": "1",
            "vendor": "",
            "purl": "pkg:npm/a",
            "cpe": "",
            "kind": "library",
        }
    ]


def test_a_list_is_told_with_the_guessed_columns() -> None:
    answer = _only_answer(b"Product,Version\nPress,4.1\n,2\n", "list.csv")
    assert (answer["format"], answer["ok"], answer["ids"]) == ("csv", True, [])
    assert [row["name"] for row in answer["components"]] == ["Press"]
    assert [row["where"] for row in answer["problems"]] == ["line 3"]
    assert "No column is known" in _refusal(b"A,B\n1,2\n", "list.csv")


def test_a_refused_advisory_tells_every_problem() -> None:
    document = csaf_document()
    document["vulnerabilities"][0]["product_status"]["known_affected"] += ["P8", "P9"]
    answer = _only_answer(json.dumps(document).encode())
    assert (answer["format"], answer["ok"], answer["title"]) == ("csaf-2.0", False, "")
    assert len(answer["problems"]) == 2


def test_each_line_of_json_lines_is_told_by_itself(tmp_path: Path) -> None:
    lines = CVE + b"\n\n" + CVE[:-1] + b"\n" + CVE + b"\n"
    for name, raw in (("a.jsonl", lines), ("a.jsonl.gz", gzip.compress(lines)), ("a", lines)):
        path = tmp_path / name
        path.write_bytes(raw)
        assert [(answer["line"], answer["ok"]) for answer in read_file(path)] == [
            (1, True),
            (3, False),
            (4, True),
        ]


def test_a_document_over_several_lines_is_one_document() -> None:
    assert _only_answer(b'{\n"dataType": "CVE_RECORD"\n}')["line"] is None
    assert _only_answer(b'{"a": 1\n{"b": 2}')["line"] is None
    assert _only_answer(b'{"a": 1}\n')["line"] is None


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        (b'{"catalogVersion": "1", "vulnerabilities": []}', "kev-json"),
        (b"cveID,vendorProject\n", "kev-csv"),
        (b"#model_version:v1\ncve,epss,percentile\n", "epss-csv"),
        (b'{"id": "PYSEC-1", "modified": "x", "affected": []}', "osv"),
        (b'{"type": "bundle", "id": "bundle--1"}', "stix-2"),
        (b'{"Event": {}}', "misp"),
        (b'{"spdxVersion": "SPDX-2.3"}', "spdx"),
        (b'{"@context": "https://spdx.org/rdf/3.0.0/spdx-context.jsonld"}', "spdx"),
        (b'{"@context": "https://openvex.dev/ns"}', "openvex"),
        (b'{"CVE_data_meta": {}}', "cve-4"),
        (b'{"document": {"csaf_version": "2.1"}, "jvn_extension": {}}', "myjvn"),
        (b'{"document": {"csaf_version": "3.0"}}', "csaf-3.0"),
        (b'{"$schema": "x", "$id": "y"}', "json-schema"),
        (b'{"a": 1}', "json"),
        (b"[1]", "json"),
        (b"SPDXVersion: SPDX-2.3\n", "spdx"),
        (
            b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>',
            "cyclonedx-xml",
        ),
        (b"<VULDEF-Document/>", "vuldef"),
        (b'<rdf:RDF xmlns="http://purl.org/rss/1.0/"/>', "jvnrss"),
        (b"\xef\xbb\xbf<!DOCTYPE HTML><html></html>", "html"),
        (b"<something/>", "xml"),
        (b"%PDF-1.7", "pdf"),
        (b"7z\xbc\xaf'\x1c", "sevenzip"),
        (b"-----BEGIN PGP SIGNATURE-----\n", "openpgp"),
        (b"Received: from a\nSubject: x\n\nhello", "mail"),
        (b"0" * 64 + b"  a.json\n", "checksum"),
        (b"2024/a.json\n2024/b.json\n", "csaf-index"),
        (b"hello\nworld\n", "unknown"),
        (b"", "unknown"),
        (b"\x00\x01\x02", "unknown"),
    ],
)
def test_what_is_not_read_yet_is_recognised_and_refusal(raw: bytes, known: str) -> None:
    assert _only_answer(raw)["format"] == known
    assert _refusal(raw)


def test_the_xml_of_cyclonedx_and_excel_say_what_to_do_instead() -> None:
    xml = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"></bom>'
    assert "cyclonedx-cli" in _refusal(xml, "bom.xml")
    assert "Save the sheet as CSV" in _refusal(_zip({"[Content_Types].xml": b"<x/>"}), "a.xlsx")


def test_a_name_alone_makes_no_mail_and_no_json() -> None:
    assert _only_answer(b"hello", "a.eml")["format"] == "mail"
    assert _only_answer(b"hello", "a.json")["format"] == "json"


# --- folders and archives --------------------------------------------------------------------


def _zip(members: dict[str, bytes], **options: Any) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return raw.getvalue()


def _tar(members: dict[str, bytes], mode: str = "w:gz") -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=mode) as archive:  # type: ignore[call-overload]  # any mode
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    return raw.getvalue()


MEMBERS = {"a/acme.json": CSAF, "a/acme.json.asc": b"-----BEGIN PGP", "b.json": SBOM}


@pytest.mark.parametrize("raw", [_zip({"d/": b"", **MEMBERS}), _tar(MEMBERS), _tar(MEMBERS, "w")])
def test_an_archive_is_read_member_by_member_without_signatures(raw: bytes) -> None:
    answers = [as_json(reading) for reading in read_upload(raw, "x.zip")]
    assert [(answer["file"], answer["ok"]) for answer in answers] == [
        ("x.zip/a/acme.json", True),
        ("x.zip/b.json", True),
    ]


def test_a_folder_is_read_file_by_file_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "acme.json").write_bytes(CSAF)
    (tmp_path / "a" / "acme.json.sha512").write_bytes(b"0")
    (tmp_path / "link.json").symlink_to(tmp_path / "a" / "acme.json")
    assert [answer["ok"] for answer in read_file(tmp_path)] == [True]


def test_the_bytes_are_kept_as_received() -> None:
    (reading,) = read_upload(CSAF, "a.json")
    assert reading.raw == CSAF
    assert reading.draft


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (answer,) = read_file(tmp_path / "absent.json")
    assert answer["ok"] is False
    assert "cannot be opened" in str(answer["problems"])


def test_archives_in_archives_are_refused_and_the_rest_is_read() -> None:
    raw = _zip({"in.zip": _zip({"a": b"b"}), "in.gz": gzip.compress(b"x"), "b.json": SBOM})
    answers = [as_json(reading) for reading in read_upload(raw, "x.zip")]
    assert [answer["ok"] for answer in answers] == [False, False, True]
    assert "Archives in archives" in str(answers[0]["problems"])


def test_a_zip_bomb_is_not_opened_and_costs_no_memory() -> None:
    bomb = _zip({"bomb.json": b"[" + b" " * 60_000_000 + b"]", "b.json": SBOM})
    tracemalloc.start()
    answers = [as_json(reading) for reading in read_upload(bomb, "x.zip")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [answer["ok"] for answer in answers] == [False, True]
    assert "200-fold" in str(answers[0]["problems"])
    assert peak < 5_000_000


def test_a_gzip_bomb_is_stopped_while_it_grows() -> None:
    bomb = gzip.compress(b"[" + b" " * 90_000_000 + b"]")
    tracemalloc.start()
    assert "200-fold" in _refusal(bomb, "a.json.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_limits_on_files_members_and_sizes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(CSAF)
    monkeypatch.setattr(containers, "MAX_FILE", 10)
    assert "larger than" in str(read_file(path))
    monkeypatch.setattr(containers, "MAX_MEMBERS", 1)
    assert "more than 1 files" in _refusal(_zip(MEMBERS), "x.zip")
    assert "more than 1 files" in str(list(read_upload(_tar(MEMBERS), "x.tgz"))[-1].problems[0])
    monkeypatch.setattr(containers, "MAX_MEMBERS", 100)
    monkeypatch.setattr(containers, "MAX_UNPACKED", 10)
    assert "larger than" in _refusal(_zip(MEMBERS), "x.zip")
    assert "larger than" in _refusal(gzip.compress(CSAF), "x.json.gz")
    monkeypatch.setattr(jsontext, "MAX_BYTES", 100)
    assert "larger than" in _refusal(CSAF)
    assert "larger than" in _refusal(CSAF, "a.jsonl")
    monkeypatch.setattr(containers, "MAX_FILE", 10**9)
    [document] = containers.documents(path)  # on the disk, in no archive
    assert (document.raw, "larger than" in str(document.problem)) == (b"", True)
    monkeypatch.setattr(containers, "MAX_UNPACKED", 10**9)
    sentences = [str(reading.problems[0]) for reading in read_upload(_zip(MEMBERS), "x.zip")]
    assert all("larger than" in sentence for sentence in sentences)


def test_a_link_in_an_archive_is_not_followed() -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        link = tarfile.TarInfo("passwd.json")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/passwd"
        archive.addfile(link)
    assert "not followed" in _refusal(raw.getvalue(), "x.tar")


@pytest.mark.parametrize("cut", [30, 200, -1, -30])
@pytest.mark.parametrize("raw", [_zip(MEMBERS), _tar(MEMBERS), gzip.compress(CSAF)])
def test_a_broken_archive_is_refused_in_one_sentence(raw: bytes, cut: int) -> None:
    answers = [as_json(reading) for reading in read_upload(raw[:cut], "x")]
    assert not answers[-1]["ok"]
    assert answers[-1]["problems"]


def test_an_encrypted_archive_says_that_it_is() -> None:
    raw = bytearray(_zip({"a.json": CSAF}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    assert "encrypted" in _refusal(bytes(raw), "x.zip")


# --- every development file ------------------------------------------------------------------


def test_every_development_file_is_read_or_refused_with_a_place() -> None:
    answers = []
    for name in (
        "csaf-cisa.tar.gz",
        "csaf-oasis.tar.gz",
        "cve.jsonl.gz",
        "cyclonedx.tar.gz",
        "kev",
        "osv-pypi.jsonl.gz",
        "jvn-synthetic",
        "mail-synthetic",
        "epss-synthetic",
        "ssvc",
        "alerts",
    ):
        answers += [as_json(reading) for reading in read_path(shared_data() / name)]
    assert len(answers) >= 2_500
    for answer in answers:
        json.dumps(answer)
        assert answer["ok"] or (answer["problems"] and answer["problems"][0]["where"])  # type: ignore[index]
        assert "cannot be read (" not in str(answer["problems"]), answer["file"]
