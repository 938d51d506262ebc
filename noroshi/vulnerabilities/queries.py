"""Reading vulnerabilities; the first argument is the viewer, and nobody reads without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)

from noroshi.core import clock, history, lookup
from noroshi.core.paging import PAGE_SIZE, Page, counts_of, page_of
from noroshi.directory.models import Circle, Person, Role, Team
from noroshi.directory.viewer import Viewer
from noroshi.inventory.models import System
from noroshi.measures import queries as measures
from noroshi.measures.queries import Instruction
from noroshi.measures.states import State as MeasureState
from noroshi.sharing.cache import cached
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryImport,
    AdvisoryImportFile,
    AdvisoryRevision,
    AffectedRange,
    AssessedSystem,
    Assessment,
    Vulnerability,
)
from noroshi.vulnerabilities.proposals import Facts
from noroshi.vulnerabilities.states import COUNTED, OPEN, Certainty, Priority, Severity, State

__all__ = [
    "AffectedRange",
    "AssessedSystem",
    "Assessment",  # pages import no models; they name the types through here
    "Filters",
    "Vulnerability",
]

VIEWS = ("mine", "open", "late", "accepted", "closed")

ORDERS = {
    "due": ("due_order", "severity_rank"),
    "opened": ("opened_at",),
    "severity": ("severity_rank", "due_order"),
    "priority": ("priority_rank", "due_order"),
}
DEFAULT_ORDER = "due"
# Of the history of instructions, what the assessment's own tells already.
ALREADY_TOLD = ("measures.instruct", "measures.close", "sharing.revoke_links")

# What a row of the list shows; the rest is long.
LIST_FIELDS = (
    "public_id", "key", "title", "severity", "state", "needs_answer", "priority", "due_at", "kev_added_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the list is wanted; unknown words are dropped, not an error of the reader's."""

    view: str = "open"
    states: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    exploited: bool = False
    system_id: str = ""
    words: str = ""

    @property
    def narrow(self) -> bool:
        """Is anything but the view chosen?"""
        return self != Filters(view=self.view)


# ---- the list ------------------------------------------------------------------------


def _own(viewer: Viewer) -> QuerySet[Assessment]:
    """Visible assessments. An assessment is always its own team's, so the team narrows the index."""
    return Assessment.objects.visible_to(viewer).filter(team_id__in=viewer.team_ids)


def assessments_for(viewer: Viewer, filters: Filters | None = None) -> QuerySet[Assessment]:
    """The assessments that the viewer may see."""
    wanted = filters or Filters(view="")
    rows = _own(viewer)
    if wanted.view in VIEWS:
        rows = rows.filter(_in_view(viewer, wanted.view))
    if states := set(wanted.states) & set(State.values):
        rows = rows.filter(state__in=states)
    if severities := set(wanted.severities) & set(Severity.values):
        rows = rows.filter(severity__in=severities)
    if priorities := set(wanted.priorities) & set(Priority.values):
        rows = rows.filter(priority__in=priorities)
    if wanted.exploited:
        rows = rows.filter(kev_added_on__isnull=False)
    if wanted.system_id:
        touched = AssessedSystem.objects.visible_to(viewer).filter(
            assessment=OuterRef("pk"), system__public_id=wanted.system_id
        )
        rows = rows.filter(Exists(touched.exclude(certainty=Certainty.NO)))
    for word in wanted.words.split()[:8]:
        rows = rows.filter(
            Q(title__icontains=word) | Q(key__icontains=word) | Q(public_id__iexact=word)
        )
    return rows


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
        found = page_for(viewer, filters, sort=sort, after=after, before=before)
        return found, system_counts(viewer, found.rows)

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
    found = (
        AssessedSystem.objects.visible_to(viewer)
        .filter(assessment__in=[row.pk for row in rows])
        .exclude(certainty=Certainty.NO)
        .values("assessment_id")
        .annotate(systems=Count("system_id", distinct=True))
    )
    return {row["assessment_id"]: row["systems"] for row in found}


