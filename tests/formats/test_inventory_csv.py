"""Lists of components as colleagues export them from spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from noroshi.core.errors import Malformed
from noroshi.formats import inventory_csv
from noroshi.formats.drafts import Problem
from noroshi.formats.inventory_csv import ListedComponent

ENGLISH = "System,Vendor,Product,Version\nweb01,Acme,Press,4.1\nweb02,Acme,Lathe,2.0\n"
JAPANESE = "ホスト名,メーカー,製品名,バージョン\n受注サーバー,株式会社例,印刷機制御,４.１\n"


def _components(raw: bytes, mapping: Mapping[str, int] | None = None) -> list[ListedComponent]:
    rows = inventory_csv.rows(raw, mapping or inventory_csv.sample(raw).mapping)
    return [row for row in rows if isinstance(row, ListedComponent)]


def _problems(raw: bytes) -> list[Problem]:
    rows = inventory_csv.rows(raw, inventory_csv.sample(raw).mapping)
    return [row for row in rows if isinstance(row, Problem)]


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp932", "cp932"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_a_japanese_list_is_read_in_any_usual_encoding(encoding: str, named: str) -> None:
    text = JAPANESE if not encoding.startswith("utf-16-") else ENGLISH * 20
    raw = text.encode(encoding)
    sample = inventory_csv.sample(raw) if text == JAPANESE else None
    if sample:
        assert sample.encoding == named
        assert sample.mapping == {"system": 0, "vendor": 1, "name": 2, "version": 3}
        (row,) = _components(raw)
        assert (row.system, row.component.name) == ("受注サーバー", "印刷機制御")
    else:
        assert inventory_csv._encoding(raw) == named


def test_a_text_in_no_known_encoding_is_refused() -> None:
    with pytest.raises(Malformed, match="Shift_JIS"):
        inventory_csv.sample(b"name,version\n\xff\xfd\x81,1\n\xa0\xff")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    raw = ENGLISH.replace(",", delimiter).encode()
    assert inventory_csv.sample(raw).delimiter == delimiter
    assert [row.component.version for row in _components(raw)] == ["4.1", "2.0"]


def test_a_list_of_one_column_is_a_list() -> None:
    assert [row.component.name for row in _components(b"\nProduct\nPress\n\nLathe\n")] == [
        "Press",
        "Lathe",
    ]


def test_titles_and_blank_lines_above_the_header_are_passed_over() -> None:
    raw = f"Inventory of 2024\n\n{ENGLISH}".encode()
    sample = inventory_csv.sample(raw, rows=1)
    assert sample.header == ("System", "Vendor", "Product", "Version")
    assert sample.header_line == 3
    assert sample.rows == ((4, ("web01", "Acme", "Press", "4.1")),)


@pytest.mark.parametrize("title", ["Inventory, October", "機器一覧,2026年,大阪工場"])
def test_a_title_with_a_comma_above_the_list_does_not_decide_how_cells_are_parted(
    title: str,
) -> None:
    raw = f"{title}\n{ENGLISH.replace(',', ';')}".encode()
    assert inventory_csv.sample(raw).header == ("System", "Vendor", "Product", "Version")


def test_empty_cells_behind_the_last_column_are_no_fault() -> None:
    raw = b"Product,Version\nPress,4.1,\nLathe,2,,,\nSaw,1,,x\n"
    assert [row.component.name for row in _components(raw)] == ["Press", "Lathe"]
    assert [problem.where for problem in _problems(raw)] == ["line 4"]


def test_a_cell_may_hold_delimiters_quotes_and_line_breaks() -> None:
    raw = b'Product,Version\n"Press, ""big"" one\nsecond line",4.1\nLathe,2\n'
    first, second = _components(raw)
    assert first.component.name == 'Press, "big" one\nsecond line'
    assert (first.line, second.line) == (2, 4)


def test_every_field_has_a_column_and_short_rows_are_filled_up() -> None:
    raw = (
        "name,version,vendor,purl,cpe,serial number,型番,Type,host\n"
        "a,,,pkg:npm/a@1.0,,S-1,M-1,library,web01\n"
        "b,,,,cpe:2.3:a:x:b:2.0:*:*:*:*:*:*:*\n"
        "c,3\n"
    ).encode()
    first, two, three = _components(raw)
    assert (first.component.version, first.component.purl) == ("1.0", "pkg:npm/a")
    assert (first.component.serial, first.component.model) == ("S-1", "M-1")
    assert (first.component.kind, first.system) == ("library", "web01")
    assert (two.component.version, two.component.cpe[:19]) == ("2.0", "cpe:2.3:a:x:b:*:*:*")
    assert (three.component.version, three.component.where) == ("3", "line 4")


def test_the_person_may_choose_other_columns() -> None:
    assert _components(b"A,B\nPress,4.1\n", {"name": 0, "version": 1})[0].component.name == "Press"
    with pytest.raises(Malformed, match="No column is chosen"):
        list(inventory_csv.rows(b"A,B\nPress,4.1\n", {"version": 1}))


def test_a_bad_row_is_named_with_its_line_and_the_rest_is_read() -> None:
    raw = (
        b"Product,Version,purl\n"
        b"Press,4.1,\n"
        b",1.0,\n"
        b"Lathe,1,,too,many\n"
        b"Saw,1,no purl\n" + b"x" * 3000 + b",1,\n"
        b"N\x00L,1,\n"
        b"Mill,2,\n"
    )
    assert [row.component.name for row in _components(raw)] == ["Press", "Mill"]
    assert [problem.where for problem in _problems(raw)] == [
        f"line {number}" for number in (3, 4, 5, 6, 7)
    ]
    assert str(_problems(raw)[1]) == "The row has 5 cells, the header 3."


def test_a_list_with_two_headers_is_refused_with_the_line() -> None:
    with pytest.raises(Malformed) as error:
        inventory_csv.sample(b"System,Product,Version\nHost,Name,Release\nweb01,Press,1\n")
    assert error.value.where == "line 2"
    with pytest.raises(Malformed) as error:
        list(inventory_csv.rows(b"System,Product\nHost,Name\nweb01,Press\n", {"name": 1}))
    assert error.value.where == "line 2"


def test_two_lists_in_one_file_are_refused_with_the_line_of_the_second_header() -> None:
    with pytest.raises(Malformed) as error:
        _components(f"{ENGLISH}SYSTEM,vendor,Product,version\ndb01,Acme,Saw,1\n".encode())
    assert error.value.where == "line 4"


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(Malformed, match="Two columns are named “Version”") as error:
        inventory_csv.sample(b"Product,Version,Version\nPress,1,2\n")
    assert error.value.where == "line 1"


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"", ""),
        (b"just a line\nand another\n", ""),
        (b'Product,Version\n"Press,4.1\nLathe,2\n', "line 2"),
        (b'Product,Version\n"Press"x,4.1\n', "line 2"),
        (b"Product,Version\n" + b"x" * 200_000 + b",1\n", "line 2"),
        (b"Product," + b",".join(b"c%d" % number for number in range(600)), "line 1"),
    ],
)
def test_what_is_no_list_is_refused(raw: bytes, where: str) -> None:
    with pytest.raises(Malformed) as error:
        list(inventory_csv.rows(raw, {"name": 0}))
    assert error.value.where == where


def test_a_list_that_is_too_long_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory_csv, "MAX_ROWS", 1)
    with pytest.raises(Malformed, match="more than 1 rows"):
        _components(ENGLISH.encode())
    monkeypatch.setattr(inventory_csv, "MAX_BYTES", 10)
    with pytest.raises(Malformed, match="larger than"):
        _components(ENGLISH.encode())
