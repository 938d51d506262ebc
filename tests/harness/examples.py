"""How every door is tried: the tables of all ``tests/<area>/examples.py``, gathered.

A route, an operation or a job without a line fails ``tests/leaks/test_registry.py`` with a sentence
that names it and the file in which the line belongs.
"""

from __future__ import annotations

from tests.harness import routes
from tests.harness.areas import file_for, gathered
from tests.harness.doors import Example, Job
from tests.harness.routes import Route

_EXAMPLES = gathered("examples", "EXAMPLES")

EXAMPLES: dict[str, Example] = {key: example for key, (_area, example) in _EXAMPLES.items()}
AREAS: dict[str, str] = {key: area for key, (area, _example) in _EXAMPLES.items()}
JOBS: dict[str, Job] = {key: job for key, (_area, job) in gathered("examples", "JOBS").items()}

# Names in addresses that choose an order or a page and lead to nothing else.
HARMLESS = {
    "after": "a cursor of the reader's own list",
    "before": "the same",
    "limit": "how many rows a page has",
}


def home_of(route: Route) -> str:
    """The file in which its example belongs: beside those of the same module, else its area's."""
    for neighbour in routes.all_routes():
        if neighbour.module == route.module and neighbour.key in AREAS:
            return f"tests/{AREAS[neighbour.key]}/examples.py"
    return file_for(route.module, "examples")