def mine_for(viewer: Viewer) -> QuerySet[Assessment]:
    """What waits for this viewer's own next step."""
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
    """What waits for this viewer, what he assessed and another decides, what came lately.

    One query: each list is cut in the database, and again here where the lists overlap.
    """
    if not viewer.reading_team_ids:
        return Today([], [], [])
    conditions = {
        # What waits for verification stands there as its instructions, each with its operator.
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
    mine_first, others_first, newest_first = (Q(pk__in=one.values("pk")) for one in lists)
    flags = {name: ExpressionWrapper(said, BooleanField()) for name, said in conditions.items()}
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


# ---- one vulnerability in one team ---------------------------------------------------


def assessment_for(viewer: Viewer, public_id: str) -> Assessment:
    """The assessment, or ``NotFound``, which also means: not for this reader."""
    return lookup.get_or_not_found(
        Assessment.objects.visible_to(viewer)
        .select_related("team", "label", "assessed_by", "decided_by")
        .filter(public_id=public_id)
    )


@dataclass(frozen=True, slots=True)
class AssessmentDetail:
    """All that the page of one vulnerability shows besides the assessment itself; to be read only."""

    parts: list[AssessedSystem]
    given: list[Instruction]
    sources: list[Vulnerability]
    ranges: list[AffectedRange]
    history: list[Any]


def detail_of(viewer: Viewer, assessment: Assessment) -> AssessmentDetail:
    """What belongs to an assessment that the viewer has just been allowed to see."""

    def find() -> AssessmentDetail:
        given = instructions_on(viewer, assessment)
        sources = sources_of(viewer, assessment)
        return AssessmentDetail(
            parts=systems_of(viewer, assessment),
            given=given,
            sources=sources,
            ranges=ranges_of(viewer, sources),
            history=timeline_of(assessment, given),
        )

    return cached(viewer, ("vulnerabilities.whole", assessment.pk), find)


def systems_of(viewer: Viewer, assessment: Assessment) -> list[AssessedSystem]:
    """What it touches: certain and confirmed ones first, then those that wait, then refused ones."""
    order = [Certainty.CERTAIN, Certainty.YES, Certainty.WAITING, Certainty.NO]
    rows = (
        AssessedSystem.objects.visible_to(viewer)
        .filter(assessment=assessment)
        .select_related("system", "component")
        .prefetch_related(Prefetch("system__owners", Person.objects.order_by("name")))
    )
    return sorted(
        rows,
        key=lambda row: (
            order.index(Certainty(row.certainty)), row.system.name, row.component.name, row.pk,
        ),
    )  # fmt: skip


def instructions_on(viewer: Viewer, assessment: Assessment) -> list[Instruction]:
    """What the operators were told to do about it, nearest due time first."""
    wanted = measures.Filters(subject_id=assessment.public_id)
    return list(measures.instructions_for(viewer, wanted)[:500])


def instructed_system_ids(
    parts: Iterable[AssessedSystem], given: Iterable[Instruction]
) -> set[str]:
    """The systems (public ids) about which the operators were told all that is left to do."""
    at: dict[str, datetime] = {}
    for one in given:
        if one.state != MeasureState.WITHDRAWN:
            at[one.system_id] = max(one.instructed_at, at.get(one.system_id, one.instructed_at))
    later = {
        part.system.public_id
        for part in parts
        if part.verified_at is None
        and part.certainty in COUNTED
        and part.known_at > at.get(part.system.public_id, part.known_at)
    }
    return at.keys() - later


def system_for(viewer: Viewer, public_id: str) -> System | None:
    """A system by which the list is narrowed, if the viewer may see it."""
    return System.objects.visible_to(viewer).filter(public_id=public_id).first()


def sources_of(viewer: Viewer, assessment: Assessment) -> list[Vulnerability]:
    """The entries of every visible advisory that names it, newest advisory first."""
    rows = Vulnerability.objects.visible_to(viewer).filter(
        key=assessment.key, advisory__withdrawn=False
    )
    if assessment.namespace:
        rows = rows.filter(advisory__namespace=assessment.namespace)
    return list(
        rows.select_related("advisory", "advisory__label").order_by(
            "-advisory__updated_at", "-advisory_id"
        )[:20]
    )


def ranges_of(viewer: Viewer, sources: list[Vulnerability]) -> list[AffectedRange]:
    """What the advisories say of versions, as written; at most 200, affected first."""
    return list(
        AffectedRange.objects.visible_to(viewer)
        .filter(vulnerability__in=[source.pk for source in sources])
        .order_by("status", "name", "pk")[:200]
    )


def facts_of(sources: list[Vulnerability]) -> list[Facts]:
    """What the decision tables are asked with."""
    return [
        Facts(
            scores=tuple(source.scores),
            in_kev=source.kev_added_on is not None,
            exploitation=source.ssvc_exploitation,
            automatable=source.ssvc_automatable,
            technical_impact=source.ssvc_technical_impact,
        )
        for source in sources
    ]


def timeline_of(assessment: Assessment, given: Iterable[Instruction]) -> list[Any]:
    """The history of an assessment and of the instructions on it, newest first.

    The caller has been allowed to see them all.
    """
    rows = history.rows_of("assessment", assessment.public_id)
    rows |= history.rows_of("instruction", *(one.public_id for one in given))
    return list(rows.exclude(action__in=ALREADY_TOLD).order_by("-number")[:200])


# ---- advisories ----------------------------------------------------------------------


def advisories_for(viewer: Viewer, *, words: str = "") -> QuerySet[Advisory]:
    """The advisories that the viewer may see."""
    rows = Advisory.objects.visible_to(viewer).select_related("label", "team")
    for word in words.split()[:8]:
        keys = Vulnerability.objects.visible_to(viewer).filter(
            advisory=OuterRef("pk"), key__iexact=word
        )
        rows = rows.filter(Q(title__icontains=word) | Q(tracking_id__icontains=word) | Exists(keys))
    return rows


def advisory_for(viewer: Viewer, public_id: str) -> Advisory:
    """The advisory, or ``NotFound``."""
    return lookup.get_or_not_found(
        Advisory.objects.visible_to(viewer)
        .select_related("label", "team", "received_by")
        .filter(public_id=public_id)
    )


def revisions_of(viewer: Viewer, advisory: Advisory) -> list[AdvisoryRevision]:
    """Every state in which it was received, newest first."""
    rows = AdvisoryRevision.objects.visible_to(viewer).filter(advisory=advisory)
    return list(rows.order_by("-received_at", "-pk")[:100])


def entries_of(viewer: Viewer, advisory: Advisory) -> list[Vulnerability]:
    """The vulnerabilities of one advisory."""
    rows = Vulnerability.objects.visible_to(viewer).filter(advisory=advisory)
    return list(rows.select_related("advisory").order_by("key")[:500])


def assessments_of(viewer: Viewer, keys: list[str]) -> list[Assessment]:
    """The viewer's teams' assessments of these vulnerabilities."""
    return list(_own(viewer).filter(key__in=keys).order_by("key")[:500])


def imports_for(viewer: Viewer) -> QuerySet[AdvisoryImport]:
    """The team's imports."""
    return AdvisoryImport.objects.visible_to(viewer).select_related("team")


def import_for(viewer: Viewer, public_id: str) -> AdvisoryImport:
    """The import, or ``NotFound``."""
    return AdvisoryImport.objects.one_for(viewer, public_id=public_id)


def import_files(
    viewer: Viewer, batch: AdvisoryImport, outcome: str = ""
) -> QuerySet[AdvisoryImportFile]:
    """What became of each file of an import; see ``advisories_of`` for what they are now.

    The import is the team's; a file that brought what is RED, and its name, is for whom that names.
    """
    seen = Q(advisory=None) | Q(advisory__in=Advisory.objects.visible_to(viewer).values("pk"))
    rows = AdvisoryImportFile.objects.visible_to(viewer).filter(seen, batch=batch)
    return rows.filter(outcome=outcome) if outcome else rows


def advisories_of(viewer: Viewer, files: Iterable[AdvisoryImportFile]) -> dict[int, Advisory]:
    """The advisories that came of these files, by key: a RED one only for whom it names."""
    ids = {one.advisory_id for one in files if one.advisory_id is not None}
    return Advisory.objects.visible_to(viewer).in_bulk(ids)


def outcome_counts(viewer: Viewer, batch: AdvisoryImport) -> dict[str, int]:
    """How many files ended in each way; one query."""
    rows = import_files(viewer, batch).order_by().values("outcome").annotate(files=Count("pk"))
    return {row["outcome"]: row["files"] for row in rows}


def receiving_teams(viewer: Viewer) -> list[Team]:
    """The teams for which the viewer may bring advisories in."""
    return list(Team.objects.filter(pk__in=viewer.reading_team_ids).order_by("name"))


def sharing_circles(viewer: Viewer) -> list[Circle]:
    """The circles with which the viewer's teams may share what they bring in."""
    return list(Circle.objects.filter(pk__in=viewer.circle_ids).order_by("name"))


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
