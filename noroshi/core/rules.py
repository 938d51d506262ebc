"""Rules about who may do what: each said once, asked by pages (yes or no) and by actions (or raise)."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec

from noroshi.core.errors import Forbidden, Refused

P = ParamSpec("P")


class Rule(Generic[P]):
    """``may_x(…)`` answers yes or no; ``may_x.check(…)`` raises the rule's sentence instead of no."""

    def __init__(self, check: Callable[P, None]) -> None:
        self.check = check
        update_wrapper(self, check)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        try:
            self.check(*args, **kwargs)
        except (Forbidden, Refused):
            return False
        return True


def rule(sentence: str) -> Callable[[Callable[P, bool]], Rule[P]]:
    """Make a rule of a condition; ``sentence`` tells whoever may not (a source sentence)."""

    def made(condition: Callable[P, bool]) -> Rule[P]:
        def check(*args: P.args, **kwargs: P.kwargs) -> None:
            if not condition(*args, **kwargs):
                raise Forbidden(sentence)

        return Rule(update_wrapper(check, condition))

    return made
