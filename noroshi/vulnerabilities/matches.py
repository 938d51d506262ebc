"""Matches as read for opening assessments: whose, of which vulnerability, how sure, and why.

Every reading joins the mapping: a component that was given another product leaves rows behind
that no mapping supports (see ``matching``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from noroshi.inventory.models import Component
from noroshi.inventory.products import normal
from noroshi.vulnerabilities import matching
from noroshi.vulnerabilities.match_reasons import MatchReason
from noroshi.vulnerabilities.models import (
    NO_END,
    AffectedRange,
    Match,
    MatchMethod,
    ProductMapping,
    RangeStatus,
)
from noroshi.vulnerabilities.similarity import CERTAIN

_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_OF_COMPONENT = (
    "id", "team_id", "system_id", "system__name", "system__exposure", "product_id",
    "product__vendor", "product__name", "product__purl", "product__cpe", "product__scheme",
    "vendor", "name", "version", "version_key",
)  # fmt: skip
_OF_RANGE = (
    "id", "product_id", "product__vendor", "product__name", "vendor", "name", "status", "text",
    "normal", "scheme", "low", "high", "vulnerability_id", "vulnerability__key", "vulnerability__title",
    "vulnerability__severity", "vulnerability__scores", "vulnerability__kev_added_on",
    "advisory_id", "advisory__public_id", "advisory__tracking_id", "advisory__namespace",
    "advisory__title", "advisory__label_id", "advisory__label__sensitivity",
)  # fmt: skip
_AT_ONCE = 5000  # ids in one statement


@dataclass(frozen=True, slots=True)
class NamePair:
    """The two names that an alias joins or keeps apart, in normal form."""

    advisory_vendor: str
    advisory_name: str
    installed_vendor: str
    installed_name: str


@dataclass(frozen=True, slots=True)
class MatchedComponent:
    """One component that one advisory names, for one vulnerability."""

    component: dict[str, Any]  # by the names of ``_OF_COMPONENT``
    range: dict[str, Any]  # by the names of ``_OF_RANGE``
    how: str
    confidence: int
    doubt: str

    @property
    def team_id(self) -> int:
        return int(self.component["team_id"])

    @property
    def component_id(self) -> int:
        return int(self.component["id"])

    @property
    def is_red(self) -> bool:
        return bool(self.range["advisory__label__sensitivity"] == "red")

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and id under which a team works on it.

        A CVE id is the same for every publisher. What is TLP:RED is never mixed with what the
        whole team reads.
        """
        key = str(self.range["vulnerability__key"])
        namespace = str(self.range["advisory__namespace"])
        if self.is_red:
            return namespace or str(self.range["advisory__public_id"]), key
        return "" if _CVE.fullmatch(key) else namespace, key

    @property
    def names(self) -> NamePair:
        return NamePair(
            normal(self.range["product__vendor"]),
            normal(self.range["product__name"]),
            self.component["product__vendor"],
            self.component["product__name"],
        )

    def why(self, how: str) -> MatchReason:
        """What the sentence is made of."""
        return MatchReason(
            how=how,
            advised=_with_vendor(self.range["vendor"], self.range["name"]),
            advised_vendor=self.names.advisory_vendor,
            advised_name=self.names.advisory_name,
            installed=_with_vendor(self.component["vendor"], self.component["name"]),
            identifier=self.component["product__purl"]
            if how == MatchMethod.PURL
            else self.component["product__cpe"],
            version=self.component["version"],
            text=self.range["text"],
            normal=self.range["normal"],
            doubt=self.doubt,
            advisory=self.range["advisory__public_id"],
            tracking_id=self.range["advisory__tracking_id"],
        )


def matches_of_advisory(advisory_id: int) -> Iterator[MatchedComponent]:
    """What one advisory matches, in every team that may read it."""
    rows = Match.objects.filter(affected_range__advisory_id=advisory_id)
    pairs = rows.order_by("affected_range_id", "component_id")
    return _found(list(pairs.values_list("affected_range_id", "component_id")))


def matches_of_vulnerability(
    key: str, component_ids: Collection[int]
) -> Iterator[MatchedComponent]:
    """What names these components for one vulnerability, by its key."""
    rows = Match.objects.filter(
        affected_range__vulnerability__key=key, component_id__in=component_ids
    )
    pairs = rows.order_by("affected_range_id", "component_id")
    return _found(list(pairs.values_list("affected_range_id", "component_id")))


def matches_of_systems(system_ids: Collection[int]) -> Iterator[MatchedComponent]:
    """What matches the components of some systems."""
    return _found(matching.match_pairs(system_ids))


def _found(pairs: list[tuple[int, int]]) -> Iterator[MatchedComponent]:
    ranges = _by_id(AffectedRange.objects.all(), {one for one, _ in pairs}, _OF_RANGE)
    present = Component.objects.filter(gone_at=None)
    components = _by_id(present, {one for _, one in pairs}, _OF_COMPONENT)
    kin = _kin(ranges.values(), components.values())
    for range_id, component_id in pairs:
        part, asked = components.get(component_id), ranges.get(range_id)
        if part is None or asked is None:
            continue
        related = kin.get((asked["product_id"], part["product_id"]))
        if related is not None:
            yield MatchedComponent(
                part, asked, related.how, related.confidence, _doubt(part, asked)
            )


def _by_id(
    rows: QuerySet[Any], ids: Collection[int], names: tuple[str, ...]
) -> dict[int, dict[str, Any]]:
    ordered = sorted(ids)
    return {
        row["id"]: row
        for start in range(0, len(ordered), _AT_ONCE)
        for row in rows.filter(pk__in=ordered[start : start + _AT_ONCE]).values(*names)
    }


def _kin(
    ranges: Iterable[dict[str, Any]], components: Iterable[dict[str, Any]]
) -> dict[tuple[int, int], ProductMapping]:
    rows = ProductMapping.objects.filter(
        advisory_product_id__in={row["product_id"] for row in ranges},
        product_id__in={row["product_id"] for row in components},
    )
    return {(one.advisory_product_id, one.product_id): one for one in rows}


def _doubt(part: dict[str, Any], asked: dict[str, Any]) -> str:
    """Why a person must look even where the names are certain; empty where nobody must."""
    low, high = asked["low"], asked["high"]
    if asked["status"] == RangeStatus.UNDER_INVESTIGATION:
        return "investigation"
    if low is None:
        return "range"
    if bytes(low) == b"" and bytes(high) == NO_END:
        return ""
    if not part["version"]:
        return "no_version"
    if part["product__scheme"] != asked["scheme"]:
        return "scheme"
    return "version" if part["version_key"] is None else ""


def _with_vendor(vendor: str, name: str) -> str:
    return name if not vendor or normal(name).startswith(normal(vendor)) else f"{vendor} {name}"


def is_certain(found: MatchedComponent) -> bool:
    """Whether neither the names nor the versions leave a question."""
    return found.confidence == CERTAIN and not found.doubt
