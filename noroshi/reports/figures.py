"""A report in numbers, computed once from what its maker may see and then stored.

Only work under the label INTERNAL goes in. A report reaches executives whom a TLP:RED advisory
does not name, so what stands under RED is in no list and in no count.

A vulnerability is open until it is closed, accepted for a time or judged not to concern us: that
moment is ``settled_at``. A reopened vulnerability counts as open since it first came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from noroshi.core import clock
from noroshi.directory.areas import areas
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.measures import queries as measures
from noroshi.measures import states as measure_states
from noroshi.sharing.labels import Sensitivity
from noroshi.vulnerabilities.models import AssessedSystem, Assessment, CloseReason
from noroshi.vulnerabilities.states import OPEN, Certainty, Decision, Priority, State

AGES = (7, 30, 90)  # days; one more column counts what is older
WEEKS = 12
MOST_LATE, MOST_DECIDED, MOST_ACCEPTED = 15, 20, 15  # lines of each list; the totals count all
MOST_SYSTEMS, MOST_OPERATORS = 5, 5  # systems named in a line, operators named for a system
TITLE_LENGTH, WHY_LENGTH = 200, 600  # longer titles and reasons are cut
UNRATED = ""
FIXED = (CloseReason.VERIFIED, CloseReason.SBOM)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of one day to the last of another, in the maker's time zone."""

    from_on: date
    to_on: date

    @property
    def start(self) -> datetime:
        return _midnight(self.from_on)

    @property
    def end(self) -> datetime:
        return _midnight(self.to_on + timedelta(days=1))

    def has(self, moment: datetime | None) -> bool:
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class _Vulnerability:
    """The columns of an assessment that are counted."""

    pk: int
    priority: str
    state: str
    opened_at: datetime
    due_at: datetime | None
    decision: str
    decided_at: datetime | None
    accept_until: date | None
    closed_at: datetime | None
    close_reason: str

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late(self, now: datetime) -> bool:
        return self.is_open and self.due_at is not None and self.due_at <= now

    @property
    def settled_at(self) -> datetime | None:
        """When it stopped being open; ``None`` while it is open."""
        if self.is_open:
            return None
        return self.closed_at if self.state == State.CLOSED else self.decided_at


def figures_for(viewer: Viewer, team: Team, period: Period) -> dict[str, Any]:
    """The figures of a team as JSON. The number of queries does not grow with the rows."""
    now = clock.now()
    weeks = _weeks(now)
    assessments = _assessments(viewer, team)
    work = _vulnerabilities(assessments, min(period.start, weeks[0]))
    late = [row for row in work if row.is_late(now)]
    decided = [row for row in work if row.decision and period.has(row.decided_at)]
    accepted = [row for row in work if row.state == State.ACCEPTED]
    late.sort(key=lambda row: (row.due_at or now, row.pk))
    decided.sort(key=lambda row: (row.decided_at or now, row.pk), reverse=True)
    accepted.sort(key=lambda row: (row.accept_until or date.max, row.pk))
    return {
        "version": 1,
        "made_at": now.isoformat(),
        **_flow_counts(work, period),
        "open": _open_table(work, now),
        "late": {
            "total": len(late),
            "rows": _late_rows(viewer, assessments, late[:MOST_LATE], now),
        },
        "decided": {
            "total": len(decided),
            **{str(word): sum(1 for row in decided if row.decision == word) for word in Decision},
            "rows": _decision_rows(assessments, decided[:MOST_DECIDED]),
        },
        "accepted": {
            "total": len(accepted),
            "rows": _decision_rows(assessments, accepted[:MOST_ACCEPTED]),
        },
        "open_before": _count_open_at(work, weeks[0]),
        "trend": [_week(work, start) for start in weeks],
        "instructions": _instruction_counts(viewer, assessments, period, now),
        **{
            area.report.key: area.report.count(viewer, team, period.start, period.end)
            for area in areas()
            if area.report
        },
    }


# ---- what is counted -----------------------------------------------------------------


def _assessments(viewer: Viewer, team: Team) -> QuerySet[Assessment]:
    return Assessment.objects.visible_to(viewer).filter(
        team=team, label__sensitivity=Sensitivity.INTERNAL
    )


def _vulnerabilities(assessments: QuerySet[Assessment], since: datetime) -> list[_Vulnerability]:
    """Those that are open, accepted, or were open at some moment since then; one narrow query."""
    rows = assessments.filter(
        Q(state__in=(*OPEN, State.ACCEPTED))
        | Q(state=State.CLOSED, closed_at__gte=since)
        | Q(decided_at__gte=since)
    )
    columns = _Vulnerability.__slots__
    return [_Vulnerability(*values) for values in rows.values_list(*columns)]


def _flow_counts(work: list[_Vulnerability], period: Period) -> dict[str, Any]:
    """How many came and how many were settled in the period."""
    closed = [row for row in work if row.state == State.CLOSED and period.has(row.closed_at)]
    fixed = [row for row in closed if row.close_reason in FIXED]
    not_affected = [
        row for row in work if row.state == State.NOT_AFFECTED and period.has(row.decided_at)
    ]
    days = [(row.closed_at - row.opened_at) / timedelta(days=1) for row in fixed if row.closed_at]
    return {
        "found": sum(1 for row in work if period.has(row.opened_at)),
        "fixed": len(fixed),
        "not_ours": len(closed) - len(fixed) + len(not_affected),
        "median_days": round(median(days), 1) if days else None,
    }


def _open_table(work: list[_Vulnerability], now: datetime) -> dict[str, Any]:
    """Open ones by priority and age: a column up to each of ``AGES`` days, and one beyond."""
    table = {str(word): [0] * (len(AGES) + 1) for word in (*Priority, UNRATED)}
    for row in work:
        if row.is_open:
            days = (now - row.opened_at) / timedelta(days=1)
            table[row.priority][sum(1 for age in AGES if days > age)] += 1
    return {"total": sum(map(sum, table.values())), "by_priority": table}


