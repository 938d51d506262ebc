"""Matches as opening assessments reads them: whose, of which vulnerability, how sure, and why.

Every reading joins the mapping: a component that was given another product leaves rows behind
that no mapping supports (see ``matching``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

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
_AT_ONCE = 5000  # ids in one statement
_Row = TypeVar("_Row", "InstalledComponent", "MatchedRange")


@dataclass(frozen=True, slots=True)
class NamePair:
    """The two names that an alias joins or keeps apart, in normal form."""

    advisory_vendor: str
    advisory_name: str
    installed_vendor: str
    installed_name: str


@dataclass(frozen=True, slots=True)
class InstalledComponent:
    """A component of a system, as far as opening work needs it."""

    id: int
    team_id: int
    system_id: int
    system_name: str
    system_exposure: str
    product_id: int
    product_vendor: str
    product_name: str
    product_purl: str
    product_cpe: str
    product_scheme: str
    vendor: str
    name: str
    version: str
    version_key: bytes | None


@dataclass(frozen=True, slots=True)
class MatchedRange:
    """An affected range with its vulnerability and its advisory, as far as opening work needs it."""

    product_id: int
    product_vendor: str
    product_name: str
    vendor: str
    name: str
    status: str
    text: str
    normal: str
    scheme: str
    low: bytes | None
    high: bytes | None
    vulnerability_id: int
    vulnerability_key: str
    vulnerability_title: str
    vulnerability_severity: str
    vulnerability_scores: list[dict[str, Any]]
    vulnerability_kev_added_on: date | None
    advisory_id: int
    advisory_public_id: str
    advisory_tracking_id: str
    advisory_namespace: str
    advisory_title: str
    advisory_label_id: int
    advisory_sensitivity: str

    @property
    def written_versions(self) -> str:
        """The versions as Noroshi read them, or as the advisory writes them."""
        return self.normal or self.text


# The columns of the fields that are not columns of their own.
_COMPONENT_COLUMNS = {
    "system_name": "system__name",
    "system_exposure": "system__exposure",
    "product_vendor": "product__vendor",
    "product_name": "product__name",
    "product_purl": "product__purl",
    "product_cpe": "product__cpe",
    "product_scheme": "product__scheme",
}
_RANGE_COLUMNS = {
    "product_vendor": "product__vendor",
    "product_name": "product__name",
    "vulnerability_key": "vulnerability__key",
    "vulnerability_title": "vulnerability__title",
    "vulnerability_severity": "vulnerability__severity",
    "vulnerability_scores": "vulnerability__scores",
    "vulnerability_kev_added_on": "vulnerability__kev_added_on",
    "advisory_public_id": "advisory__public_id",
    "advisory_tracking_id": "advisory__tracking_id",
    "advisory_namespace": "advisory__namespace",
    "advisory_title": "advisory__title",
    "advisory_label_id": "advisory__label_id",
    "advisory_sensitivity": "advisory__label__sensitivity",
}


@dataclass(frozen=True, slots=True)
class MatchedComponent:
    """One component that one advisory names, for one vulnerability."""

    component: InstalledComponent
    range: MatchedRange
    how: str
    confidence: int
    doubt: str

    @property
    def team_id(self) -> int:
        return self.component.team_id

    @property
    def component_id(self) -> int:
        return self.component.id

    @property
    def is_red(self) -> bool:
        return self.range.advisory_sensitivity == "red"

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and id under which a team works on it.

        A CVE id is the same for every publisher. What is TLP:RED is never mixed with what the
        whole team reads.
        """
        key, namespace = self.range.vulnerability_key, self.range.advisory_namespace
        if self.is_red:
            return namespace or self.range.advisory_public_id, key
        return "" if _CVE.fullmatch(key) else namespace, key

    @property
    def names(self) -> NamePair:
        return NamePair(
            normal(self.range.product_vendor),
            normal(self.range.product_name),
            self.component.product_vendor,
            self.component.product_name,
        )

    @property
    def is_certain(self) -> bool:
        """Whether neither the names nor the versions leave a question."""
        return self.confidence == CERTAIN and not self.doubt

    def why(self, how: str) -> MatchReason:
        """The values of the sentence that says why it matches."""
        component, affected_range = self.component, self.range
        by_purl = how == MatchMethod.PURL
        return MatchReason(
            how=how,
            advised=_with_vendor(affected_range.vendor, affected_range.name),
            advised_vendor=self.names.advisory_vendor,
            advised_name=self.names.advisory_name,
            installed=_with_vendor(component.vendor, component.name),
            identifier=component.product_purl if by_purl else component.product_cpe,
            version=component.version,
            text=affected_range.text,
            normal=affected_range.normal,
            doubt=self.doubt,
            advisory=affected_range.advisory_public_id,
            tracking_id=affected_range.advisory_tracking_id,
        )


