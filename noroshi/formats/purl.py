"""Package URLs (ECMA-427) split into what matching needs."""

from __future__ import annotations

from dataclasses import dataclass

from packageurl import PackageURL

from noroshi.core.errors import Malformed, gettext_noop

_MAX_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Purl:
    """A package URL; ``text`` is its canonical form without version and subpath."""

    type: str
    namespace: str
    name: str
    version: str
    text: str


def read(text: str) -> Purl:
    """The parts of a package URL; raises ``Malformed`` when it has no type or name."""
    if len(text) > _MAX_LENGTH:
        raise _not_a_purl(text)
    try:
        package = PackageURL.from_string(text.strip())
        bare = PackageURL(
            package.type, package.namespace, package.name, None, package.qualifiers, None
        )
    except ValueError:
        raise _not_a_purl(text) from None
    return Purl(
        type=package.type,
        namespace=package.namespace or "",
        name=package.name,
        version=package.version or "",
        text=bare.to_string(),
    )


def _not_a_purl(text: str) -> Malformed:
    return Malformed("", gettext_noop("“%(text)s” is not a package URL."), text=text[:60])
