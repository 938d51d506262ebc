"""Rules by which two product names that are not equal may mean the same product. Pure.

Rules, not a distance: each fits in a sentence, and none of them makes a match certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from noroshi.inventory.products import Identity, normal

CERTAIN = 100
_SPELLING = 90  # the same words: legal form of the vendor, hyphens, ™, "series" apart
_NO_VENDOR = 60  # the same words, and one side names no vendor
_FAMILY = 50  # one is the other with a model number: "plc" and "plc-500"

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
# Not "plc": a programmable controller is far more common than a public limited company.
_LEGAL_FORMS = frozenset(
    (
        "ab", "ag", "as", "asa", "bv", "co", "company", "corp", "corporation", "gmbh", "inc",
        "incorporated", "kg", "kk", "limited", "llc", "llp", "ltd", "nv", "oy", "oyj", "pte",
        "pty", "sa", "sarl", "sas", "se", "spa", "srl", "ug",
    )
)  # fmt: skip
_JAPANESE_FORMS = re.compile(r"株式会社|有限会社|合同会社|\(株\)|\(有\)|ホールディングス")
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}")
_NOISE = frozenset(
    (
        "all", "families", "family", "firmware", "line", "model", "models", "product", "products",
        "series", "the", "version", "シリーズ", "ファームウェア", "製品",
    )
)  # fmt: skip
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_SHORTEST_WITHOUT_VENDOR = 4


@dataclass(frozen=True, slots=True)
class Words:
    """A product's vendor and name as words that count; ``name_key`` is the first word of the name."""

    vendor: tuple[str, ...]
    name: tuple[str, ...]

    @property
    def name_key(self) -> str:
        return self.name[0] if self.name else ""


@lru_cache(maxsize=65536)
def words_of(vendor: str, name: str) -> Words:
    """The words of a product: no legal form, no vendor before the name, no filling words."""
    of_vendor = _vendor_words(vendor)
    of_name = tuple(_TOKEN.findall(_IN_BRACKETS.sub(" ", normal(name)) or normal(name)))
    length = len(of_vendor)
    if length and of_name[:length] == of_vendor and len(of_name) > length:
        of_name = of_name[length:]
        while len(of_name) > 1 and of_name[0] in _LEGAL_FORMS:
            of_name = of_name[1:]
    counted = tuple(word for word in of_name if word not in _NOISE)
    return Words(of_vendor, counted or of_name)


def _vendor_words(vendor: str) -> tuple[str, ...]:
    text = _JAPANESE_FORMS.sub(" ", normal(vendor))
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    words = tuple(_TOKEN.findall(text))
    return tuple(word for word in words if word not in _LEGAL_FORMS) or words


def similarity(named: Identity, installed: Identity) -> int:
    """How sure it is, 0 to 90, that two products that are not equal are the same.

    Two package URLs or two CPE names that differ are two products, whatever their names.
    """
    if named.purl and installed.purl and named.purl != installed.purl:
        return 0
    if _differ(named.cpe, installed.cpe):
        return 0
    first = words_of(named.vendor, named.name)
    second = words_of(installed.vendor, installed.name)
    same = "".join(first.name) == "".join(second.name)
    if "".join(first.vendor) != "".join(second.vendor):
        no_vendor = not first.vendor or not second.vendor
        long_enough = len("".join(first.name)) >= _SHORTEST_WITHOUT_VENDOR
        return _NO_VENDOR if same and no_vendor and long_enough else 0
    if same:
        return _SPELLING if first.vendor else _NO_VENDOR
    return _FAMILY if first.vendor and _is_family(first.name, second.name) else 0


def _differ(first: str, second: str) -> bool:
    """Whether two CPE names differ in more than the part: firmware is filed as ``o``, ``h``, ``a``."""
    return bool(first and second) and first.partition(":")[2] != second.partition(":")[2]


def _is_family(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether the longer name is the shorter and then words with a number among them."""
    short, long = sorted((first, second), key=len)
    rest = long[len(short) :]
    return bool(short) and long[: len(short)] == short and any(map(str.isdigit, rest))
