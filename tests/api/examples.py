"""Examples for the doors of this area: the document of the API and the search."""

from __future__ import annotations

from tests.harness.doors import API, Example, Part, Place

EXAMPLES: dict[str, Example] = {
    f"{API}openapi.json": Example(),
    f"{API}docs": Example(),
    f"{API}<rest>": Example(lambda made: [Place((Part("rest", "nothing/here"),))]),
    f"GET {API}search": Example(asks={"q": "word"}),
}
