"""Reading warnings and answers. The owner team sees who answered; others see counts, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from noroshi.core import history, lookup
from noroshi.core.errors import NotFound, Refused, gettext_noop
from noroshi.core.history.models import HistoryRow
from noroshi.core.paging import counts_of
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing import links, register, search
from noroshi.sharing.cache import cached
from noroshi.sharing.channels import MAIL, Passage, passage
from noroshi.sharing.models import Link, Release, ReleaseReader
from noroshi.warnings import permissions
from noroshi.warnings.models import Answer, Origin
from noroshi.warnings.models import Warning as Warning  # noqa: PLC0414  # pages name it through here
from noroshi.warnings.states import AnswerState, State, check_draft

TO_ANSWER, RECEIVED, OURS, DRAFTS = VIEWS = ("answer", "received", "ours", "drafts")
UNANSWERED = "unanswered"
ENOUGH = 5  # so many teams must have answered before receivers see any count


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers by state; the counts always add up to ``recipients``.

    ``counts`` is ``None`` for a receiver while fewer than five teams have answered.
    """

    recipients: int
    counts: Mapping[str, int] | None

    @property
    def answered(self) -> int:
        """How many teams have answered; 0 while that is hidden."""
        return self.recipients - self.counts[UNANSWERED] if self.counts else 0


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """One receiving team on the owner's board; ``answer`` is ``None`` while it is silent."""

    team_id: int
    team_name: str  # as the page's reader reads it, or frozen as the register has it
    answer: Answer | None


def warnings_for(
    viewer: Viewer,
    *,
    view: str = "",
    words: str = "",
    kinds: Sequence[str] = (),
    labels: Sequence[str] = (),
) -> QuerySet[Warning]:
    """What this viewer may see, newest step first; ``view`` is one of ``VIEWS`` or all."""
    found = _visible(viewer)
    if view:
        found = found.filter(_in_view(viewer, view))
    if words:
        hits = search.find(viewer, words).filter(kind="warning")
        found = found.filter(public_id__in=hits.values("thing_id"))
    if kinds:
        found = found.filter(kind__in=kinds)
    if labels:
        found = found.filter(label__sensitivity__in=labels)
    return found.order_by("-moved_at", "-pk")


def counts_for(viewer: Viewer) -> dict[str, int]:
    """How many warnings stand in each view. One query."""

    def find() -> dict[str, int]:
        rows = Warning.objects.visible_to(viewer)
        return counts_of({name: rows.filter(_in_view(viewer, name)) for name in VIEWS})

    return cached(viewer, "warnings.views", find)


def warning_for(viewer: Viewer, public_id: str) -> Warning:
    """The warning, or ``NotFound``, which also means: not for this reader."""
    return lookup.get_or_not_found(_visible(viewer).filter(public_id=public_id))


def draft_for(viewer: Viewer, public_id: str) -> Warning:
    """A draft that this viewer may change; ``Refused`` or ``Forbidden`` say why not."""
    warning = warning_for(viewer, public_id)
    permissions.may_draft.check(viewer, warning.team_id)
    check_draft(warning.state)
    return warning


def to_answer(viewer: Viewer) -> QuerySet[Warning]:
    """Released warnings that wait for an answer of a team this viewer speaks for, by deadline."""
    return (
        _visible(viewer)
        .filter(_in_view(viewer, TO_ANSWER))
        .order_by(F("answer_by").asc(nulls_last=True), "released_at", "pk")
    )


def unanswered_for(viewer: Viewer) -> QuerySet[Warning]:
    """The same, in no order and without what a page shows of them: to be counted."""
    return Warning.objects.visible_to(viewer).filter(_in_view(viewer, TO_ANSWER))


def warnings_about(viewer: Viewer, thing_id: str) -> QuerySet[Warning]:
    """The warnings that the viewer's team started from a thing of its own."""
    origins = Origin.objects.visible_to(viewer).filter(thing_id=thing_id)
    return _visible(viewer).filter(pk__in=origins.values("warning_id")).order_by("-moved_at")


def origin_of(viewer: Viewer, warning: Warning) -> Origin | None:
    """What the warning was started from, for the owner team only."""
    return lookup.get_or_none(Origin.objects.visible_to(viewer).filter(warning=warning))


