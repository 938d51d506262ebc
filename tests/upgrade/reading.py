"""Read an instance as programs do, so that its answers can be compared with those of before."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tests.upgrade.instance import Visitor

Json = dict[str, Any]
_PLACE = re.compile(r"\{(\w+)\}")
EACH = 2  # so many of each kind of thing are read
WORDS = ("見本ゲートウェイ", "東雲", "FortiOS", "CVE-2026-90202", "拠点")


def operations(visitor: Visitor) -> dict[str, Json]:
    """The operations that the document of the API offers: method, path, and the names they take."""
    result: dict[str, Json] = {}
    for path, methods in visitor.get("/api/v1/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            result[operation["operationId"]] = {
                "method": method.upper(),
                "path": path,
                "parameters": sorted(entry["name"] for entry in operation.get("parameters", [])),
            }
    return result


def questions(visitor: Visitor, ids: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Every GET operation by its id with addresses that lead somewhere.

    ``ids`` names things that must be among them, by the name of the place in the path.
    """
    for name, operation in operations(visitor).items():
        if operation["method"] == "GET":
            for path in _filled(visitor, operation["path"], ids):
                for asks in _asks(name, operation):
                    yield name, f"{path}?{asks}" if asks else path


def _asks(name: str, operation: Json) -> list[str]:
    """The queries with which it is asked: the search for some words, a list for its beginning."""
    if name == "find":
        return [urlencode({"q": word, "limit": 3}) for word in WORDS]
    return ["limit=3"] if "limit" in operation["parameters"] else [""]


def _filled(visitor: Visitor, path: str, ids: dict[str, list[str]]) -> list[str]:
    place = _PLACE.search(path)
    if place is None:
        return [path]
    before, after = path[: place.start()], path[place.end() :]
    if place[1] == "file_id":
        row = visitor.get(before.removesuffix("/files/")).json()
        files = row["attachments"] + [
            entry for reply in row["answers"] for entry in reply["evidence"]
        ]
        values = [entry["id"] for entry in files]
    else:
        values = ids.get(before.removeprefix("/api/v1"), [])
        rows = visitor.get(before.removesuffix("/"), limit="3").json()["items"]
        values = [*values, *(row["id"] for row in rows if row["id"] not in values)]
    return [
        result
        for value in values[:EACH]
        for result in _filled(visitor, f"{before}{value}{after}", ids)
    ]


def answers(visitor: Visitor, paths: list[str]) -> dict[str, Json]:
    """The answer of the API at each path: status, kind, and JSON or the hash of the bytes."""
    result: dict[str, Json] = {}
    for path in paths:
        answer = visitor.get(path)
        kind = answer.headers["Content-Type"]
        result[path] = {"status": answer.status, "kind": kind}
        if "json" in kind and "Content-Disposition" not in answer.headers:
            result[path]["json"] = answer.json()
        elif kind != "application/pdf":  # a page may be set anew
            result[path]["sha256"] = hashlib.sha256(answer.raw).hexdigest()
    return result


def missing(before: Any, now: Any, place: str = "") -> list[str]:
    """Where an answer no longer says what it said; new fields are welcome."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            fault
            for key, value in before.items()
            for fault in (
                missing(value, now[key], f"{place}.{key}")
                if key in now
                else [f"{place}.{key} is gone"]
            )
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [
            fault
            for number, (old, new) in enumerate(zip(before, now, strict=True))
            for fault in missing(old, new, f"{place}[{number}]")
        ]
    if place.endswith((".next", ".previous")) and isinstance(before, str) and isinstance(now, str):
        return []  # a cursor is the program's own
    return [] if before == now else [f"{place}: {before!r} became {now!r}"]


def code_of(key: str, moment: str) -> str:
    """The code that an authenticator app with this key shows at this moment (RFC 6238)."""
    count = int(datetime.fromisoformat(moment).timestamp()) // 30
    mac = hmac.digest(base64.b32decode(key), struct.pack(">Q", count), "sha1")
    (number,) = struct.unpack(">I", mac[(at := mac[-1] & 15) : at + 4])
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"
