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
from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing import links, register, search
from noroshi.sharing.cache import cached
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
    """The warnings that this viewer may see, newest step first; ``view`` is one of ``VIEWS``.

    Without ``view`` they are in all of them.
    """
    warnings = _visible(viewer)
    if view:
        warnings = warnings.filter(_in_view(viewer, view))
    if words:
        hits = search.find(viewer, words).filter(kind="warning")
        warnings = warnings.filter(public_id__in=hits.values("thing_id"))
    if kinds:
        warnings = warnings.filter(kind__in=kinds)
    if labels:
        warnings = warnings.filter(label__sensitivity__in=labels)
    return warnings.order_by("-moved_at", "-pk")


def counts_for(viewer: Viewer) -> dict[str, int]:
    """How many warnings stand in each view. One query."""

    def count() -> dict[str, int]:
        rows = Warning.objects.visible_to(viewer)
        return counts_of({name: rows.filter(_in_view(viewer, name)) for name in VIEWS})

    return cached(viewer, "warnings.views", count)


def warning_for(viewer: Viewer, public_id: str) -> Warning:
    """The warning, or ``NotFound`` when there is none or this viewer may not see it."""
    return lookup.get_or_not_found(_visible(viewer).filter(public_id=public_id))


def draft_for(viewer: Viewer, public_id: str) -> Warning:
    """A draft that this viewer may change. Raises ``Refused`` or ``Forbidden`` otherwise."""
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
    """The same rows without order and joins, for counting."""
    return Warning.objects.visible_to(viewer).filter(_in_view(viewer, TO_ANSWER))


def warnings_about(viewer: Viewer, thing_id: str) -> QuerySet[Warning]:
    """The warnings that the viewer's team started from a thing of its own."""
    origins = Origin.objects.visible_to(viewer).filter(thing_id=thing_id)
    return _visible(viewer).filter(pk__in=origins.values("warning_id")).order_by("-moved_at")


def origin_of(viewer: Viewer, warning: Warning) -> Origin | None:
    """The thing that the warning was started from, for the owner team only."""
    return lookup.get_or_none(Origin.objects.visible_to(viewer).filter(warning=warning))


def teams_to_answer_for(viewer: Viewer, warning: Warning) -> list[Team]:
    """The receiving teams for which this viewer may answer, none once it is withdrawn."""
    if warning.state != State.RELEASED or viewer.good_team_ids <= {warning.team_id}:
        return []
    rows = register.own_rows(viewer).filter(release__public_id=warning.release_id)
    teams = {row.team.pk: row.team for row in rows.select_related("team") if row.team}
    return sorted(teams.values(), key=lambda team: team.name)


def own_answers(viewer: Viewer, warning: Warning) -> list[Answer]:
    """The answers of the viewer's own teams, newest first; older ones are history."""
    if viewer.team_ids <= {warning.team_id}:
        return []
    answers = Answer.objects.visible_to(viewer).filter(_is_own(viewer), warning=warning)
    return list(answers.select_related("team").order_by("-at", "-pk"))


def board_of(viewer: Viewer, warning: Warning) -> Tally | None:
    """The receiving teams counted by their answer, those without one included.

    ``None`` for somebody who is in no team that sent or received it. Two queries.
    """
    teams = register.recipient_teams(viewer, warning.release_id)
    if is_owner(viewer, warning):
        return tally(answers_on(viewer, warning, teams))
    if not (viewer.reading_team_ids & teams.keys()):
        return None
    states = list(
        Answer.objects.visible_to(viewer)
        .filter(warning=warning, current=True, team_id__in=teams)
        .values_list("state", flat=True)
    )
    if len(states) < ENOUGH:
        return Tally(len(teams), None)
    return Tally(len(teams), _count_by_state(states, len(teams)))


def answers_on(
    viewer: Viewer, warning: Warning, teams: Mapping[int, str] | None = None
) -> list[TeamAnswer]:
    """The answer of each receiving team, newest first, then the teams without one.

    For the owner team only. ``teams`` saves a query where the caller has the receiving teams.
    """
    if not is_owner(viewer, warning):
        raise NotFound
    if teams is None:
        teams = register.recipient_teams(viewer, warning.release_id)
    answers = Answer.objects.visible_to(viewer).filter(warning=warning, current=True)
    by_team = {
        answer.team_id: answer for answer in answers.select_related("team").order_by("-at", "-pk")
    }
    answered = [TeamAnswer(pk, teams[pk], answer) for pk, answer in by_team.items() if pk in teams]
    silent = [TeamAnswer(pk, name, None) for pk, name in teams.items() if pk not in by_team]
    return answered + silent


def tally(team_answers: Sequence[TeamAnswer]) -> Tally:
    """These teams counted by their answer."""
    states = [row.answer.state for row in team_answers if row.answer]
    return Tally(len(team_answers), _count_by_state(states, len(team_answers)))


