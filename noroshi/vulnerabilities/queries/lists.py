"""The list of assessments, and what Today shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from noroshi.core import clock
from noroshi.core.paging import PAGE_SIZE, Page, counts_of, page_of
from noroshi.directory.models import Role
from noroshi.directory.viewer import Viewer
from noroshi.inventory.models import System
from noroshi.sharing.cache import cached
from noroshi.vulnerabilities.models import AssessedSystem, Assessment
from noroshi.vulnerabilities.states import OPEN, Certainty, Priority, Severity, State

VIEWS = ("mine", "open", "late", "accepted", "closed")

ORDERS = {
    "due": ("due_order", "severity_rank"),
    "opened": ("opened_at",),
    "severity": ("severity_rank", "due_order"),
    "priority": ("priority_rank", "due_order"),
}
DEFAULT_ORDER = "due"
# The fields that a row of the list shows; the others are long.
LIST_FIELDS = (
    "public_id",
    "key",
    "title",
    "severity",
    "state",
    "needs_answer",
    "priority",
    "due_at",
    "kev_added_on",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """The choices that narrow the list; unknown words are dropped, they are no error of the reader's."""

    view: str = "open"
    states: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    exploited: bool = False
    system_id: str = ""
    words: str = ""

    @property
    def narrow(self) -> bool:
        """Whether anything but the view is chosen."""
        return self != Filters(view=self.view)


# ---- the list ------------------------------------------------------------------------


def _own(viewer: Viewer) -> QuerySet[Assessment]:
    """Visible assessments. An assessment is always its own team's, so the team narrows the index."""
    return Assessment.objects.visible_to(viewer).filter(team_id__in=viewer.team_ids)


def assessments_for(viewer: Viewer, filters: Filters | None = None) -> QuerySet[Assessment]:
    """The assessments that the viewer may see."""
    chosen = filters or Filters(view="")
    rows = _own(viewer)
    if chosen.view in VIEWS:
        rows = rows.filter(_in_view(viewer, chosen.view))
    if states := set(chosen.states) & set(State.values):
        rows = rows.filter(state__in=states)
    if severities := set(chosen.severities) & set(Severity.values):
        rows = rows.filter(severity__in=severities)
    if priorities := set(chosen.priorities) & set(Priority.values):
        rows = rows.filter(priority__in=priorities)
    if chosen.exploited:
        rows = rows.filter(kev_added_on__isnull=False)
    if chosen.system_id:
        touched = AssessedSystem.objects.visible_to(viewer).filter(
            assessment=OuterRef("pk"), system__public_id=chosen.system_id
        )
        rows = rows.filter(Exists(touched.exclude(certainty=Certainty.NO)))
    for word in chosen.words.split()[:8]:
        rows = rows.filter(
            Q(title__icontains=word) | Q(key__icontains=word) | Q(public_id__iexact=word)
        )
    return rows


def assessments_of(viewer: Viewer, keys: list[str]) -> list[Assessment]:
    """The viewer's teams' assessments of these vulnerabilities."""
    return list(_own(viewer).filter(key__in=keys).order_by("key")[:500])


