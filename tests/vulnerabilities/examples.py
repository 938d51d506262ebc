"""How the doors and jobs of this area are tried: vulnerabilities and advisories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.harness.canaries import Canaries
from tests.harness.doors import (
    API,
    Example,
    Job,
    Part,
    Place,
    Write,
    at,
    by_program,
    day,
    each,
    file_of,
    id_of,
    nobody,
    of,
)
from tests.vulnerabilities.canaries import CHOICE


def _assess(made: Canaries) -> dict[str, Any]:
    return {**CHOICE, "in_kev": "on", "due_on": day(), "reason": "保守の窓", "text": "調べた"}


def _instruct(made: Canaries) -> dict[str, Any]:
    return {
        "systems": [id_of(made, "system given")],
        "kind": "upgrade",
        "wanted_version": "4.1",
        "text": "版を上げる",
        "due_on": day(),
        "operator": id_of(made, "otto"),
    }


def _doubtful(made: Canaries) -> Mapping[str, str]:
    row = made.rows["doubtful part"]
    return {"vulnerability_id": row.assessment.public_id, "component_id": row.component.public_id}


WORK = "vulnerabilities/<public_id>"
WORKS = each("assessment", "public_id")
A_VULNERABILITY = "vulnerabilities/<vulnerability_id>"
_VULNERABILITIES = each("assessment", "vulnerability_id")

EXAMPLES: dict[str, Example] = {
    "vulnerabilities/": Example(
        asks={
            "q": "word advisory decision",
            "system": "system",
            "view": "=closed",
            "state": "=to_assess",
            "severity": "=high",
            "priority": "=immediate",
            "exploited": "=1",
            "sort": "=-due",
        }
    ),
    "vulnerabilities/advisories/": Example(asks={"q": "word advisory"}),
    "vulnerabilities/advisories/import": Example(
        write=Write(
            body=lambda made: {"team": id_of(made, "team a"), "files": file_of("a.json", b"{}")},
            refers={"team": "team"},
        )
    ),
    "vulnerabilities/advisories/imports/<public_id>": Example(
        each("advisory import", "public_id"), asks={"outcome": "=refused"}
    ),
    "vulnerabilities/advisories/<public_id>": Example(each("advisory", "public_id")),
    "vulnerabilities/advisories/<public_id>/original": Example(each("advisory", "public_id")),
    WORK: Example(WORKS),
    f"{WORK}/match": Example(
        WORKS,
        write=Write(
            at=lambda made: {"public_id": made.rows["doubtful part"].assessment.public_id},
            body=lambda made: {"part": str(made.rows["doubtful part"].pk), "answer": "yes"},
            refers={"part": "part"},
        ),
    ),
    f"{WORK}/assess": Example(
        WORKS, write=Write(at=at(public_id="assessment strict in a"), body=_assess)
    ),
    f"{WORK}/decide": Example(
        WORKS,
        write=Write(
            "mana",
            at(public_id="assessment green in a"),
            lambda made: {"decision": "apply", "accept_until": "", "text": "直す"},
            allowed=("mana",),
        ),
    ),
    f"{WORK}/reconsider": Example(
        WORKS,
        write=Write(
            at=at(public_id="assessment green in a"), body=lambda made: {"reason": "もう一度"}
        ),
    ),
    f"{WORK}/instruct": Example(
        WORKS,
        write=Write(
            at=at(public_id="assessment circle in a"),
            body=_instruct,
            refers={"systems": "system", "operator": "person"},
        ),
    ),
    f"{WORK}/instruct/readers": Example(
        WORKS,
        write=Write(
            at=at(public_id="assessment circle in a"),
            body=_instruct,
            why_silent="only shows who reads",
            refers={"systems": "system", "operator": "person"},
        ),
    ),
    f"{WORK}/reported": Example(WORKS, write=Write(at=at(public_id="assessment circle in a"))),
    f"GET {API}vulnerabilities": Example(
        asks={
            "q": "word advisory decision",
            "system": "system",
            "view": "=closed",
            "state": "=to_assess",
            "severity": "=high",
            "priority": "=immediate",
            "exploited": "=true",
            "sort": "=-due",
        }
    ),
    f"GET {API}{A_VULNERABILITY}": Example(_VULNERABILITIES),
    f"GET {API}{A_VULNERABILITY}/proposal": Example(_VULNERABILITIES),
    f"PUT {API}{A_VULNERABILITY}/assessment": Example(
        _VULNERABILITIES,
        write=by_program(
            at(vulnerability_id="assessment strict in a"),
            lambda made: {**CHOICE, "due_on": day(), "reason": "保守の窓"},
        ),
    ),
    f"PUT {API}{A_VULNERABILITY}/decision": Example(
        _VULNERABILITIES,
        write=by_program(
            at(vulnerability_id="assessment green in a"),
            lambda made: {"decision": "apply", "text": "直す"},
            "token mana",
            ("token mana",),
        ),
    ),
    f"POST {API}{A_VULNERABILITY}/reconsider": Example(
        _VULNERABILITIES,
        write=by_program(
            at(vulnerability_id="assessment green in a"), lambda made: {"reason": "もう一度"}
        ),
    ),
    f"POST {API}{A_VULNERABILITY}/instructions": Example(
        _VULNERABILITIES,
        write=by_program(
            at(vulnerability_id="assessment circle in a"),
            lambda made: {
                "systems": [id_of(made, "system given")],
                "kind": "upgrade",
                "text": "版を上げる",
                "due_on": day(),
                "operators": [id_of(made, "otto")],
            },
            multipart=True,
            refers={"systems": "system", "operators": "person"},
        ),
    ),
    f"GET {API}{A_VULNERABILITY}/timeline": Example(_VULNERABILITIES),
    f"PUT {API}{A_VULNERABILITY}/touches/<component_id>": Example(
        lambda made: [
            Place(
                (Part("vulnerability_id", one.id, one.sees), Part("component_id", other.id, nobody))
            )
            for one in made.things["assessment"]
            for other in made.things["component"]
        ],
        write=by_program(_doubtful, lambda made: {"ours": True}),
    ),
    f"POST {API}{A_VULNERABILITY}/reported": Example(
        _VULNERABILITIES, write=by_program(at(vulnerability_id="assessment circle in a"))
    ),
    f"GET {API}advisories": Example(asks={"q": "word advisory"}),
    f"GET {API}advisories/<advisory_id>": Example(each("advisory", "advisory_id")),
    f"GET {API}advisories/<advisory_id>/document": Example(each("advisory", "advisory_id")),
    f"GET {API}advisory-imports": Example(),
    f"POST {API}advisory-imports": Example(
        write=by_program(
            body=lambda made: {"team": id_of(made, "team a"), "files": file_of("a.json", b"{}")},
            multipart=True,
            refers={"team": "team"},
        )
    ),
    f"GET {API}advisory-imports/<import_id>": Example(each("advisory import", "import_id")),
    f"GET {API}advisory-imports/<import_id>/documents": Example(
        each("advisory import", "import_id"), asks={"outcome": "=refused"}
    ),
}

JOBS: dict[str, Job] = {
    "noroshi.vulnerabilities.jobs.end_acceptances": Job("nobody: a day is over"),
    "noroshi.vulnerabilities.jobs.measures_moved": Job(
        "nobody: what operators did", of("assessment circle in a")
    ),
    "noroshi.vulnerabilities.jobs.read_again": Job(
        "whoever may read the advisory", of("advisory red")
    ),
    "noroshi.vulnerabilities.jobs.rematch_everything": Job("nobody: matching"),
    "noroshi.vulnerabilities.jobs.rematch_import": Job("nobody: matching", of("import done.json")),
    "noroshi.vulnerabilities.jobs.rematch_system": Job("nobody: matching", of("system given")),
    "noroshi.vulnerabilities.jobs.rematch_team": Job("nobody: matching", of("team a")),
    "noroshi.vulnerabilities.jobs.run_import": Job(
        "whoever started the import", of("advisory import")
    ),
}
