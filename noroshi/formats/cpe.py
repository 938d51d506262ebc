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

    ``part`` is ``a``, ``o`` or ``h``; a wildcard or ``-`` version is the empty text.
    """

    part: str
    vendor: str
    product: str
    version: str
    text: str


def read(text: str) -> Cpe:
    """The parts of a CPE name in either binding; raises ``Malformed`` otherwise."""
    name = text.strip()
    lower = name.lower()
    if len(name) > _MAX_LENGTH:
        raise _not_a_cpe(name)
    if lower.startswith("cpe:2.3:"):
        parts = _COLON.split(name[8:])
        if len(parts) != _ATTRIBUTES:
            raise _not_a_cpe(name)
    elif lower.startswith("cpe:/"):
        parts = _from_uri(name[5:])
    else:
        raise _not_a_cpe(name)
    parts = [part.lower() or "*" for part in parts]
    if parts[0] not in {"a", "o", "h", "*", "-"} or "*" in parts[1:3]:
        raise _not_a_cpe(name)
    version = parts[3] if parts[4] in {"*", "-"} else f"{parts[3]} {parts[4]}"
    bare = [*parts[:3], "*", "*", *parts[5:]]
    return Cpe(
        part=parts[0],
        vendor=_plain(parts[1]),
        product=_plain(parts[2]),
        version="" if parts[3] in {"*", "-"} else _plain(version),
        text="cpe:2.3:" + ":".join(bare),
    )


def _from_uri(name: str) -> list[str]:
    """The attributes of a 2.2 URI in the 2.3 binding; ``~`` packs five into the edition."""
    parts = [*name.split(":"), *[""] * 7][:7]
    packed = [*parts[5].removeprefix("~").split("~"), *[""] * 5][:5]
    return [_quoted(part) for part in (*parts[:5], packed[0], parts[6], *packed[1:])]


def _quoted(part: str) -> str:
    return re.sub(r"([^\w.*?-])", r"\\\1", unquote(part), flags=re.ASCII)


def _plain(part: str) -> str:
    return re.sub(r"\\(.)", r"\1", part)


def _not_a_cpe(text: str) -> Malformed:
    return Malformed("", gettext_noop("“%(text)s” is not a CPE name."), text=text[:60])
