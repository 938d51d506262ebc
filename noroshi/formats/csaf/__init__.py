"""CSAF 2.0 and 2.1 advisories (OASIS): checked against the rules first, then read."""

from __future__ import annotations

from collections.abc import Iterator

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import cvss, tlp
from noroshi.formats.csaf import products, rules
from noroshi.formats.csaf.products import Product
from noroshi.formats.csaf.statuses import affected_rows
from noroshi.formats.drafts import (
    AdvisoryDraft,
    Affected,
    Epss,
    Problem,
    Reference,
    Rejected,
    Remediation,
    Revision,
    Score,
    Ssvc,
    VulnerabilityDraft,
)
from noroshi.formats.node import Node, document
from noroshi.formats.third_party import contain_errors

_VERSIONS = ("2.0", "2.1")
_SUMMARY = ("summary", "description", "details")
_SSVC = {"E": "exploitation", "A": "automatable", "TI": "technical_impact"}
_SSVC_WORDS = {
    "exploitation": {"N": "none", "P": "poc", "A": "active"},
    "automatable": {"N": "no", "Y": "yes"},
    "technical_impact": {"P": "partial", "T": "total"},
}


def read(raw: bytes) -> AdvisoryDraft:
    """The advisory in a CSAF 2.0 or 2.1 document.

    Raises ``Rejected`` with every problem when the document breaks the schema or a mandatory
    test (CSAF 2.0, section 6.1), ``Malformed`` when it is not CSAF at all.
    """
    return read_document(document(raw))


def read_document(advisory: Node) -> AdvisoryDraft:
    """As ``read``, for a document that is JSON already."""
    head = advisory.node("document")
    version = head.text("csaf_version")
    if version not in _VERSIONS:
        raise Malformed(
            head.at("csaf_version"),
            gettext_noop("Noroshi reads CSAF 2.0 and 2.1, this is “%(version)s”."),
            version=version[:20],
        )
    with contain_errors("CSAF"):
        violations = rules.violations(advisory, version)
        if violations:
            raise Rejected(violations)
        return _draft(advisory, head, version)


def _draft(advisory: Node, head: Node, version: str) -> AdvisoryDraft:
    tracking, publisher = head.node("tracking"), head.node("publisher")
    tree = advisory.node("product_tree")
    vendor = publisher.text("name") if publisher.text("category") == "vendor" else ""
    products_by_id, groups = products.read(tree, vendor), products.groups(tree)
    label = head.node("distribution").node("tlp").text("label")
    tracking_id = tracking.text("id")
    ids = _vulnerability_ids(advisory, tracking_id)
    vulnerabilities = list(advisory.nodes("vulnerabilities"))
    affected = tuple(
        row
        for name, vulnerability in zip(ids, vulnerabilities, strict=True)
        for row in affected_rows(name, vulnerability.node("product_status"), products_by_id)
    )
    return AdvisoryDraft(
        format=f"csaf-{version}",
        publisher=publisher.text("name"),
        namespace=publisher.text("namespace"),
        tracking_id=tracking_id,
        revision=tracking.text("version"),
        title=head.text("title"),
        summary=_notes(head),
        language=head.text("lang"),
        tlp=tlp.read(label) if label else "",
        published_at=tracking.moment("initial_release_date"),
        updated_at=tracking.moment("current_release_date"),
        withdrawn=head.text("category") in {"csaf_withdrawn", "csaf_superseded"},
        stage=tracking.text("status"),
        history=tuple(
            Revision(entry.text("number"), entry.text("summary"), entry.moment("date"))
            for entry in tracking.nodes("revision_history")
        ),
        vulnerabilities=tuple(
            _vulnerability(name, vulnerability, products_by_id, groups)
            for name, vulnerability in zip(ids, vulnerabilities, strict=True)
        ),
        affected=affected,
        references=_references(head),
        problems=tuple(_unreadable_versions(affected)),
    )


def _vulnerability_ids(advisory: Node, tracking_id: str) -> list[str]:
    """Their CVE ids; where it is missing the advisory's id, numbered where several have none."""
    cves = [vulnerability.text("cve") for vulnerability in advisory.nodes("vulnerabilities")]
    if cves.count("") <= 1:
        return [cve or tracking_id for cve in cves]
    return [cve or f"{tracking_id}#{number}" for number, cve in enumerate(cves, start=1)]


def _notes(node: Node) -> str:
    for category in _SUMMARY:
        notes = (note for note in node.nodes("notes") if note.text("category") == category)
        texts = [note.text("text") for note in notes]
        if texts:
            return "\n\n".join(texts)
    return ""


def _references(node: Node) -> tuple[Reference, ...]:
    return tuple(
        Reference(reference.text("url"), reference.text("summary"))
        for reference in node.nodes("references")
    )


def _vulnerability(
    name: str, node: Node, products_by_id: dict[str, Product], groups: dict[str, tuple[str, ...]]
) -> VulnerabilityDraft:
    metrics = [metric.node("content") for metric in node.nodes("metrics")]
    cwes = [node.node("cwe"), *node.nodes("cwes")]
    return VulnerabilityDraft(
        id=name,
        title=node.text("title"),
        text=_notes(node),
        cwes=tuple(dict.fromkeys(cwe.text("id") for cwe in cwes if "id" in cwe)),
        scores=_scores([*node.nodes("scores"), *metrics]),
        ssvc=next(filter(None, map(_ssvc, metrics)), None),
        epss=next(filter(None, map(_epss, metrics)), None),
        remediations=tuple(
            Remediation(
                kind=remediation.text("category"),
                text=remediation.text("details"),
                url=remediation.text("url"),
                products=_product_names(remediation, products_by_id, groups),
            )
            for remediation in node.nodes("remediations")
        ),
        references=_references(node),
    )


def _product_names(
    statement: Node, products_by_id: dict[str, Product], groups: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    ids = [*statement.texts("product_ids")]
    for group in statement.texts("group_ids"):
        ids += groups[group]
    return tuple(dict.fromkeys(products_by_id[product_id].name for product_id in ids))


def _scores(metrics: list[Node]) -> tuple[Score, ...]:
    vectors = [
        content.node(name).text("vectorString")
        for content in metrics
        for name in ("cvss_v4", "cvss_v3", "cvss_v2")
        if name in content
    ]
    return tuple(cvss.read(vector) for vector in dict.fromkeys(vectors))


def _ssvc(content: Node) -> Ssvc | None:
    """CISA's three decision points where a CSAF 2.1 metric has them all."""
    words: dict[str, str] = {}
    stamp = content.node("ssvc_v2") if "ssvc_v2" in content else content.node("ssvc_v1")
    for selection in stamp.nodes("selections"):
        point = _SSVC.get(selection.text("key"), "")
        for value in selection.nodes("values") if point else ():
            words[point] = _SSVC_WORDS[point].get(value.text("key"), "")
    if len(words) < len(_SSVC) or not all(words.values()):
        return None
    return Ssvc(**words, assessed_at=stamp.moment("timestamp"))


def _epss(content: Node) -> Epss | None:
    epss = content.node("epss")
    if not epss.value:
        return None
    return Epss(
        float(epss.scalar("probability")),
        float(epss.scalar("percentile")),
        epss.moment("timestamp"),
    )


def _unreadable_versions(affected: tuple[Affected, ...]) -> Iterator[Problem]:
    for where, text in dict.fromkeys((row.where, row.text) for row in affected if not row.range):
        if text:
            message = gettext_noop("The version text “%(text)s” cannot be read.")
            yield Problem(where, message, {"text": text[:100]})
        else:
            yield Problem(where, gettext_noop("No version is given for this product."))
