"""Reading instructions; the first argument is the viewer, and nobody reads without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Prefetch, Q, QuerySet

from noroshi.core import history, lookup
from noroshi.core.errors import NotFound
from noroshi.core.paging import PAGE_SIZE, Page, counts_of, page_of
from noroshi.directory.models import Person, Role
from noroshi.directory.viewer import Viewer
from noroshi.measures import permissions
from noroshi.measures.models import Answer, Attachment, Evidence, Instruction, Kind, What
from noroshi.measures.notices import ANSWER
from noroshi.measures.states import FINISHED, UNFINISHED, WITH_OPERATOR, State
from noroshi.sharing import links
from noroshi.sharing.cache import cached

__all__ = [
    "AnswerWithFiles",
    "Filters",
    "Instruction",  # pages import no models; they name the type through here
    "Progress",
    "Steps",
    "answers_for",
    "attachments_for",
    "file_for",
    "history_of",
    "instruction_by_link",
    "instruction_for",
    "instructions_for",
    "mine_for",
    "page_for",
    "progress_by_subject",
    "progress_of",
    "steps_for",
    "today_for",
    "view_counts",
]

VIEWS = ("mine", "open", "late", "finished")
ORDER = ("due_at",)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the list; an empty ``view`` is all, unknown words are dropped."""

    view: str = ""
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    subject_id: str = ""
    system_id: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the instructions on one subject are; ``total`` leaves the withdrawn out."""

    total: int
    open: int
    started: int
    done: int
    cannot: int
    verified: int
    withdrawn: int
    late: int

    @property
    def is_finished(self) -> bool:
        return self.total == self.verified


@dataclass(frozen=True, slots=True)
class AnswerWithFiles:
    """An answer with the files that came with it."""

    answer: Answer
    files: tuple[Evidence, ...]

    @property
    def what(self) -> str:
        return str(What(self.answer.what).label)

    @property
    def reason(self) -> str:
        return str(self.answer.get_reason_display())


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that this viewer may take with this instruction now."""

    answer: bool
    verify: bool
    send_back: bool
    change_due: bool
    instruct_again: bool
    withdraw: bool
    send_link: bool


def instructions_for(viewer: Viewer, filters: Filters | None = None) -> QuerySet[Instruction]:
    """The instructions that the viewer may see, nearest due time first."""
    filters = filters or Filters()
    rows = Instruction.objects.visible_to(viewer).select_related("team")
    rows = rows.prefetch_related(Prefetch("operators", Person.objects.order_by("name")))
    if filters.view in VIEWS:
        rows = rows.filter(_in_view(viewer, filters.view))
    if kinds := set(filters.kinds) & set(Kind.values):
        rows = rows.filter(kind__in=kinds)
    if states := set(filters.states) & set(State.values):
        rows = rows.filter(state__in=states)
    if filters.subject_id:
        rows = rows.filter(subject_id=filters.subject_id)
    if filters.system_id:
        rows = rows.filter(system_id=filters.system_id)
    for word in filters.words.split()[:8]:
        rows = rows.filter(
            Q(system_name__icontains=word)
            | Q(subject_title__icontains=word)
            | Q(subject_key__icontains=word)
            | Q(public_id__iexact=word)
        )
    return rows.order_by(*ORDER, "pk")