def teams_to_answer_for(viewer: Viewer, warning: Warning) -> list[Team]:
    """The receiving teams for which this viewer may answer, none once it is withdrawn."""
    if warning.state != State.RELEASED or viewer.good_team_ids <= {warning.team_id}:
        return []
    rows = register.own_rows(viewer).filter(release__public_id=warning.release_id)
    teams = {row.team.pk: row.team for row in rows.select_related("team") if row.team}
    return sorted(teams.values(), key=lambda team: team.name)


def own_answers(viewer: Viewer, warning: Warning) -> list[Answer]:
    """What the viewer's own teams answered, newest first; older ones are history."""
    if viewer.team_ids <= {warning.team_id}:
        return []
    answers = Answer.objects.visible_to(viewer).filter(_own(viewer), warning=warning)
    return list(answers.select_related("team").order_by("-at", "-pk"))


def board_of(viewer: Viewer, warning: Warning) -> Tally | None:
    """How many receiving teams answered what; the unanswered are counted, so it always adds up.

    ``None`` for somebody who is on neither side. Two queries.
    """
    teams = register.recipient_teams(viewer, warning.release_id)
    if is_owner(viewer, warning):
        return tally(answers_on(viewer, warning, teams))
    if not (viewer.reading_team_ids & teams.keys()):
        return None
    given = list(
        Answer.objects.visible_to(viewer)
        .filter(warning=warning, current=True, team_id__in=teams)
        .values_list("state", flat=True)
    )
    if len(given) < ENOUGH:
        return Tally(len(teams), None)
    return Tally(len(teams), _counted(given, len(teams)))


def answers_on(
    viewer: Viewer, warning: Warning, teams: Mapping[int, str] | None = None
) -> list[TeamAnswer]:
    """Which team answered what, newest first and the silent ones last. For the owner team only.

    ``teams`` are the receiving teams where the caller has them already.
    """
    if not is_owner(viewer, warning):
        raise NotFound
    if teams is None:
        teams = register.recipient_teams(viewer, warning.release_id)
    answers = Answer.objects.visible_to(viewer).filter(warning=warning, current=True)
    given = {
        answer.team_id: answer for answer in answers.select_related("team").order_by("-at", "-pk")
    }
    spoken = [TeamAnswer(pk, teams[pk], answer) for pk, answer in given.items() if pk in teams]
    return spoken + [TeamAnswer(pk, name, None) for pk, name in teams.items() if pk not in given]


def tally(lines: Sequence[TeamAnswer]) -> Tally:
    """The board of these teams."""
    given = [line.answer.state for line in lines if line.answer]
    return Tally(len(lines), _counted(given, len(lines)))


def progress_of(viewer: Viewer, warnings: Iterable[Warning]) -> dict[int, tuple[int, int]]:
    """For the viewer's own warnings: how many teams answered, of how many. Two queries."""
    own = {w.release_id: w.pk for w in warnings if w.release_id and is_owner(viewer, w)}
    received = dict(
        register.recipient_rows(viewer)
        .filter(release__public_id__in=own)
        .values_list("release__public_id")
        .annotate(teams=Count("team_id", distinct=True))
    )
    answered = dict(
        Answer.objects.visible_to(viewer)
        .filter(warning_id__in=own.values(), current=True)
        .values_list("warning_id")
        .annotate(teams=Count("team_id", distinct=True))
    )
    return {pk: (answered.get(pk, 0), received.get(release, 0)) for release, pk in own.items()}


def own_states(viewer: Viewer, warnings: Iterable[Warning]) -> dict[int, str]:
    """What the viewer's own team answered to each warning, where it did. One query."""
    answers = Answer.objects.visible_to(viewer).filter(
        _own(viewer), warning_id__in=[warning.pk for warning in warnings], current=True
    )
    return dict(answers.values_list("warning_id", "state"))


def release_of(viewer: Viewer, public_id: str) -> tuple[Release, list[register.Recipient]]:
    """What left and to whom, for the owner team only; ``NotFound`` before it is released."""
    warning = warning_for(viewer, public_id)
    entry = register.entry_of(viewer, warning.release_id) if is_owner(viewer, warning) else None
    if entry is None:
        raise NotFound
    return entry, register.recipients_of(viewer, entry.public_id)


def history_of(viewer: Viewer, warning: Warning) -> list[HistoryRow]:
    """Every step, for the owner team only: the rows tell who answered what."""
    if not is_owner(viewer, warning):
        raise NotFound
    return list(history.rows_of("warning", warning.public_id))


