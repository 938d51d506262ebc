"""How the doors and jobs of this area are tried: systems, components, imports."""

from __future__ import annotations

from typing import Any

from tests.harness.canaries import Canaries
from tests.harness.doors import (
    API,
    BY_TOKEN,
    INSIDE,
    Example,
    Job,
    Write,
    at,
    by_program,
    each,
    file_of,
    id_of,
    of,
    under,
)


def _system(made: Canaries) -> dict[str, Any]:
    return {
        "name": "新しいシステム",
        "exposure": "internal",
        "criticality": "low",
        "environment": "production",
        "place": "",
        "owners": [id_of(made, "otto")],
        "note": "",
    }


def _new_system(made: Canaries) -> dict[str, Any]:
    return {**_system(made), "team": id_of(made, "team a")}


def _component(made: Canaries) -> dict[str, Any]:
    return {"vendor": "Acme", "name": "新しい部品", "version": "2.0"}


def _import(made: Canaries) -> dict[str, Any]:
    return {
        "file": file_of("list.csv", "製品,版\nnginx,1\n".encode()),
        "team": id_of(made, "team a"),
        "system": id_of(made, "system given"),
        "is_complete": "",
    }


SYSTEM = "systems/<system_id>"
SYSTEMS = each("system", "system_id")
COMPONENT = f"{SYSTEM}/components/<component_id>"
COMPONENTS = under("system", "system_id", "component", "component_id")
GIVEN_SYSTEM = at(system_id="system given")
GIVEN_COMPONENT = at(system_id="system given", component_id="component given")
AN_IMPORT = "imports/<import_id>"
_IMPORTS = each("import", "import_id")

EXAMPLES: dict[str, Example] = {
    "systems/": Example(
        asks={
            "q": "word system component",
            "owner": "person",
            "exposure": "=internet",
            "criticality": "=medium",
            "environment": "=production",
            "view": "=retired",
            "sort": "=-name",
        }
    ),
    "systems/new": Example(
        write=Write(body=_new_system, refers={"team": "team", "owners": "person"})
    ),
    "systems/systems.csv": Example(
        asks={"q": "word system", "owner": "person", "view": "=retired"}
    ),
    "systems/import": Example(
        asks={"system": "system"},
        write=Write(body=_import, refers={"team": "team", "system": "system"}),
    ),
    "systems/imports/": Example(),
    "systems/imports/<import_id>": Example(each("import", "import_id"), asks={"kind": "=came"}),
    "systems/imports/<import_id>/columns": Example(
        each("import", "import_id"),
        write=Write(
            at=at(import_id="import waiting.csv"), body=lambda made: {"name": "0", "version": "1"}
        ),
    ),
    "systems/imports/<import_id>/resume": Example(
        each("import", "import_id"), write=Write(at=at(import_id="import under way"))
    ),
    SYSTEM: Example(SYSTEMS, asks={"q": "word component", "view": "=gone", "sort": "=-name"}),
    f"{SYSTEM}/change": Example(
        SYSTEMS, write=Write(at=GIVEN_SYSTEM, body=_system, refers={"owners": "person"})
    ),
    f"{SYSTEM}/retire": Example(SYSTEMS, write=Write(at=GIVEN_SYSTEM)),
    f"{SYSTEM}/components.csv": Example(SYSTEMS),
    f"{SYSTEM}/components/new": Example(SYSTEMS, write=Write(at=GIVEN_SYSTEM, body=_component)),
    COMPONENT: Example(COMPONENTS),
    f"{COMPONENT}/change": Example(COMPONENTS, write=Write(at=GIVEN_COMPONENT, body=_component)),
    f"{COMPONENT}/version": Example(
        COMPONENTS,
        write=Write(
            at=GIVEN_COMPONENT, body=lambda made: {"version": "2.0"}, allowed=(*INSIDE, "otto")
        ),
    ),
    f"{COMPONENT}/remove": Example(COMPONENTS, write=Write(at=GIVEN_COMPONENT)),
    f"GET {API}systems": Example(
        asks={
            "q": "word system component",
            "owner": "person",
            "exposure": "=internet",
            "criticality": "=medium",
            "environment": "=production",
            "retired": "=true",
            "sort": "=-name",
        }
    ),
    f"POST {API}systems": Example(
        write=by_program(
            body=lambda made: {
                "team": id_of(made, "team a"),
                "name": "新しい",
                "owners": [id_of(made, "otto")],
            },
            refers={"team": "team", "owners": "person"},
        )
    ),
    f"GET {API}{SYSTEM}": Example(SYSTEMS),
    f"PATCH {API}{SYSTEM}": Example(
        SYSTEMS, write=by_program(GIVEN_SYSTEM, lambda made: {"note": "変えた"})
    ),
    f"POST {API}{SYSTEM}/retire": Example(SYSTEMS, write=by_program(GIVEN_SYSTEM)),
    f"GET {API}components": Example(),
    f"GET {API}{SYSTEM}/components": Example(
        SYSTEMS, asks={"q": "word component", "view": "=gone"}
    ),
    f"POST {API}{SYSTEM}/components": Example(SYSTEMS, write=by_program(GIVEN_SYSTEM, _component)),
    f"GET {API}{COMPONENT}": Example(COMPONENTS),
    f"PATCH {API}{COMPONENT}": Example(
        COMPONENTS, write=by_program(GIVEN_COMPONENT, lambda made: {"kind": "library"})
    ),
    f"PUT {API}{COMPONENT}/version": Example(
        COMPONENTS,
        write=by_program(
            GIVEN_COMPONENT, lambda made: {"version": "2.0"}, allowed=(*BY_TOKEN, "token otto")
        ),
    ),
    f"DELETE {API}{COMPONENT}": Example(COMPONENTS, write=by_program(GIVEN_COMPONENT)),
    f"GET {API}imports": Example(),
    f"POST {API}imports": Example(
        write=by_program(
            body=lambda made: {**_import(made), "is_complete": "false"},
            multipart=True,
            refers={"team": "team", "system": "system"},
        )
    ),
    f"GET {API}{AN_IMPORT}": Example(_IMPORTS),
    f"PUT {API}{AN_IMPORT}/columns": Example(
        _IMPORTS,
        write=by_program(
            at(import_id="import waiting.csv"), lambda made: {"mapping": {"name": 0, "version": 1}}
        ),
    ),
    f"POST {API}{AN_IMPORT}/resume": Example(
        _IMPORTS, write=by_program(at(import_id="import under way"))
    ),
    f"GET {API}{AN_IMPORT}/changes": Example(_IMPORTS, asks={"kind": "=came"}),
}

JOBS: dict[str, Job] = {
    "noroshi.inventory.jobs.order_versions_again": Job(
        "nobody: keys for matching alone", of("system given")
    ),
    "noroshi.inventory.jobs.run_import": Job("whoever started the import", of("import under way")),
}
