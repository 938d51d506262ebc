"""Every operation with generated calls, right and wrong: no fault of ours, and no answer that the
document does not promise.

``NOROSHI_EXAMPLES`` is how many calls each operation gets in each way.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import openapi
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from noroshi.core import clock
from noroshi.directory import actions
from noroshi.reports import actions as reports
from tests.api.program import ALL, Program, Stock, program_of
from tests.harness.people import World
from tests.inventory.builders import sbom
from tests.warnings.builders import drafted, released

EXAMPLES = int(os.environ.get("NOROSHI_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def ids(world: World, stock: Stock, alices: Program) -> dict[str, list[str]]:
    """By the name of the parameter: things that are there."""
    alice, today = world.viewer("alice"), clock.today()
    team = world.teams["a"]
    imports = [alices.upload("/imports", team=team.public_id, file=("a.json", sbom(("a", "1"))))]
    imports.append(alices.upload("/imports", team=team.public_id, file=("a.csv", b"name\nnginx\n")))
    imports.append(alices.upload("/advisory-imports", team=team.public_id, files=("a.json", b"{}")))
    answer = {"what": "started", "evidence": ("a.txt", b"x")}
    ottos = program_of(world.viewer("otto"))
    instruction = f"/instructions/{stock.instruction.public_id}"
    assert ottos.upload(f"{instruction}/answer", **answer).status_code == 204
    file_id = alices.get(instruction).json()["answers"][0]["evidence"][0]["id"]
    return {
        "system_id": [stock.system_id],
        "component_id": [stock.component_id],
        "vulnerability_id": [stock.vulnerability.public_id],
        "advisory_id": [stock.advisory_id],
        "instruction_id": [stock.instruction.public_id],
        "file_id": [file_id],
        "import_id": [sent.json()["ids"][0] for sent in imports],
        "warning_id": [drafted(world, alice).public_id, released(world, alice).public_id],
        "report_id": [
            reports.make_report(team=team, from_on=today, to_on=today, by=alice).public_id
        ],
        "team_id": [team.public_id],
        "circle_id": [world.circles["x"].public_id],
        "person_id": [world.bob.public_id],
    }


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_calls_meet_no_fault_and_no_undocumented_answer(
    mode: GenerationMode, world: World, ids: dict[str, list[str]]
) -> None:
    secrets = [
        actions.issue_token(name=name, scopes=ALL, days=1, by=world.viewer(name)).secret
        for name in ("alice", "mana", "otto", "bob")
    ]
    schema = openapi.from_wsgi(
        "/api/v1/openapi.json", _closing(get_wsgi_application()), config=SchemathesisConfig()
    )
    operations: Any = schema.get_all_operations()
    made = [_try(operation.ok(), mode, ids, secrets) for operation in operations]
    assert len(made) > 60
    assert sum(made) >= len(made) * EXAMPLES * 0.5  # some have fewer calls to make than that


def _closing(application: Any) -> Any:
    """A server closes what it has sent; the caller here does not."""

    def serve(environ: Any, start_response: Any) -> list[bytes]:
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return serve


def _try(
    operation: Any, mode: GenerationMode, ids: dict[str, list[str]], secrets: list[str]
) -> int:
    """Call one operation; returns how often."""
    names = [parameter.name for parameter in operation.path_parameters]
    there = [
        operation.as_strategy(mode, path_parameters=dict(zip(names, chosen, strict=True)))
        for chosen in zip(*(_repeated(ids[name]) for name in names), strict=True)
    ]
    calls = 0

    @given(case=st.one_of(*there, operation.as_strategy(mode)), secret=st.sampled_from(secrets))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: Any, secret: str) -> None:
        nonlocal calls
        calls += 1
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, checks=CHECKS)

    call()
    return calls


def _repeated(values: list[str]) -> list[str]:
    return (values * 3)[:3]
