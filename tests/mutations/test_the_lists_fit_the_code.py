"""The lists of mutations stay true: each fits the code as it is now, and names tests that are there."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.mutations import Mutation, Unfit
from tests.mutations.lists import by_name, lists

ROOT = Path(__file__).parents[2]


@cache
def functions_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("mutation", by_name().values(), ids=by_name().keys())
def test_a_mutation_stands_once_in_its_file_and_the_rest_is_still_python(
    mutation: Mutation,
) -> None:
    source = (ROOT / mutation.file).read_text()
    assert mutation.applied(source) != source
    compile(mutation.applied(source), mutation.file, "exec")


@pytest.mark.parametrize("mutation", by_name().values(), ids=by_name().keys())
def test_the_tests_beside_a_mutation_are_there(mutation: Mutation) -> None:
    assert mutation.tests
    for test in mutation.tests:
        file, _, function = test.partition("[")[0].partition("::")
        assert not function or function in functions_in(file), f"{test} is not there"


def test_there_are_enough_and_no_name_is_taken_twice() -> None:
    written = {name: mutations for name, mutations in lists().items() if name != "history"}
    assert sum(map(len, written.values())) >= 45
    for name, mutations in lists().items():
        twice = [taken for taken, count in Counter(m.name for m in mutations).items() if count > 1]
        assert not twice, f"tests/mutations/{name}.py names {twice} twice"


def test_a_mutation_whose_original_is_gone_says_which() -> None:
    with pytest.raises(Unfit, match=r"gone: its original text stands 0 times in noroshi/x\.py"):
        Mutation("gone", "noroshi/x.py", "a", "b", ()).applied("c")