def matches_of_advisory(advisory_id: int) -> Iterator[MatchedComponent]:
    """The matches of one advisory, in every team that may read it."""
    return _matches(Match.objects.filter(affected_range__advisory_id=advisory_id))


def matches_of_vulnerability(
    key: str, component_ids: Collection[int]
) -> Iterator[MatchedComponent]:
    """The matches of these components for one vulnerability, by its key."""
    return _matches(
        Match.objects.filter(affected_range__vulnerability__key=key, component_id__in=component_ids)
    )


def matches_of_systems(system_ids: Collection[int]) -> Iterator[MatchedComponent]:
    """The matches of the components of some systems."""
    return _matched_components(matching.match_pairs(system_ids))


def _matches(rows: QuerySet[Match]) -> Iterator[MatchedComponent]:
    ordered = rows.order_by("affected_range_id", "component_id")
    return _matched_components(list(ordered.values_list("affected_range_id", "component_id")))


def _matched_components(pairs: list[tuple[int, int]]) -> Iterator[MatchedComponent]:
    ranges = _by_id(
        AffectedRange.objects.all(),
        {range_id for range_id, _ in pairs},
        MatchedRange,
        _RANGE_COLUMNS,
    )
    components = _by_id(
        Component.objects.filter(gone_at=None),
        {component_id for _, component_id in pairs},
        InstalledComponent,
        _COMPONENT_COLUMNS,
    )
    mappings = _mappings(ranges.values(), components.values())
    for range_id, component_id in pairs:
        component, affected_range = components.get(component_id), ranges.get(range_id)
        if component is None or affected_range is None:
            continue
        mapping = mappings.get((affected_range.product_id, component.product_id))
        if mapping is not None:
            doubt = _doubt(component, affected_range)
            yield MatchedComponent(
                component, affected_range, mapping.how, mapping.confidence, doubt
            )


def _by_id(
    rows: QuerySet[Any], ids: Collection[int], row_type: type[_Row], columns: Mapping[str, str]
) -> dict[int, _Row]:
    names = [field.name for field in fields(row_type)]
    ordered = sorted(ids)
    return {
        pk: row_type(**dict(zip(names, values, strict=True)))
        for start in range(0, len(ordered), _AT_ONCE)
        for pk, *values in rows.filter(pk__in=ordered[start : start + _AT_ONCE]).values_list(
            "pk", *(columns.get(name, name) for name in names)
        )
    }


def _mappings(
    ranges: Iterable[MatchedRange], components: Iterable[InstalledComponent]
) -> dict[tuple[int, int], ProductMapping]:
    rows = ProductMapping.objects.filter(
        advisory_product_id__in={row.product_id for row in ranges},
        product_id__in={row.product_id for row in components},
    )
    return {(row.advisory_product_id, row.product_id): row for row in rows}


def _doubt(component: InstalledComponent, affected_range: MatchedRange) -> str:
    """The reason why a person must look even where the names are certain; empty without one."""
    low, high = affected_range.low, affected_range.high
    if affected_range.status == RangeStatus.UNDER_INVESTIGATION:
        return "investigation"
    if low is None or high is None:
        return "range"
    if bytes(low) == b"" and bytes(high) == NO_END:
        return ""
    if not component.version:
        return "no_version"
    if component.product_scheme != affected_range.scheme:
        return "scheme"
    return "version" if component.version_key is None else ""


def _with_vendor(vendor: str, name: str) -> str:
    return name if not vendor or normal(name).startswith(normal(vendor)) else f"{vendor} {name}"
