"""Security rules broken one at a time, each with the tests that must turn red.

``script/mutate`` applies them to a copy of the checkout; it is run before a release. Each module
is the list of one area. A mutation is written by meaning: what somebody could forget or get wrong.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One rule broken: ``original`` stands exactly once in ``file`` and becomes ``mutated``.

    ``tests`` are the narrowest that must turn red. ``postgresql``: SQLite forgives this one.
    """

    name: str
    file: str
    original: str
    mutated: str
    tests: tuple[str, ...]
    postgresql: bool = False

    def applied(self, source: str) -> str:
        """The source with the rule broken; raises ``Unfit`` when the original is not there once."""
        count = source.count(self.original)
        if count != 1:
            raise Unfit(f"{self.name}: its original text stands {count} times in {self.file}")
        return source.replace(self.original, self.mutated)


class Unfit(ValueError):
    """A mutation that no longer fits the code: write it anew, by its meaning."""