def page_for(
    viewer: Viewer, filters: Filters, *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page[Instruction]:
    """One page of the list by cursor."""
    return page_of(instructions_for(viewer, filters), ORDER, after=after, before=before, size=size)


def view_counts(viewer: Viewer) -> dict[str, int]:
    """How many stand in each view; one query."""

    def find() -> dict[str, int]:
        rows = Instruction.objects.visible_to(viewer)
        return counts_of({name: rows.filter(_in_view(viewer, name)) for name in VIEWS})

    return cached(viewer, "measures.views", find)


def mine_for(viewer: Viewer) -> QuerySet[Instruction]:
    """The instructions that wait for this viewer's own next step."""
    return Instruction.objects.visible_to(viewer).filter(_in_view(viewer, "mine"))


def today_for(viewer: Viewer, most: int) -> tuple[list[Instruction], list[Instruction]]:
    """The viewer's own turns, and the work that operators of their team have; nearest due first.

    One query and one for the operators; each list is cut in the database.
    """
    mine = _my_turn(viewer)
    with_operators = Q(state__in=WITH_OPERATOR, team_id__in=viewer.reading_team_ids) & ~mine
    rows = instructions_for(viewer)
    first = [Q(pk__in=rows.filter(turn).values("pk")[:most]) for turn in (mine, with_operators)]
    nearest = rows.filter(first[0] | first[1]).annotate(
        is_mine=ExpressionWrapper(mine, BooleanField())
    )
    return [row for row in nearest if row.is_mine], [row for row in nearest if not row.is_mine]


def instruction_for(viewer: Viewer, public_id: str) -> Instruction:
    """The instruction, or ``NotFound``, which also means: not for you."""
    return lookup.get_or_not_found(
        Instruction.objects.visible_to(viewer)
        .select_related("team", "label", "manager", "instructed_by", "done_by", "verified_by")
        .prefetch_related(Prefetch("operators", Person.objects.order_by("name")))
        .filter(public_id=public_id)
    )


def instruction_by_link(secret: str) -> tuple[Instruction, Viewer]:
    """The instruction of a mailed link and the person it was mailed to; writes nothing.

    ``NotFound`` also when the person is no longer an operator of it.
    """
    link, viewer = links.opened(secret, ANSWER)
    instruction = instruction_for(viewer, link.thing_id)
    if viewer.person_id not in {person.pk for person in instruction.operators.all()}:
        raise NotFound
    return instruction, viewer


def answers_for(viewer: Viewer, instruction: Instruction) -> list[AnswerWithFiles]:
    """The answers, oldest first, each with its evidence; two queries."""
    files: dict[int, list[Evidence]] = {}
    evidence = Evidence.objects.visible_to(viewer).filter(answer__instruction=instruction)
    for file in evidence.order_by("pk"):
        files.setdefault(file.answer_id, []).append(file)
    answers = Answer.objects.visible_to(viewer).filter(instruction=instruction)
    return [AnswerWithFiles(row, tuple(files.get(row.pk, ()))) for row in answers.order_by("pk")]


def attachments_for(viewer: Viewer, instruction: Instruction) -> QuerySet[Attachment]:
    """The files that go with the instruction."""
    return Attachment.objects.visible_to(viewer).filter(instruction=instruction).order_by("pk")


def file_for(viewer: Viewer, instruction: Instruction, public_id: str) -> Attachment | Evidence:
    """A file of this instruction, attached to it or evidence for it; else ``NotFound``."""
    attached = attachments_for(viewer, instruction).filter(public_id=public_id).first()
    if attached is not None:
        return attached
    return Evidence.objects.one_for(viewer, answer__instruction=instruction, public_id=public_id)


def history_of(instruction: Instruction) -> QuerySet[Any]:
    """The history rows, oldest first; the caller has been allowed to see the instruction."""
    return history.rows_of("instruction", instruction.public_id)


def progress_of(viewer: Viewer, subject_id: str) -> Progress:
    """How far the visible instructions on a subject are; one query."""
    return progress_by_subject(viewer, [subject_id]).get(
        subject_id, Progress(0, 0, 0, 0, 0, 0, 0, 0)
    )


def progress_by_subject(viewer: Viewer, subject_ids: list[str]) -> dict[str, Progress]:
    """The same for many subjects, for lists; one query."""
    states = {
        "open": (State.OPEN,),
        "started": (State.STARTED,),
        "done": (State.DONE,),
        "cannot": (State.CANNOT,),
        "verified": (State.VERIFIED, State.CLOSED),
        "withdrawn": (State.WITHDRAWN,),
    }
    counts = {name: Count("pk", filter=Q(state__in=of)) for name, of in states.items()}
    totals = (
        Instruction.objects.visible_to(viewer)
        .filter(subject_id__in=subject_ids)
        .values("subject_id")
        .annotate(
            total=Count("pk", filter=~Q(state=State.WITHDRAWN)),
            late=Count("pk", filter=_in_view(viewer, "late")),
            **counts,
        )
        .order_by()
    )
    rows: list[dict[str, Any]] = [dict(row) for row in totals]
    return {row.pop("subject_id"): Progress(**row) for row in rows}


def steps_for(viewer: Viewer, instruction: Instruction) -> Steps:
    """The steps that this viewer may take now, by permission and state, for the page's buttons."""
    operator_ids = frozenset(person.pk for person in instruction.operators.all())
    instructs = permissions.may_instruct(viewer, instruction.team_id)
    with_operator = instruction.state in WITH_OPERATOR
    changes = permissions.may_change(viewer, instruction)
    return Steps(
        answer=with_operator and permissions.may_answer(viewer, operator_ids),
        verify=instruction.state == State.DONE and permissions.may_verify(viewer, instruction),
        send_back=instruction.state == State.DONE and instructs,
        change_due=with_operator and instructs,
        instruct_again=changes and (with_operator or instruction.state == State.CANNOT),
        withdraw=changes and instruction.state in UNFINISHED,
        send_link=with_operator and instructs,
    )


def _in_view(viewer: Viewer, view: str) -> Q:
    match view:
        case "mine":
            return _my_turn(viewer)
        case "late":
            return Q(state__in=WITH_OPERATOR, due_at__lte=viewer.now)
        case "finished":
            return Q(state__in=FINISHED)
        case _:
            return Q(state__in=UNFINISHED)


def _my_turn(viewer: Viewer) -> Q:
    """An operator has to answer, the CSIRT to verify what another did, the manager to decide.

    Being an operator is filtered by ``pk IN (…)``: a join would repeat rows.
    """
    verifies = [pk for pk in viewer.team_ids if viewer.has_role(pk, Role.CSIRT, Role.MANAGER)]
    decides = [pk for pk in viewer.team_ids if viewer.has_role(pk, Role.MANAGER)]
    operated = Instruction.operators.through._default_manager.filter(person_id=viewer.person_id)
    turn = Q(state__in=WITH_OPERATOR, pk__in=operated.values("instruction_id"))
    if verifies:
        mine = Q(done_by_id=viewer.person_id) if viewer.person_id else Q(pk__in=())
        turn |= Q(state=State.DONE, team_id__in=verifies) & ~mine
    if decides:
        turn |= Q(state=State.CANNOT, team_id__in=decides)
    return turn
