"""Files, folders and archives as a stream of documents, bounded in number, size and ratio."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import jsontext
from noroshi.formats.third_party import contain_errors

MAX_FILE = 200_000_000
MAX_UNPACKED = 500_000_000
MAX_MEMBERS = 20_000
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 10_000_000
_HEAD = 65_536
_ZIP, _GZIP, _TAR = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b", b"ustar"

Stream: TypeAlias = "io.BufferedReader[Any]"
_COMPANION = re.compile(r"\.\w+\.(asc|sig|sha256|sha512)$")
_PACKED_NAMES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst")


@dataclass(frozen=True, slots=True)
class Document:
    """One document with its bytes, or with the problem of reading them. ``file`` is for people."""

    file: str
    raw: bytes = b""
    line: int | None = None
    problem: Malformed | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "file", printable_name(self.file))


def printable_name(name: str) -> str:
    """Return ``name`` with a sign in place of what cannot be shown or stored: controls, broken UTF-8."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def documents(path: Path) -> Iterator[Document]:
    """Every document in a file, an archive or a folder; problems are documents too.

    In folders and archives the signature or checksum of a document is passed over.
    """
    if not path.is_dir():
        yield from _from_file(path)
        return
    for inner in sorted(path.rglob("*")):
        companion = _COMPANION.search(inner.name)
        if inner.is_file() and not inner.is_symlink() and not companion:
            yield from _from_file(inner)


def documents_in(raw: bytes, name: str) -> Iterator[Document]:
    """As ``documents``, for a file that was uploaded under a name."""
    if not _is_packed(raw) and not _has_lines(raw[:_HEAD], name):
        # Handed on as it is: a second copy of a big file is memory for nothing.
        too_large = len(raw) > jsontext.MAX_BYTES
        yield (
            Document(name, problem=_too_large(jsontext.MAX_BYTES))
            if too_large
            else Document(name, raw)
        )
        return
    yield from _with_archive_errors(name, _from_stream(io.BufferedReader(io.BytesIO(raw)), name))


def _from_file(path: Path) -> Iterator[Document]:
    name = str(path)
    try:
        if path.stat().st_size > MAX_FILE:
            yield Document(name, problem=_too_large(MAX_FILE))
            return
        with io.BufferedReader(io.FileIO(path), _HEAD) as stream:
            yield from _with_archive_errors(name, _from_stream(stream, name))
    except OSError as error:
        sentence = gettext_noop("The file cannot be opened (%(reason)s).")
        reason = error.strerror or type(error).__name__
        yield Document(name, problem=Malformed("", sentence, reason=reason))


def _with_archive_errors(name: str, unpacked: Iterator[Document]) -> Iterator[Document]:
    """The documents up to the place where the archive is broken, then the problem."""
    try:
        with contain_errors("archive"):
            yield from unpacked
    except Malformed as error:
        yield Document(name, problem=error)


def _from_stream(stream: Stream, name: str) -> Iterator[Document]:
    head = stream.peek(512)
    if head.startswith(_ZIP):
        yield from _from_zip(stream, name)
    elif head.startswith(_GZIP):
        yield from _from_gzip(stream, name)
    elif head[257:262] == _TAR:
        yield from _from_tar(stream, name)
    else:
        yield from _from_plain(stream, name)


