"""The product tree of a CSAF document, flat: what each product id stands for."""

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
    version: str = ""  # what of the text is compared
    purl: str = ""
    cpe: str = ""
    scheme: Scheme = Scheme.GENERIC
    models: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    platform: str = ""
    where: str = ""

    def range(self) -> VersionRange | None:
        """The versions that ``text`` means, ``None`` where nobody can read it."""
        return _range(self.version, self.scheme) if self.version else None


@lru_cache(maxsize=20_000)  # one advisory names the same product for every vulnerability
def _range(text: str, scheme: Scheme) -> VersionRange | None:
    for one in dict.fromkeys((scheme, Scheme.GENERIC)):
        try:
            return read_range(text, one)
        except Malformed:
            continue
    return None


def read(tree: Node, vendor: str) -> dict[str, Product]:
    """Every product of the tree by its id; ``vendor`` is used where the tree names none."""
    products = dict(_from_branches(tree, vendor))
    for full_name in tree.nodes("full_product_names"):
        products[full_name.text("product_id")] = _product(full_name, {}, vendor)
    made = [
        *map(_relationship, tree.nodes("relationships")),
        *map(_path, tree.nodes("product_paths")),
    ]
    waiting = {one.full_name.text("product_id"): one for one in made}
    for product_id in waiting:
        _make(product_id, waiting, products)
    return products


def groups(tree: Node) -> dict[str, tuple[str, ...]]:
    """The product ids of every product group by its id."""
    return {
        group.text("group_id"): group.texts("product_ids") for group in tree.nodes("product_groups")
    }


def _from_branches(tree: Node, vendor: str) -> Iterator[tuple[str, Product]]:
    waiting: list[tuple[Node, dict[str, str]]] = [(one, {}) for one in tree.nodes("branches")]
    while waiting:
        branch, above = waiting.pop(0)
        path = {**above, branch.text("category"): branch.text("name")}
        if "product" in branch:
            product = branch.node("product")
            yield product.text("product_id"), _product(product, path, vendor)
        waiting += [(one, path) for one in branch.nodes("branches")]


def _product(full_name: Node, path: dict[str, str], vendor: str) -> Product:
    aids = full_name.node("product_identification_helper")
    bare_purl, purl_version, scheme = _purl(aids)
    bare_cpe, cpe_version = _cpe(aids.text("cpe"))
    name = full_name.text("name")
    vendor = path.get("vendor") or vendor
    text = _version_text(path)
    rpm = _RPM_FILE.fullmatch(text)
    model = _MODEL_AND_ALL.fullmatch(text)
    branch = path.get("product_name") or path.get("product_family")
    stem, tail = _cut(branch or name, _RANGE_AT_END)
    if text in _ANY_VERSION:
        text = tail or text or purl_version or cpe_version or _cut(name, _RANGE_AT_END)[1]
    if not branch and rpm:
        stem = rpm["name"]
    elif not branch:
        stem, version = _cut(stem, _VERSION_AT_END)
        stem, text = _without_vendor(stem, vendor), text or version
    return Product(
        name=name,
        vendor=vendor,
        product=stem,
        text=text,
        version=rpm["version"] if rpm else "*" if model else text,
        purl=bare_purl,
        cpe=bare_cpe,
        scheme=Scheme.RPM if rpm else scheme,
        models=(
            *aids.texts("model_numbers"),
            *aids.texts("skus"),
            *([model["name"]] if model else []),
        ),
        serials=aids.texts("serial_numbers"),
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


def _purl(aids: Node) -> tuple[str, str, Scheme]:
    text = aids.text("purl") or next(iter(aids.texts("purls")), "")
    try:
        found = purl.read(text)
    except Malformed:
        return "", "", Scheme.GENERIC
    return found.text, found.version, scheme_for_purl_type(found.type)


def _cpe(text: str) -> tuple[str, str]:
    try:
        found = cpe.read(text)
    except Malformed:
        return "", ""
    return found.text, found.version


def _cut(name: str, ending: re.Pattern[str]) -> tuple[str, str]:
    """A product's name and the version or range that stands at its end, if any."""
    found = ending.search(name) if len(name) <= _LONGEST_NAME else None
    if found is None or not found.start():
        return name, ""
    tail = "" if found.group(1).lower() in {"version", "versions"} else found.group(1).strip()
    return name[: found.start()].rstrip(" :,"), tail


def _without_vendor(name: str, vendor: str) -> str:
    short = name.removeprefix(vendor).strip()
    return short if vendor and short else name


@dataclass(frozen=True, slots=True)
class _Made:
    """A product made of others: ``part`` belongs to or is installed on ``wholes``."""

    full_name: Node
    part: str
    wholes: tuple[str, ...]


def _relationship(node: Node) -> _Made:
    whole = node.text("relates_to_product_reference")
    return _Made(node.node("full_product_name"), node.text("product_reference"), (whole,))


def _path(node: Node) -> _Made:
    """CSAF 2.1 writes chains of relationships as one path."""
    steps = tuple(step.text("next_product_reference") for step in node.nodes("subpaths"))
    return _Made(node.node("full_product_name"), node.text("beginning_product_reference"), steps)


def _make(product_id: str, waiting: dict[str, _Made], products: dict[str, Product]) -> None:
    """Add a made product, after those that it is made of; mandatory test 6.1.3 knows no circles."""
    chain = [product_id]
    while chain:
        made = waiting[chain[-1]]
        missing = [one for one in (made.part, *made.wholes) if one not in products]
        if missing and missing[0] in waiting and missing[0] not in chain:
            chain.append(missing[0])
            continue
        products[chain.pop()] = _related(made, products)


def _related(made: _Made, products: dict[str, Product]) -> Product:
    """The part, with the name of what it belongs to and its own purl and CPE where it has some."""
    part = products[made.part]
    own = _product(made.full_name, {}, part.vendor)
    return replace(
        part,
        name=own.name,
        purl=own.purl or part.purl,
        cpe=own.cpe or part.cpe,
        platform=" / ".join(products[whole].name for whole in made.wholes),
        where=made.full_name.where,
    )
