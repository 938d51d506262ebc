"""CVE records in JSON 5 with the containers that CISA and others add (CVE Record Format 5.x)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import cvss, kev
from noroshi.formats.cve.affected import affected_rows, is_commit
from noroshi.formats.drafts import (
    AdvisoryDraft,
    Affected,
    Kev,
    Problem,
    Reference,
    Remediation,
    Score,
    Ssvc,
    VulnerabilityDraft,
)
from noroshi.formats.node import Node, document
from noroshi.formats.third_party import contain_errors

_CVE_ID = re.compile(r"CVE-\d{4}-\d{4,}")
_CWE_ID = re.compile(r"CWE-\d+")
_CWE_NUMBER = re.compile(r"^\W*CWE-\d+\W*", re.IGNORECASE)
_NOT_LETTERS = re.compile(r"[\W_]+")
_EMPTY_WORDS = {"", "n/a", "unknown", "unspecified", "other", "none", "-"}
_LONGEST_NAME = 100  # characters: a longer weakness is a description and not a name
_SSVC_POINTS = ("Exploitation", "Automatable", "Technical Impact")
_SCORES = ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")


def read(raw: bytes) -> AdvisoryDraft:
    """The record in ``raw``; it is public, so its label is CLEAR.

    A rejected record is withdrawn. Raises ``Malformed`` with a pointer.
    """
    return read_document(document(raw))


def read_document(record: Node) -> AdvisoryDraft:
    """As ``read``, for a record that is JSON already."""
    if record.text("dataType") != "CVE_RECORD" or not record.scalar("dataVersion").startswith("5."):
        raise Malformed("dataVersion", gettext_noop("Noroshi reads CVE records of version 5."))
    with contain_errors("CVE"):
        return _draft(record)


def _draft(record: Node) -> AdvisoryDraft:
    # Long because a draft has many fields; each of them is read by a line.
    head = record.node("cveMetadata")
    cve_id = _cve_id(head)
    by_role = record.node("containers")
    cna = by_role.node("cna")
    containers = [cna, *by_role.nodes("adp")]
    problems: list[Problem] = []
    affected = _affected(cve_id, containers)
    problems += _unreadable_versions(affected)
    rejected = head.text("state") == "REJECTED"
    text = _in_english(cna, "rejectedReasons" if rejected else "descriptions")
    title = (
        cna.text("title") or _short_title(affected, containers) or _first_sentence(text) or cve_id
    )
    vulnerability = VulnerabilityDraft(
        id=cve_id,
        title=title,
        text=text,
        cwes=_weaknesses(containers),
        scores=_scores(containers, problems),
        kev=_kev(containers),
        ssvc=_ssvc(containers),
        remediations=_remediations(cna),
        references=_references(containers),
    )
    updated_at = head.moment("dateUpdated")
    return AdvisoryDraft(
        format="cve-5",
        publisher=head.text("assignerShortName") or cna.node("providerMetadata").text("shortName"),
        namespace="https://www.cve.org",
        tracking_id=cve_id,
        revision=updated_at.isoformat() if updated_at else "",
        title=title,
        summary=text,
        language="en",
        tlp="CLEAR",
        published_at=head.moment("datePublished"),
        updated_at=updated_at,
        withdrawn=rejected,
        vulnerabilities=(vulnerability,),
        affected=affected,
        references=vulnerability.references,
        problems=tuple(problems),
    )


def _cve_id(head: Node) -> str:
    cve_id = head.required_text("cveId")
    if not _CVE_ID.fullmatch(cve_id):
        raise Malformed(
            head.at("cveId"), gettext_noop("“%(text)s” is not a CVE id."), text=cve_id[:40]
        )
    return cve_id


def _affected(cve_id: str, containers: list[Node]) -> tuple[Affected, ...]:
    """The rows of every container without repetitions.

    Ranges of commits are left out where the record also has affected versions of that product.
    """
    rows: dict[tuple[object, ...], Affected] = {}
    for container in containers:
        for product in container.nodes("affected"):
            for row in affected_rows(cve_id, product):
                versions = row.range.normal if row.range else row.text
                key = (
                    row.vendor,
                    row.product,
                    row.cpe,
                    row.purl,
                    row.platform,
                    row.status,
                    versions,
                )
                rows.setdefault(key, row)
    ranged = {
        (row.vendor, row.product) for row in rows.values() if row.range and row.status == "affected"
    }
    return tuple(
        row
        for row in rows.values()
        if row.range or not is_commit(row.text) or (row.vendor, row.product) not in ranged
    )


def _unreadable_versions(affected: tuple[Affected, ...]) -> Iterator[Problem]:
    for row in affected:
        if row.range is None:
            message = gettext_noop("The version text “%(text)s” cannot be read.")
            yield Problem(row.where, message, {"text": row.text[:100]})


def _in_english(node: Node, name: str) -> str:
    """The English texts of a list of texts, else those of any language."""
    texts = [(entry.text("lang").lower()[:2], entry.text("value")) for entry in node.nodes(name)]
    english = [text for language, text in texts if language == "en"]
    return "\n\n".join(english or [text for _, text in texts])


def _short_title(affected: tuple[Affected, ...], containers: list[Node]) -> str:
    """``Acme Press: Out-of-bounds Write`` from the record's own words; empty where a word is missing."""
    weakness = next(filter(None, map(_weakness_name, _problem_texts(containers))), "")
    by_product: dict[str, str] = {}
    for row in affected:  # the spelling of the first row: it comes from who assigned the CVE id
        by_product.setdefault(_NOT_LETTERS.sub("", row.product.casefold()), _product_name(row))
    names = [name for name in by_product.values() if name]
    if not weakness or not names:
        return ""
    named = ", ".join(names[:2]) + (" …" if len(names) > 2 else "")
    return _shorten(f"{_shorten(named, 100)}: {weakness}", 200)