@dataclass(frozen=True, slots=True)
class Sight:
    """One warning as one viewer sees it: everything its page shows, each part for those it is for.

    ``lines``, ``recipients``, ``steps`` and ``origin`` are the owner team's alone.
    """

    warning: Warning
    is_owner: bool
    board: Tally | None
    answering: Sequence[Team]
    own: Sequence[Answer]
    lines: Sequence[TeamAnswer] = ()
    recipients: Sequence[register.Recipient] = ()
    steps: Sequence[HistoryRow] = ()
    origin: Origin | None = None


def sight_of(viewer: Viewer, public_id: str) -> Sight:
    """A warning with everything around it, or ``NotFound``. At most eight queries."""
    warning = warning_for(viewer, public_id)
    answering = teams_to_answer_for(viewer, warning)
    own = own_answers(viewer, warning)
    if not is_owner(viewer, warning):
        return Sight(warning, False, board_of(viewer, warning), answering, own)
    recipients = register.recipients_of(viewer, warning.release_id) if warning.release_id else []
    teams = {one.team_id: one.team_shown for one in recipients if one.team_id is not None}
    lines = answers_on(viewer, warning, teams) if teams else []
    return Sight(
        warning, True, tally(lines), answering, own, lines, recipients,
        history_of(viewer, warning), origin_of(viewer, warning),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkedWarning:
    """What a mailed link leads to: for whom, which warning, and for which of his teams."""

    link: Link
    viewer: Viewer
    warning: Warning
    teams: Sequence[Team]


def by_link(secret: str, purpose: str) -> LinkedWarning:
    """What a mailed link leads to, for the person to whom it was sent. Writes nothing."""
    link, viewer = links.opened(secret, purpose)
    warning = warning_for(viewer, link.thing_id)
    teams = teams_to_answer_for(viewer, warning)
    if not teams:
        raise Refused(gettext_noop("This warning no longer waits for your answer."))
    return LinkedWarning(link, viewer, warning, teams)


def mailbox_may_carry(warning: Warning) -> bool:
    """May the page behind a mailed link show the text? Only what the mail itself may carry:
    whoever holds the mailbox holds the link."""
    return passage(warning.label.sensitivity, MAIL) is Passage.WHOLE


def people_by_id(people: QuerySet[Person], public_ids: Iterable[str]) -> list[Person]:
    """Those of ``people`` whom a form names."""
    return list(people.filter(public_id__in=list(public_ids)).order_by("name"))


def _counted(given: Sequence[str], recipients: int) -> dict[str, int]:
    states = Counter(given)
    counts = {state.value: states[state.value] for state in AnswerState}
    return {**counts, UNANSWERED: recipients - len(given)}


def _visible(viewer: Viewer) -> QuerySet[Warning]:
    return Warning.objects.visible_to(viewer).select_related(
        "team", "label__circle", "label__owner", "drafted_by", "released_by", "withdrawn_by"
    )


def is_owner(viewer: Viewer, warning: Warning) -> bool:
    """Is this viewer on the side that wrote the warning?"""
    return warning.team_id in viewer.reading_team_ids


def _own(viewer: Viewer) -> Q:
    """Answers of the viewer's teams, and those he gave himself because he was named."""
    own = Q(team_id__in=viewer.reading_team_ids)
    return own if viewer.person_id is None else own | Q(person_id=viewer.person_id)


def _in_view(viewer: Viewer, view: str) -> Q:
    ours = Q(team_id__in=viewer.reading_team_ids)
    draft = Q(state=State.DRAFT)
    if view == TO_ANSWER:
        return Q(Exists(_silent(viewer)), state=State.RELEASED)
    return {RECEIVED: ~ours & ~draft, OURS: ours & ~draft, DRAFTS: draft}[view]


def _silent(viewer: Viewer) -> QuerySet[ReleaseReader]:
    """What the register says was told to this viewer's teams and not answered by them yet."""
    answered = Answer.objects.visible_to(viewer).filter(
        warning__release_id=OuterRef("release__public_id"),
        team_id=OuterRef("team_id"),
        current=True,
    )
    return register.own_rows(viewer).filter(
        ~Exists(answered), release__public_id=OuterRef("release_id")
    )
