"""Mapping products of advisories to products of the inventory: exact by SQL, similar by rule.

Products are interned on both sides, so there are thousands where there are millions of rows;
both functions look only at the products that are new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from django.db import connection

from noroshi.inventory.models import Product
from noroshi.inventory.products import Identity
from noroshi.vulnerabilities.models import (
    AdvisoryProduct,
    MatchMethod,
    ProductMapping,
    ProductNameKey,
)
from noroshi.vulnerabilities.similarity import CERTAIN, similarity, words_of

_BATCH: Final = 500

# Two identifiers of one kind that differ are two products, whatever the names say.
_NO_CONFLICT: Final = "(a.purl = '' OR p.purl = '' OR a.purl = p.purl)"
_EXACT: Final = (
    (MatchMethod.PURL, "a.purl <> '' AND p.purl = a.purl"),
    (MatchMethod.CPE, f"a.cpe <> '' AND p.cpe = a.cpe AND {_NO_CONFLICT}"),
    (
        MatchMethod.NAME,
        (
            "a.vendor <> '' AND p.name = a.name AND p.vendor = a.vendor "
            f"AND (a.cpe = '' OR p.cpe = '') AND {_NO_CONFLICT}"
        ),
    ),
)


def map_advisory_products(product_ids: Collection[int]) -> None:
    """Map newly interned products of advisories. Safe to run twice."""
    if product_ids:
        _map("a", list(product_ids))


def map_inventory_products() -> None:
    """Map the inventory's products that have not been mapped yet."""
    new = list(
        Product.objects.exclude(pk__in=ProductNameKey.objects.values("product_id")).values_list(
            "pk", "vendor", "name"
        )
    )
    if not new:
        return
    ProductNameKey.objects.bulk_create(
        (
            ProductNameKey(product_id=pk, name_key=words_of(vendor, name).name_key[:100])
            for pk, vendor, name in new
        ),
        ignore_conflicts=True,
        batch_size=5000,
    )
    _map("p", [pk for pk, _, _ in new])


def _map(side: str, ids: list[int]) -> None:
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        _insert_exact(side, batch)
        _insert_similar(side, batch)


def _insert_exact(side: str, ids: list[int]) -> None:
    """One INSERT … SELECT per rule, the surest first; a pair keeps its first."""
    places = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        for how, condition in _EXACT:
            # Raw, because the ORM has no INSERT … SELECT; nothing but table names is inserted.
            cursor.execute(
                f"INSERT INTO {ProductMapping._meta.db_table} (advised_id, product_id, how, confidence) "  # noqa: S608
                f"SELECT a.id, p.id, %s, %s FROM {AdvisoryProduct._meta.db_table} a "
                f"JOIN {Product._meta.db_table} p ON {condition} "
                f"WHERE {side}.id IN ({places}) ON CONFLICT DO NOTHING",
                [how, CERTAIN, *ids],
            )


def _insert_similar(side: str, ids: list[int]) -> None:
    ProductMapping.objects.bulk_create(
        (
            ProductMapping(
                advisory_product_id=advisory_product_id,
                product_id=product_id,
                how=MatchMethod.SIMILAR,
                confidence=confidence,
            )
            for advisory_product_id, product_id, confidence in _similar(_same_name_key(side, ids))
        ),
        ignore_conflicts=True,
        batch_size=5000,
    )


def _same_name_key(side: str, ids: list[int]) -> Iterable[tuple[int, Identity, int, Identity]]:
    """Pairs whose names begin with the same word and that are not mapped yet."""
    places = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, a.vendor, a.name, a.purl, a.cpe, p.id, p.vendor, p.name, p.purl, p.cpe "  # noqa: S608
            f"FROM {AdvisoryProduct._meta.db_table} a "
            f"JOIN {ProductNameKey._meta.db_table} s ON s.stem = a.stem "
            f"JOIN {Product._meta.db_table} p ON p.id = s.product_id "
            f"LEFT JOIN {ProductMapping._meta.db_table} k ON k.advised_id = a.id AND k.product_id = p.id "
            f"WHERE a.stem <> '' AND k.id IS NULL AND {side}.id IN ({places})",
            ids,
        )
        for row in cursor.fetchall():
            yield row[0], Identity(*row[1:5]), row[5], Identity(*row[6:10])


def _similar(
    pairs: Iterable[tuple[int, Identity, int, Identity]],
) -> Iterable[tuple[int, int, int]]:
    for advisory_product_id, named, product_id, installed in pairs:
        confidence = similarity(named, installed)
        if confidence:
            yield advisory_product_id, product_id, confidence
