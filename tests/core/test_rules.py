"""A rule is said once and asked in two ways."""

from __future__ import annotations

import pytest

from noroshi.core.errors import Forbidden, NotFound, Refused
from noroshi.core.rules import Rule, rule


@rule("Only even numbers may pass.")
def may_pass(number: int) -> bool:
    """Even numbers."""
    return number % 2 == 0


@Rule
def may_pass_now(number: int) -> None:
    """Even numbers, and only small ones, and only those that are there."""
    may_pass.check(number)
    if number > 10:
        raise Refused("Too late for large numbers.")
    if number < 0:
        raise NotFound


def test_a_rule_answers_a_page_and_tells_an_action_its_sentence() -> None:
    assert may_pass(2)
    assert not may_pass(3)
    may_pass.check(2)
    with pytest.raises(Forbidden, match=r"Only even numbers may pass\."):
        may_pass.check(3)


def test_a_rule_of_several_sentences_tells_the_first_that_forbids() -> None:
    assert may_pass_now(4)
    assert not may_pass_now(5)
    assert not may_pass_now(12)
    with pytest.raises(Forbidden, match="even"):
        may_pass_now.check(5)
    with pytest.raises(Refused, match="Too late"):
        may_pass_now.check(12)


def test_what_is_no_refusal_is_not_taken_for_no() -> None:
    with pytest.raises(NotFound):
        may_pass_now(-2)
