"""Whatever bytes arrive, a reader gives a draft or a refusal with a sentence, nothing else."""

from __future__ import annotations

import io
import json
import random
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noroshi.core.errors import Malformed
from noroshi.formats import csaf, cve, cyclonedx, inventory_csv
from noroshi.formats.dry_run import as_json, read_upload
from tests.formats.advisories import csaf_21_document, csaf_document, cve_record
from tests.harness.shared import unpacked

READERS = {"csaf": csaf.read, "cve": cve.read, "cyclonedx": cyclonedx.read}
BOM = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {"timestamp": "2024-01-01T00:00:00Z", "component": {"name": "x", "version": "1"}},
    "components": [
        {
            "type": "library",
            "name": "a",
            "version": "1",
            "purl": "pkg:npm/a@1",
            "cpe": "cpe:2.3:a:x:a:1:*:*:*:*:*:*:*",
            "supplier": {"name": "x"},
            "components": [{"name": "b", "type": "library"}],
        }
    ],
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(
        ["cpe:/a:x", "pkg:", "CVSS:3.1/AV:N", "2024-02-30", "< ", "=SUM(1)", "<script>"]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def _check_answer(raw: bytes, name: str = "file") -> None:
    for reading in read_upload(raw, name):
        answer = as_json(reading)
        json.dumps(answer)
        assert answer["ok"] or answer["problems"]
        assert all(isinstance(str(problem), str) for problem in reading.problems)


def _places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    paths: list[tuple[str | int, ...]] = []
    for step, inner in items:
        paths += [(*path, step), *_places(inner, (*path, step))]
    return paths


def _changed(document: Any, path: tuple[str | int, ...], value: Any) -> bytes:
    copy = json.loads(json.dumps(document))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(copy).encode()


@QUICK
@given(st.binary(max_size=400), st.sampled_from(["a", "a.json", "a.csv", "a.jsonl.gz", "a.zip"]))
def test_any_bytes_under_any_name(raw: bytes, name: str) -> None:
    _check_answer(raw, name)


@QUICK
@given(st.binary(max_size=400), st.sampled_from(sorted(READERS)))
def test_any_bytes_for_each_reader(raw: bytes, reader: str) -> None:
    with pytest.raises(Malformed):
        READERS[reader](raw)


@pytest.mark.parametrize(
    "document",
    [csaf_document(), csaf_21_document(), cve_record(), BOM],
    ids=["csaf-2.0", "csaf-2.1", "cve-5", "cyclonedx"],
)
def test_any_value_in_any_place_of_a_good_document(document: Any) -> None:
    places = _places(document)

    @QUICK
    @given(st.sampled_from(places), VALUES)
    def check(path: tuple[str | int, ...], value: Any) -> None:
        _check_answer(_changed(document, path, value))

    check()


@QUICK
@given(
    st.lists(
        st.lists(
            st.one_of(st.sampled_from(["Product", "Version", "purl", ""]), st.text(max_size=9))
        )
    ),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_table(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in rows)
    raw = text.encode(encoding, "replace")
    _check_answer(raw, "list.csv")
    try:
        sample = inventory_csv.sample(raw)
        list(inventory_csv.rows(raw, {"name": 0} | sample.mapping))
    except Malformed as error:
        _ = str(error)


@QUICK
@given(st.data())
def test_any_damage_to_an_archive(data: st.DataObject) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", json.dumps(csaf_document()))
        archive.writestr("b.json", "{}")
    damaged = bytearray(raw.getvalue())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    _check_answer(bytes(damaged), "x.zip")


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 5_000_000,
        b'{"a":' * 1_000_000,
        b'{"document": {"csaf_version": "2.0", "x": ' + b"[" * 150 + b"]" * 150 + b"}}",
        b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": ['
        + b'{"name": "a", "components": [' * 99
        + b"]}" * 99
        + b"]}",
        b'"' + b'\\"' * 2_000_000,
        b'"' + b"\\" * 4_000_001,
        b"9" * 5_000_000,
        b'{"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": {"cveId": "CVE-2024-'
        + b"9" * 100_000
        + b'"}}',
    ],
    ids=["lists", "objects", "csaf", "sbom", "quotes", "slashes", "digits", "id"],
)
def test_deep_and_huge_documents_are_answered_quickly(raw: bytes) -> None:
    _check_answer(raw, "x.json")


@pytest.mark.parametrize(
    "text", [", " * 20_000, "9" * 20_000, "<" * 20_000, "vers:x/" + "<1|" * 9_000, "V1 - " * 9_000]
)
def test_long_texts_in_any_place_are_answered_quickly(text: str) -> None:
    for document in (csaf_document(), cve_record(), BOM):
        for path in _places(document):
            if path[-1] in {"name", "version", "lessThan", "vectorString", "purl", "cpe"}:
                began = time.process_time()
                _check_answer(_changed(document, path, text))
                assert time.process_time() - began < 5, path


def test_real_documents_with_damage_are_answered(tmp_path: Path) -> None:
    dice = random.Random(20240601)
    files = sorted(unpacked("csaf-cisa.tar.gz", tmp_path).rglob("white/*/*.json"))[::40]
    files += sorted(unpacked("cyclonedx.tar.gz", tmp_path).rglob("*.json"))[::4]
    for file in files:
        raw = file.read_bytes()
        for _ in range(10):
            damaged = bytearray(raw)
            for _ in range(dice.randrange(1, 4)):
                damaged[dice.randrange(len(damaged))] = dice.choice(b'{}[]",:0a\\\x00\xff')
            _check_answer(bytes(damaged), file.name)
            _check_answer(raw[: dice.randrange(len(raw))], file.name)


def test_a_reader_of_one_format_refuses_the_others() -> None:
    for raw in (b"{}", b"[]", b"1", b'{"bomFormat": 1}', b'{"dataType": "CVE_RECORD"}'):
        for reader in READERS.values():
            with pytest.raises(Malformed):
                reader(raw)
