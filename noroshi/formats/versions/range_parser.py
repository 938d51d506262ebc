"""From the marks of a phrase to versions with their signs: "1.0 から 1.4 未満" is >=1.0, <1.4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from noroshi.core.errors import Malformed
from noroshi.formats.versions.range_marks import Kind, Mark, unclear
from noroshi.formats.versions.ranges import readable
from noroshi.formats.versions.schemes import Scheme

# Words that are never the name of a product in front of a version, and would turn its sense.
_NO_NAME = frozenset(
    """
    a all an and any apr april are as at aug august be been before both but by can contact
    current dec december despite do does each every except expected feb february first fix
    fixed fixes has have higher if in including is it its jan january jul july jun june last
    later latest mar march may model models newer no none not nov november oct october of only
    or other own part patched planned pn prior s see sep sept september serial since sn some
    than that the their these this those to type types unaffected unknown unless unlike
    unspecified up was were which while will with without yet
    """.split()  # noqa: SIM905 - a hundred quoted words are no easier to read
)
_NO_NAME_JA = re.compile("影響|修正|対策|対応|除く|場合|ない|ません|です|ます")
_DIGIT_WILD = re.compile(r".*[0-9]x", re.IGNORECASE)
_LED_BY_V = re.compile(r"v[0-9]", re.IGNORECASE)
_LED_BY_LETTERS = re.compile(r"(?!v[0-9])[a-z]", re.IGNORECASE)
_SERIES = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:\.x)*", re.IGNORECASE)
_TWO_VERSIONS = re.compile(r"(v?)([0-9]+(?:\.[0-9]+)*)-(v?)([0-9]+(?:\.[0-9]+)*)", re.IGNORECASE)


@dataclass(slots=True)
class RangePiece:
    """A version with its sign, ``*`` for every version, and the separator before it."""

    sign: str
    version: str
    before: Kind | None = None
    led: bool = False
    """The sign stood in front of the version and so may count for a list: prior to 2.0, 3.1."""
    named: bool = False
    """A product's name stood in front of the version, which may belong to the name."""
    ranged: bool = False
    """The version is the second of "from … to …", whose sign a word behind it may change."""


def piece_of(sign: str, version: str, scheme: Scheme, text: str) -> str:
    """The version of a text as the normal form spells it, or the error that points at it."""
    try:
        return readable(sign, version, scheme)
    except Malformed as error:
        raise unclear(version, text) from error


def without_name(marks: list[Mark], text: str) -> list[Mark]:
    """The marks without a product's name in front of the word "version"."""
    words = 0
    for place, mark in enumerate(marks):
        if mark.kind not in (Kind.NAME, Kind.VERSION, Kind.NOISE):
            break
        if mark.kind is Kind.NOISE and mark.text.lower().startswith(("version", "バージョン")):
            words = place
            break
    if not words or not _is_name_like(marks[0]):
        return marks
    before, after = marks[words - 1], marks[words + 1 : words + 2]
    if not _is_name_like(before) and [mark.kind for mark in after] != [Kind.VERSION]:
        return marks  # Acme 3.x versions before 3.1.4
    for mark in marks[:words]:
        _check_name(mark, text)
    return marks[words:]


def _is_name_like(mark: Mark) -> bool:
    return mark.kind is Kind.NAME or bool(_LED_BY_LETTERS.match(mark.text))


def _check_name(mark: Mark, text: str) -> None:
    if mark.text.lower() in _NO_NAME or _NO_NAME_JA.search(mark.text):
        raise unclear(mark.text, text)


