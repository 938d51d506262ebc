"""The assessment and the decision: points, what the tables propose, where each value is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from noroshi.inventory.models import Criticality, Exposure
from noroshi.ui import components as ui
from noroshi.ui import times
from noroshi.ui.shapes import Fact, Text
from noroshi.vulnerabilities.models import AssessedSystem, Assessment, Vulnerability
from noroshi.vulnerabilities.presenters.lists import due
from noroshi.vulnerabilities.states import Certainty, Decision, Priority
from noroshi.vulnerabilities.wording import POINT_NAMES, POINT_WORDS, POINTS, PRIORITY_MEANS


@dataclass(frozen=True, slots=True)
class Point:
    """One decision point: every word of the table, the chosen one marked."""

    label: Text
    words: list[tuple[Text, bool]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The proposal of one table for these points."""

    table: Text
    answer: Text
    means: Text


def points(inputs: Mapping[str, Any]) -> list[Point]:
    """The decision points of both tables with what was chosen; empty before an assessment."""
    return [
        Point(POINT_NAMES[name], [(POINTS[word], word == inputs[name]) for word in known])
        for name, known in POINT_WORDS.items()
        if inputs.get(name)
    ]


def outcomes_of(proposed: Mapping[str, Any]) -> list[Outcome]:
    """The proposals of the two tables, with the day that follows from each."""
    if not proposed:
        return []
    deployer, bod = proposed["deployer"], proposed["bod_26_04"]
    return [
        Outcome(_("SSVC Deployer"), Priority(deployer["priority"]).label, _until(deployer)),
        Outcome(_("BOD 26-04"), timeline_words(bod), _until(bod)),
    ]


def _until(proposed: Mapping[str, Any]) -> Text:
    day = proposed.get("due_on")
    return ui.when(date.fromisoformat(day)) if day else ""


def point_origins(
    row: Assessment,
    now: Mapping[str, Any],
    sources: Sequence[Vulnerability],
    affected_systems: Sequence[AssessedSystem],
) -> dict[str, Text]:
    """From where the tables' answer to each point comes, so that a person can doubt it."""
    origins: dict[str, Text] = {
        "exploitation": _exploitation_from(row, sources),
        "exposure": _worst(affected_systems, "exposure", list(Exposure.values)),
        "automatable": _from_advisory_or_vector(sources, "ssvc_automatable"),
        "human_impact": _worst(affected_systems, "criticality", list(reversed(Criticality.values))),
        "technical_impact": _from_advisory_or_vector(sources, "ssvc_technical_impact"),
    }
    for name, sentence in origins.items():
        before = row.inputs.get(name)
        if before and before != now[name]:
            last = _("Last time: %(word)s.") % {"word": POINTS[before]}
            origins[name] = f"{sentence} {last}"
    return origins


def _exploitation_from(row: Assessment, sources: Sequence[Vulnerability]) -> str:
    if row.kev_added_on:
        return _("Listed in KEV since %(day)s.") % {"day": times.day_words(row.kev_added_on)}
    if any(source.ssvc_exploitation for source in sources):
        return _("From the SSVC points that came with the advisory.")
    return _("No advisory speaks of it.")


def _from_advisory_or_vector(sources: Sequence[Vulnerability], name: str) -> str:
    if any(getattr(source, name) for source in sources):
        return _("From the SSVC points that came with the advisory.")
    if any(source.scores for source in sources):
        return _("Read from the CVSS vector.")
    return _("Nobody said, and there is no CVSS vector.")


def _worst(affected_systems: Sequence[AssessedSystem], name: str, worst_first: list[str]) -> str:
    """The system that decides: ``Head office VPN: Internet.``"""
    systems = [
        affected.system for affected in affected_systems if affected.certainty != Certainty.NO
    ]
    if not systems:
        return _("No system is affected.")
    worst = min(systems, key=lambda system: worst_first.index(getattr(system, name)))
    words = getattr(worst, f"get_{name}_display")()
    return _("From the inventory: %(system)s, %(words)s.") % {"system": worst.name, "words": words}


def assessment_facts(row: Assessment) -> list[Fact]:
    """The priority and date that were chosen, why, and by whom."""
    if not row.assessed_at:
        return []
    again = row.reopened_at is not None and row.assessed_at < row.reopened_at
    return [
        Fact(
            _("Priority proposed now") if again else _("Priority chosen"),
            format_html("<b>{}</b>", Priority(row.priority).label),
            sub=PRIORITY_MEANS[row.priority],
        ),
        Fact(_("Due"), due(row)),
        Fact(
            _("Why it differs from the tables"),
            ui.lines(row.choice_reason) if row.choice_reason else None,
        ),
        Fact(_("What was found"), ui.lines(row.assessment_text) if row.assessment_text else None),
        Fact(_("Assessed by"), _who_when(row.assessed_by, row.assessed_at)),
    ]


def timeline_words(bod: Mapping[str, Any]) -> str:
    """BOD 26-04's outcome in words."""
    if bod.get("days") is None:
        return _("At the next upgrade")
    words = ngettext("Within %(days)d day", "Within %(days)d days", bod["days"]) % {
        "days": bod["days"]
    }
    return _("%(words)s, with a forensic look") % {"words": words} if bod.get("forensic") else words


def decision_facts(row: Assessment) -> list[Fact]:
    """The security manager's decision, why, and until when."""
    if not row.decided_at:
        return []
    return [
        Fact(pgettext("fact", "Decided"), format_html("<b>{}</b>", Decision(row.decision).label)),
        Fact(_("Accepted until"), ui.when(row.accept_until) if row.accept_until else None),
        Fact(pgettext("fact", "Why"), ui.lines(row.decision_text)),
        Fact(_("Decided by"), _who_when(row.decided_by, row.decided_at)),
    ]


def _who_when(person: Any, moment: Any) -> Text:
    return (
        format_html("{} {}", ui.person(str(person)), ui.when(moment)) if person is not None else ""
    )
