"""Warnings as the values that the page components take. No queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from noroshi.core.history.models import HistoryRow
from noroshi.core.paging import COUNT_LIMIT
from noroshi.sharing.channels import Passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.register import Recipient
from noroshi.ui.components import status, tlp, up_to, when
from noroshi.ui.shapes import (
    Answer,
    Board,
    Choice,
    Column,
    Entry,
    Fact,
    Menu,
    Table,
    TableRow,
    Tone,
    View,
    hide_small,
)
from noroshi.warnings import models, queries
from noroshi.warnings.models import Kind, Warning
from noroshi.warnings.queries import UNANSWERED, Tally, TeamAnswer, WarningDetail
from noroshi.warnings.states import AnswerState, State

FILLS = {
    "fixed": "fok",
    "affected": "fbad",
    "investigating": "fwarn",
    "not_affected": "f2",
    UNANSWERED: "f4",
}
MARKS: dict[str, tuple[str, Tone]] = {
    "investigating": ("half", "go"),
    "affected": ("alert", "bad"),
    "not_affected": ("check", "ok"),
    "fixed": ("done", "ok"),
    UNANSWERED: ("open", ""),
}


def state_word(state: str) -> str:
    """The name of an answer, or that there is none."""
    return _("No answer yet") if state == UNANSWERED else str(AnswerState(state).label)


def state_mark(state: str) -> SafeString:
    """The answer as a shape and a word."""
    shape, tone = MARKS[state]
    return status(state_word(state), shape, tone)


def board(tally: Tally, *, owner: bool) -> Board | None:
    """The answers as a bar. Receivers see no small group, and no bar while few have answered."""
    if tally.counts is None:
        return None
    answers = tuple(
        Answer(state_word(name), tally.counts[name], fill) for name, fill in FILLS.items()
    )
    note = ""
    if not owner:
        answers = hide_small(answers)
        note = _("Who answered what is seen by the team that warned alone.")
    return Board(answers, tally.recipients, note)


def answered_of(tally: Tally) -> str:
    """``20 of 24 teams``."""
    return _answered_of(tally.answered, tally.recipients)


def _answered_of(answered: int, count: int) -> str:
    words = ngettext("%(answered)d of %(count)d team", "%(answered)d of %(count)d teams", count)
    return words % {"answered": answered, "count": count}


def answers_table(team_answers: Iterable[TeamAnswer]) -> Table:
    """The owner's table of teams and their answers."""
    return Table(
        caption=_("What the teams answered, newest first"),
        columns=[
            Column(_("Team")),
            Column(pgettext("warning", "Answer"), nowrap=True),
            Column(_("Remark")),
            Column(_("By")),
            Column(_("When"), nowrap=True),
        ],
        rows=[_answer_row(row) for row in team_answers],
    )


def _answer_row(row: TeamAnswer) -> TableRow:
    answer = row.answer
    if answer is None:
        return TableRow(row.team_name, [state_mark(UNANSWERED), "", "", ""])
    return TableRow(
        row.team_name, [state_mark(answer.state), answer.note, answer.person_name, when(answer.at)]
    )


def warnings_table(
    warnings: Sequence[Warning], own: Mapping[int, str], progress: Mapping[int, tuple[int, int]]
) -> Table:
    """The list of warnings.

    ``own`` is the own team's answer by warning; ``progress`` is how many teams have answered one
    of our warnings, of how many.
    """
    return Table(
        caption=_("Early warnings, newest first"),
        columns=[
            Column(_("Warning")),
            Column(_("Label"), nowrap=True),
            Column(pgettext("warning", "Kind")),
            Column(pgettext("warning", "Answer"), nowrap=True),
            Column(_("Answer by"), nowrap=True),
            Column(_("Released"), nowrap=True),
        ],
        rows=[_warning_row(warning, own, progress) for warning in warnings],
    )


def _warning_row(
    warning: Warning, own: Mapping[int, str], progress: Mapping[int, tuple[int, int]]
) -> TableRow:
    return TableRow(
        title=heading(warning),
        url=reverse("warnings:one", args=[warning.public_id]),
        sub=f"{warning.public_id}  {warning.team}",
        cells=[
            tlp(warning.label.sensitivity),
            str(Kind(warning.kind).label),
            _status_cell(warning, own, progress),
            when(
                warning.answer_by,
                due=True,
                done=warning.state != State.RELEASED or warning.pk in own,
            ),
            when(warning.released_at),
        ],
    )


def _status_cell(
    warning: Warning, own: Mapping[int, str], progress: Mapping[int, tuple[int, int]]
) -> SafeString | str:
    if warning.state == State.DRAFT:
        return status(_("Draft"), "new")
    if warning.state == State.WITHDRAWN:
        return status(pgettext("warning", "Withdrawn"), "no")
    if warning.pk in progress:
        answered, count = progress[warning.pk]
        return _answered_of(answered, count)
    return state_mark(own.get(warning.pk, UNANSWERED))


def heading(warning: Warning) -> str:
    """The title for this reader; a draft may have none yet."""
    return warning.title_in(get_language()) or _("Untitled draft")


def tabs(counts: Mapping[str, int], current: str) -> list[View]:
    """The four views of the list."""
    names = {
        queries.TO_ANSWER: _("To answer"),
        queries.RECEIVED: _("Received"),
        queries.OURS: _("Ours"),
        queries.DRAFTS: _("Drafts"),
    }
    return [
        View(label, f"?view={name}", up_to(counts[name], COUNT_LIMIT), current=name == current)
        for name, label in names.items()
    ]


