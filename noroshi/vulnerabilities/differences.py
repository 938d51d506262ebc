"""What a newer revision of an advisory changed. Pure: two drafts in, one JSON value out."""

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
    found: dict[str, Any] = {
        name: [getattr(before, name), getattr(after, name)]
        for name in ("revision", "title", "summary", "tlp", "withdrawn")
        if getattr(before, name) != getattr(after, name)
    }
    found |= _came_and_went("ranges", map(_line, before.affected), map(_line, after.affected))
    old = {one.id: one for one in before.vulnerabilities}
    new = {one.id: one for one in after.vulnerabilities}
    found |= _came_and_went("vulnerabilities", old, new)
    both = [(old[key], new[key]) for key in new if key in old]
    found |= _if_any(
        "scores", [_scores(*pair) for pair in both if pair[0].scores != pair[1].scores]
    )
    found |= _if_any(
        "remediations", [two.id for one, two in both if one.remediations != two.remediations]
    )
    known = {one.id for one in before.vulnerabilities if one.kev}
    found |= _if_any("kev", [key for key, one in new.items() if one.kev and key not in known])
    return found


def _line(row: Affected) -> tuple[str, str, str, str]:
    product = row.product if row.product.startswith(row.vendor) else f"{row.vendor} {row.product}"
    return row.vulnerability, product.strip(), row.text, row.status


def _came_and_went(name: str, before: Iterable[Any], after: Iterable[Any]) -> dict[str, Any]:
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    changed = {
        **_if_any("added", [one for one in new if one not in old]),
        **_if_any("removed", [one for one in old if one not in new]),
    }
    return {name: changed} if changed else {}


def _scores(before: VulnerabilityDraft, after: VulnerabilityDraft) -> list[Any]:
    return [
        after.id,
        *(max((one.base for one in each.scores), default=None) for each in (before, after)),
    ]


def _if_any(name: str, entries: list[Any]) -> dict[str, Any]:
    if not entries:
        return {}
    more = {f"{name}_more": len(entries) - MOST} if len(entries) > MOST else {}
    return {name: entries[:MOST], **more}
