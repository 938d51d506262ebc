"""H9: every route, operation, job and mail declares its rule and has an example."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.urls import path

from noroshi.directory.areas import Area
from noroshi.sharing.guard import Guarded
from noroshi.sharing.models import OutboxEntry
from tests.harness import routes
from tests.harness.areas import file_for
from tests.harness.canaries import wordless
from tests.harness.doors import Example
from tests.harness.examples import EXAMPLES, HARMLESS, JOBS, home_of
from tests.harness.routes import Route
from tests.leaks.conftest import Walked


def without_rule(every_route: Iterable[Route]) -> list[str]:
    return [
        f"The route {route.key or '/'} declares no rule: wrap its view in directory.request.page, "
        "or in open_page with the rule in words; an operation of the API needs a scope."
        for route in every_route
        if not route.rule
    ]


def without_example(every_route: Iterable[Route], examples: Mapping[str, Example]) -> list[str]:
    return [
        f"The route {route.key or '/'} has no example: add a line to {home_of(route)}."
        for route in every_route
        if route.key not in examples
    ]


def test_every_route_declares_who_may_come_in() -> None:
    assert not without_rule(routes.all_routes())


def test_every_route_has_an_example() -> None:
    assert not without_example(routes.all_routes(), EXAMPLES)


def test_an_example_is_for_a_route_that_there_is() -> None:
    assert not EXAMPLES.keys() - {route.key for route in routes.all_routes()}


def test_a_route_without_rule_or_example_is_named() -> None:
    def forgotten(request: object) -> HttpResponse:
        """A page that nobody thought of."""
        return HttpResponse()

    forgotten.__module__ = "noroshi.warnings.pages"
    patterns = list(routes.routes_in([path("warnings/<str:public_id>/forgotten", forgotten)]))
    (rule,), (example,) = without_rule(patterns), without_example(patterns, EXAMPLES)
    assert "warnings/<public_id>/forgotten declares no rule" in rule
    assert "warnings/<public_id>/forgotten has no example" in example
    assert "add a line to tests/warnings/examples.py" in example


@pytest.mark.parametrize(
    ("module", "file"),
    [
        ("noroshi.api.advisories", "tests/vulnerabilities/examples.py"),  # beside its neighbours
        ("noroshi.desk.urls", "tests/desk/examples.py"),
        ("noroshi.incidents.pages", "tests/incidents/examples.py"),  # of an area that is new
        ("noroshi.api.incidents", "tests/incidents/examples.py"),
        ("noroshi.api.application", "tests/api/examples.py"),  # the API's own
    ],
)
def test_a_door_without_example_is_sent_to_the_file_of_its_area(module: str, file: str) -> None:
    def forgotten(request: object) -> HttpResponse:
        """A page that nobody thought of."""
        return HttpResponse()

    forgotten.__module__ = module
    assert home_of(Route("forgotten", forgotten, "")) == file


def test_a_module_of_the_api_belongs_to_the_area_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared = {"noroshi.response": Area(operations=["incidents"])}
    monkeypatch.setattr("tests.harness.areas.installed", lambda: declared)
    assert file_for("noroshi.api.incidents", "examples") == "tests/response/examples.py"


def test_every_name_that_a_page_asks_of_the_address_is_tried() -> None:
    tried = {name for example in EXAMPLES.values() for name in example.asks}
    assert not {
        f"{where} looks up ?{name}= and no example asks it: add it to the route's asks."
        for name, where in routes.query_names().items()
        if name not in tried | HARMLESS.keys()
    }


def test_every_name_that_an_operation_takes_in_its_query_is_tried() -> None:
    assert not [
        f"{route.key} takes ?{name}= and its example does not ask it."
        for route in routes.all_routes()
        for name in sorted(route.asks - HARMLESS.keys())
        if route.key in EXAMPLES and name not in EXAMPLES[route.key].asks
    ]


def test_every_job_says_what_guards_it_and_is_tried() -> None:
    functions = routes.job_functions()
    assert not [
        f"The job {name} has no line in {file_for(name, 'examples')}."
        for name in functions.keys() - JOBS.keys()
    ]
    assert not JOBS.keys() - functions.keys()


def test_every_job_that_is_enqueued_is_there_and_takes_one_id_at_most() -> None:
    functions = routes.job_functions()
    for name, where in routes.enqueued_paths().items():
        assert name in functions, f"{where} enqueues {name}, which is no function of a jobs module."
        assert len(inspect.signature(functions[name]).parameters) <= 1, (
            f"{name} takes more than an id."
        )


def test_every_mail_is_written_in_the_world_of_words(walked: Walked) -> None:
    from noroshi.sharing.system import rows

    written = set(
        rows(OutboxEntry, "a test looks at every mail").values_list("template", flat=True)
    )
    assert not [
        f"The mail {name} has no example: let tests/{name.partition('/')[0]}/canaries.py make what "
        "posts it."
        for name in routes.mail_templates() - written
        if not name.startswith("sharing/mail/")  # what mail writes where a label forbids the text
    ]


@pytest.mark.parametrize(
    "model",
    [
        model
        for model in apps.get_models()
        if issubclass(model, Guarded) and model.__module__.startswith("noroshi.")
    ],
    ids=lambda model: model._meta.label,
)
def test_every_guarded_model_carries_a_word(walked: Walked, model: type[Guarded]) -> None:
    """Or the sweep would prove nothing about it; some hold no words, and say so."""
    from noroshi.sharing.system import rows

    name = model._meta.label
    values = list(rows(model, "a test looks at every row").values())
    file = file_for(model.__module__, "canaries")
    assert values, f"No {name} is in the world: let fill() in {file} make one."
    if name not in wordless():
        assert "kanaria" in repr(values), (
            f"No word stands in any {name}: put one into what {file} makes, or say in its WORDLESS "
            "why there is none."
        )
