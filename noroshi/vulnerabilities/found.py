"""Matches as read for opening assessments: whose, of which vulnerability, how sure, and why.

Every reading joins the kinship: a component that was given another product leaves rows behind
that no kinship supports (see ``matching``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from noroshi.inventory.models import Component
from noroshi.inventory.products import normal
from noroshi.vulnerabilities.models import NO_END, How, Kinship, Match, RangeStatus
from noroshi.vulnerabilities.reasons import Why
from noroshi.vulnerabilities.similarity import CERTAIN

_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_FIELDS = {
    "component": (
        "id", "team_id", "system_id", "system__name", "system__exposure", "product_id", "product__vendor",
        "product__name", "product__purl", "product__cpe", "product__scheme", "vendor", "name",
        "version", "version_key",
    ),
    "affected_range": (
        "product_id", "product__vendor", "product__name", "vendor", "name", "status", "text",
        "normal", "scheme", "low", "high", "vulnerability_id", "vulnerability__key",
        "vulnerability__title", "vulnerability__severity", "vulnerability__scores",
        "vulnerability__kev_added_on", "advisory_id", "advisory__public_id",
        "advisory__tracking_id", "advisory__namespace", "advisory__title",
        "advisory__label_id", "advisory__label__sensitivity",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """The two names that an alias joins or keeps apart, in normal form."""

    advised_vendor: str
    advised_name: str
    installed_vendor: str
    installed_name: str


@dataclass(frozen=True, slots=True)
class Found:
    """One component that one advisory names, for one vulnerability."""

    row: dict[str, Any]
    how: str
    confidence: int
    doubt: str

    @property
    def team_id(self) -> int:
        return int(self.row["component__team_id"])

    @property
    def component_id(self) -> int:
        return int(self.row["component__id"])

    @property
    def is_red(self) -> bool:
        return bool(self.row["affected_range__advisory__label__sensitivity"] == "red")

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and id under which a team works on it.

        A CVE id is the same for every publisher. What is TLP:RED is never mixed with what the
        whole team reads.
        """
        key = str(self.row["affected_range__vulnerability__key"])
        everybodys = bool(_CVE.fullmatch(key)) and not self.is_red
        return "" if everybodys else str(self.row["affected_range__advisory__namespace"]), key

    @property
    def names(self) -> Names:
        row = self.row
        return Names(
            normal(row["affected_range__product__vendor"]),
            normal(row["affected_range__product__name"]),
            row["component__product__vendor"],
            row["component__product__name"],
        )

    def why(self, how: str) -> Why:
        """What the sentence is made of."""
        row = self.row
        return Why(
            how=how,
            advised=_with_vendor(row["affected_range__vendor"], row["affected_range__name"]),
            advised_vendor=self.names.advised_vendor,
            advised_name=self.names.advised_name,
            installed=_with_vendor(row["component__vendor"], row["component__name"]),
            identifier=row["component__product__purl"]
            if how == How.PURL
            else row["component__product__cpe"],
            version=row["component__version"],
            text=row["affected_range__text"],
            normal=row["affected_range__normal"],
            doubt=self.doubt,
            advisory=row["affected_range__advisory__public_id"],
            tracking_id=row["affected_range__advisory__tracking_id"],
        )


def of_advisory(advisory_id: int) -> Iterator[Found]:
    """What one advisory matches, in every team that may read it."""
    return _found(Q(affected_range__advisory_id=advisory_id))


def of_systems(system_ids: Collection[int]) -> Iterator[Found]:
    """What matches the components of some systems.

    Asked range by range: matches have no index by component.
    """
    products = set(
        Component.objects.filter(system_id__in=system_ids, gone_at=None)
        .values_list("product_id", flat=True)
        .distinct()
    )
    advised = Kinship.objects.filter(product_id__in=products).values("advised_id")
    return _found(Q(affected_range__product_id__in=advised, component__system_id__in=system_ids))


def _found(condition: Q) -> Iterator[Found]:
    rows = list(
        Match.objects.filter(condition, component__gone_at=None)
        .order_by("affected_range_id", "component_id")
        .values(*(f"{side}__{name}" for side, names in _FIELDS.items() for name in names))
    )
    kin = {
        (one.advised_id, one.product_id): one
        for one in Kinship.objects.filter(
            advised_id__in={row["affected_range__product_id"] for row in rows},
            product_id__in={row["component__product_id"] for row in rows},
        )
    }
    for row in rows:
        pair = row["affected_range__product_id"], row["component__product_id"]
        if pair in kin:
            yield Found(row, kin[pair].how, kin[pair].confidence, _doubt(row))


def _doubt(row: dict[str, Any]) -> str:
    """Why a person must look even where the names are certain; empty where nobody must."""
    low, high = row["affected_range__low"], row["affected_range__high"]
    if row["affected_range__status"] == RangeStatus.UNDER_INVESTIGATION:
        return "investigation"
    if low is None:
        return "range"
    if bytes(low) == b"" and bytes(high) == NO_END:
        return ""
    if not row["component__version"]:
        return "no_version"
    if row["component__product__scheme"] != row["affected_range__scheme"]:
        return "scheme"
    return "version" if row["component__version_key"] is None else ""


def _with_vendor(vendor: str, name: str) -> str:
    return name if not vendor or normal(name).startswith(normal(vendor)) else f"{vendor} {name}"


def is_certain(found: Found) -> bool:
    """Whether neither the names nor the versions leave a question."""
    return found.confidence == CERTAIN and not found.doubt