def _problem_texts(containers: list[Node]) -> Iterator[str]:
    for container in containers:
        for problem_type in container.nodes("problemTypes"):
            for description in problem_type.nodes("descriptions"):
                yield description.text("description")


def _weakness_name(text: str) -> str:
    """The problem type without the number before it: ``CWE-787: Out-of-bounds Write``."""
    name = _CWE_NUMBER.sub("", " ".join(text.split())).strip(" .")
    return "" if name.casefold() in _EMPTY_WORDS or len(name) > _LONGEST_NAME else name


def _product_name(row: Affected) -> str:
    if row.product.casefold() in _EMPTY_WORDS:
        return ""
    vendor, product = row.vendor, row.product
    if vendor.casefold() in _EMPTY_WORDS or product.casefold().startswith(vendor.casefold()):
        return product
    return f"{vendor} {product}"


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _first_sentence(text: str) -> str:
    line = text.split("\n", 1)[0]
    sentence = re.split(r"(?<=[a-z)][.!?])\s", line, maxsplit=1)[0]
    return _shorten(sentence, 200)


def _references(containers: list[Node]) -> tuple[Reference, ...]:
    references: dict[str, Reference] = {}
    for container in containers:
        for link in container.nodes("references"):
            url = link.text("url")
            if url:
                references.setdefault(url, Reference(url, link.text("name")))
    return tuple(references.values())


def _weaknesses(containers: list[Node]) -> tuple[str, ...]:
    texts = [
        description.text("cweId") or description.text("description")
        for container in containers
        for problem_type in container.nodes("problemTypes")
        for description in problem_type.nodes("descriptions")
    ]
    return tuple(dict.fromkeys(name for text in texts for name in _CWE_ID.findall(text)))


def _metrics(containers: list[Node]) -> Iterator[tuple[Node, str]]:
    for container in containers:
        source = container.node("providerMetadata").text("shortName")
        for metric in container.nodes("metrics"):
            yield metric, source


def _scores(containers: list[Node], problems: list[Problem]) -> tuple[Score, ...]:
    scores = []
    for metric, source in _metrics(containers):
        for name in _SCORES:
            if name not in metric:
                continue
            try:
                scores.append(cvss.read(metric.node(name).text("vectorString"), source))
            except Malformed as error:
                where = metric.at(name, "vectorString")
                problems.append(Problem(where, error.message, error.values))
    return tuple(dict.fromkeys(scores))


def _other_metrics(containers: list[Node], kind: str) -> Iterator[Node]:
    for metric, _ in _metrics(containers):
        other = metric.node("other")
        if other.text("type").lower() == kind:
            yield other.node("content")


def _kev(containers: list[Node]) -> Kev | None:
    return next(map(kev.read_entry, _other_metrics(containers, "kev")), None)


def _ssvc(containers: list[Node]) -> Ssvc | None:
    """The newest set of CISA's three decision points; incomplete ones say nothing."""
    assessments = []
    for content in _other_metrics(containers, "ssvc"):
        words: dict[str, str] = {}
        for option in content.nodes("options"):
            for point in _SSVC_POINTS:
                words[point] = option.text(point).lower() or words.get(point, "")
        if all(words.get(point) for point in _SSVC_POINTS):
            exploitation, automatable, impact = (words[point] for point in _SSVC_POINTS)
            at = content.moment("timestamp")
            assessments.append(Ssvc(exploitation, automatable, impact, at))
    return max(assessments, key=lambda assessment: str(assessment.assessed_at or ""), default=None)


def _remediations(cna: Node) -> tuple[Remediation, ...]:
    fields = (("vendor_fix", "solutions"), ("workaround", "workarounds"))
    texts = [(kind, _in_english(cna, name)) for kind, name in fields]
    return tuple(Remediation(kind, text) for kind, text in texts if text)
