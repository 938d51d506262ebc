"""How the doors and jobs of this area are tried: instructions."""

from __future__ import annotations

from typing import Any

from tests.harness.canaries import Canaries
from tests.harness.doors import (
    API,
    EVERYBODY,
    PERSON,
    Example,
    Job,
    Part,
    Place,
    Write,
    anybody,
    at,
    by_program,
    by_secrets,
    each,
    id_of,
    link,
    moment,
    nobody,
    of,
    soon,
    under,
)


def _again(made: Canaries) -> dict[str, Any]:
    return {"text": "もう一度", "due_at": soon(), "operators": [id_of(made, "otto")]}


TASK = "measures/<public_id>"
TASKS = each("instruction", "public_id")
OTTO_READS = ("instruction open", "system given")
AN_INSTRUCTION = "instructions/<instruction_id>"
_INSTRUCTIONS = each("instruction", "instruction_id")

EXAMPLES: dict[str, Example] = {
    "measures/": Example(
        asks={
            "q": "word instruction answer",
            "subject": "assessment",
            "system": "system",
            "view": "=open",
            "kind": "=patch",
            "state": "=open",
        }
    ),
    TASK: Example(TASKS),
    f"{TASK}/answer": Example(
        TASKS,
        write=Write(
            "otto",
            at(public_id="instruction open"),
            lambda made: {"what": "started"},
            allowed=("otto",),
        ),
    ),
    "measures/answer/<secret>": Example(
        by_secrets(first=("otto's link", OTTO_READS), ended=("otto's ended link", ())),
        write=Write(
            "public",
            link("otto's link"),
            lambda made: {"what": "started"},
            allowed=EVERYBODY,
            anybody=PERSON | {"measures_instruction", "measures_answer", "sharing_link"},
        ),
    ),
    "measures/answer/<secret>/files/<file_id>": Example(
        lambda made: [
            Place(
                (
                    Part("secret", made.secrets["otto's link"]),
                    Part(
                        "file_id",
                        file.id,
                        anybody if file.parent == id_of(made, "instruction open") else nobody,
                    ),
                ),
                frozenset(OTTO_READS),
            )
            for file in made.things["file"]
        ]
    ),
    f"{TASK}/files/<file_id>": Example(under("instruction", "public_id", "file", "file_id")),
    f"{TASK}/verify": Example(
        TASKS, write=Write(at=at(public_id="instruction done"), body=lambda made: {"note": "見た"})
    ),
    f"{TASK}/send-back": Example(
        TASKS,
        write=Write(at=at(public_id="instruction done"), body=lambda made: {"text": "足りない"}),
    ),
    f"{TASK}/due": Example(
        TASKS,
        write=Write(
            at=at(public_id="instruction open"), body=lambda made: {"due_at": soon(), "text": ""}
        ),
    ),
    f"{TASK}/again": Example(
        TASKS,
        write=Write(
            at=at(public_id="instruction open"), body=_again, refers={"operators": "person"}
        ),
    ),
    f"{TASK}/withdraw": Example(
        TASKS, write=Write(at=at(public_id="instruction open"), body=lambda made: {"text": "不要"})
    ),
    f"{TASK}/link": Example(TASKS, write=Write(at=at(public_id="instruction open"))),
    f"GET {API}instructions": Example(
        asks={
            "q": "word instruction answer",
            "subject": "assessment",
            "system": "system",
            "view": "=open",
            "kind": "=patch",
            "state": "=open",
        }
    ),
    f"GET {API}{AN_INSTRUCTION}": Example(_INSTRUCTIONS),
    f"GET {API}{AN_INSTRUCTION}/timeline": Example(_INSTRUCTIONS),
    f"GET {API}{AN_INSTRUCTION}/files/<file_id>": Example(
        under("instruction", "instruction_id", "file", "file_id")
    ),
    f"POST {API}{AN_INSTRUCTION}/answer": Example(
        _INSTRUCTIONS,
        write=by_program(
            at(instruction_id="instruction open"),
            lambda made: {"what": "started"},
            "token otto",
            ("token otto",),
            multipart=True,
        ),
    ),
    f"POST {API}{AN_INSTRUCTION}/verify": Example(
        _INSTRUCTIONS,
        write=by_program(at(instruction_id="instruction done"), lambda made: {"note": "見た"}),
    ),
    f"POST {API}{AN_INSTRUCTION}/send-back": Example(
        _INSTRUCTIONS,
        write=by_program(at(instruction_id="instruction done"), lambda made: {"text": "足りない"}),
    ),
    f"POST {API}{AN_INSTRUCTION}/withdraw": Example(
        _INSTRUCTIONS,
        write=by_program(at(instruction_id="instruction open"), lambda made: {"text": "不要"}),
    ),
    f"PUT {API}{AN_INSTRUCTION}/due": Example(
        _INSTRUCTIONS,
        write=by_program(at(instruction_id="instruction open"), lambda made: {"due_at": moment()}),
    ),
    f"POST {API}{AN_INSTRUCTION}/again": Example(
        _INSTRUCTIONS,
        write=by_program(
            at(instruction_id="instruction open"),
            lambda made: {
                "text": "もう一度",
                "due_at": moment(),
                "operators": [id_of(made, "otto")],
            },
            refers={"operators": "person"},
        ),
    ),
}

JOBS: dict[str, Job] = {
    "noroshi.measures.jobs.close": Job(
        "nobody: the matter is closed", of("assessment circle in a")
    ),
    "noroshi.measures.jobs.make_findable": Job(
        "whoever may read the instruction", of("instruction open")
    ),
    "noroshi.measures.jobs.remind_late": Job("the operators and managers, asked of the policy"),
    "noroshi.measures.jobs.verify_by_inventory": Job(
        "nobody: what the inventory shows", of("instruction done")
    ),
}
