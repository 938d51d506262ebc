"""Every operation with generated calls, right and wrong: no fault of ours, and no answer that the
document does not promise.

What fills a path is what its example says (``tests/<area>/examples.py``), now and then made up.
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

from noroshi.directory import actions
from tests.api.program import ALL
from tests.harness import canaries
from tests.harness.canaries import Canaries
from tests.harness.doors import Example, each
from tests.harness.examples import EXAMPLES as DOORS
from tests.harness.examples import home_of
from tests.harness.people import World
from tests.harness.routes import Route, all_routes

EXAMPLES = int(os.environ.get("NOROSHI_EXAMPLES", "3"))
PATHS = 3  # known to lead somewhere, beside those that are made up
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def made(db: None) -> Canaries:
    """The world of words: a thing of every kind, for paths to name."""
    return canaries.house()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_calls_meet_no_fault_and_no_undocumented_answer(
    mode: GenerationMode, made: Canaries
) -> None:
    secrets = [
        actions.issue_token(name=name, scopes=ALL, days=1, by=made.viewer(name)).secret
        for name in ("alice", "mana", "otto", "bob")
    ]
    schema = openapi.from_wsgi(
        "/api/v1/openapi.json", _closing(get_wsgi_application()), config=SchemathesisConfig()
    )
    found: Any = schema.get_all_operations()
    operations = {_key(operation.ok()): operation.ok() for operation in found}
    routes = {route.key: route for route in all_routes() if route.is_api}
    assert operations.keys() == routes.keys()
    called = [
        _try(operation, mode, paths_for(routes[key], made), secrets)
        for key, operation in operations.items()
    ]
    assert sum(called) >= len(called) * EXAMPLES * 0.5  # some have fewer calls to make than that


def paths_for(route: Route, made: Canaries) -> list[dict[str, str]]:
    """What fills the path, as its example says: where a right form goes, and what alice may see."""
    assert route.key in DOORS, f"{route.key} has no example: add a line to {home_of(route)}."
    if not route.names:
        return []
    example, alice = DOORS[route.key], made.viewer("alice")
    paths = [dict(example.write.at(made))] if example.write else []
    paths += [
        place.filled
        for place in example.places(made)
        if all(part.sees(alice) for part in place.parts)
    ]
    filled = set.intersection(*(set(path) for path in paths)) if paths else set()
    for name in route.names:
        assert name in filled, (
            f"The example of {route.key} fills no {name} with a thing that alice may see: look at "
            f"{home_of(route)}, and at fill() in the canaries.py beside it."
        )
    spread = paths[:: -(-len(paths) // PATHS)]  # from all over the list: in all sorts of states
    return (spread * PATHS)[:PATHS]


def test_an_operation_without_example_is_named(world: World) -> None:
    def close(request: object) -> None:
        """An operation of an area that is new."""

    close.__module__ = "noroshi.api.incidents"
    route = Route("api/v1/incidents/<incident_id>", close, "by token: write", "DELETE")
    with pytest.raises(AssertionError) as named:
        paths_for(route, Canaries(world))
    assert str(named.value).startswith(
        "DELETE api/v1/incidents/<incident_id> has no example: "
        "add a line to tests/incidents/examples.py."
    )


@pytest.mark.parametrize("example", [Example(), Example(each("incident", "team_id"))])
def test_a_parameter_that_no_example_fills_is_named(
    example: Example, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (route,) = (route for route in all_routes() if route.key == "GET api/v1/teams/<team_id>")
    monkeypatch.setitem(DOORS, route.key, example)
    with pytest.raises(AssertionError) as named:
        paths_for(route, Canaries(world))
    assert str(named.value).startswith(
        "The example of GET api/v1/teams/<team_id> fills no team_id with a thing that alice may "
        "see: look at tests/directory/examples.py"
    )


def _closing(application: Any) -> Any:
    """A server closes what it has sent; the caller here does not."""

    def serve(environ: Any, start_response: Any) -> list[bytes]:
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return serve


def _key(operation: Any) -> str:
    """The name of its example."""
    path = operation.path.lstrip("/").replace("{", "<").replace("}", ">")
    return f"{operation.method.upper()} {path}"


def _try(
    operation: Any, mode: GenerationMode, paths: list[dict[str, str]], secrets: list[str]
) -> int:
    """Call one operation; returns how often."""
    there = [operation.as_strategy(mode, path_parameters=path) for path in paths]
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
