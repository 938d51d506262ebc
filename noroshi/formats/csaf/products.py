"""The product tree of a CSAF document as a flat list: one product for each product id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from noroshi.core.errors import Malformed
from noroshi.formats import cpe, purl
from noroshi.formats.node import Node
from noroshi.formats.versions import Scheme, VersionRange, read_range, scheme_for_purl_type

_VERSIONS = {"product_version", "product_version_range"}
_AFTER_VERSION = {"patch_level", "service_pack"}
_LONGEST_NAME = 500  # the patterns below look back at every blank
_ANY_VERSION = {"", "vers:all/*", "*", "all", "all versions"}
_RANGE_AT_END = re.compile(
    r"[\s:,]+(vers:.*|all versions?\b.*|[<>≤≥].*|versions?(?:\s.*)?|(?:prior to|before)\s.*"
    r"|v?\d[\w.]*\s+(?:and|or)\s+(?:earlier|prior|older|below|later|newer|above)\b.*)$",
    re.IGNORECASE,
)
_VERSION_AT_END = re.compile(r"[\s:,]+(?:v(?:ersion)?\.?\s*)?(\d+(?:\.\w+)+\S*)$", re.IGNORECASE)


# Red Hat and SUSE name a package file where a version is expected: telnet-1:0.17-65.el7_6.src
_RPM_FILE = re.compile(
    r"(?P<name>\S+)-(?P<version>(?:\d+:)?[^-:\s]+-[^-:\s]+)"
    r"\.(?:src|noarch|x86_64|i\d86|aarch64|ppc|ppc64|ppc64le|s390|s390x|armv7hl|ia64)"
)


# CISA writes "TSXETY4103 *" where every version of one model of a family is meant.
_MODEL_AND_ALL = re.compile(r"(?P<name>[A-Z]{2,}[\w-]*\d[\w-]*)\s+\*")


@dataclass(frozen=True, slots=True)
class Product:
    """One product as the tree describes it; ``text`` is its version or range as written."""

    name: str  # the full name, for people
    vendor: str = ""
    product: str = ""
    text: str = ""
    version: str = ""  # the piece of ``text`` that is compared
    purl: str = ""
    cpe: str = ""
    scheme: Scheme = Scheme.GENERIC
    models: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    platform: str = ""
    where: str = ""

    def range(self) -> VersionRange | None:
        """The versions that ``text`` means, ``None`` where nobody can read it."""
        return _read_version(self.version, self.scheme) if self.version else None


@lru_cache(maxsize=20_000)  # one advisory names the same product for every vulnerability
def _read_version(text: str, scheme: Scheme) -> VersionRange | None:
    for candidate in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            return read_range(text, candidate)
        except Malformed:
            continue
    return None


def read(tree: Node, vendor: str) -> dict[str, Product]:
    """Every product of the tree by its id; ``vendor`` is used where the tree names none."""
    products = dict(_from_branches(tree, vendor))
    for full_name in tree.nodes("full_product_names"):
        products[full_name.text("product_id")] = _product(full_name, {}, vendor)
    combinations = [
        *map(_relationship, tree.nodes("relationships")),
        *map(_path, tree.nodes("product_paths")),
    ]
    pending = {combined.full_name.text("product_id"): combined for combined in combinations}
    for product_id in pending:
        _add_combined(product_id, pending, products)
    return products


def groups(tree: Node) -> dict[str, tuple[str, ...]]:
    """The product ids of every product group by its id."""
    return {
        group.text("group_id"): group.texts("product_ids") for group in tree.nodes("product_groups")
    }


def _from_branches(tree: Node, vendor: str) -> Iterator[tuple[str, Product]]:
    waiting: list[tuple[Node, dict[str, str]]] = [(inner, {}) for inner in tree.nodes("branches")]
    while waiting:
        branch, above = waiting.pop(0)
        path = {**above, branch.text("category"): branch.text("name")}
        if "product" in branch:
            product = branch.node("product")
            yield product.text("product_id"), _product(product, path, vendor)
        waiting += [(inner, path) for inner in branch.nodes("branches")]


def _product(full_name: Node, path: dict[str, str], vendor: str) -> Product:
    identifiers = full_name.node("product_identification_helper")
    bare_purl, purl_version, scheme = _purl(identifiers)
    bare_cpe, cpe_version = _cpe(identifiers.text("cpe"))
    name = full_name.text("name")
    vendor = path.get("vendor") or vendor
    text = _version_text(path)
    rpm = _RPM_FILE.fullmatch(text)
    model = _MODEL_AND_ALL.fullmatch(text)
    branch = path.get("product_name") or path.get("product_family")
    product_name, tail = _split_end(branch or name, _RANGE_AT_END)
    if text in _ANY_VERSION:
        text = tail or text or purl_version or cpe_version or _split_end(name, _RANGE_AT_END)[1]
    if not branch and rpm:
        product_name = rpm["name"]
    elif not branch:
        product_name, version = _split_end(product_name, _VERSION_AT_END)
        product_name, text = _without_vendor(product_name, vendor), text or version
    return Product(
        name=name,
        vendor=vendor,
        product=product_name,
        text=text,
        version=rpm["version"] if rpm else "*" if model else text,
        purl=bare_purl,
        cpe=bare_cpe,
        scheme=Scheme.RPM if rpm else scheme,
        models=(
            *identifiers.texts("model_numbers"),
            *identifiers.texts("skus"),
            *([model["name"]] if model else []),
        ),
        serials=identifiers.texts("serial_numbers"),
        where=full_name.where,
    )


def _version_text(path: dict[str, str]) -> str:
    """Version and service pack; the latter alone where it repeats the version (Cisco IOS)."""
    version = next((name for kind, name in path.items() if kind in _VERSIONS), "")
    number = re.match(r"\D*\d[\d.]*", version)
    for kind, name in path.items():
        if kind in _AFTER_VERSION:
            version = name if number and name.startswith(number[0]) else f"{version} {name}".strip()
    return version


def _purl(identifiers: Node) -> tuple[str, str, Scheme]:
    text = identifiers.text("purl") or next(iter(identifiers.texts("purls")), "")
    try:
        package = purl.read(text)
    except Malformed:
        return "", "", Scheme.GENERIC
    return package.text, package.version, scheme_for_purl_type(package.type)


def _cpe(text: str) -> tuple[str, str]:
    try:
        platform = cpe.read(text)
    except Malformed:
        return "", ""
    return platform.text, platform.version


def _split_end(name: str, ending: re.Pattern[str]) -> tuple[str, str]:
    """A product's name and the version or range that stands at its end, if any."""
    match = ending.search(name) if len(name) <= _LONGEST_NAME else None
    if match is None or not match.start():
        return name, ""
    tail = "" if match.group(1).lower() in {"version", "versions"} else match.group(1).strip()
    return name[: match.start()].rstrip(" :,"), tail


