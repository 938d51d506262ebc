"""What an advisory says of products, as rows: products interned, ranges as half-open bytes."""

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
_ASKED = ("affected", "under_investigation")  # what matching asks
_SPARED = ("fixed", "not_affected")

KeyRange: TypeAlias = tuple[bytes, bytes]  # low ≤ key < high
CutScope: TypeAlias = tuple[str, Identity, str, tuple[str, ...], tuple[str, ...], Scheme]


def identity(affected: Affected) -> Identity:
    """The identity of the product that a line of an advisory names."""
    return identity_of(
        affected.vendor[:300], affected.product[:_LONGEST_NAME], affected.purl, affected.cpe
    )


def get_or_create_ids(identities: Iterable[Identity]) -> dict[Identity, int]:
    """The ids of these products; new ones are made and their kin found. Inside a transaction."""
    wanted = {one.fingerprint: one for one in identities}
    known = _ids(wanted)
    missing = wanted.keys() - known.keys()
    if missing:
        AdvisoryProduct.objects.bulk_create(
            (
                AdvisoryProduct(
                    vendor=one.vendor,
                    name=one.name,
                    purl=one.purl,
                    cpe=one.cpe,
                    fingerprint=fingerprint,
                    name_key=words_of(one.vendor, one.name).name_key[:100],
                )
                for fingerprint, one in wanted.items()
                if fingerprint in missing
            ),
            ignore_conflicts=True,  # two advisories may meet a new product at once
        )
        new = _ids(missing)
        product_mapping.map_advisory_products(new.values())
        known |= new
    return {one: known[fingerprint] for fingerprint, one in wanted.items()}


def _ids(fingerprints: Iterable[str]) -> dict[str, int]:
    return dict(
        AdvisoryProduct.objects.filter(fingerprint__in=list(fingerprints)).values_list(
            "fingerprint", "pk"
        )
    )


def range_rows(
    affected: Sequence[Affected], *, advisory_id: int, vulnerability_ids: Mapping[str, int]
) -> Iterator[AffectedRange]:
    """The unsaved rows of an advisory's lines, one for each stretch of versions.

    What the advisory calls fixed or not affected is cut out of what it calls affected: sources
    write ``>= 8.0.0`` affected beside ``>= 8.5.4`` not affected and mean what lies between.
    """
    named = [identity(line) for line in affected]
    products = get_or_create_ids(named)
    spared = _spared(zip(affected, named, strict=True))
    for line, product in zip(affected, named, strict=True):
        for scheme, low, high in _stretches(line, spared.get(_scope(line, product), ())):
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


def _stretches(
    line: Affected, spared: Sequence[KeyRange]
) -> Iterator[tuple[Scheme, bytes | None, bytes | None]]:
    if line.range is None:
        yield Scheme.GENERIC, None, None
        return
    whole = [half_open(interval) for interval in line.range.intervals]
    left = whole
    if spared and line.status in _ASKED:
        # Where nothing is left the source contradicts itself: affected stands.
        left = [piece for stretch in whole for piece in _without(stretch, spared)] or whole
    for low, high in left:
        yield line.range.scheme, low, high


def _scope(line: Affected, product: Identity) -> CutScope:
    """What a cut holds for: one vulnerability in one product, on one platform and in these models."""
    scheme = line.range.scheme if line.range else Scheme.GENERIC
    return line.vulnerability, product, line.platform, line.models, line.serials, scheme


def _spared(lines: Iterable[tuple[Affected, Identity]]) -> dict[CutScope, list[KeyRange]]:
    """The stretches that are fixed or not affected, in order."""
    found: dict[CutScope, list[KeyRange]] = {}
    for line, product in lines:
        if line.range is not None and line.status in _SPARED:
            kept = found.setdefault(_scope(line, product), [])
            kept += [half_open(interval) for interval in line.range.intervals]
    return {scope: sorted(stretches) for scope, stretches in found.items()}


def _without(stretch: KeyRange, spared: Iterable[KeyRange]) -> Iterator[KeyRange]:
    """The pieces of a stretch outside the spared ones, which are in order."""
    at, high = stretch
    for low, end in spared:
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
