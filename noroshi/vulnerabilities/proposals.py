"""The proposals of the tables: SSVC Deployer for the priority, BOD 26-04 for the due date.

Pure: facts in, proposals out. The analyst may differ with a reason (``actions.assess``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from noroshi.formats import ssvc

# Days from opening until due, by the Deployer table's outcome. The table names no days; these are
# the product's, chosen so that "immediate" means tomorrow and "scheduled" the next quarter's round.
DAYS = {"immediate": 1, "out-of-cycle": 7, "scheduled": 60, "defer": 180}

EXPOSURE = {
    "internet": "open",
    "partner": "controlled",
    "internal": "controlled",
    "isolated": "small",
}
_WIDTH = ("small", "controlled", "open")
_IMPACT = ssvc.HUMAN_IMPACT
_EXPLOITATION = {"poc": "public poc", "public poc": "public poc", "active": "active"}


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts in one advisory's vulnerability: scores as stored, SSVC words or empty, KEV or not."""

    scores: tuple[dict[str, Any], ...] = ()
    in_kev: bool = False
    exploitation: str = ""
    automatable: str = ""
    technical_impact: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The decision points, in the words of the tables."""

    exploitation: str
    exposure: str
    automatable: str
    human_impact: str
    technical_impact: str
    in_kev: bool

    def as_json(self) -> dict[str, Any]:
        """For ``Assessment.inputs``."""
        return asdict(self)


def inputs_from(
    facts: Iterable[Facts], exposures: Iterable[str], criticalities: Iterable[str]
) -> Inputs:
    """The worst value at each point, of all advisories and of all affected systems.

    Where nobody gave CISA's SSVC points, they are read from the CVSS vector: reachable over the
    network with no rights and no help of a user is automatable; high confidentiality, integrity
    and availability impact is total.
    """
    rows = list(facts)
    in_kev = any(row.in_kev for row in rows)
    words = [_EXPLOITATION.get(row.exploitation, "none") for row in rows]
    exploitation = "active" if in_kev else max(words, key=ssvc.EXPLOITATION.index, default="none")
    automatable = _worse_of([row.automatable for row in rows], "yes", "no")
    technical_impact = _worse_of([row.technical_impact for row in rows], "total", "partial")
    return Inputs(
        exploitation=exploitation,
        exposure=max((EXPOSURE[word] for word in exposures), key=_WIDTH.index, default="small"),
        automatable=automatable or ("yes" if _any_vector(rows, _is_automatable) else "no"),
        human_impact=max(criticalities, key=_IMPACT.index, default="low"),
        technical_impact=technical_impact
        or ("total" if _any_vector(rows, _is_total) else "partial"),
        in_kev=in_kev,
    )


def propose(inputs: Inputs, opened_on: date) -> dict[str, Any]:
    """Proposals by table, as JSON: ``deployer`` and ``bod_26_04`` (no ``due_on`` at "upgrade")."""
    priority = ssvc.deployer(
        inputs.exploitation, inputs.exposure, inputs.automatable, inputs.human_impact
    )
    timeline = ssvc.bod_26_04(
        inputs.in_kev,
        inputs.exposure == "open",
        inputs.automatable == "yes",
        inputs.technical_impact,
    )
    bod: dict[str, Any] = {
        "name": timeline.name,
        "days": timeline.days,
        "forensic": timeline.forensic,
    }
    if timeline.days is not None:
        bod["due_on"] = (opened_on + timedelta(days=timeline.days)).isoformat()
    return {
        "deployer": {
            "priority": priority,
            "due_on": (opened_on + timedelta(days=DAYS[priority])).isoformat(),
        },
        "bod_26_04": bod,
    }


def end_of_day(day: date) -> datetime:
    """18:00 in the active time zone: when a day's work is due."""
    return timezone.make_aware(datetime.combine(day, time(18, 0)))


def due_on(proposals: dict[str, Any]) -> date:
    """The earlier of the two tables' dates."""
    return min(
        date.fromisoformat(table["due_on"]) for table in proposals.values() if "due_on" in table
    )


def _worse_of(words: Iterable[str], worse: str, better: str) -> str:
    """The worse of the words that advisories give; empty where none gives one."""
    known = {word for word in words if word}
    if not known:
        return ""
    return worse if worse in known else better


def _any_vector(facts: Iterable[Facts], condition: Callable[[dict[str, str]], bool]) -> bool:
    """Whether the condition holds for a CVSS vector of these facts."""
    vectors = [str(score.get("vector", "")) for row in facts for score in row.scores]
    return any(condition(_metrics(vector)) for vector in vectors)


def _metrics(vector: str) -> dict[str, str]:
    return dict(metric.split(":", 1) for metric in vector.split("/") if ":" in metric)


def _is_automatable(metrics: dict[str, str]) -> bool:
    rights = metrics.get("PR", "N" if metrics.get("Au") == "N" else "")
    return metrics.get("AV") == "N" and rights == "N" and metrics.get("UI", "N") == "N"


def _is_total(metrics: dict[str, str]) -> bool:
    return all(
        metrics.get(old, metrics.get(new)) in {"H", "C"}
        for old, new in (("C", "VC"), ("I", "VI"), ("A", "VA"))
    )
