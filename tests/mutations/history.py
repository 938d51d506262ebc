"""Each single call that writes a history row, left out. Made from the source, so never forgotten."""

from __future__ import annotations

from collections import Counter

from tests.harness.register import record_calls
from tests.mutations import Mutation

_TESTS = ("tests/core/test_every_action_leaves_its_row.py",)
_CALLS = record_calls()
_IN_FUNCTION = Counter((call.file, call.function) for call in _CALLS)


def _name(file: str, function: str, line: int) -> str:
    place = f"{file.removeprefix('noroshi/').removesuffix('.py')}.{function}"
    return place if _IN_FUNCTION[file, function] == 1 else f"{place}.{line}"


MUTATIONS = tuple(
    Mutation(_name(call.file, call.function, call.line), call.file, call.text, "pass", _TESTS)
    for call in _CALLS
)
