"""Bytes to JSON values, with every bound checked before a parser allocates anything.

Depth, number of values, encoding and NUL are counted on the bytes; only then does orjson
(which has no unbounded recursion and refuses NaN, infinities and lone surrogates) parse.
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from itertools import accumulate
from typing import cast

import orjson

from noroshi.core.errors import Malformed, gettext_noop

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

MAX_BYTES = 40_000_000
MAX_DEPTH = 200
MAX_VALUES = 3_000_000
MAX_TEXT = 5_000_000  # bytes of a text: a single emoji makes each sign four bytes in memory
_PIECE = 262_144  # bytes that are checked at once, so that checking needs no memory

_STRING = re.compile(rb'"[^"]*"?')
_LONG_STRING = re.compile(rb'"[^"]{%d}' % MAX_TEXT)
_STEP = [0] * 256
_STEP[ord("{")] = _STEP[ord("[")] = 1
_STEP[ord("}")] = _STEP[ord("]")] = -1
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{}[]")
_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def decode(raw: bytes) -> Json:
    """The JSON value in ``raw`` (UTF-8, a BOM is allowed); raises ``Malformed`` with the line.

    Refused: more than 40 MB, 200 levels, 3 million values or 5 MB in one text, other encodings,
    NaN, infinities, NUL and lone surrogates in text, a name used twice in one object (RFC 8259,
    section 4).
    """
    if len(raw) > MAX_BYTES:
        raise Malformed(
            "", gettext_noop("The document is larger than %(limit)d MB."), limit=MAX_BYTES // 10**6
        )
    raw = _utf8(raw)
    unescaped = raw.replace(b"\\\\", b"")
    if b"\\u0000" in unescaped:
        line = unescaped.count(b"\n", 0, unescaped.index(b"\\u0000")) + 1
        raise Malformed(f"line {line}", gettext_noop("A text holds the character NUL."))
    unescaped = unescaped.replace(b'\\"', b"")
    if _LONG_STRING.search(unescaped):
        raise Malformed(
            "", gettext_noop("A text is longer than %(limit)d MB."), limit=MAX_TEXT // 10**6
        )
    structure = _without_texts(unescaped)
    del unescaped
    _check_size(structure)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Malformed(
            f"line {error.lineno}",
            gettext_noop("This is not JSON: %(reason)s."),
            reason=str(error).split(": line ")[0],
        ) from None
    if structure.count(b":") != _count_names(value):
        raise Malformed(
            "",
            gettext_noop("The name “%(name)s” occurs twice in one object."),
            name=_repeated_name(raw)[:60],
        )
    return cast(Json, value)


def _utf8(raw: bytes) -> bytes:
    for bom, name in _BOMS:
        if raw.startswith(bom):
            raise _wrong_encoding(name)
    if raw[:4].count(0) > 1:
        raise _wrong_encoding("UTF-16")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    decoder = getincrementaldecoder("utf-8")()
    for start in range(0, len(raw), _PIECE):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(raw[start : start + _PIECE], final=start + _PIECE >= len(raw))
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, start - pending + error.start) + 1
            raise Malformed(
                f"line {line}",
                gettext_noop("The text is not UTF-8. Save it as UTF-8 and try again."),
            ) from None
    return raw


def _wrong_encoding(name: str) -> Malformed:
    return Malformed(
        "",
        gettext_noop("The text is %(encoding)s, JSON is UTF-8. Save it as UTF-8 and try again."),
        encoding=name,
    )


def _without_texts(unescaped: bytes) -> bytes:
    """The brackets, commas and colons of a document that has no escaped quotes any more."""
    pieces, inside = [], False
    for start in range(0, len(unescaped), _PIECE):
        piece = unescaped[start : start + _PIECE]
        if inside:
            piece = b'"' + piece
        pieces.append(_STRING.sub(b"", piece))
        inside = piece.count(b'"') % 2 == 1
    return b"".join(pieces)


def _check_size(structure: bytes) -> None:
    values = sum(structure.count(mark) for mark in (b",", b"[", b"{", b":"))
    if values > MAX_VALUES:
        raise Malformed(
            "",
            gettext_noop("The document holds more than %(limit)d million values."),
            limit=MAX_VALUES // 10**6,
        )
    brackets = structure.translate(None, _NOT_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH:
        sentence = gettext_noop("The document is nested deeper than %(limit)d levels.")
        raise Malformed("", sentence, limit=MAX_DEPTH)


def _count_names(value: object) -> int:
    names = 0
    level = [value]
    while level:
        names += sum(len(node) for node in level if type(node) is dict)
        level = [
            child
            for node in level
            for child in (
                node.values() if type(node) is dict else node if type(node) is list else ()
            )
            if type(child) is dict or type(child) is list
        ]
    return names


def _repeated_name(raw: bytes) -> str:
    """The name that occurs twice, by reading again slowly; the depth is known to be small."""
    repeated: list[str] = []

    def check(pairs: list[tuple[str, object]]) -> dict[str, object]:
        seen = dict(pairs)
        if len(seen) != len(pairs) and not repeated:
            names = [name for name, _ in pairs]
            repeated.append(next(name for name in names if names.count(name) > 1))
        return seen

    json.loads(raw, object_pairs_hook=check)
    return repeated[0]
