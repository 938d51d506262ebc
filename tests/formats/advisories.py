"""Small advisories of invented vendors, right in everything; tests change one thing."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from noroshi.formats import csaf, cve
from noroshi.formats.drafts import AdvisoryDraft, Affected

Json = dict[str, Any]


def branch(category: str, name: str, *branches: Json, **more: Any) -> Json:
    """One branch of a product tree."""
    node = {"category": category, "name": name, **more}
    return node | ({"branches": list(branches)} if branches else {})


def product(name: str, product_id: str, **aids: Any) -> Json:
    """A full product name with its identification helper."""
    helper = {"product_identification_helper": aids} if aids else {}
    return {"name": name, "product_id": product_id, **helper}


def csaf_document(**changed: Any) -> Json:
    """A CSAF 2.0 security advisory; ``document__title="x"`` changes a field two levels down."""
    document: Json = {
        "document": {
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "distribution": {"tlp": {"label": "WHITE"}},
            "lang": "en",
            "notes": [{"category": "summary", "text": "Anyone may stop the press."}],
            "publisher": {
                "category": "vendor",
                "name": "Acme Works",
                "namespace": "https://acme.example",
            },
            "references": [{"category": "self", "summary": "Advisory", "url": "https://a.example"}],
            "title": "Acme Press Controller",
            "tracking": {
                "current_release_date": "2024-02-01T09:00:00+09:00",
                "id": "ACME-2024-001",
                "initial_release_date": "2024-01-01T00:00:00Z",
                "revision_history": [
                    {"date": "2024-01-01T00:00:00Z", "number": "1", "summary": "First"},
                    {"date": "2024-02-01T00:00:00Z", "number": "2", "summary": "Fix named"},
                ],
                "status": "final",
                "version": "2",
            },
        },
        "product_tree": {
            "branches": [
                branch(
                    "vendor",
                    "Acme Works",
                    branch(
                        "product_name",
                        "Press Controller",
                        branch(
                            "product_version_range",
                            "vers:generic/<4.1",
                            product=product("Press Controller < 4.1", "P1", model_numbers=["PC-1"]),
                        ),
                        branch(
                            "product_version", "4.1", product=product("Press Controller 4.1", "P2")
                        ),
                    ),
                )
            ]
        },
        "vulnerabilities": [
            {
                "cve": "CVE-2024-0001",
                "cwe": {"id": "CWE-787", "name": "Out-of-bounds Write"},
                "notes": [{"category": "description", "text": "A packet writes too far."}],
                "product_status": {"known_affected": ["P1"], "fixed": ["P2"]},
                "remediations": [
                    {
                        "category": "vendor_fix",
                        "details": "Install 4.1.",
                        "product_ids": ["P1"],
                        "url": "https://a.example/4.1",
                    }
                ],
                "scores": [
                    {
                        "cvss_v3": {
                            "baseScore": 7.5,
                            "baseSeverity": "HIGH",
                            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                            "version": "3.1",
                        },
                        "products": ["P1"],
                    }
                ],
            }
        ],
    }
    return _changed(document, changed)


def csaf_21_document(**changed: Any) -> Json:
    """A CSAF 2.1 security advisory about the same product."""
    document = csaf_document()
    document["$schema"] = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"
    document["document"]["csaf_version"] = "2.1"
    document["document"]["distribution"]["tlp"]["label"] = "AMBER+STRICT"
    vulnerability = document["vulnerabilities"][0]
    cwe = vulnerability.pop("cwe")
    vulnerability["cwes"] = [{**cwe, "version": "4.13"}]
    score = vulnerability.pop("scores")[0]
    vulnerability["metrics"] = [
        {"content": {"cvss_v3": score["cvss_v3"]}, "products": score["products"]}
    ]
    return _changed(document, changed)


def _changed(document: Json, changed: Mapping[str, Any]) -> Json:
    for path, value in changed.items():
        place: Any = document
        *steps, last = path.split("__")
        for step in steps:
            place = place[int(step) if step.isdigit() else step]
        if value is None:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)
    return document


def read_csaf(document: Json) -> AdvisoryDraft:
    """The draft of a CSAF document."""
    return csaf.read(json.dumps(document).encode())


def cve_record(**changed: Any) -> Json:
    """A CVE record with CISA's container."""
    record: Json = {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {
            "cveId": "CVE-2024-0001",
            "state": "PUBLISHED",
            "assignerShortName": "acme",
            "datePublished": "2024-01-01T00:00:00",
            "dateUpdated": "2024-01-02T00:00:00Z",
        },
        "containers": {
            "cna": {
                "title": "Acme Press: packet writes too far",
                "providerMetadata": {"shortName": "acme"},
                "descriptions": [
                    {"lang": "ja", "value": "書き過ぎます。"},
                    {"lang": "en", "value": "A packet writes too far. It is bad."},
                ],
                "affected": [
                    {
                        "vendor": "Acme Works",
                        "product": "Press",
                        "versions": [
                            {
                                "version": "1.0",
                                "lessThan": "4.1",
                                "status": "affected",
                                "versionType": "custom",
                            }
                        ],
                    }
                ],
                "metrics": [
                    {
                        "cvssV3_1": {
                            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                        }
                    }
                ],
                "problemTypes": [
                    {"descriptions": [{"lang": "en", "description": "CWE-787 Out-of-bounds"}]}
                ],
                "references": [{"url": "https://a.example", "name": "advisory"}],
                "solutions": [{"lang": "en", "value": "Install 4.1."}],
            },
            "adp": [
                {
                    "providerMetadata": {"shortName": "CISA-ADP"},
                    "metrics": [
                        {
                            "other": {
                                "type": "ssvc",
                                "content": {
                                    "options": [
                                        {"Exploitation": "Active"},
                                        {"Automatable": "yes"},
                                        {"Technical Impact": "total"},
                                    ],
                                    "timestamp": "2024-01-03T00:00:00Z",
                                },
                            }
                        },
                        {
                            "other": {
                                "type": "kev",
                                "content": {
                                    "dateAdded": "2024-01-04",
                                    "reference": "https://kev.example",
                                },
                            }
                        },
                    ],
                    "references": [{"url": "https://a.example"}, {"url": "https://b.example"}],
                }
            ],
        },
    }
    return _changed(record, changed)


def read_cve(record: Json) -> AdvisoryDraft:
    """The draft of a CVE record."""
    return cve.read(json.dumps(record).encode())


def cve_rows(*versions: Json, **entry: Any) -> list[Affected]:
    """The rows of one ``affected`` entry with these versions."""
    product_entry = {"vendor": "Acme Works", "product": "Press", "versions": [*versions], **entry}
    return list(read_cve(cve_record(containers__cna__affected=[product_entry])).affected)
