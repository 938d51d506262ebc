"""Each single call that writes a history row: left out, on another thing, by the system.

Made from the source, so never forgotten.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

from tests.harness.register import RecordCall, examples, record_calls
from tests.mutations import Mutation

_FILE = "tests/core/test_every_action_leaves_its_row.py"
_CALLS = record_calls()
_IN_FUNCTION = Counter((call.file, call.function) for call in _CALLS)


def _name(call: RecordCall) -> str:
    place = f"{call.file.removeprefix('noroshi/').removesuffix('.py')}.{call.function}"
    return place if _IN_FUNCTION[call.file, call.function] == 1 else f"{place}.{call.line}"


def _tests(call: RecordCall, test: str) -> tuple[str, ...]:
    """The examples that declare a row which this call may write."""
    return tuple(
        f"{_FILE}::{test}[{example.area}: {example.title}]"
        for example in examples()
        if any(fnmatchcase(name, pattern) for name in example.names for pattern in call.names)
    )


def _mutations(call: RecordCall) -> Iterator[Mutation]:
    name, said = _name(call), _tests(call, "test_a_row_says_who_acted_and_on_what")
    written = _tests(call, "test_an_action_leaves_exactly_its_rows")
    yield Mutation(name, call.file, call.text, "pass", written)
    other, system = _parsed(call), _parsed(call)
    other.args[1] = ast.parse('("nothing", "N-00000000")', mode="eval").body
    yield Mutation(f"{name} on another thing", call.file, call.text, ast.unparse(other), said)
    (by,) = (keyword for keyword in system.keywords if keyword.arg == "by")
    if not ast.unparse(by.value).endswith("SYSTEM"):
        by.value = ast.parse("history.SYSTEM", mode="eval").body
        yield Mutation(f"{name} by the system", call.file, call.text, ast.unparse(system), said)


def _parsed(call: RecordCall) -> ast.Call:
    node = ast.parse(call.text, mode="eval").body
    assert isinstance(node, ast.Call)
    return node


MUTATIONS = tuple(mutation for call in _CALLS for mutation in _mutations(call))
