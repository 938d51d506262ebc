"""A cache of what was looked up for a reader, valid until anything changes anywhere.

Every action writes one history row, so the end of the history stands for the state of the whole
instance: at the same end the same reader gets the same answer. The cache is emptied by the next
action, by whomever, and once a minute because embargoes end and due times pass by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from noroshi.core import history
from noroshi.directory.viewer import Viewer

T = TypeVar("T")
MOST = 500  # answers in one process; a page of a list takes some 100 kB


class _Memory:
    """A state of the instance with the answers in it. Both are replaced together, so that threads
    which still work on the state before cannot put an answer into the next."""

    def __init__(self) -> None:
        self.state_and_answers: tuple[Hashable, dict[Hashable, Any]] = (None, {})

    def of(self, state: Hashable) -> dict[Hashable, Any]:
        """The answers in this state; none when it is a new one, or when there are too many."""
        before, answers = self.state_and_answers
        if before != state or len(answers) >= MOST:
            answers = {}
            self.state_and_answers = (state, answers)
        return answers


_memory = _Memory()


def cached(viewer: Viewer, what: Hashable, find: Callable[[], T]) -> T:
    """``find()``, or its answer to this reader before in the same state. One query for the state.

    ``what`` names the thing and everything it depends on besides the reader. The answer must not
    be changed by the caller. Nothing is cached before the first action of an instance.
    """
    end = history.end()
    if not end:
        return find()
    known = _memory.of((end, int(viewer.now.timestamp()) // 60))
    key = (what, *_reader(viewer))
    if key not in known:
        known[key] = find()
    return known[key]  # type: ignore[no-any-return]  # an answer of ``find``


def _reader(viewer: Viewer) -> tuple[Hashable, ...]:
    """Everything that the policy and the pages ask about a reader."""
    return (
        viewer.person_id,
        tuple(sorted((team, tuple(sorted(roles))) for team, roles in viewer.roles.items())),
        viewer.good_team_ids,
        viewer.circle_ids,
        viewer.is_member,
        viewer.scopes,
        viewer.channels,
        viewer.language,
        viewer.time_zone,
    )