def menus() -> list[Menu]:
    """The filters of the list."""
    labels = [
        Choice(sensitivity.value, sensitivity.text)
        for sensitivity in Sensitivity
        if sensitivity is not Sensitivity.INTERNAL
    ]
    kinds = [Choice(kind.value, kind.label) for kind in Kind]
    return [Menu("label", _("Label"), labels), Menu("kind", pgettext("warning", "Kind"), kinds)]


def empty_view(view: str) -> str:
    """The sentence in place of an empty list."""
    return {
        queries.TO_ANSWER: _("Nothing waits for your team's answer."),
        queries.RECEIVED: _("No warnings yet. What other teams send to yours appears here."),
        queries.OURS: _("Your team has warned nobody yet."),
        queries.DRAFTS: _("There are no drafts."),
    }[view]


def answer_buttons() -> list[tuple[str, str]]:
    """The four answers as buttons; the one that needs help comes first."""
    order = ("affected", "not_affected", "investigating", "fixed")
    return [(state, str(AnswerState(state).label)) for state in order]


def readers_sentences(detail: WarningDetail) -> list[str]:
    """Who may read it: in numbers for the owner, by circle and label for receivers."""
    label = detail.warning.label
    rule = _("%(meaning)s.") % {"meaning": Sensitivity(label.sensitivity).label}
    red = label.sensitivity == Sensitivity.RED
    who = str(label.circle) if label.circle is not None and not red else ""
    if detail.is_owner and detail.recipients:
        teams = len({row.team_id for row in detail.recipients})
        people = len({row.person_id or row.person_name for row in detail.recipients})
        of = ngettext("%(count)d team", "%(count)d teams", teams) % {"count": teams}
        size = _("%(teams)s, %(people)s") % {"teams": of, "people": _people(people)}
        who = _("%(circle)s: %(size)s") % {"circle": who, "size": size} if who else size
    return [line for line in (who, rule) if line]


def receipts(recipients: Sequence[Recipient]) -> list[Fact]:
    """How it reached people: each person once, by the last that is known of their mail."""
    outcomes: dict[object, str] = {}  # by person; those who left have no id any more
    for number, row in enumerate(recipients):
        last = [receipt for receipt in row.receipts if receipt in ("sent", "withheld", "failed")]
        outcome = last[-1] if last else "waiting"
        if outcome == "sent" and row.mail is not Passage.WHOLE:
            outcome = "notice"
        outcomes[row.person_id or -number] = outcome
    counts = Counter(outcomes.values())
    names = {
        "sent": _("Mail with the text"),
        "notice": _("Notice only"),
        "waiting": _("Not sent yet"),
        "withheld": _("Withheld"),
        "failed": _("Failed"),
    }
    return [Fact(label, _people(counts[name])) for name, label in names.items() if counts[name]]


def _people(count: int) -> str:
    return ngettext("%(count)d person", "%(count)d people", count) % {"count": count}


def timeline(detail: WarningDetail) -> list[Entry]:
    """Every step for the owner team; for receivers the warning's steps and their own answers."""
    warning = detail.warning
    entries = [_history_entry(row, detail) for row in detail.steps]
    if not detail.is_owner:
        entries += [_own_answer_entry(answer) for answer in detail.own]
        if warning.released_at:
            entries.append(Entry(warning.released_at, _("Released."), icon="warning", tone="key"))
        if warning.withdrawn_at:
            entries.append(_withdrawn_entry(warning))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _own_answer_entry(answer: models.Answer) -> Entry:
    words = _("%(team)s answered: %(answer)s.")
    return Entry(
        answer.at,
        words % {"team": answer.team, "answer": state_word(answer.state)},
        icon="team",
        note=answer.note,
        own=True,
        meta=(answer.person_name,),
    )


def _withdrawn_entry(warning: Warning) -> Entry:
    assert warning.withdrawn_at is not None  # noqa: S101  # for the type checker
    return Entry(
        warning.withdrawn_at,
        pgettext("warning", "Withdrawn."),
        icon="x",
        tone="alarm",
        note=warning.withdrawn_why,
    )


def _history_entry(row: HistoryRow, detail: WarningDetail) -> Entry:
    after = row.after or {}
    text, tone, icon, note = _("Changed."), "", "edit", ""
    match row.action:
        case "warnings.draft":
            text = _("Drafted under %(label)s.") % {"label": after.get("label", "")}
        case "warnings.change_draft":
            text = _("Draft changed; its label is %(label)s.") % {"label": after.get("label", "")}
        case "warnings.release":
            words = ngettext(
                "Released under %(label)s to %(teams)d team, %(people)d people.",
                "Released under %(label)s to %(teams)d teams, %(people)d people.",
                after.get("teams", 0),
            )
            text, tone, icon = words % after, "key", "warning"
        case "warnings.answer":
            names = {
                row.answer.team.public_id: row.team_name
                for row in detail.team_answers
                if row.answer
            }
            text = _("%(team)s answered: %(answer)s.") % {
                "team": names.get(after.get("team", ""), _("A team")),
                "answer": state_word(after.get("state", UNANSWERED)),
            }
            icon = "team"
        case "warnings.withdraw":
            text, tone, icon, note = (
                pgettext("warning", "Withdrawn."),
                "alarm",
                "x",
                after.get("why", ""),
            )
        case "sharing.revoke_links":
            text = _("The mailed links were taken back.")
    return Entry(row.at, text, icon=icon, tone=tone, note=note, meta=(row.actor_name,))  # type: ignore[arg-type]  # a literal