def progress_of(viewer: Viewer, warnings: Iterable[Warning]) -> dict[int, tuple[int, int]]:
    """For the viewer's own warnings: how many teams answered, of how many. Two queries."""
    own = {row.release_id: row.pk for row in warnings if row.release_id and is_owner(viewer, row)}
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
    """The answer of the viewer's own team to each warning, where there is one. One query."""
    answers = Answer.objects.visible_to(viewer).filter(
        _is_own(viewer), warning_id__in=[warning.pk for warning in warnings], current=True
    )
    return dict(answers.values_list("warning_id", "state"))


def release_of(viewer: Viewer, public_id: str) -> tuple[Release, list[register.Recipient]]:
    """The register's entry and the recipients, for the owner team only.

    Raises ``NotFound`` before the release.
    """
    warning = warning_for(viewer, public_id)
    entry = register.entry_of(viewer, warning.release_id) if is_owner(viewer, warning) else None
    if entry is None:
        raise NotFound
    return entry, register.recipients_of(viewer, entry.public_id)


def history_of(viewer: Viewer, warning: Warning) -> list[HistoryRow]:
    """Every step, for the owner team only, since the rows name who answered."""
    if not is_owner(viewer, warning):
        raise NotFound
    return list(history.rows_of("warning", warning.public_id))


@dataclass(frozen=True, slots=True)
class WarningDetail:
    """Everything that one viewer sees of a warning on its page.

    ``answering`` are the teams for which the viewer may answer, ``own`` the answers of their own
    teams. ``team_answers``, ``recipients``, ``steps`` and ``origin`` are for the owner team alone.
    """

    warning: Warning
    is_owner: bool
    board: Tally | None
    answering: Sequence[Team]
    own: Sequence[Answer]
    team_answers: Sequence[TeamAnswer] = ()
    recipients: Sequence[register.Recipient] = ()
    steps: Sequence[HistoryRow] = ()
    origin: Origin | None = None


def detail_for(viewer: Viewer, public_id: str) -> WarningDetail:
    """A warning with everything that its page shows, or ``NotFound``. At most eight queries."""
    warning = warning_for(viewer, public_id)
    answering = teams_to_answer_for(viewer, warning)
    own = own_answers(viewer, warning)
    if not is_owner(viewer, warning):
        return WarningDetail(warning, False, board_of(viewer, warning), answering, own)
    recipients = register.recipients_of(viewer, warning.release_id) if warning.release_id else []
    teams = {row.team_id: row.team_shown for row in recipients if row.team_id is not None}
    team_answers = answers_on(viewer, warning, teams) if teams else []
    return WarningDetail(
        warning,
        is_owner=True,
        board=tally(team_answers),
        answering=answering,
        own=own,
        team_answers=team_answers,
        recipients=recipients,
        steps=history_of(viewer, warning),
        origin=origin_of(viewer, warning),
    )


@dataclass(frozen=True, slots=True)
class LinkedWarning:
    """A mailed link with its person, its warning, and the teams for which they may answer."""

    link: Link
    viewer: Viewer
    warning: Warning
    teams: Sequence[Team]


def by_link(secret: str, purpose: str) -> LinkedWarning:
    """The warning behind a mailed link, as the person sees it who got the mail. Writes nothing."""
    link, viewer = links.opened(secret, purpose)
    warning = warning_for(viewer, link.thing_id)
    teams = teams_to_answer_for(viewer, warning)
    if not teams:
        raise Refused(gettext_noop("This warning no longer waits for your answer."))
    return LinkedWarning(link, viewer, warning, teams)


def _count_by_state(states: Sequence[str], recipients: int) -> dict[str, int]:
    counter = Counter(states)
    counts = {state.value: counter[state.value] for state in AnswerState}
    return {**counts, UNANSWERED: recipients - len(states)}


def _visible(viewer: Viewer) -> QuerySet[Warning]:
    return Warning.objects.visible_to(viewer).select_related(
        "team", "label__circle", "label__owner", "drafted_by", "released_by", "withdrawn_by"
    )


def is_owner(viewer: Viewer, warning: Warning) -> bool:
    """Is this viewer in the team that wrote the warning?"""
    return warning.team_id in viewer.reading_team_ids


def _is_own(viewer: Viewer) -> Q:
    """Answers of the viewer's teams, and those that the viewer gave because a label names them."""
    own = Q(team_id__in=viewer.reading_team_ids)
    return own if viewer.person_id is None else own | Q(person_id=viewer.person_id)


def _in_view(viewer: Viewer, view: str) -> Q:
    ours = Q(team_id__in=viewer.reading_team_ids)
    draft = Q(state=State.DRAFT)
    if view == TO_ANSWER:
        return Q(Exists(_unanswered(viewer)), state=State.RELEASED)
    return {RECEIVED: ~ours & ~draft, OURS: ours & ~draft, DRAFTS: draft}[view]


def _unanswered(viewer: Viewer) -> QuerySet[ReleaseReader]:
    """The register's rows of releases to this viewer's teams that these have not answered yet."""
    answered = Answer.objects.visible_to(viewer).filter(
        warning__release_id=OuterRef("release__public_id"),
        team_id=OuterRef("team_id"),
        current=True,
    )
    return register.own_rows(viewer).filter(
        ~Exists(answered), release__public_id=OuterRef("release_id")
    )