class Reader:
    """Collects the pieces of a phrase, mark by mark."""

    def __init__(self, scheme: Scheme, text: str) -> None:
        self.scheme = scheme
        self.text = text
        self.pieces: list[RangePiece] = []
        self.before: Kind | None = Kind.BAR
        self.sign = ""  # of the version that comes next
        self.ranged = False  # that version is the second of "from … to …"
        self.name = ""  # of the product whose version comes next
        self.product = ""  # whose versions these are; the phrase may repeat it, but name no other
        self.doubtful = False  # "Devices sold before 2019" has no version, "FortiOS before 7.0" has
        self.excepting = ""  # the word or sign behind which versions are left out

    def read(self, marks: Sequence[Mark]) -> list[RangePiece]:
        """The pieces of all marks.

        Raises ``Malformed`` at the first mark that has no meaning where it stands.
        """
        for place, mark in enumerate(marks):
            if self.name and mark.kind not in (Kind.NAME, Kind.NOISE, Kind.VERSION):
                self._end_name(mark)
            following = (after for after in marks[place + 1 :] if after.kind is not Kind.NOISE)
            self._take(mark, next(following, None))
        open_end = self.ranged and marks[-1].text == "から"
        if self.name or self.before or not self.pieces or (self.sign and not open_end):
            raise self._unclear(marks[-1].text if marks else self.text)
        return self.pieces

    def _unclear(self, excerpt: str) -> Malformed:
        return unclear(excerpt, self.text)

    def _take(self, mark: Mark, following: Mark | None) -> None:
        match mark.kind:
            case Kind.NOISE:
                self.doubtful = self.doubtful and not mark.text[0].isalpha()
            case Kind.VERSION:
                self._version(mark, following)
            case Kind.NAME:
                self._name(mark)
            case Kind.ALL:
                self._append(RangePiece("*", "", self.before))
            case Kind.BOUND:
                self._bound(mark)
            case Kind.BOUND_AFTER:
                self._bound_after(mark)
            case Kind.TO:
                self._to(mark)
            case Kind.END:
                self._end(mark)
            case Kind.EXCEPT:
                self._except(mark)
            case Kind.SERIES:
                self._series(mark)
            case Kind.BAR | Kind.SEPARATOR if not self.sign:
                self._separate(mark)
            case _:
                raise self._unclear(mark.text)

    def _append(self, piece: RangePiece) -> None:
        self.pieces.append(piece)
        self.before, self.sign, self.ranged, self.name = None, "", False, ""

    def _version(self, mark: Mark, following: Mark | None) -> None:
        if self._is_name(mark, following):
            self._name(mark)
            self.doubtful = True
            return
        if self.doubtful and not ("." in mark.text or _LED_BY_V.match(mark.text)):
            raise self._unclear(mark.text)
        self.doubtful = False
        if self.name and self.product != self.name:
            self._set_product()
        self._take_version(mark)

    def _end_name(self, mark: Mark) -> None:
        """A name may stand at the beginning: FortiOS before 7.0.3, Product X all versions."""
        if mark.kind not in (Kind.BOUND, Kind.ALL) or self.sign:
            raise self._unclear(self.name)
        self._set_product()
        self.name, self.doubtful = "", True

    def _set_product(self) -> None:
        """Take the name as the product's, unless versions of another product came before."""
        if self.product or any(piece.sign != "*" for piece in self.pieces):
            raise self._unclear(self.name)
        self.product = self.name

    def _take_version(self, mark: Mark) -> None:
        if self.excepting:
            self._add("!=", mark.text)
        elif not (self.before or self.sign) and self._goes_on_list(mark):
            self.before = Kind.SEPARATOR
            self._add("=", mark.text)
        elif self.sign:
            self._add(self.sign, mark.text)
        elif self.name and _LED_BY_LETTERS.match(mark.text):
            raise self._unclear(mark.text)  # "Modicon M221" names a model, not a version
        else:
            self._take_version_or_span(mark)

    def _is_name(self, mark: Mark, following: Mark | None) -> bool:
        """Whether a text with digits is part of a product's name: Sample365 Portal 2.1."""
        if not following or not (self.before or self.sign):
            return False
        if following.kind is Kind.NAME or (following.kind is Kind.VERSION and not self.name):
            return bool(_LED_BY_LETTERS.match(mark.text))
        return following.kind is Kind.VERSION and bool(_LED_BY_V.match(following.text))

    def _goes_on_list(self, mark: Mark) -> bool:
        """Whether the V says that the next version of a list begins: < V33.017 V34.014."""
        return bool(_LED_BY_V.match(mark.text)) and any(piece.led for piece in self.pieces)

    def _take_version_or_span(self, mark: Mark) -> None:
        two = _TWO_VERSIONS.fullmatch(mark.text) if self.scheme is Scheme.GENERIC else None
        if two and (two[3] or "." in two[2]) and two[2].count(".") == two[4].count("."):
            self._add(">=", two[2])
            self._add("<=", two[4])
        elif two and not two[3] and _rising(two[2], two[4]):
            raise self._unclear(mark.text)  # 20000-21150: a span, or a version and its build?
        else:
            self._add("=", mark.text)

    def _add(self, sign: str, version: str) -> None:
        if self.scheme is Scheme.GENERIC and _DIGIT_WILD.fullmatch(version):
            raise self._unclear(version)  # V7.6x: one more digit, or any?
        self._append(
            RangePiece(
                sign,
                piece_of(sign, version, self.scheme, self.text),
                self.before,
                led=bool(self.sign),
                named=bool(self.name),
                ranged=self.ranged,
            )
        )

    def _name(self, mark: Mark) -> None:
        _check_name(mark, self.text)
        if not (self.before or self.sign):
            raise self._unclear(mark.text)
        self.name = f"{self.name} {mark.text}".strip()

    def _bound(self, mark: Mark) -> None:
        if self.excepting or (self.sign and not (self.ranged and mark.sign in ("<", "<="))):
            raise self._unclear(mark.text)
        self.sign = mark.sign

    def _bound_after(self, mark: Mark) -> None:
        last = self._last(mark)
        if last.sign == "=" or last.ranged:
            last.sign = mark.sign if last.sign == "=" or mark.text != "まで" else last.sign
        elif last.sign != mark.sign:
            raise self._unclear(mark.text)

    def _last(self, mark: Mark) -> RangePiece:
        """The version in front of this mark, with no separator between them."""
        if self.before or self.sign or self.excepting:
            raise self._unclear(mark.text)
        return self.pieces[-1]

    def _to(self, mark: Mark) -> None:
        if self.excepting or self.sign:
            raise self._unclear(mark.text)
        last = self.pieces[-1] if self.pieces and not self.before else None
        if last and last.sign == "=":
            last.sign = ">="
        elif last and last.sign not in (">", ">=", "*"):
            raise self._unclear(mark.text)
        self.sign, self.ranged = "<=", True

    def _end(self, mark: Mark) -> None:
        if self.sign in ("<", "<="):
            self.sign = mark.sign
            return
        last = self._last(mark)
        if last.sign in ("<", "<="):
            last.sign = mark.sign
        elif last.sign in (">", ">="):
            last.sign = ">" + mark.sign[1:]
        elif last.sign != "=" or mark.sign != "<=":
            raise self._unclear(mark.text)

    def _except(self, mark: Mark) -> None:
        if self.sign or not (self.pieces or mark.text.startswith("!")):
            raise self._unclear(mark.text)
        self.excepting = mark.text
        self.before = self.before or Kind.SEPARATOR

    def _series(self, mark: Mark) -> None:
        last = self._last(mark)
        if last.sign != "=" or not _SERIES.fullmatch(last.version):
            raise self._unclear(mark.text)
        last.version = re.sub(r"(?:\.x)*\Z", ".x", last.version, flags=re.IGNORECASE)

    def _separate(self, mark: Mark) -> None:
        if mark.kind is Kind.BAR and self.excepting:
            if not self.excepting.startswith("!"):
                raise self._unclear(mark.text)
            self.excepting = ""
        self.before = mark.kind


def _rising(first: str, second: str) -> bool:
    return not first.startswith("0") and "." not in first + second and int(first) < int(second)
