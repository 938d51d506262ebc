"""Making, issuing and throwing away reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import orjson
from django.conf import settings
from django.db import transaction
from django.utils import translation

from noroshi.core import clock, history
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.queries import people_in
from noroshi.directory.viewer import Viewer
from noroshi.reports import permissions, sentences, wording
from noroshi.reports.figures import Period, figures_for
from noroshi.reports.models import Report
from noroshi.reports.states import State, check_draft
from noroshi.sharing import labelling, outbox, register, search
from noroshi.sharing.labels import Sensitivity

T = TypeVar("T")
MAX_DAYS = 366
MAX_NOTE = 2000  # letters


@transaction.atomic
def make_report(
    *, team: Team, from_on: date, to_on: date, note: str = "", title: str = "", by: Viewer
) -> Report:
    """Freeze the figures of this moment into a draft for the CSIRT and the manager alone."""
    permissions.may_make.check(by, team.pk)
    _check_period(from_on, to_on)
    if len(note) > MAX_NOTE:
        sentence = gettext_noop("The note is longer than %(most)d letters.")
        raise Malformed("note", sentence, most=MAX_NOTE)
    report = Report.objects.create(
        team=team,
        label=labelling.draft_label(team, Sensitivity.INTERNAL),
        from_on=from_on,
        to_on=to_on,
        title=" ".join(title.split())[:200],  # one line: it becomes a mail's subject
        note=note.strip(),
        figures=figures_for(by, team, Period(from_on, to_on)),
        made_by_id=by.person_id,
        made_by_name=by.name,
    )
    period = {"from_on": from_on.isoformat(), "to_on": to_on.isoformat()}
    history.record("reports.make", report, by=by, after=period)
    _index_for_search(report)
    return report


@transaction.atomic
def issue(*, report: Report, by: Viewer) -> Report:
    """Issue the report to the team's executives: its label names them, and each gets a mail."""
    row = Report.objects.locked_for(by, report.pk, "team", "label__owner")
    permissions.may_make.check(by, row.team_id)
    check_draft(row.state)
    executives = executives_of(row.team)
    labelling.name(row.label, executives)
    entry, _audience = register.release(
        thing_kind="report", thing_id=row.public_id, label=row.label, text=frozen_text(row), by=by
    )
    row.state = State.ISSUED
    row.issued_at = entry.released_at
    row.issued_by_id = by.person_id
    row.save(update_fields=["state", "issued_at", "issued_by"])
    after = {
        "state": State.ISSUED,
        "release": entry.public_id,
        "executives": [person.public_id for person in executives],
    }
    history.record("reports.issue", row, by=by, before={"state": State.DRAFT}, after=after)
    _index_for_search(row)
    outbox.post(_issued_notice(row, by), row.label, to=executives, release=entry)
    return row


@transaction.atomic
def discard(*, report: Report, by: Viewer) -> None:
    """Throw a draft away; only the history remembers that there was one."""
    row = Report.objects.locked_for(by, report.pk, "team", "label__owner")
    permissions.may_make.check(by, row.team_id)
    check_draft(row.state)
    search.drop("report", row.public_id)
    row.delete()
    row.label.delete()
    history.record("reports.discard", row, by=by)


def executives_of(team: Team) -> list[Person]:
    """The people whom an issued report names."""
    return list(people_in(team, Role.EXECUTIVE).order_by("name", "pk"))


def frozen_text(report: Report) -> str:
    """The full text that leaves, as the register keeps and hashes it: figures and added words."""
    content = {
        "from_on": report.from_on,
        "to_on": report.to_on,
        "title": report.title,
        "note": report.note,
        "figures": report.figures,
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def _check_period(from_on: date, to_on: date) -> None:
    if from_on > to_on:
        raise Malformed("to_on", gettext_noop("The period ends before it begins."))
    if to_on > clock.today():
        raise Malformed("to_on", gettext_noop("The period ends in the future."))
    if (to_on - from_on).days >= MAX_DAYS:
        raise Malformed("from_on", gettext_noop("A report covers at most one year."))


def _index_for_search(report: Report) -> None:
    titles = _in_languages(lambda: wording.title(report))
    listed = [
        f"{row['key']} {row['title']}"
        for name in ("late", "decided", "accepted")
        for row in report.figures[name]["rows"]
    ]
    search.put(
        kind="report",
        thing_id=report.public_id,
        label=report.label,
        title=titles[settings.LANGUAGE_CODE],
        sub=report.team.name,
        path=f"/reports/{report.public_id}",
        text="\n".join([*titles.values(), report.note, *listed]),
    )


def _issued_notice(report: Report, by: Viewer) -> outbox.Notice:
    return outbox.Notice(
        "report.issued",
        thing_kind="report",
        thing_id=report.public_id,
        template="reports/mail/issued",
        path=f"/reports/{report.public_id}",
        context={
            "by": by.name,
            "note": report.note,
            "said": _in_languages(
                lambda: {"title": wording.title(report), "sentences": sentences.summary(report)}
            ),
        },
    )


def _in_languages(words: Callable[[], T]) -> dict[str, T]:
    """The result of ``words`` by language: a mail picks its reader's when it is written."""
    by_language = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            by_language[language] = words()
    return by_language
