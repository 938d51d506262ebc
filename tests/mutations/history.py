"""Each single call that writes a history row, left out. Made from the source, so never forgotten."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase

from tests.harness.register import RecordCall, examples, record_calls
from tests.mutations import Mutation

_FILE = "tests/core/test_every_action_leaves_its_row.py"
_CALLS = record_calls()
_IN_FUNCTION = Counter((call.file, call.function) for call in _CALLS)


def _name(call: RecordCall) -> str:
    place = f"{call.file.removeprefix('noroshi/').removesuffix('.py')}.{call.function}"
    return place if _IN_FUNCTION[call.file, call.function] == 1 else f"{place}.{call.line}"


def _tests(call: RecordCall) -> tuple[str, ...]:
    """The examples that declare a row which this call may write."""
    return tuple(
        f"{_FILE}::test_an_action_leaves_exactly_its_rows[{example.area}: {example.title}]"
        for example in examples()
        if any(fnmatchcase(name, pattern) for name in example.names for pattern in call.names)
    )


MUTATIONS = tuple(
    Mutation(_name(call), call.file, call.text, "pass", _tests(call)) for call in _CALLS
)
