"""Product status lists of one vulnerability as rows of product, range and status."""

from __future__ import annotations

from collections.abc import Iterator

from noroshi.core.errors import Malformed
from noroshi.formats.csaf.products import Product
from noroshi.formats.drafts import Affected, Status
from noroshi.formats.node import Node
from noroshi.formats.versions import VersionRange, range_from_bounds

_STATUS: dict[str, Status] = {
    "known_affected": "affected",
    "first_affected": "affected",
    "last_affected": "affected",
    "fixed": "fixed",
    "first_fixed": "fixed",
    "recommended": "fixed",
    "known_not_affected": "not_affected",
    "under_investigation": "under_investigation",
    "unknown": "unknown",
}


def affected_rows(
    vulnerability: str, status: Node, products: dict[str, Product]
) -> Iterator[Affected]:
    """One row per product and status; a first and a last affected version make one range.

    CSAF 2.0, section 3.2.3.9. Where only one end is named, the range is open at the other.
    """
    seen = set()
    for name, meaning in _STATUS.items():
        for product_id in status.texts(name):
            if (product_id, meaning) in seen:
                continue
            seen.add((product_id, meaning))
            product = products[product_id]
            span = _span(name, product, status, products)
            yield _row(vulnerability, product, meaning, span or product.range())


def _span(
    name: str, product: Product, status: Node, products: dict[str, Product]
) -> VersionRange | None:
    """From the first to the last affected version, where the list names one of each."""
    if name not in {"first_affected", "last_affected"}:
        return None
    ends: dict[str, str | None] = {}
    for end in ("first_affected", "last_affected", "first_fixed"):
        versions = {
            other.version
            for other in map(products.__getitem__, status.texts(end))
            if (other.vendor, other.product) == (product.vendor, product.product)
        }
        if len(versions) > 1 or "" in versions:
            return None
        ends[end] = next(iter(versions), None)
    low, high = ends["first_affected"], ends["last_affected"]
    below = None if high else ends["first_fixed"]
    try:
        return range_from_bounds(product.scheme, ge=low, le=high, lt=below)
    except Malformed:
        return None


def _row(
    vulnerability: str, product: Product, status: Status, versions: VersionRange | None
) -> Affected:
    return Affected(
        vulnerability=vulnerability,
        vendor=product.vendor,
        product=product.product,
        text=product.text,
        status=status,
        range=versions,
        purl=product.purl,
        cpe=product.cpe,
        models=product.models,
        serials=product.serials,
        platform=product.platform,
        where=product.where,
    )
