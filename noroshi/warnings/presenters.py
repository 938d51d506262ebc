"""Warnings in the words of the page: board, tables, receipts, timeline. No queries."""

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
from noroshi.warnings import queries
from noroshi.warnings.models import Kind, Warning
from noroshi.warnings.queries import UNANSWERED, Sight, Tally, TeamAnswer
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
    """``affected`` and so on, or that there is no answer."""
    return _("No answer yet") if state == UNANSWERED else str(AnswerState(state).label)


def state_mark(state: str) -> SafeString:
    """The answer as shape and word."""
    shape, tone = MARKS[state]
    return status(state_word(state), shape, tone)


def board(tally: Tally, *, owner: bool) -> Board | None:
    """The answers as a bar; small groups are hidden from receivers, everything while it is few."""
    if tally.counts is None:
        return None
    parts = tuple(
        Answer(state_word(name), tally.counts[name], fill) for name, fill in FILLS.items()
    )
    note = ""
    if not owner:
        parts = hide_small(parts)
        note = _("Who answered what is seen by the team that warned alone.")
    return Board(parts, tally.recipients, note)


def answered_of(tally: Tally) -> str:
    """``20 of 24 teams``."""
    words = ngettext(
        "%(answered)d of %(count)d team", "%(answered)d of %(count)d teams", tally.recipients
    )
    return words % {"answered": tally.answered, "count": tally.recipients}


def answers_table(lines: Iterable[TeamAnswer]) -> Table:
    """The owner's table of teams."""
    return Table(
        caption=_("What the teams answered, newest first"),
        columns=[
            Column(_("Team")), Column(pgettext("warning", "Answer"), nowrap=True), Column(_("Remark")),
            Column(_("By")), Column(_("When"), nowrap=True),
        ],
        rows=[_answer_row(line) for line in lines],
    )  # fmt: skip


def _answer_row(line: TeamAnswer) -> TableRow:
    given = line.answer
    if given is None:
        return TableRow(line.team_name, [state_mark(UNANSWERED), "", "", ""])
    return TableRow(
        line.team_name, [state_mark(given.state), given.note, given.person_name, when(given.at)]
    )


def warning_rows(
    found: Sequence[Warning], own: Mapping[int, str], progress: Mapping[int, tuple[int, int]]
) -> Table:
    """The list of warnings: title and team, label, kind, how far the answers are, the deadline."""
    return Table(
        caption=_("Early warnings, newest first"),
        columns=[
            Column(_("Warning")), Column(_("Label"), nowrap=True), Column(pgettext("warning", "Kind")),
            Column(pgettext("warning", "Answer"), nowrap=True), Column(_("Answer by"), nowrap=True),
            Column(_("Released"), nowrap=True),
        ],
        rows=[_listed_row(warning, own, progress) for warning in found],
    )  # fmt: skip


def _listed_row(
    warning: Warning, own: Mapping[int, str], progress: Mapping[int, tuple[int, int]]
) -> TableRow:
    return TableRow(
        title=heading(warning),
        url=reverse("warnings:one", args=[warning.public_id]),
        sub=f"{warning.public_id}  {warning.team}",
        cells=[
            tlp(warning.label.sensitivity),
            str(Kind(warning.kind).label),
            _standing(warning, own, progress),
            when(
                warning.answer_by,
                due=True,
                done=warning.state != State.RELEASED or warning.pk in own,
            ),
            when(warning.released_at),
        ],
    )


def _standing(
    warning: Warning, own: Mapping[int, str], progress: Mapping[int, tuple[int, int]]
) -> SafeString | str:
    if warning.state == State.DRAFT:
        return status(_("Draft"), "new")
    if warning.state == State.WITHDRAWN:
        return status(pgettext("warning", "Withdrawn"), "no")
    if warning.pk in progress:
        answered, of = progress[warning.pk]
        words = ngettext("%(answered)d of %(count)d team", "%(answered)d of %(count)d teams", of)
        return words % {"answered": answered, "count": of}
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
    """What the list can be narrowed by."""
    labels = [each for each in Sensitivity if each is not Sensitivity.INTERNAL]
    return [
        Menu("label", _("Label"), [Choice(each.value, each.text) for each in labels]),
        Menu(
            "kind", pgettext("warning", "Kind"), [Choice(each.value, each.label) for each in Kind]
        ),
    ]


def empty_view(view: str) -> str:
    """What would stand in an empty view."""
    return {
        queries.TO_ANSWER: _("Nothing waits for your team's answer."),
        queries.RECEIVED: _("No warnings yet. What other teams send to yours appears here."),
        queries.OURS: _("Your team has warned nobody yet."),
        queries.DRAFTS: _("There are no drafts."),
    }[view]


def answer_buttons() -> list[tuple[str, str]]:
    """The four answers as buttons, what needs help first."""
    order = ("affected", "not_affected", "investigating", "fixed")
    return [(state, str(AnswerState(state).label)) for state in order]


def readers_words(sight: Sight) -> list[str]:
    """Who may read it, in sentences: numbers for the owner, the circle and the rule for receivers."""
    label = sight.warning.label
    rule = _("%(meaning)s.") % {"meaning": Sensitivity(label.sensitivity).label}
    red = label.sensitivity == Sensitivity.RED
    who = str(label.circle) if label.circle is not None and not red else ""
    if sight.is_owner and sight.recipients:
        teams = len({one.team_id for one in sight.recipients})
        people = len({one.person_id or one.person_name for one in sight.recipients})
        of = ngettext("%(count)d team", "%(count)d teams", teams) % {"count": teams}
        size = _("%(teams)s, %(people)s") % {"teams": of, "people": _people(people)}
        who = _("%(circle)s: %(size)s") % {"circle": who, "size": size} if who else size
    return [line for line in (who, rule) if line]


def receipts(recipients: Sequence[Recipient]) -> list[Fact]:
    """How it reached people: each person once, by the last thing that mail is known to have done."""
    people: dict[object, str] = {}
    for number, one in enumerate(recipients):
        last = [what for what in one.receipts if what in ("sent", "withheld", "failed")][-1:]
        came = last[0] if last else "waiting"
        if came == "sent" and one.mail is not Passage.WHOLE:
            came = "notice"
        people[one.person_id or -number] = came
    counts = Counter(people.values())
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


def timeline(sight: Sight) -> list[Entry]:
    """What happened: every step for the owner team; for receivers the warning's and their own."""
    warning = sight.warning
    entries = [_step(row, sight) for row in sight.steps]
    if not sight.is_owner:
        entries += [
            Entry(
                given.at,
                _("%(team)s answered: %(answer)s.")
                % {"team": given.team, "answer": state_word(given.state)},
                icon="team", note=given.note, own=True, meta=(given.person_name,),
            )
            for given in sight.own
        ]  # fmt: skip
        if warning.released_at:
            entries.append(Entry(warning.released_at, _("Released."), icon="warning", tone="key"))
        if warning.withdrawn_at:
            entries.append(_withdrawn(warning))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _withdrawn(warning: Warning) -> Entry:
    assert warning.withdrawn_at is not None  # noqa: S101  # for the type checker
    return Entry(
        warning.withdrawn_at,
        pgettext("warning", "Withdrawn."),
        icon="x",
        tone="alarm",
        note=warning.withdrawn_why,
    )


def _step(row: HistoryRow, sight: Sight) -> Entry:
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
                line.answer.team.public_id: line.team_name for line in sight.lines if line.answer
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
