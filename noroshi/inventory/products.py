"""The identity under which a product is known: what an inventory and an advisory must agree on.

Matching calls the same functions for the advisory's side, so equal means equal on both.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from noroshi.core.errors import Malformed
from noroshi.formats import cpe as cpe_names
from noroshi.formats import purl as package_urls
from noroshi.formats import versions
from noroshi.formats.versions import Scheme, scheme_for_purl_type
from noroshi.inventory.models import Product

# Each text that names a product and may carry a version, with its reader.
IDENTIFIERS: dict[str, Callable[[str], package_urls.Purl | cpe_names.Cpe]] = {
    "purl": package_urls.read,
    "cpe": cpe_names.read,
}

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Identity:
    """A product's normal names: each may be empty, ``name`` never is in an inventory.

    ``purl`` is ``pkg:type/namespace/name``, ``cpe`` is ``part:vendor:product``; neither has a
    version.
    """

    vendor: str
    name: str
    purl: str
    cpe: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the four names: one column to intern and to look up by."""
        joined = f"{self.vendor}\0{self.name}\0{self.purl}\0{self.cpe}"
        return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def scheme(self) -> Scheme:
        """How this product's versions are ordered."""
        if not self.purl:
            return Scheme.GENERIC
        return scheme_for_purl_type(self.purl[4:].partition("/")[0])


@lru_cache(maxsize=65536)
def identity_of(vendor: str, name: str, purl: str = "", cpe: str = "") -> Identity:
    """The identity of a product as somebody wrote it; an unreadable purl or CPE counts as none."""
    return Identity(normal(vendor), normal(name), purl_identity(purl), cpe_identity(cpe))


def normal(text: str) -> str:
    """NFKC, without regard to case, each run of spaces as one."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def purl_identity(text: str) -> str:
    """``pkg:type/namespace/name`` of a package URL: no version, qualifiers or subpath."""
    if not text:
        return ""
    try:
        url = package_urls.read(text)
    except Malformed:
        return ""
    return normal("pkg:" + "/".join(filter(None, (url.type, url.namespace, url.name))))


def cpe_identity(text: str) -> str:
    """``part:vendor:product`` of a CPE name in either binding."""
    if not text:
        return ""
    try:
        name = cpe_names.read(text)
    except Malformed:
        return ""
    return normal(f"{name.part}:{name.vendor}:{name.product}")


def move_version(values: Mapping[str, str], name: str) -> dict[str, str]:
    """The same component with identifier ``name`` bare: its version counts where none is entered.

    Raises ``Malformed`` at ``name`` when the identifier cannot be read.
    """
    if not values.get(name):
        return dict(values)
    try:
        identifier = IDENTIFIERS[name](values[name])
    except Malformed as error:
        raise Malformed(name, error.message, **error.values) from None
    version = values.get("version") or identifier.version
    return {**values, name: identifier.text, "version": version}


def version_key(version: str, scheme: Scheme) -> bytes | None:
    """The sortable key of a version, or ``None`` when there is none that anybody can read."""
    if not version:
        return None
    try:
        return versions.key(version, scheme)
    except Malformed:
        return None


def intern(identities: Iterable[Identity]) -> dict[Identity, int]:
    """The ids of these products, made where they are new. Call inside a transaction."""
    by_fingerprint = {identity.fingerprint: identity for identity in identities}
    known = _ids(by_fingerprint)
    Product.objects.bulk_create(
        (
            Product(
                vendor=identity.vendor,
                name=identity.name,
                purl=identity.purl,
                cpe=identity.cpe,
                fingerprint=fingerprint,
                scheme=identity.scheme.value,
            )
            for fingerprint, identity in by_fingerprint.items()
            if fingerprint not in known
        ),
        ignore_conflicts=True,  # two imports may meet a new product at once
    )
    known |= _ids(by_fingerprint.keys() - known.keys())
    return {identity: known[fingerprint] for fingerprint, identity in by_fingerprint.items()}


def _ids(fingerprints: Iterable[str]) -> dict[str, int]:
    return dict(
        Product.objects.filter(fingerprint__in=list(fingerprints)).values_list("fingerprint", "pk")
    )
