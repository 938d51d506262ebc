"""The ways in which versions are ordered, and which of them a purl type uses."""

from __future__ import annotations

from enum import StrEnum


class Scheme(StrEnum):
    """A way to order versions; the value is the name that ``vers:`` strings use for it."""

    GENERIC = "generic"
    SEMVER = "semver"
    PEP440 = "pypi"
    DEB = "deb"
    RPM = "rpm"
    MAVEN = "maven"
    NPM = "npm"


# Types that are not listed here order their versions well enough as generic.
_BY_PURL_TYPE = {
    "pypi": Scheme.PEP440,
    "pep440": Scheme.PEP440,
    "deb": Scheme.DEB,
    "rpm": Scheme.RPM,
    "alpm": Scheme.RPM,  # pacman's comparison is rpm's
    "maven": Scheme.MAVEN,
    "npm": Scheme.NPM,
    "semver": Scheme.SEMVER,
    "golang": Scheme.SEMVER,
    "go": Scheme.SEMVER,
    "cargo": Scheme.SEMVER,
    "hex": Scheme.SEMVER,
    "pub": Scheme.SEMVER,
    "swift": Scheme.SEMVER,
    "nuget": Scheme.SEMVER,
    "bitnami": Scheme.SEMVER,
}


def scheme_for_purl_type(purl_type: str) -> Scheme:
    """The scheme of a purl or ``vers:`` type without regard to case; generic where none is known."""
    return _BY_PURL_TYPE.get(purl_type.strip().lower(), Scheme.GENERIC)
