"""The products and ranges of an advisory as rows: products interned, ranges as half-open bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from noroshi.formats.drafts import Affected
from noroshi.formats.versions import Interval, Scheme
from noroshi.inventory.products import Identity, identity_of
from noroshi.vulnerabilities import product_mapping
from noroshi.vulnerabilities.models import NO_END, AdvisoryProduct, AffectedRange
from noroshi.vulnerabilities.similarity import words_of

_LONGEST_NAME = 500
_MATCHED_STATUSES = ("affected", "under_investigation")
_CUT_STATUSES = ("fixed", "not_affected")

KeyRange: TypeAlias = tuple[bytes, bytes]  # low ≤ key < high
CutScope: TypeAlias = tuple[str, Identity, str, tuple[str, ...], tuple[str, ...], Scheme]


def identity(affected: Affected) -> Identity:
    """The identity of the product that a line of an advisory names."""
    return identity_of(
        affected.vendor[:300], affected.product[:_LONGEST_NAME], affected.purl, affected.cpe
    )


def get_or_create_ids(identities: Iterable[Identity]) -> dict[Identity, int]:
    """The ids of these products; new ones are made and mapped. Inside a transaction."""
    products = {product.fingerprint: product for product in identities}
    known = _ids(products)
    missing = products.keys() - known.keys()
    if missing:
        AdvisoryProduct.objects.bulk_create(
            (
                AdvisoryProduct(
                    vendor=product.vendor,
                    name=product.name,
                    purl=product.purl,
                    cpe=product.cpe,
                    fingerprint=fingerprint,
                    name_key=words_of(product.vendor, product.name).name_key[:100],
                )
                for fingerprint, product in products.items()
                if fingerprint in missing
            ),
            ignore_conflicts=True,  # two advisories may meet a new product at once
        )
        new = _ids(missing)
        product_mapping.map_advisory_products(new.values())
        known |= new
    return {product: known[fingerprint] for fingerprint, product in products.items()}


def _ids(fingerprints: Iterable[str]) -> dict[str, int]:
    return dict(
        AdvisoryProduct.objects.filter(fingerprint__in=list(fingerprints)).values_list(
            "fingerprint", "pk"
        )
    )


def range_rows(
    affected: Sequence[Affected], *, advisory_id: int, vulnerability_ids: Mapping[str, int]
) -> Iterator[AffectedRange]:
    """The unsaved rows of an advisory's lines, one for each interval of versions.

    What the advisory calls fixed or not affected is cut out of what it calls affected: sources
    write ``>= 8.0.0`` affected beside ``>= 8.5.4`` not affected and mean what lies between.
    """
    identities = [identity(line) for line in affected]
    products = get_or_create_ids(identities)
    cuts = _cuts(zip(affected, identities, strict=True))
    for line, product in zip(affected, identities, strict=True):
        for scheme, low, high in _intervals(line, cuts.get(_scope(line, product), ())):
            yield AffectedRange(
                advisory_id=advisory_id,
                vulnerability_id=vulnerability_ids[line.vulnerability],
                product_id=products[product],
                vendor=line.vendor[:300],
                name=line.product[:_LONGEST_NAME],
                status=line.status,
                text=line.text,
                normal=line.range.normal if line.range else "",
                scheme=scheme,
                low=low,
                high=high,
                model_numbers=list(line.models),
                serial_numbers=list(line.serials),
                platform=line.platform[:1000],
                where=line.where[:300],
            )


def _intervals(
    line: Affected, cuts: Sequence[KeyRange]
) -> Iterator[tuple[Scheme, bytes | None, bytes | None]]:
    if line.range is None:
        yield Scheme.GENERIC, None, None
        return
    whole = [half_open(interval) for interval in line.range.intervals]
    left = whole
    if cuts and line.status in _MATCHED_STATUSES:
        # Where nothing is left the source contradicts itself: affected stands.
        left = [piece for interval in whole for piece in _without(interval, cuts)] or whole
    for low, high in left:
        yield line.range.scheme, low, high


def _scope(line: Affected, product: Identity) -> CutScope:
    """The scope of a cut: one vulnerability in one product, on one platform and in these models."""
    scheme = line.range.scheme if line.range else Scheme.GENERIC
    return line.vulnerability, product, line.platform, line.models, line.serials, scheme


def _cuts(lines: Iterable[tuple[Affected, Identity]]) -> dict[CutScope, list[KeyRange]]:
    """The intervals that are fixed or not affected, in order."""
    cuts: dict[CutScope, list[KeyRange]] = {}
    for line, product in lines:
        if line.range is not None and line.status in _CUT_STATUSES:
            intervals = [half_open(interval) for interval in line.range.intervals]
            cuts.setdefault(_scope(line, product), []).extend(intervals)
    return {scope: sorted(intervals) for scope, intervals in cuts.items()}


def _without(interval: KeyRange, cuts: Iterable[KeyRange]) -> Iterator[KeyRange]:
    """The pieces of an interval outside the cuts, which are in order."""
    at, high = interval
    for low, end in cuts:
        if end <= at:
            continue
        if low >= high:
            break
        if low > at:
            yield at, low
        at = end
    if at < high:
        yield at, high


def half_open(interval: Interval) -> tuple[bytes, bytes]:
    """``low`` ≤ key < ``high`` for exactly the keys in the interval.

    The first key after ``k`` is ``k`` with a zero byte: what excludes ``k`` begins there, what
    includes it ends there.
    """
    low, high = interval.low or b"", NO_END if interval.high is None else interval.high
    return (
        low if interval.low is None or interval.low_closed else low + b"\0",
        high + b"\0" if interval.high is not None and interval.high_closed else high,
    )
