"""What a report says in numbers, computed once from what its maker may see and then kept.

Only work under the label INTERNAL goes in. A report reaches executives whom a TLP:RED advisory
does not name, so what stands under RED is in no list and in no count.

A vulnerability is open until it is closed, accepted for a time or found not to concern us: that
moment is ``left``. One that was reopened counts as open since it first came.
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

AGES = (7, 30, 90)  # days; the last column is what is older
WEEKS = 12
LATE, DECIDED, ACCEPTED = 15, 20, 15  # lines of each list; the totals count all
PLACES, PEOPLE = 5, 5  # systems named in a line, operators named for a system
TITLE, WHY = 200, 600  # letters kept of a title and of a reason
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
class _Work:
    """One vulnerability, as far as it is counted."""

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
    def left(self) -> datetime | None:
        """When it stopped being open, as it stands now."""
        if self.is_open:
            return None
        return self.closed_at if self.state == State.CLOSED else self.decided_at


def figures_for(viewer: Viewer, team: Team, period: Period) -> dict[str, Any]:
    """The figures of a team as JSON. The number of queries does not grow with the rows."""
    now = clock.now()
    weeks = _weeks(now)
    ours = _assessments(viewer, team)
    work = _counted(ours, min(period.start, weeks[0]))
    late = [one for one in work if one.is_late(now)]
    decided = [one for one in work if one.decision and period.has(one.decided_at)]
    accepted = [one for one in work if one.state == State.ACCEPTED]
    longest = sorted(late, key=lambda one: (one.due_at or now, one.pk))[:LATE]
    newest = sorted(decided, key=lambda one: (one.decided_at or now, one.pk))[-DECIDED:]
    soonest = sorted(accepted, key=lambda one: (one.accept_until or date.max, one.pk))[:ACCEPTED]
    return {
        "version": 1,
        "made_at": now.isoformat(),
        **_flow(work, period),
        "open": _open(work, now),
        "late": {"total": len(late), "rows": _late_rows(viewer, ours, longest, now)},
        "decided": {
            "total": len(decided),
            **{str(word): sum(1 for one in decided if one.decision == word) for word in Decision},
            "rows": _decision_rows(ours, newest[::-1]),
        },
        "accepted": {"total": len(accepted), "rows": _decision_rows(ours, soonest)},
        "open_before": _open_at(work, weeks[0]),
        "trend": [_week(work, start) for start in weeks],
        "instructions": _instructions(viewer, ours, period, now),
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


def _counted(ours: QuerySet[Assessment], since: datetime) -> list[_Work]:
    """What is open, accepted, or was open at some moment since then; one query of narrow rows."""
    rows = ours.filter(
        Q(state__in=(*OPEN, State.ACCEPTED))
        | Q(state=State.CLOSED, closed_at__gte=since)
        | Q(decided_at__gte=since)
    )
    names = _Work.__slots__
    return [_Work(*row) for row in rows.values_list(*names)]


def _flow(work: list[_Work], period: Period) -> dict[str, Any]:
    """What came and went in the period."""
    closed = [one for one in work if one.state == State.CLOSED and period.has(one.closed_at)]
    fixed = [one for one in closed if one.close_reason in FIXED]
    not_affected = [
        one for one in work if one.state == State.NOT_AFFECTED and period.has(one.decided_at)
    ]
    days = [(one.closed_at - one.opened_at) / timedelta(days=1) for one in fixed if one.closed_at]
    return {
        "found": sum(1 for one in work if period.has(one.opened_at)),
        "fixed": len(fixed),
        "not_ours": len(closed) - len(fixed) + len(not_affected),
        "median_days": round(median(days), 1) if days else None,
    }


def _open(work: list[_Work], now: datetime) -> dict[str, Any]:
    """Open ones by priority and age: one column up to each of ``AGES`` days and one beyond."""
    table = {str(word): [0] * (len(AGES) + 1) for word in (*Priority, UNRATED)}
    for one in work:
        if one.is_open:
            days = (now - one.opened_at) / timedelta(days=1)
            table[one.priority][sum(1 for age in AGES if days > age)] += 1
    return {"total": sum(map(sum, table.values())), "by_priority": table}


def _weeks(now: datetime) -> list[datetime]:
    """The Mondays on which the last weeks began, this week's last."""
    today = timezone.localtime(now).date()
    monday = today - timedelta(days=today.weekday())
    return [_midnight(monday - timedelta(weeks=ago)) for ago in reversed(range(WEEKS))]