def _weeks(now: datetime) -> list[datetime]:
    """The Mondays on which the last weeks began, this week's last."""
    today = timezone.localtime(now).date()
    monday = today - timedelta(days=today.weekday())
    return [_midnight(monday - timedelta(weeks=ago)) for ago in reversed(range(WEEKS))]


def _week(work: list[_Vulnerability], start: datetime) -> dict[str, Any]:
    """How many came, were settled, and were open when the week ended, or are now."""
    day = timezone.localtime(start).date()
    end = _midnight(day + timedelta(days=7))
    return {
        "from_on": day.isoformat(),
        "opened": sum(1 for row in work if start <= row.opened_at < end),
        "left": sum(
            1 for row in work if row.settled_at is not None and start <= row.settled_at < end
        ),
        "open": _count_open_at(work, end),
    }


def _count_open_at(work: list[_Vulnerability], moment: datetime) -> int:
    return sum(
        1
        for row in work
        if row.opened_at < moment and (row.settled_at is None or row.settled_at >= moment)
    )


# ---- the lists -----------------------------------------------------------------------


def _late_rows(
    viewer: Viewer, assessments: QuerySet[Assessment], late: list[_Vulnerability], now: datetime
) -> list[dict[str, Any]]:
    """The longest late ones: the systems that still wait, and the operators instructed there."""
    rows = _in_order(assessments, late)
    instructions = _open_instructions(viewer, rows)
    systems = _unfinished_systems(viewer, rows)
    return [
        {
            **_vulnerability_fields(row),
            "due_at": row.due_at.isoformat(),
            "days": (now - row.due_at).days,
            "systems": [
                {"name": name, **instructions.get((row.public_id, system_id), {"operators": []})}
                for system_id, name in list(systems.get(row.pk, {}).items())[:MOST_SYSTEMS]
            ],
            "more_systems": max(len(systems.get(row.pk, {})) - MOST_SYSTEMS, 0),
        }
        for row in rows
        if row.due_at is not None
    ]


def _unfinished_systems(viewer: Viewer, rows: list[Assessment]) -> dict[int, dict[str, str]]:
    """By assessment: the systems in which it is not done yet, id and name."""
    systems: dict[int, dict[str, str]] = {}
    affected_systems = (
        AssessedSystem.objects.visible_to(viewer)
        .filter(assessment__in=[row.pk for row in rows], verified_at=None)
        .exclude(certainty=Certainty.NO)
        .order_by("system__name", "pk")
    )
    for pk, system_id, name in affected_systems.values_list(
        "assessment_id", "system__public_id", "system__name"
    ):
        systems.setdefault(pk, {})[system_id] = name
    return systems


def _open_instructions(
    viewer: Viewer, rows: list[Assessment]
) -> dict[tuple[str, str], dict[str, Any]]:
    """By assessment and system: the operators of the open instruction there, and its state."""
    instructions = measures.instructions_for(viewer, measures.Filters(view="")).filter(
        subject_id__in=[row.public_id for row in rows], state__in=measure_states.UNFINISHED
    )
    return {
        (instruction.subject_id, instruction.system_id): {
            "operators": [_name(person) for person in instruction.operators.all()[:MOST_OPERATORS]],
            "state": instruction.state,
        }
        for instruction in instructions
    }


def _decision_rows(
    assessments: QuerySet[Assessment], work: list[_Vulnerability]
) -> list[dict[str, Any]]:
    """The decisions: by whom and why, in the manager's own words."""
    return [
        {
            **_vulnerability_fields(row),
            "decision": row.decision,
            "why": _cut(row.decision_text, WHY_LENGTH),
            "until": row.accept_until.isoformat() if row.accept_until else None,
            "by": _name(row.decided_by) if row.decided_by else None,
            "on": timezone.localtime(row.decided_at).date().isoformat() if row.decided_at else None,
        }
        for row in _in_order(assessments, work)
    ]


def _in_order(assessments: QuerySet[Assessment], work: list[_Vulnerability]) -> list[Assessment]:
    """The assessments of ``work`` in its order; one query."""
    by_pk = assessments.select_related("decided_by").in_bulk([row.pk for row in work])
    return [by_pk[row.pk] for row in work if row.pk in by_pk]


def _vulnerability_fields(row: Assessment) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "key": row.key,
        "title": _cut(row.title, TITLE_LENGTH),
        "priority": row.priority,
    }


# ---- instructions --------------------------------------------------------------------


def _instruction_counts(
    viewer: Viewer, assessments: QuerySet[Assessment], period: Period, now: datetime
) -> dict[str, int]:
    """Instructions on the vulnerabilities that are counted here; one query."""
    rows = measures.instructions_for(viewer, measures.Filters(view="")).filter(
        subject_kind="assessment", subject_id__in=assessments.values("public_id")
    )
    inside = {"gte": period.start, "lt": period.end}
    instructed = Q(**{f"instructed_at__{how}": moment for how, moment in inside.items()})
    verified = Q(**{f"verified_at__{how}": moment for how, moment in inside.items()})
    return rows.aggregate(
        given=Count("pk", filter=instructed & ~Q(state=measure_states.State.WITHDRAWN)),
        verified=Count("pk", filter=verified),
        late=Count("pk", filter=Q(state__in=measure_states.WITH_OPERATOR, due_at__lte=now)),
    )


# ---- values --------------------------------------------------------------------------


def _name(person: Person) -> dict[str, str]:
    """A person's name for readers of either language."""
    return {"ja": person.in_language("ja"), "en": person.in_language("en")}


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
