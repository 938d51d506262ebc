"""The steps of an import, as data."""

from __future__ import annotations

from noroshi.core.errors import Refused, gettext_noop

UPLOADED, MAPPED, RUNNING, DONE, FAILED = "uploaded", "mapped", "running", "done", "failed"

# A mapping may be changed until the rows go in; a killed import goes from running to running.
NEXT: dict[str, frozenset[str]] = {
    UPLOADED: frozenset({MAPPED, FAILED}),
    MAPPED: frozenset({RUNNING, FAILED}),
    RUNNING: frozenset({RUNNING, DONE, FAILED}),
    DONE: frozenset(),
    FAILED: frozenset(),
}


def check_step(now: str, then: str) -> None:
    """Raise ``Refused`` when an import in state ``now`` cannot go to ``then``."""
    if then not in NEXT[now]:
        raise Refused(gettext_noop("This import has been started or is over already."))