def _from_zip(stream: Stream, name: str) -> Iterator[Document]:
    with zipfile.ZipFile(stream) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not _COMPANION.search(member.filename)
        ]
        if any(member.filename == "[Content_Types].xml" for member in members):
            yield Document(name, b"PK")  # an Office file, named by its mark alone
            return
        _check_archive(len(members), sum(member.file_size for member in members))
        for member in members:
            inner = f"{name}/{member.filename}"
            packed_size = max(member.compress_size, _RATIO_COUNTS_FROM // MAX_RATIO)
            if member.file_size > MAX_RATIO * packed_size:
                yield Document(inner, problem=_grows_too_much())
            elif member.flag_bits & 1:
                sentence = gettext_noop("The archive is encrypted. Unpack it first.")
                yield Document(inner, problem=Malformed("", sentence))
            else:
                with archive.open(member) as packed:
                    yield _check_member(inner, _read_bounded(packed))


def _from_gzip(stream: Stream, name: str) -> Iterator[Document]:
    unpacked = io.BufferedReader(_Bounded(stream), _HEAD)
    if unpacked.peek(512)[257:262] == _TAR:
        yield from _from_tar(unpacked, name)
    else:
        yield from _from_plain(unpacked, name)


def _from_tar(stream: Stream, name: str) -> Iterator[Document]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for count, member in enumerate(archive, start=1):
            _check_archive(count, 0)
            if _COMPANION.search(member.name):
                continue
            if member.isfile():
                content = cast(IO[bytes], archive.extractfile(member))
                yield _check_member(f"{name}/{member.name}", _read_bounded(content))
            elif not member.isdir():
                sentence = gettext_noop("Links and devices in archives are not followed.")
                yield Document(f"{name}/{member.name}", problem=Malformed("", sentence))


def _check_member(name: str, raw: bytes) -> Document:
    if len(raw) > jsontext.MAX_BYTES:
        return Document(name, problem=_too_large(jsontext.MAX_BYTES))
    if _is_packed(raw) or name.lower().endswith(_PACKED_NAMES):
        sentence = gettext_noop("Archives in archives are not opened. Unpack the outer one first.")
        return Document(name, problem=Malformed("", sentence))
    return Document(name, raw)


def _is_packed(raw: bytes) -> bool:
    return raw.startswith((*_ZIP, _GZIP)) or raw[257:262] == _TAR


def _from_plain(stream: Stream, name: str) -> Iterator[Document]:
    if not _has_lines(stream.peek(_HEAD), name):
        raw = _read_bounded(stream)
        if len(raw) > jsontext.MAX_BYTES:
            raise _too_large(jsontext.MAX_BYTES)
        yield Document(name, raw)
        return
    number = 0
    while line := stream.readline(jsontext.MAX_BYTES + 1):
        number += 1
        if len(line) > jsontext.MAX_BYTES:
            raise _too_large(jsontext.MAX_BYTES)
        if line.strip():
            yield Document(name, line, number)


def _read_bounded(stream: IO[bytes] | Stream) -> bytes:
    """All bytes, or one more than a document may have; in pieces, for ``read`` allocates ahead."""
    pieces: list[bytes] = []
    size = 0
    while size <= jsontext.MAX_BYTES and (piece := stream.read(_HEAD)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _has_lines(head: bytes, name: str) -> bool:
    """Whether each line is a document of its own (JSON Lines)."""
    if name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        return True
    first, _, rest = head.partition(b"\n")
    if not first.startswith(b"{") or not rest.lstrip().startswith(b"{"):
        return False
    try:
        jsontext.decode(first)
    except Malformed:
        return False
    return True


def _check_archive(members: int, size: int) -> None:
    if members > MAX_MEMBERS:
        raise Malformed(
            "", gettext_noop("The archive holds more than %(limit)d files."), limit=MAX_MEMBERS
        )
    if size > MAX_UNPACKED:
        raise _too_large(MAX_UNPACKED)


def _too_large(limit: int) -> Malformed:
    sentence = gettext_noop("The file is larger than %(limit)d MB.")
    return Malformed("", sentence, limit=limit // 10**6)


def _grows_too_much() -> Malformed:
    sentence = gettext_noop(
        "The file grows more than %(limit)d-fold when unpacked and is not opened."
    )
    return Malformed("", sentence, limit=MAX_RATIO)


class _Bounded(io.RawIOBase):
    """The unpacked bytes of a gzip stream, until they are too many for what was packed."""

    def __init__(self, packed: Stream) -> None:
        self._packed = packed
        self._unpacked = gzip.GzipFile(fileobj=packed)
        self._size = 0

    def readable(self) -> bool:
        """Return true: this is a stream to read from."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # narrower than Buffer
        """Fill ``buffer`` and count; raises ``Malformed`` past the limits."""
        content = self._unpacked.read(min(len(buffer), _HEAD))
        buffer[: len(content)] = content
        self._size += len(content)
        if self._size > MAX_UNPACKED:
            raise _too_large(MAX_UNPACKED)
        grown = self._size > MAX_RATIO * max(self._packed.tell(), 1)
        if self._size > _RATIO_COUNTS_FROM and grown:
            raise _grows_too_much()
        return len(content)