def page_for(
    viewer: Viewer,
    filters: Filters,
    *,
    sort: str = DEFAULT_ORDER,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> Page[Assessment]:
    """One page of the list by cursor, with what it shows; ``sort`` as ``ordered`` takes it."""
    rows, order = ordered_list(viewer, filters, sort)
    fields = {*LIST_FIELDS, *(name.lstrip("-") for name in order)}
    return page_of(rows.only(*fields), order, after=after, before=before, size=size)


def list_page(
    viewer: Viewer, filters: Filters, *, sort: str, after: str, before: str
) -> tuple[Page[Assessment], dict[int, int]]:
    """A page as ``page_for`` gives it, and how many systems each row touches; to be read only."""

    def find() -> tuple[Page[Assessment], dict[int, int]]:
        rows = page_for(viewer, filters, sort=sort, after=after, before=before)
        return rows, system_counts(viewer, rows.rows)

    return cached(viewer, ("vulnerabilities.list", filters, sort, after, before), find)


def ordered_list(
    viewer: Viewer, filters: Filters, sort: str = DEFAULT_ORDER
) -> tuple[QuerySet[Assessment], list[str]]:
    """The list and the fields to order it by; ``sort`` is a name of ``ORDERS``, ``-`` in front
    for falling."""
    falling, name = sort.startswith("-"), sort.lstrip("-")
    order = ORDERS.get(name, ORDERS[DEFAULT_ORDER])
    rows = assessments_for(viewer, filters)
    return rows, [f"-{field}" if falling and at == 0 else field for at, field in enumerate(order)]


def view_counts(viewer: Viewer) -> dict[str, int]:
    """How many stand in each view; one query."""

    def find() -> dict[str, int]:
        rows = _own(viewer)
        return counts_of({name: rows.filter(_in_view(viewer, name)) for name in VIEWS})

    return cached(viewer, "vulnerabilities.views", find)


def system_counts(viewer: Viewer, rows: list[Assessment]) -> dict[int, int]:
    """How many systems each of these touches, by the assessment's key; one query."""
    counts = (
        AssessedSystem.objects.visible_to(viewer)
        .filter(assessment__in=[row.pk for row in rows])
        .exclude(certainty=Certainty.NO)
        .values("assessment_id")
        .annotate(systems=Count("system_id", distinct=True))
    )
    return {row["assessment_id"]: row["systems"] for row in counts}


def system_for(viewer: Viewer, public_id: str) -> System | None:
    """A system by which the list is narrowed, if the viewer may see it."""
    return System.objects.visible_to(viewer).filter(public_id=public_id).first()


def mine_for(viewer: Viewer) -> QuerySet[Assessment]:
    """The assessments that wait for this viewer's own next step."""
    rows = _own(viewer).filter(_in_view(viewer, "mine"))
    return rows if viewer.reading_team_ids else rows.none()


@dataclass(frozen=True, slots=True)
class Today:
    """The assessments on the first page, each list in its order."""

    mine: list[Assessment]
    others: list[Assessment]
    newest: list[Assessment]


def today_for(
    viewer: Viewer, most: int, *, newest: int = 5, since: timedelta = timedelta(days=7)
) -> Today:
    """Return what waits for this viewer, what they assessed and another decides, what came lately.

    One query: each list is cut in the database, and again here where the lists overlap.
    """
    if not viewer.reading_team_ids:
        return Today([], [], [])
    conditions = {
        # Today shows the instructions themselves where they wait for verification.
        "is_mine": _in_view(viewer, "mine") & ~Q(state=State.VERIFYING, needs_answer=False),
        "is_others": Q(state=State.TO_DECIDE, assessed_by_id=viewer.person_id),
        "is_new": Q(opened_at__gte=clock.now() - since),
    }
    own = _own(viewer)
    lists = (
        own.filter(conditions["is_mine"]).order_by("due_order", "severity_rank", "pk")[:most],
        own.filter(conditions["is_others"]).order_by("due_order", "severity_rank", "pk")[:most],
        own.filter(conditions["is_new"]).order_by("-opened_at", "-pk")[:newest],
    )
    mine_first, others_first, newest_first = (Q(pk__in=rows.values("pk")) for rows in lists)
    flags = {
        name: ExpressionWrapper(condition, BooleanField()) for name, condition in conditions.items()
    }
    rows: list[Any] = list(own.filter(mine_first | others_first | newest_first).annotate(**flags))
    mine = sorted(rows, key=lambda row: (row.due_order, row.severity_rank, row.pk))
    lately = sorted(rows, key=lambda row: (row.opened_at, row.pk), reverse=True)
    return Today(
        [row for row in mine if row.is_mine][:most],
        [row for row in mine if row.is_others][:most],
        [row for row in lately if row.is_new][:newest],
    )


def due_overview(viewer: Viewer) -> dict[str, int]:
    """Open work with a date: over, within seven days, later; each counted up to ``MOST``."""
    now = clock.now()
    week = now + timedelta(days=7)
    rows = _own(viewer).filter(state__in=OPEN)
    return counts_of(
        {
            "late": rows.filter(due_at__lte=now),
            "week": rows.filter(due_at__gt=now, due_at__lte=week),
            "later": rows.filter(due_at__gt=week),
        }
    )


def _in_view(viewer: Viewer, view: str) -> Q:
    """The condition of a view; ``mine`` is what this viewer may move now."""
    if view == "mine":
        csirt = [team for team, roles in viewer.roles.items() if Role.CSIRT in roles]
        manager = [team for team, roles in viewer.roles.items() if Role.MANAGER in roles]
        to_move = Q(
            team_id__in=csirt, state__in=(State.WAITING_MATCH, State.TO_ASSESS, State.VERIFYING)
        )
        to_move |= Q(team_id__in=csirt, needs_answer=True)
        to_decide = Q(team_id__in=manager, state=State.TO_DECIDE) & ~Q(
            assessed_by_id=viewer.person_id
        )
        return to_move | to_decide
    if view == "late":
        return Q(state__in=OPEN, due_at__lte=viewer.now)
    if view == "accepted":
        return Q(state__in=(State.ACCEPTED, State.NOT_AFFECTED))
    if view == "closed":
        return Q(state=State.CLOSED)
    return Q(state__in=OPEN)
