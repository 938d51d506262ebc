"""How the doors of this area are tried: Today, the search and whether the program answers."""

from __future__ import annotations

from tests.harness.doors import Example

EXAMPLES: dict[str, Example] = {
    "": Example(),
    "search": Example(asks={"q": "word"}),
    "health": Example(),
}
