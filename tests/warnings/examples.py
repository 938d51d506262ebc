"""How the doors of this area are tried: warnings."""

from __future__ import annotations

from typing import Any

from noroshi.sharing.audience import audience_of
from noroshi.warnings.actions import fingerprint
from tests.harness.canaries import Canaries
from tests.harness.doors import (
    API,
    EVERYBODY,
    PERSON,
    Example,
    Write,
    at,
    by_program,
    by_secrets,
    each,
    id_of,
    link,
)
from tests.warnings.canaries import started_from


def _warning(made: Canaries) -> dict[str, Any]:
    return {
        "do": "save",
        "label": "amber",
        "circle": id_of(made, "circle x"),
        "named": [id_of(made, "bob")],
        "kind": "exploited",
        "title": "題",
        "text": "本文",
        "todo": "する",
        "cve": "CVE-2026-90001",
        "team": id_of(made, "team a"),
        "about": started_from(made)[1],
        "about_key": "",
    }


def _seen(made: Canaries) -> dict[str, Any]:
    row = made.rows["warning amber draft"]
    return {"seen": fingerprint(row, audience_of(row.label))}


def _content(made: Canaries) -> dict[str, Any]:
    return {
        "tlp": "TLP:AMBER",
        "circle": id_of(made, "circle x"),
        "named": [id_of(made, "bob")],
        "title": "題",
        "text": "本文",
        "todo": ["する"],
    }


WARNING = "warnings/<public_id>"
WARNINGS = each("warning", "public_id")
A_WARNING = "warnings/<warning_id>"
_WARNINGS = each("warning", "warning_id")

EXAMPLES: dict[str, Example] = {
    "warnings/": Example(
        asks={"q": "word warning origin", "view": "=drafts", "kind": "=exploited", "label": "=red"}
    ),
    "warnings/new": Example(
        asks={"about": "assessment", "key": "=CVE-2026-90001", "title": "=x"},
        write=Write(body=_warning, refers={"circle": "circle", "named": "person", "team": "team"}),
    ),
    "warnings/preview": Example(
        write=Write(
            body=lambda made: {**_warning(made), "do": ""},
            why_silent="only shows who reads",
            refers={"circle": "circle", "named": "person", "team": "team"},
        )
    ),
    "warnings/answer/<secret>": Example(
        by_secrets(
            amber=("bob's link amber released", ()),
            green=("bob's link green released", ("warning green released",)),
            ended=("bob's link amber withdrawn", ()),
        ),
        write=Write(
            "public",
            link("bob's link amber released"),
            lambda made: {"state": "not_affected", "note": "", "team": ""},
            allowed=EVERYBODY,
            anybody=PERSON | {"warnings_answer", "sharing_link", "sharing_receipt"},
        ),
    ),
    WARNING: Example(WARNINGS),
    f"{WARNING}/edit": Example(
        WARNINGS,
        write=Write(
            at=at(public_id="warning amber draft"),
            body=lambda made: {**_warning(made), "about": "", "about_key": ""},
            refers={"circle": "circle", "named": "person"},
        ),
    ),
    f"{WARNING}/preview": Example(
        WARNINGS,
        write=Write(
            at=at(public_id="warning amber draft"),
            body=lambda made: {**_warning(made), "do": ""},
            why_silent="only shows who reads",
        ),
    ),
    f"{WARNING}/release": Example(
        WARNINGS, write=Write(at=at(public_id="warning amber draft"), body=_seen)
    ),
    f"{WARNING}/discard": Example(WARNINGS, write=Write(at=at(public_id="warning amber draft"))),
    f"{WARNING}/withdraw": Example(
        WARNINGS,
        write=Write(at=at(public_id="warning amber released"), body=lambda made: {"why": "誤り"}),
    ),
    f"{WARNING}/answer": Example(
        WARNINGS,
        write=Write(
            "bob",
            at(public_id="warning green released"),
            lambda made: {"state": "affected", "note": "", "team": ""},
            allowed=("bob", "mia", "charlie", "sora"),
            refers={"team": "team"},
        ),
    ),
    f"GET {API}warnings": Example(
        asks={
            "q": "word warning origin",
            "view": "=drafts",
            "kind": "=exploited",
            "tlp": "=TLP:RED",
        }
    ),
    f"POST {API}warnings": Example(
        write=by_program(
            body=lambda made: {
                **_content(made),
                "team": id_of(made, "team a"),
                "about": started_from(made)[1],
            },
            refers={"circle": "circle", "named": "person", "team": "team", "about": "=assessment"},
        )
    ),
    f"GET {API}{A_WARNING}": Example(_WARNINGS),
    f"PUT {API}{A_WARNING}": Example(
        _WARNINGS,
        write=by_program(
            at(warning_id="warning amber draft"),
            _content,
            refers={"circle": "circle", "named": "person"},
        ),
    ),
    f"DELETE {API}{A_WARNING}": Example(
        _WARNINGS, write=by_program(at(warning_id="warning amber draft"))
    ),
    f"GET {API}{A_WARNING}/audience": Example(_WARNINGS),
    f"POST {API}{A_WARNING}/release": Example(
        _WARNINGS,
        write=by_program(
            at(warning_id="warning amber draft"), _seen, allowed=("token alice", "token mana")
        ),
    ),
    f"POST {API}{A_WARNING}/withdraw": Example(
        _WARNINGS,
        write=by_program(
            at(warning_id="warning amber released"),
            lambda made: {"why": "誤り"},
            allowed=("token alice", "token mana"),
        ),
    ),
    f"POST {API}{A_WARNING}/answer": Example(
        _WARNINGS,
        write=by_program(
            at(warning_id="warning green released"),
            lambda made: {"state": "affected"},
            "token bob",
            ("token bob", "token charlie", "token team b"),
            refers={"team": "team"},
        ),
    ),
    f"GET {API}{A_WARNING}/answers": Example(_WARNINGS),
    f"GET {API}{A_WARNING}/timeline": Example(_WARNINGS),
    f"GET {API}{A_WARNING}/release": Example(_WARNINGS),
}
