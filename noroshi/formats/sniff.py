"""Recognises the format of a file by its content, hardly ever by its name."""

from __future__ import annotations

import re

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import jsontext
from noroshi.formats.node import Node

# Names of formats as both languages write them.
NAMES = {
    "aggregator": "CSAF aggregator.json",
    "bzip2": "bzip2",
    "checksum": "SHA-256 / SHA-512",
    "csaf-index": "CSAF index.txt",
    "csaf-testcases": "CSAF testcases.json",
    "cve-4": "CVE JSON 4",
    "cvrf": "CVRF",
    "epss-csv": "EPSS (CSV)",
    "html": "HTML",
    "json-schema": "JSON Schema",
    "jvnrss": "JVNRSS",
    "kev-csv": "KEV (CSV)",
    "kev-json": "KEV (JSON)",
    "mail": "RFC 5322 (e-mail)",
    "misp": "MISP event",
    "misp-taxonomy": "MISP taxonomy / warninglist",
    "myjvn": "MyJVN (JSON)",
    "office": "Microsoft Office",
    "openpgp": "OpenPGP",
    "openvex": "OpenVEX",
    "osv": "OSV",
    "pdf": "PDF",
    "provider-metadata": "CSAF provider-metadata.json",
    "rar": "RAR",
    "rolie": "ROLIE",
    "sarif": "SARIF",
    "sevenzip": "7-Zip",
    "spdx": "SPDX",
    "ssvc": "SSVC (JSON)",
    "stix-2": "STIX 2",
    "vuldef": "VULDEF (JVN)",
    "xz": "xz",
}
_UNKNOWN = {
    "json": gettext_noop("This is JSON of a kind that Noroshi does not know."),
    "xml": gettext_noop("This is XML of a kind that Noroshi does not know."),
    "unknown": gettext_noop("Noroshi does not know this kind of file."),
}

_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf'\x1c", "sevenzip"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"-----BEGIN PGP ", "openpgp"),
)
_XML = (
    (rb"cyclonedx\.org/schema/bom", "cyclonedx-xml"),
    (rb"jvn\.jp/vuldef|jvndb\.jvn\.jp/schema/vuldef|<VULDEF-Document", "vuldef"),
    (rb"jvndb\.jvn\.jp/schema|jvn\.jp/rss|purl\.org/rss", "jvnrss"),
    (rb"cvrf", "cvrf"),
    (rb"spdx\.org", "spdx"),
    (rb"<!doctype html|<html", "html"),
)
_MAIL = re.compile(
    rb"\A(From |(Return-Path|Received|Message-ID|Date|From|To|Subject|MIME-Version|Delivered-To"
    rb"|Content-Type|Reply-To|Sender|X-[\w-]+):)",
    re.IGNORECASE,
)
_HASHES = re.compile(rb"\A[0-9a-f]{32,128}\s+\*?\S+\s*\Z")

# Top-level names that together are found in one format only.
_SHAPES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"catalogVersion", "vulnerabilities"}), "kev-json"),
    (frozenset({"CVE_data_meta"}), "cve-4"),
    (frozenset({"spdxVersion"}), "spdx"),
    (frozenset({"aggregator", "aggregator_version"}), "aggregator"),
    (frozenset({"metadata_version", "publisher"}), "provider-metadata"),
    (frozenset({"tests", "testschema_version"}), "csaf-testcases"),
    (frozenset({"resultschema_version"}), "csaf-testcases"),
    (frozenset({"Event"}), "misp"),
    (frozenset({"namespace", "predicates"}), "misp-taxonomy"),
    (frozenset({"list", "matching_attributes"}), "misp-taxonomy"),
    (frozenset({"schemaVersion", "namespace"}), "ssvc"),
    (frozenset({"runs", "version"}), "sarif"),
    (frozenset({"vulinfo"}), "myjvn"),
    (frozenset({"status", "Vulinfo"}), "myjvn"),
    (frozenset({"feed"}), "rolie"),
    (frozenset({"service"}), "rolie"),
    (frozenset({"id", "modified", "affected"}), "osv"),
    (frozenset({"id", "modified", "schema_version"}), "osv"),
    (frozenset({"$schema", "$id"}), "json-schema"),
    (frozenset({"$schema", "type", "properties"}), "json-schema"),
)


def is_json(raw: bytes, name: str) -> bool:
    """Whether the file means to be JSON, in whatever encoding."""
    start = raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x00\xff\xfe")
    return start.startswith((b"{", b"[")) or name.lower().endswith((".json", ".jsonl", ".ndjson"))


def json_document(raw: bytes) -> tuple[str, Node]:
    """The format of a JSON document, and the document; ``Malformed`` when it is not JSON."""
    value = jsontext.decode(raw)
    if not isinstance(value, dict):
        return "json", Node({})
    document = Node(value)
    return _json_format(document), document


def _json_format(document: Node) -> str:
    names = document.value
    head = names.get("document")
    if "jvn_extension" in names:
        return "myjvn"
    if isinstance(head, dict) and "csaf_version" in head:
        return f"csaf-{_short(head['csaf_version'])}"
    if names.get("dataType") == "CVE_RECORD":
        return f"cve-{_short(names.get('dataVersion')).split('.', maxsplit=1)[0]}"
    if names.get("bomFormat") == "CycloneDX":
        return f"cyclonedx-{_short(names.get('specVersion'))}"
    if names.get("type") == "bundle":
        return "stix-2"
    context = str(names.get("@context", ""))[:200]
    for word, format_name in (("openvex", "openvex"), ("spdx", "spdx")):
        if word in context:
            return format_name
    return next((format_name for shape, format_name in _SHAPES if shape <= names.keys()), "json")


def _short(version: object) -> str:
    return re.sub(r"[^\w.]", "", str(version))[:10]


def other_document(raw: bytes, name: str) -> str:
    """The format of a file that is not JSON; ``csv`` for any list with columns."""
    magic = next((format_name for start, format_name in _MAGIC if raw.startswith(start)), "")
    if magic:
        return magic
    start = raw[:5000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return next(
            (format_name for mark, format_name in _XML if re.search(mark, start, re.IGNORECASE)),
            "xml",
        )
    if start.startswith(b"cveID,"):
        return "kev-csv"
    if start.startswith((b"#model_version", b"cve,epss")):
        return "epss-csv"
    if start.startswith(b"SPDXVersion:"):
        return "spdx"
    if _HASHES.match(start):
        return "checksum"
    if name.lower().endswith((".csv", ".tsv")):
        return "csv"
    if _MAIL.match(start) or name.lower().endswith(".eml"):
        return "mail"
    if re.fullmatch(rb"(\S+\.json\s*)+", start[: start.rfind(b"\n") + 1]):
        return "csaf-index"
    return "unknown"


def not_read(format_name: str) -> Malformed:
    """The sentence for a format that was recognised and is not read, with what to do instead."""
    if format_name == "cyclonedx-xml":
        return Malformed(
            "",
            gettext_noop(
                "This is a CycloneDX SBOM in XML, which Noroshi does not read yet. "
                "Let the tool that made it write JSON, or convert it with cyclonedx-cli."
            ),
        )
    if format_name == "excel":
        return Malformed(
            "", gettext_noop("This is an Excel file. Save the sheet as CSV and try again.")
        )
    if format_name in _UNKNOWN:
        return Malformed("", _UNKNOWN[format_name])
    sentence = gettext_noop("This is %(format)s. Noroshi does not read it yet.")
    return Malformed("", sentence, format=NAMES.get(format_name, format_name))
