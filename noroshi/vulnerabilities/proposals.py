"""What the tables propose: SSVC Deployer for the priority, BOD 26-04 for the due date.

Pure: facts in, proposals out. The analyst may differ with a reason (``actions.assess``).
"""

from __future__ import annotations

from collections.abc import Iterable
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
    """What one advisory's vulnerability says: scores as stored, SSVC words or empty, KEV or not."""

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
    """The worst of what all advisories say and of all affected systems.

    Where nobody gave CISA's SSVC points, they are read from the CVSS vector: reachable over the
    network with no rights and no help of a user is automatable; high confidentiality, integrity
    and availability impact is total.
    """
    found = list(facts)
    in_kev = any(one.in_kev for one in found)
    said = [_EXPLOITATION.get(one.exploitation, "none") for one in found]
    exploitation = "active" if in_kev else max(said, key=ssvc.EXPLOITATION.index, default="none")
    return Inputs(
        exploitation=exploitation,
        exposure=max((EXPOSURE[one] for one in exposures), key=_WIDTH.index, default="small"),
        automatable=_yes([one.automatable for one in found], "yes", "no", found, _is_automatable),
        human_impact=max(criticalities, key=_IMPACT.index, default="low"),
        technical_impact=_yes(
            [one.technical_impact for one in found], "total", "partial", found, _is_total
        ),
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
    return min(date.fromisoformat(one["due_on"]) for one in proposals.values() if "due_on" in one)


def _yes(said: list[str], yes: str, no: str, facts: list[Facts], by_vector: Any) -> str:
    """The worse of what was said; from the vectors where nothing was said."""
    words = {one for one in said if one}
    if words:
        return yes if yes in words else no
    vectors = [str(score.get("vector", "")) for one in facts for score in one.scores]
    return yes if any(by_vector(_metrics(vector)) for vector in vectors) else no


def _metrics(vector: str) -> dict[str, str]:
    return dict(part.split(":", 1) for part in vector.split("/") if ":" in part)


def _is_automatable(metrics: dict[str, str]) -> bool:
    rights = metrics.get("PR", "N" if metrics.get("Au") == "N" else "")
    return metrics.get("AV") == "N" and rights == "N" and metrics.get("UI", "N") == "N"


def _is_total(metrics: dict[str, str]) -> bool:
    return all(
        metrics.get(old, metrics.get(new)) in {"H", "C"}
        for old, new in (("C", "VC"), ("I", "VI"), ("A", "VA"))
    )