def _week(work: list[_Work], start: datetime) -> dict[str, Any]:
    """How many came, left, and were open when the week ended, or are now."""
    day = timezone.localtime(start).date()
    end = _midnight(day + timedelta(days=7))
    return {
        "from_on": day.isoformat(),
        "opened": sum(1 for one in work if start <= one.opened_at < end),
        "left": sum(1 for one in work if one.left is not None and start <= one.left < end),
        "open": _open_at(work, end),
    }


def _open_at(work: list[_Work], moment: datetime) -> int:
    return sum(
        1 for one in work if one.opened_at < moment and (one.left is None or one.left >= moment)
    )


# ---- the lists -----------------------------------------------------------------------


def _late_rows(
    viewer: Viewer, ours: QuerySet[Assessment], late: list[_Work], now: datetime
) -> list[dict[str, Any]]:
    """The longest late ones: which systems still wait, and who has been asked to do it."""
    rows = _rows(ours, late)
    given = _given(viewer, rows)
    places = _places(viewer, rows)
    return [
        {
            **_thing(row),
            "due_at": row.due_at.isoformat(),
            "days": (now - row.due_at).days,
            "systems": [
                {"name": name, **given.get((row.public_id, system_id), {"operators": []})}
                for system_id, name in list(places.get(row.pk, {}).items())[:PLACES]
            ],
            "more_systems": max(len(places.get(row.pk, {})) - PLACES, 0),
        }
        for row in rows
        if row.due_at is not None
    ]


def _places(viewer: Viewer, rows: list[Assessment]) -> dict[int, dict[str, str]]:
    """By assessment: the systems in which it is not done yet, id and name."""
    found: dict[int, dict[str, str]] = {}
    parts = (
        AssessedSystem.objects.visible_to(viewer)
        .filter(assessment__in=[row.pk for row in rows], verified_at=None)
        .exclude(certainty=Certainty.NO)
        .order_by("system__name", "pk")
    )
    for pk, system_id, name in parts.values_list(
        "assessment_id", "system__public_id", "system__name"
    ):
        found.setdefault(pk, {})[system_id] = name
    return found


def _given(viewer: Viewer, rows: list[Assessment]) -> dict[tuple[str, str], dict[str, Any]]:
    """By assessment and system: the operators of what was instructed there, and how far it is."""
    given = measures.instructions_for(viewer, measures.Filters(view="")).filter(
        subject_id__in=[row.public_id for row in rows], state__in=measure_states.UNFINISHED
    )
    return {
        (one.subject_id, one.system_id): {
            "operators": [_name(person) for person in one.operators.all()[:PEOPLE]],
            "state": one.state,
        }
        for one in given
    }


def _decision_rows(ours: QuerySet[Assessment], work: list[_Work]) -> list[dict[str, Any]]:
    """What was decided, by whom and why, in the manager's own words."""
    return [
        {
            **_thing(row),
            "decision": row.decision,
            "why": _cut(row.decision_text, WHY),
            "until": row.accept_until.isoformat() if row.accept_until else None,
            "by": _name(row.decided_by) if row.decided_by else None,
            "on": timezone.localtime(row.decided_at).date().isoformat() if row.decided_at else None,
        }
        for row in _rows(ours, work)
    ]


def _rows(ours: QuerySet[Assessment], work: list[_Work]) -> list[Assessment]:
    """The rows themselves, in this order; one query."""
    rows = ours.select_related("decided_by").in_bulk([one.pk for one in work])
    return [rows[one.pk] for one in work if one.pk in rows]


def _thing(row: Assessment) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "key": row.key,
        "title": _cut(row.title, TITLE),
        "priority": row.priority,
    }


# ---- instructions --------------------------------------------------------------------


def _instructions(
    viewer: Viewer, ours: QuerySet[Assessment], period: Period, now: datetime
) -> dict[str, int]:
    """Instructions on the vulnerabilities that are counted here; one query."""
    rows = measures.instructions_for(viewer, measures.Filters(view="")).filter(
        subject_kind="assessment", subject_id__in=ours.values("public_id")
    )
    inside = {"gte": period.start, "lt": period.end}
    given = Q(**{f"instructed_at__{how}": moment for how, moment in inside.items()})
    verified = Q(**{f"verified_at__{how}": moment for how, moment in inside.items()})
    return rows.aggregate(
        given=Count("pk", filter=given & ~Q(state=measure_states.State.WITHDRAWN)),
        verified=Count("pk", filter=verified),
        late=Count("pk", filter=Q(state__in=measure_states.WITH_OPERATOR, due_at__lte=now)),
    )


# ---- small ones ----------------------------------------------------------------------


def _name(person: Person) -> dict[str, str]:
    """A person's name for readers of either language."""
    return {"ja": person.in_language("ja"), "en": person.in_language("en")}


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
