"""The changes of a newer revision of an advisory. Pure: two drafts in, one JSON value out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from noroshi.formats.drafts import AdvisoryDraft, Affected, VulnerabilityDraft

MOST = 200  # entries that a list keeps; ``more`` counts the rest


def difference(before: AdvisoryDraft, after: AdvisoryDraft) -> dict[str, Any]:
    """Each key only where something changed; a plain value is ``[before, after]``.

    ``title summary tlp withdrawn revision`` · ``ranges``, ``vulnerabilities``: ``added``,
    ``removed`` · ``scores``, ``remediations``: by vulnerability · ``kev``: added to the list.
    """
    changes: dict[str, Any] = {
        name: [getattr(before, name), getattr(after, name)]
        for name in ("revision", "title", "summary", "tlp", "withdrawn")
        if getattr(before, name) != getattr(after, name)
    }
    changes |= _came_and_went("ranges", map(_line, before.affected), map(_line, after.affected))
    old = {entry.id: entry for entry in before.vulnerabilities}
    new = {entry.id: entry for entry in after.vulnerabilities}
    changes |= _came_and_went("vulnerabilities", old, new)
    both = [(old[key], new[key]) for key in new if key in old]
    changes |= _if_any(
        "scores", [_scores(was, now) for was, now in both if was.scores != now.scores]
    )
    changes |= _if_any(
        "remediations", [now.id for was, now in both if was.remediations != now.remediations]
    )
    in_kev = {entry.id for entry in before.vulnerabilities if entry.kev}
    changes |= _if_any(
        "kev", [key for key, entry in new.items() if entry.kev and key not in in_kev]
    )
    return changes


def _line(row: Affected) -> tuple[str, str, str, str]:
    product = row.product if row.product.startswith(row.vendor) else f"{row.vendor} {row.product}"
    return row.vulnerability, product.strip(), row.text, row.status


def _came_and_went(name: str, before: Iterable[Any], after: Iterable[Any]) -> dict[str, Any]:
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    changed = {
        **_if_any("added", [entry for entry in new if entry not in old]),
        **_if_any("removed", [entry for entry in old if entry not in new]),
    }
    return {name: changed} if changed else {}


def _scores(before: VulnerabilityDraft, after: VulnerabilityDraft) -> list[Any]:
    return [
        after.id,
        *(max((score.base for score in entry.scores), default=None) for entry in (before, after)),
    ]


def _if_any(name: str, entries: list[Any]) -> dict[str, Any]:
    if not entries:
        return {}
    more = {f"{name}_more": len(entries) - MOST} if len(entries) > MOST else {}
    return {name: entries[:MOST], **more}
