"""Lists of components as spreadsheets save them: any delimiter, UTF-8, UTF-16 or CP932.

A mapping says which column holds which field; bad rows are named with their line and the
rest is read.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TextIO

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import cpe, purl
from noroshi.formats.drafts import ComponentDraft, Problem

MAX_BYTES = 40_000_000
MAX_ROWS = 200_000
MAX_CELL = 2_000
MAX_COLUMNS = 500
_PIECE = 262_144

_DELIMITERS = ",\t;|"
_KNOWN_COLUMNS = {
    "name": "product|product name|name|component|component name|software|software name|package"
    "|application|製品|製品名|名称|品名|ソフトウェア|ソフトウェア名|アプリケーション|コンポーネント"
    "|コンポーネント名|パッケージ|パッケージ名|プロダクト",
    "version": "version|ver|release|firmware|firmware version|product version|バージョン|版|版数"
    "|リビジョン|ファームウェア|ファームウェアバージョン",
    "vendor": "vendor|vendor name|manufacturer|publisher|supplier|maker|company|ベンダ|ベンダー"
    "|ベンダー名|ベンダ名|メーカ|メーカー|メーカー名|製造元|開発元|提供元|発行元",
    "purl": "purl|package url",
    "cpe": "cpe|cpe23|cpe 2.3|cpe name|cpe名",
    "serial": "serial|serial number|serial no|シリアル|シリアル番号|製造番号",
    "model": "model|model number|model name|part number|型番|型式|機種|機種名|モデル",
    "kind": "type|kind|category|component type|種別|種類|区分|分類",
    "system": "system|system name|host|host name|hostname|asset|asset name|server|システム"
    "|システム名|ホスト|ホスト名|機器名|資産名|サーバ名|サーバー名",
    "exposure": "exposure|network exposure|zone|公開範囲|露出|ネットワーク区分|接続範囲",
    "criticality": "criticality|business criticality|importance|重要度|業務重要度|資産重要度",
    "environment": "environment|env|stage|環境|環境区分|利用環境",
    "place": "place|location|site|設置場所|場所|拠点|設置拠点",
    "owner": "owner|operator|responsible|contact|担当|担当者|運用担当|運用担当者|管理者|所有者",
}
FIELDS = tuple(_KNOWN_COLUMNS)
# These describe the system that the row names, not the component.
SYSTEM_FIELDS = ("exposure", "criticality", "environment", "place", "owner")


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a list: ``mapping`` is a guess, field → column number from 0."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    mapping: dict[str, int]


@dataclass(frozen=True, slots=True)
class ListedComponent:
    """One row: the component, and the system that it is in where a column says so.

    ``about`` has the row's values for that system, by ``SYSTEM_FIELDS``, without empty ones.
    """

    line: int
    component: ComponentDraft
    system: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


def sample(raw: bytes, rows: int = 10) -> Sample:
    """Encoding, delimiter, header, first rows and a guessed mapping of a CSV file.

    Raises ``Malformed`` with the line for a file that is no list, two columns of one name,
    or a second header below the first or among these rows.
    """
    encoding = _encoding(raw)
    delimiter = _delimiter(_text(raw, encoding))
    lines = _lines(_text(raw, encoding), delimiter)
    header_line, header = _header(lines)
    first: list[tuple[int, tuple[str, ...]]] = []
    for line, cells in lines:
        if not first:
            _check_no_second_header(line, cells)
        _check_header_not_repeated(line, cells, header)
        first.append((line, cells))
        if len(first) == rows:
            break
    return Sample(encoding, delimiter, header, header_line, tuple(first), _guess_mapping(header))


def rows(raw: bytes, mapping: Mapping[str, int]) -> Iterator[ListedComponent | Problem]:
    """Every row as a component, or the problem with it; ``mapping`` is field → column number.

    Raises ``Malformed`` as ``sample`` does, and when ``mapping`` has no column for the name.
    """
    if "name" not in mapping:
        raise Malformed("", gettext_noop("No column is chosen for the product name."))
    encoding = _encoding(raw)
    lines = _lines(_text(raw, encoding), _delimiter(_text(raw, encoding)))
    _, header = _header(lines)
    for count, (line, cells) in enumerate(lines):
        if not count:
            _check_no_second_header(line, cells)
        _check_header_not_repeated(line, cells, header)
        if count >= MAX_ROWS:
            raise Malformed(
                f"line {line}",
                gettext_noop("The list has more than %(limit)d rows."),
                limit=MAX_ROWS,
            )
        yield _read_row(line, cells, len(header), mapping)


def _read_row(
    line: int, cells: tuple[str, ...], width: int, mapping: Mapping[str, int]
) -> ListedComponent | Problem:
    where = f"line {line}"
    if any(cells[width:]):
        return Problem(
            where,
            gettext_noop("The row has %(cells)d cells, the header %(width)d."),
            {"cells": len(cells), "width": width},
        )
    if max(map(len, cells)) > MAX_CELL or any("\x00" in cell for cell in cells):
        return Problem(where, gettext_noop("A cell is too long or holds the character NUL."))
    values = {
        name: cells[column] if column < len(cells) else "" for name, column in mapping.items()
    }
    if not values["name"]:
        return Problem(where, gettext_noop("The product name is empty."))
    try:
        package = purl.read(values["purl"]) if values.get("purl") else None
        platform = cpe.read(values["cpe"]) if values.get("cpe") else None
    except Malformed as error:
        return Problem(where, error.message, error.values)
    component = ComponentDraft(
        name=values["name"],
        version=values.get("version")
        or (package.version if package else "")
        or (platform.version if platform else ""),
        vendor=values.get("vendor", ""),
        purl=package.text if package else "",
        cpe=platform.text if platform else "",
        kind=values.get("kind", ""),
        serial=values.get("serial", ""),
        model=values.get("model", ""),
        where=where,
    )
    about = {name: values[name] for name in SYSTEM_FIELDS if values.get(name)}
    return ListedComponent(line, component, values.get("system", ""), about)


def _encoding(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise Malformed(
            "", gettext_noop("The file is larger than %(limit)d MB."), limit=MAX_BYTES // 10**6
        )
    for encoding in _encodings(raw):
        if _decodes(raw, encoding):
            return encoding
    raise Malformed("", gettext_noop("The text is neither UTF-8, UTF-16 nor Shift_JIS (CP932)."))


def _decodes(raw: bytes, encoding: str) -> bool:
    """Whether the bytes are text in the encoding.

    Tried in pieces: as one text a file may be four times as long as it is in bytes.
    """
    decoder = getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(raw), _PIECE):
            decoder.decode(raw[start : start + _PIECE], final=start + _PIECE >= len(raw))
    except UnicodeDecodeError:
        return False
    return True


def _text(raw: bytes, encoding: str) -> TextIO:
    return io.TextIOWrapper(io.BytesIO(raw), encoding, newline="")


def _encodings(raw: bytes) -> tuple[str, ...]:
    if raw.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    start = raw[:1000]
    if start[1::2].count(0) > len(start) // 8:
        return ("utf-16-le",)
    if start[::2].count(0) > len(start) // 8:
        return ("utf-16-be",)
    return ("utf-8", "cp932")


def _delimiter(text: TextIO) -> str:
    """The mark that occurs most often in the first line that has a mark, if the next has it too.

    The next line shows whether a list begins there, or whether it is a title with a comma.
    """
    lines = [re.sub(r'"[^"]*"?', "", line) for line in text.read(100_000).splitlines()]
    first = ""
    for line, following in pairwise([*filter(str.strip, lines), ""]):
        best = max(_DELIMITERS, key=line.count)
        if best in line and best in following:
            return best
        if best in line and not first:
            first = best
    return first or ","


def _lines(text: TextIO, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows that are not blank, each with the number of its first line."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Malformed(
                f"line {line}",
                gettext_noop("The row cannot be read (%(reason)s)."),
                reason=str(error)[:100],
            ) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, tuple(cell.strip() for cell in cells)
        line = reader.line_num + 1


def _header(lines: Iterator[tuple[int, tuple[str, ...]]]) -> tuple[int, tuple[str, ...]]:
    """The first row with two cells or a known column name; titles above it are passed over."""
    for line, cells in lines:
        names = [cell for cell in cells if cell]
        if len(names) < 2 and not _guess_mapping(cells):
            continue
        twice = next((cell for cell in names if names.count(cell) > 1), None)
        if len(cells) > MAX_COLUMNS:
            raise Malformed(
                f"line {line}",
                gettext_noop("The list has more than %(limit)d columns."),
                limit=MAX_COLUMNS,
            )
        if twice is not None:
            raise Malformed(
                f"line {line}",
                gettext_noop("Two columns are named “%(name)s”."),
                name=twice[:60],
            )
        return line, cells
    raise Malformed("", gettext_noop("The file has no header with column names."))


def _check_no_second_header(line: int, cells: tuple[str, ...]) -> None:
    """Refuse a second header line directly below the first."""
    names = [cell for cell in cells if cell]
    if len(names) > 1 and len(_guess_mapping(tuple(names))) == len(names):
        raise Malformed(
            f"line {line}",
            gettext_noop("This is a second header. Leave one header line above the rows."),
        )


def _check_header_not_repeated(line: int, cells: tuple[str, ...], header: tuple[str, ...]) -> None:
    """Refuse a row that repeats the header further down."""
    if [_folded(cell) for cell in cells] == [_folded(cell) for cell in header]:
        raise Malformed(
            f"line {line}",
            gettext_noop("The header stands here again: two lists seem to be in one file."),
        )


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_\-]+", " ", text).strip(" :*#")


_FIELD_OF = {
    _folded(name): known for known, names in _KNOWN_COLUMNS.items() for name in names.split("|")
}


def _guess_mapping(header: tuple[str, ...]) -> dict[str, int]:
    mapping: dict[str, int] = {}
    for column, name in enumerate(header):
        field_name = _FIELD_OF.get(_folded(name))
        if field_name:
            mapping.setdefault(field_name, column)
    return mapping
