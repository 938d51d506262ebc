"""CycloneDX bills of materials in JSON (OWASP; ECMA-424), versions 1.2 to 1.6."""

from __future__ import annotations

from collections.abc import Iterator

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import cpe, purl
from noroshi.formats.drafts import ComponentDraft, Problem, SbomDraft
from noroshi.formats.node import Node, document
from noroshi.formats.third_party import contain_errors

VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6")

# Types that nobody installs and patches: neither a version is expected of them nor a match.
_NOT_INSTALLED = {"cryptographic-asset", "data", "file"}


def read(raw: bytes) -> SbomDraft:
    """The bill of materials in ``raw``, its components flat and its subject first.

    Components without a version are kept and named in ``problems``. Raises ``Malformed`` for
    documents that list no software: VEX, SaaSBOM, CBOM.
    """
    return read_document(document(raw))


def read_document(bom: Node) -> SbomDraft:
    """As ``read``, for a document that is JSON already."""
    if bom.text("bomFormat") != "CycloneDX":
        raise Malformed("bomFormat", gettext_noop("This is not a CycloneDX document."))
    version = bom.text("specVersion")
    if version not in VERSIONS:
        raise Malformed(
            "specVersion",
            gettext_noop("Noroshi reads CycloneDX 1.2 to 1.6, this is “%(version)s”."),
            version=version[:20],
        )
    with contain_errors("CycloneDX"):
        return _draft(bom, version)


def _draft(bom: Node, version: str) -> SbomDraft:
    metadata = bom.node("metadata")
    subject = metadata.node("component")
    problems: list[Problem] = []
    components: dict[tuple[str, ...], ComponentDraft] = {}
    for node in _all_components(bom, subject):
        component = _component(node, problems)
        if component:
            components.setdefault(_identity(component), component)
    if not any(component.where != subject.where for component in components.values()):
        refusal = _no_components_error(bom)
        if refusal.where != "components" or list(bom.nodes("components")) or not components:
            raise refusal
        problems.append(Problem(refusal.where, refusal.message))
    for component in components.values():
        if not component.version:
            message = gettext_noop("The component “%(name)s” has no version.")
            problems.append(Problem(component.where, message, {"name": component.name[:100]}))
    return SbomDraft(
        format=f"cyclonedx-{version}",
        serial=bom.text("serialNumber"),
        title=_full_name(subject),
        version=subject.text("version"),
        components=tuple(components.values()),
        created_at=metadata.moment("timestamp"),
        problems=tuple(problems),
    )


def _all_components(bom: Node, subject: Node) -> Iterator[Node]:
    """The subject of the document, then every component, nested ones after their parent."""
    waiting = [subject] if subject.value else []
    waiting += bom.nodes("components")
    while waiting:
        component = waiting.pop(0)
        yield component
        waiting[:0] = component.nodes("components")


def _component(node: Node, problems: list[Problem]) -> ComponentDraft | None:
    if node.text("type") in _NOT_INSTALLED:
        return None
    bare_purl = bare_cpe = version = ""
    if "purl" in node:
        try:
            package = purl.read(node.text("purl"))
            bare_purl, version = package.text, package.version
        except Malformed as error:
            problems.append(Problem(node.at("purl"), error.message, error.values))
    if "cpe" in node:
        try:
            platform = cpe.read(node.text("cpe"))
            bare_cpe, version = platform.text, version or platform.version
        except Malformed as error:
            problems.append(Problem(node.at("cpe"), error.message, error.values))
    return ComponentDraft(
        name=_full_name(node, required=True),
        version=node.scalar("version") or version,
        vendor=_vendor(node),
        purl=bare_purl,
        cpe=bare_cpe,
        kind=node.text("type"),
        ref=node.text("bom-ref"),
        where=node.where,
    )


def _vendor(node: Node) -> str:
    """The maker's name: supplier, manufacturer, publisher or author, the first that is named."""
    return (
        node.node("supplier").text("name")
        or node.node("manufacturer").text("name")
        or node.text("publisher")
        or node.text("author")
    )


def _full_name(node: Node, *, required: bool = False) -> str:
    name = node.required_text("name") if required else node.text("name")
    group = node.text("group")
    return f"{group}/{name}" if group else name


def _identity(component: ComponentDraft) -> tuple[str, ...]:
    return (
        component.vendor,
        component.name,
        component.version,
        component.purl,
        component.cpe,
        component.kind,
    )


def _no_components_error(bom: Node) -> Malformed:
    if "vulnerabilities" in bom:
        return Malformed(
            "vulnerabilities",
            gettext_noop(
                "This is a VEX document: it speaks of vulnerabilities and lists no components. "
                "Noroshi does not read it yet."
            ),
        )
    if "services" in bom:
        return Malformed(
            "services",
            gettext_noop("This document lists services only, no components that are installed."),
        )
    if list(bom.nodes("components")):
        return Malformed(
            "components",
            gettext_noop("This document lists cryptography or data only, no installed software."),
        )
    return Malformed("components", gettext_noop("This document lists no components."))
