"""CPE 2.2 URIs and 2.3 formatted strings (NISTIR 7695) split into what matching needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from noroshi.core.errors import Malformed, gettext_noop

_COLON = re.compile(r"(?<!\\):")
_ATTRIBUTES = 11
_MAX_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Cpe:
    """A platform name; ``text`` is its 2.3 form without version and update.

    ``part``, as the standard calls it, is ``a``, ``o`` or ``h``; a wildcard or ``-`` version is
    the empty text.
    """

    part: str
    vendor: str
    product: str
    version: str
    text: str


def read(text: str) -> Cpe:
    """The attributes of a CPE name in either binding; raises ``Malformed`` for other texts."""
    name = text.strip()
    lower = name.lower()
    if len(name) > _MAX_LENGTH:
        raise _not_a_cpe(name)
    if lower.startswith("cpe:2.3:"):
        attributes = _COLON.split(name[8:])
        if len(attributes) != _ATTRIBUTES:
            raise _not_a_cpe(name)
    elif lower.startswith("cpe:/"):
        attributes = _from_uri(name[5:])
    else:
        raise _not_a_cpe(name)
    attributes = [attribute.lower() or "*" for attribute in attributes]
    if attributes[0] not in {"a", "o", "h", "*", "-"} or "*" in attributes[1:3]:
        raise _not_a_cpe(name)
    version = attributes[3] if attributes[4] in {"*", "-"} else f"{attributes[3]} {attributes[4]}"
    bare = [*attributes[:3], "*", "*", *attributes[5:]]
    return Cpe(
        part=attributes[0],
        vendor=_unquoted(attributes[1]),
        product=_unquoted(attributes[2]),
        version="" if attributes[3] in {"*", "-"} else _unquoted(version),
        text="cpe:2.3:" + ":".join(bare),
    )


def _from_uri(name: str) -> list[str]:
    """The attributes of a 2.2 URI in the 2.3 binding; ``~`` packs five into the edition."""
    attributes = [*name.split(":"), *[""] * 7][:7]
    packed = [*attributes[5].removeprefix("~").split("~"), *[""] * 5][:5]
    return [
        _quoted(attribute) for attribute in (*attributes[:5], packed[0], attributes[6], *packed[1:])
    ]


def _quoted(attribute: str) -> str:
    return re.sub(r"([^\w.*?-])", r"\\\1", unquote(attribute), flags=re.ASCII)


def _unquoted(attribute: str) -> str:
    return re.sub(r"\\(.)", r"\1", attribute)


def _not_a_cpe(text: str) -> Malformed:
    return Malformed("", gettext_noop("“%(text)s” is not a CPE name."), text=text[:60])
