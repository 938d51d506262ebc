"""What was found for a reader, kept until anything changes anywhere.

Every action writes one history row, so the end of the history stands for the state of the whole
instance: at the same end the same reader finds the same. What is kept is thrown away with the next
action, by whomever, and once a minute because embargoes end and due times pass by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from noroshi.core import history
from noroshi.directory.viewer import Viewer

T = TypeVar("T")
MOST = 500  # things kept by one process; a page of a list takes some 100 kB


class _Memory:
    """The state of the instance, and what was found in it. Replaced as one, so that threads which
    still work on the state before cannot put what they find into the next."""

    def __init__(self) -> None:
        self.kept: tuple[Hashable, dict[Hashable, Any]] = (None, {})

    def of(self, state: Hashable) -> dict[Hashable, Any]:
        kept = self.kept
        if kept[0] != state or len(kept[1]) >= MOST:
            kept = self.kept = (state, {})
        return kept[1]


_memory = _Memory()


def cached(viewer: Viewer, what: Hashable, find: Callable[[], T]) -> T:
    """``find()``, or what it gave this reader before in the same state. One query for the state.

    ``what`` names the thing and everything it depends on besides the reader. The answer must not
    be changed by the caller. Nothing is kept before the first action of an instance.
    """
    end = history.end()
    if not end:
        return find()
    known = _memory.of((end, int(viewer.now.timestamp()) // 60))
    key = (what, *_reader(viewer))
    if key not in known:
        known[key] = find()
    return known[key]  # type: ignore[no-any-return]  # what ``find`` gave under this key


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
