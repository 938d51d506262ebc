"""What an advisory says of products, as rows: products interned, ranges as half-open bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from noroshi.formats.drafts import Affected
from noroshi.formats.versions import Interval, Scheme
from noroshi.inventory.products import Identity, identity_of
from noroshi.vulnerabilities import kinship
from noroshi.vulnerabilities.models import NO_END, AdvisedProduct, AffectedRange
from noroshi.vulnerabilities.similarity import words_of

_LONGEST_NAME = 500


def identity(affected: Affected) -> Identity:
    """The identity of the product that a line of an advisory names."""
    return identity_of(
        affected.vendor[:300], affected.product[:_LONGEST_NAME], affected.purl, affected.cpe
    )


def intern(identities: Iterable[Identity]) -> dict[Identity, int]:
    """The ids of these products; new ones are made and their kin found. Inside a transaction."""
    wanted = {one.fingerprint: one for one in identities}
    known = _ids(wanted)
    missing = wanted.keys() - known.keys()
    if missing:
        AdvisedProduct.objects.bulk_create(
            (
                AdvisedProduct(
                    vendor=one.vendor,
                    name=one.name,
                    purl=one.purl,
                    cpe=one.cpe,
                    fingerprint=fingerprint,
                    stem=words_of(one.vendor, one.name).stem[:100],
                )
                for fingerprint, one in wanted.items()
                if fingerprint in missing
            ),
            ignore_conflicts=True,  # two advisories may meet a new product at once
        )
        new = _ids(missing)
        kinship.relate_advised(new.values())
        known |= new
    return {one: known[fingerprint] for fingerprint, one in wanted.items()}


def _ids(fingerprints: Iterable[str]) -> dict[str, int]:
    return dict(
        AdvisedProduct.objects.filter(fingerprint__in=list(fingerprints)).values_list(
            "fingerprint", "pk"
        )
    )


def range_rows(
    affected: Sequence[Affected], *, advisory_id: int, vulnerability_ids: Mapping[str, int]
) -> Iterator[AffectedRange]:
    """The unsaved rows of an advisory's lines, one for each stretch of versions."""
    products = intern(identity(line) for line in affected)
    for line in affected:
        for scheme, low, high in _stretches(line):
            yield AffectedRange(
                advisory_id=advisory_id,
                vulnerability_id=vulnerability_ids[line.vulnerability],
                product_id=products[identity(line)],
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


def _stretches(line: Affected) -> Iterator[tuple[Scheme, bytes | None, bytes | None]]:
    if line.range is None:
        yield Scheme.GENERIC, None, None
        return
    for interval in line.range.intervals:
        yield line.range.scheme, *half_open(interval)


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