def _without_vendor(name: str, vendor: str) -> str:
    short = name.removeprefix(vendor).strip()
    return short if vendor and short else name


@dataclass(frozen=True, slots=True)
class _Combined:
    """A product made of others: ``component`` belongs to or is installed on ``platforms``."""

    full_name: Node
    component: str
    platforms: tuple[str, ...]


def _relationship(node: Node) -> _Combined:
    platform = node.text("relates_to_product_reference")
    return _Combined(node.node("full_product_name"), node.text("product_reference"), (platform,))


def _path(node: Node) -> _Combined:
    """CSAF 2.1 writes chains of relationships as one path."""
    steps = tuple(step.text("next_product_reference") for step in node.nodes("subpaths"))
    return _Combined(
        node.node("full_product_name"), node.text("beginning_product_reference"), steps
    )


def _add_combined(
    product_id: str, pending: dict[str, _Combined], products: dict[str, Product]
) -> None:
    """Add a combined product after those that it is made of.

    It ends, because mandatory test 6.1.3 refuses a product that is made of itself.
    """
    order = [product_id]
    while order:
        combined = pending[order[-1]]
        references = (combined.component, *combined.platforms)
        missing = [reference for reference in references if reference not in products]
        if missing and missing[0] in pending and missing[0] not in order:
            order.append(missing[0])
            continue
        products[order.pop()] = _combine(combined, products)


def _combine(combined: _Combined, products: dict[str, Product]) -> Product:
    """The component under the combined name, and with the combination's purl and CPE if any."""
    component = products[combined.component]
    own = _product(combined.full_name, {}, component.vendor)
    return replace(
        component,
        name=own.name,
        purl=own.purl or component.purl,
        cpe=own.cpe or component.cpe,
        platform=" / ".join(products[platform].name for platform in combined.platforms),
        where=combined.full_name.where,
    )
