"""Three mandatory tests of CSAF 2.0 in the words of the standard.

6.1.11: a weakness keeps every name that any CWE catalogue gave it (CISA's advisories of 2024
use names that were changed later). 6.1.27: the profile tests under their own numbers, and
without two rules that only CSAF 2.1 has. 6.1.31: the standard's list
of words, not more, and not in ``vers:all/*``, which CISA writes where no version is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from noroshi.formats.node import Node

TESTS = frozenset({"6.1.11", "6.1.27", "6.1.31"})

_SAYS_SOMETHING = {"description", "details", "general", "summary"}
_VEX_STATUS = {"fixed", "known_affected", "known_not_affected", "under_investigation"}
_RANGE = re.compile(r"[<>]|\b(after|all|before|earlier|later|prior|versions)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """A mandatory test that fails at ``where``; the reason is shown as the library's are."""

    test: str
    where: str
    reason: str


def faults(document: Node, cwe_names: Callable[[str], frozenset[str]]) -> Iterator[Fault]:
    """The faults of a document that keeps the schema of CSAF 2.0."""
    yield from _weaknesses(document, cwe_names)
    yield from _profile(document)
    yield from _ranges_as_versions(document.node("product_tree"))


def _weaknesses(document: Node, cwe_names: Callable[[str], frozenset[str]]) -> Iterator[Fault]:
    for vulnerability in document.nodes("vulnerabilities"):
        cwe = vulnerability.node("cwe")
        if cwe.value and cwe.text("name") not in cwe_names(cwe.text("id").removeprefix("CWE-")):
            reason = f"{cwe.text('id')} was never named {cwe.text('name')!r}"
            yield Fault("6.1.11", cwe.at("name"), reason)


def _profile(document: Node) -> Iterator[Fault]:
    head = document.node("document")
    match head.text("category"):
        case "csaf_security_incident_response":
            yield from _says_something(head)
        case "csaf_informational_advisory":
            yield from _says_something(head)
            if "vulnerabilities" in document:
                yield Fault("6.1.27.3", "vulnerabilities", "the profile has no vulnerabilities")
        case "csaf_security_advisory":
            yield from _has_products_and_vulnerabilities(document)
            for vulnerability in document.nodes("vulnerabilities"):
                if "product_status" not in vulnerability:
                    where = vulnerability.at("product_status")
                    yield Fault("6.1.27.6", where, "the vulnerability has no product status")
        case "csaf_vex":
            yield from _has_products_and_vulnerabilities(document)
            for vulnerability in document.nodes("vulnerabilities"):
                yield from _vex(vulnerability, _groups(document))


def _says_something(head: Node) -> Iterator[Fault]:
    if not any(note.text("category") in _SAYS_SOMETHING for note in head.nodes("notes")):
        words = ", ".join(sorted(_SAYS_SOMETHING))
        yield Fault("6.1.27.1", head.at("notes"), f"no note of the category {words}")
    if not any(link.text("category") == "external" for link in head.nodes("references")):
        yield Fault("6.1.27.2", head.at("references"), "no reference of the category external")


def _has_products_and_vulnerabilities(document: Node) -> Iterator[Fault]:
    if "product_tree" not in document:
        yield Fault("6.1.27.4", "product_tree", "the profile needs a product tree")
    for vulnerability in document.nodes("vulnerabilities"):
        if "notes" not in vulnerability:
            yield Fault("6.1.27.5", vulnerability.at("notes"), "the vulnerability has no notes")
    if "vulnerabilities" not in document:
        yield Fault("6.1.27.11", "vulnerabilities", "the profile needs vulnerabilities")


def _vex(vulnerability: Node, groups: dict[str, tuple[str, ...]]) -> Iterator[Fault]:
    status = vulnerability.node("product_status")
    if not _VEX_STATUS & set(status.value):
        words = ", ".join(sorted(_VEX_STATUS))
        yield Fault("6.1.27.7", status.where, f"none of {words} is there")
    if "cve" not in vulnerability and "ids" not in vulnerability:
        yield Fault("6.1.27.8", vulnerability.at("cve"), "neither a CVE id nor another id")
    impact = [
        threat for threat in vulnerability.nodes("threats") if threat.text("category") == "impact"
    ]
    explained = _named([*impact, *vulnerability.nodes("flags")], groups)
    for index, product in enumerate(status.texts("known_not_affected")):
        if product not in explained:
            where = status.at("known_not_affected", index)
            yield Fault("6.1.27.9", where, f"{product} has no impact statement")
    acted = _named([*vulnerability.nodes("remediations")], groups)
    for index, product in enumerate(status.texts("known_affected")):
        if product not in acted:
            where = status.at("known_affected", index)
            yield Fault("6.1.27.10", where, f"{product} has no action statement")


def _groups(document: Node) -> dict[str, tuple[str, ...]]:
    groups = document.node("product_tree").nodes("product_groups")
    return {group.text("group_id"): group.texts("product_ids") for group in groups}


def _named(statements: list[Node], groups: dict[str, tuple[str, ...]]) -> set[str]:
    named: set[str] = set()
    for statement in statements:
        named.update(statement.texts("product_ids"))
        for group in statement.texts("group_ids"):
            named.update(groups.get(group, ()))
    return named


def _ranges_as_versions(tree: Node) -> Iterator[Fault]:
    waiting = list(tree.nodes("branches"))
    while waiting:
        branch = waiting.pop(0)
        waiting += branch.nodes("branches")
        name = branch.text("name")
        if branch.text("category") != "product_version" or name.startswith("vers:"):
            continue
        if _RANGE.search(name):
            yield Fault("6.1.31", branch.at("name"), f"{name!r} is a range, not one version")
