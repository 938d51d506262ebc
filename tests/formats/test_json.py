"""JSON from strangers: bounds before parsing, and a place for every complaint."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noroshi.core.errors import Malformed
from noroshi.formats import jsontext
from noroshi.formats.node import Node, document
from noroshi.formats.third_party import contain_errors


def _refusal(raw: bytes) -> Malformed:
    with pytest.raises(Malformed) as error:
        jsontext.decode(raw)
    assert str(error.value)
    return error.value


def test_a_document_with_a_byte_order_mark_is_read() -> None:
    assert jsontext.decode(b'\xef\xbb\xbf{"a": [1, "\\"x\\\\", null]}') == {"a": [1, '"x\\', None]}


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"", "line 1"),
        (b"hello", "line 1"),
        (b'{"a": 1,\n "b": }', "line 2"),
        (b'{"a": NaN}', "line 1"),
        (b'{"a": Infinity}', "line 1"),
        (b'{"a": 1e999}', "line 1"),
        (b"9" * 400, "line 1"),
        (b'"\\ud800"', "line 1"),
        (b'"\xed\xa0\x80"', "line 1"),
        (b'"a\x00b"', "line 1"),
        (b'{"a":\n"x\\u0000y"}', "line 2"),
        ('{"a":\n"é"}'.encode("latin-1"), "line 2"),
        (b'"abc', "line 1"),
        (b'"abc\\', "line 1"),
        (b"[1, 2", "line 1"),
    ],
)
def test_what_is_not_json_is_refused_with_its_line(raw: bytes, line: str) -> None:
    assert _refusal(raw).where == line


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_another_encoding_is_named(encoding: str) -> None:
    assert "UTF-8" in str(_refusal('{"a": 1}'.encode(encoding)))


def test_a_big_endian_mark_names_its_encoding() -> None:
    assert "UTF-32" in str(_refusal(b"\x00\x00\xfe\xff\x00\x00\x00{"))
    assert "UTF-16" in str(_refusal(b"\xfe\xff\x00{"))


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert jsontext.decode(b'"\\\\u0000"') == "\\u0000"


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_two_hundred_levels_are_read_and_one_more_is_refused(opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    jsontext.decode(opening * 200 + b"1" + closing * 200)
    assert "200 levels" in str(_refusal(opening * 201 + b"1" + closing * 201))
    assert "200 levels" in str(_refusal(opening * 100_000))


def test_brackets_inside_of_texts_are_no_levels() -> None:
    assert jsontext.decode(b'"' + b"[" * 300 + b'"') == "[" * 300


def test_too_many_bytes_or_values_are_refused_before_they_are_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "million values" in str(_refusal(b"[" + b"1," * 5_000_001 + b"1]"))
    monkeypatch.setattr(jsontext, "MAX_BYTES", 1_000_000)
    assert "1 MB" in str(_refusal(b" " * 1_000_001))


def test_a_text_of_five_megabytes_is_read_and_a_longer_one_is_refused() -> None:
    assert len(str(jsontext.decode(b'"' + b"x" * 4_999_999 + b'"'))) == 4_999_999
    assert "longer than 5 MB" in str(_refusal(b'"' + b"x" * 5_000_001 + b'"'))


@pytest.mark.parametrize("raw", [b'{"a": 1, "b": 2, "a": 3}', b'[{"\\u0061": 1, "a": {"c": [2]}}]'])
def test_a_name_that_occurs_twice_is_refused(raw: bytes) -> None:
    assert "“a” occurs twice" in str(_refusal(raw))


def test_only_the_first_repeated_name_is_told() -> None:
    assert "“x”" in str(_refusal(b'[{"x": 1, "x": 1}, {"y": 1, "y": 2}]'))


def test_a_field_of_another_type_is_refused_with_its_pointer() -> None:
    node = document(b'{"a": {"t": 1, "l": {}, "m": ["x", 2], "o": [1], "d": "soon", "n": true}}')
    inner = node.node("a")
    for ask, where in (
        (lambda: inner.text("t"), "a/t"),
        (lambda: list(inner.nodes("l")), "a/l"),
        (lambda: inner.texts("m"), "a/m/1"),
        (lambda: list(inner.nodes("o")), "a/o/0"),
        (lambda: inner.node("t"), "a/t"),
        (lambda: inner.moment("d"), "a/d"),
        (lambda: inner.scalar("n"), "a/n"),
        (lambda: inner.required_text("absent"), "a/absent"),
    ):
        with pytest.raises(Malformed) as error:
            ask()
        assert error.value.where == where


def test_what_is_absent_or_null_reads_as_empty() -> None:
    node = Node({"null": None, "number": 2, "at": "2024-01-01T09:00:00"})
    assert node.text("null") == "" == node.node("null").text("x")
    assert node.texts("absent") == () == tuple(node.nodes("absent"))
    assert "null" not in node and "number" in node
    assert node.scalar("number") == "2"
    assert node.moment("absent") is None
    assert node.moment("at") == datetime(2024, 1, 1, 9, tzinfo=UTC)


def test_a_list_at_the_top_is_no_document() -> None:
    with pytest.raises(Malformed):
        document(b"[]")


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), SystemExit(2), ValueError("x")])
def test_whatever_a_library_throws_ends_in_a_refusal(error: BaseException) -> None:
    with pytest.raises(Malformed, match=type(error).__name__), contain_errors("CSAF"):
        raise error


def test_our_own_refusals_pass_unchanged() -> None:
    with pytest.raises(Malformed, match="here: x"), contain_errors("CSAF"):
        raise Malformed("here", "x")
