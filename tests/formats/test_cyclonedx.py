"""CycloneDX bills of materials: what is installed, and what a document does not say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from noroshi.core.errors import Malformed
from noroshi.formats import cyclonedx
from noroshi.formats.drafts import SbomDraft
from noroshi.formats.dry_run import read_file


def _bom(*components: dict[str, Any], **more: Any) -> bytes:
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "urn:uuid:1",
        "components": list(components),
        **more,
    }
    return json.dumps({name: value for name, value in bom.items() if value is not None}).encode()


def _read(*components: dict[str, Any], **more: Any) -> SbomDraft:
    return cyclonedx.read(_bom(*components, **more))


def test_a_bill_of_materials_lists_its_subject_and_every_nested_component() -> None:
    draft = _read(
        {
            "type": "library",
            "bom-ref": "a",
            "group": "org.log",
            "name": "core",
            "version": "2.14.1",
            "purl": "pkg:maven/org.log/core@2.14.1",
            "supplier": {"name": "Log Project"},
            "components": [{"type": "library", "name": "inner", "version": "1"}],
        },
        {"type": "operating-system", "name": "os", "version": "9", "cpe": "cpe:/o:acme:os:9"},
        metadata={
            "timestamp": "2024-01-01T00:00:00Z",
            "component": {"type": "device", "name": "Press", "version": "4.1", "publisher": "Acme"},
        },
    )
    assert (draft.format, draft.serial, draft.title, draft.version) == (
        "cyclonedx-1.5",
        "urn:uuid:1",
        "Press",
        "4.1",
    )
    assert draft.created_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert [component.name for component in draft.components] == [
        "Press",
        "org.log/core",
        "inner",
        "os",
    ]
    press, core, inner, system = draft.components
    assert (press.vendor, press.kind, press.where) == ("Acme", "device", "metadata/component")
    assert (core.vendor, core.purl, core.ref) == ("Log Project", "pkg:maven/org.log/core", "a")
    assert inner.where == "components/0/components/0"
    assert system.cpe == "cpe:2.3:o:acme:os:*:*:*:*:*:*:*:*"
    assert draft.problems == ()


def test_a_version_that_stands_only_in_purl_or_cpe_counts() -> None:
    draft = _read(
        {"type": "library", "name": "a", "purl": "pkg:npm/a@1.0"},
        {"type": "library", "name": "b", "cpe": "cpe:2.3:a:x:b:2.0:*:*:*:*:*:*:*"},
    )
    assert [component.version for component in draft.components] == ["1.0", "2.0"]


def test_components_without_a_version_are_kept_and_each_is_named() -> None:
    draft = _read({"type": "library", "name": "a"}, {"type": "library", "name": "b"})
    assert len(draft.components) == 2
    assert [problem.where for problem in draft.problems] == ["components/0", "components/1"]
    assert "“a” has no version" in str(draft.problems[0])


def test_a_wrong_purl_or_cpe_is_a_problem_and_the_component_is_kept() -> None:
    draft = _read({"type": "library", "name": "a", "version": "1", "purl": "x", "cpe": "y"})
    assert [problem.where for problem in draft.problems] == [
        "components/0/purl",
        "components/0/cpe",
    ]
    assert (draft.components[0].purl, draft.components[0].cpe) == ("", "")


def test_the_same_component_twice_is_one() -> None:
    same = {"type": "library", "name": "a", "version": "1"}
    assert len(_read(same, {**same, "bom-ref": "other"}).components) == 1


def test_files_and_cryptography_are_no_installed_software() -> None:
    draft = _read(
        {"type": "file", "name": "/etc/passwd"},
        {"type": "application", "name": "a", "version": "1", "author": "Ann"},
    )
    assert [(component.name, component.vendor) for component in draft.components] == [("a", "Ann")]


def test_a_document_that_only_names_its_subject_is_an_inventory_of_one() -> None:
    draft = _read(metadata={"component": {"type": "application", "name": "a", "version": "1"}})
    assert [component.name for component in draft.components] == ["a"]
    assert "lists no components" in str(draft.problems[0])


@pytest.mark.parametrize(
    ("more", "where", "sentence"),
    [
        ({"vulnerabilities": [{"id": "CVE-2024-0001"}]}, "vulnerabilities", "VEX"),
        ({"services": [{"name": "api"}]}, "services", "services only"),
        ({"components": [{"type": "cryptographic-asset", "name": "x"}]}, "components", "crypto"),
        ({}, "components", "no components"),
        ({"components": [{"type": "library"}]}, "components/0/name", "missing"),
        ({"components": ["x"]}, "components/0", "object"),
        ({"specVersion": "1.1"}, "specVersion", "1.2 to 1.6"),
        ({"specVersion": "2.0"}, "specVersion", "1.2 to 1.6"),
        ({"bomFormat": "SPDX"}, "bomFormat", "CycloneDX"),
    ],
)
def test_what_lists_no_software_is_refused_with_the_reason(
    more: dict[str, Any], where: str, sentence: str
) -> None:
    with pytest.raises(Malformed) as error:
        _read(**more)
    assert error.value.where == where
    assert sentence in str(error.value)


def test_a_cryptography_bill_with_a_subject_lists_no_software() -> None:
    with pytest.raises(Malformed):
        _read(
            {"type": "cryptographic-asset", "name": "x"},
            metadata={"component": {"type": "application", "name": "a", "version": "1"}},
        )


def test_every_example_is_read_or_refused_with_a_place(cyclonedx_files: Path) -> None:
    files = sorted(cyclonedx_files.rglob("*.json"))
    answers: list[Any] = [answer for file in files for answer in read_file(file)]
    assert len(answers) >= 34
    for answer in answers:
        if not answer["ok"]:
            (problem,) = answer["problems"]
            assert problem["where"]
            assert "VEX" in problem["message"] or "/SBOM/" not in answer["file"]
    assert max(len(answer.get("components", ())) for answer in answers) >= 168
