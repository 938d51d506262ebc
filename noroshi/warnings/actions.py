"""Writing warnings, letting them out, taking them back, and answering them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused, gettext_noop
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.sharing import labelling, links, outbox, register, search
from noroshi.sharing.audience import Audience, audience_of
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Link
from noroshi.warnings import completeness, permissions, states
from noroshi.warnings.models import Answer, Kind, Origin, Warning
from noroshi.warnings.states import AnswerState, State

_LOCKED_WITH = ("team", "label__circle", "label__owner")
ANSWER_LINK = "warnings.answer"  # the purpose of the mailed link
LINK_DAYS = 14


@dataclass(frozen=True, slots=True)
class About:
    """What a warning was started from: the kind and public id of a thing of the own team."""

    kind: str
    thing_id: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a person writes into a warning, label included."""

    sensitivity: Sensitivity | str
    circle: Circle | None = None
    named: Iterable[Person] = ()
    embargo_until: datetime | None = None
    kind: Kind | str = Kind.EXPLOITED
    title: str = ""
    title_en: str = ""
    text: str = ""
    todo: str = ""
    cve: str = ""
    answer_by: datetime | None = None
    people: tuple[Person, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "people", tuple(self.named))


@transaction.atomic
def draft(*, team: Team, content: Content, about: About | None = None, by: Viewer) -> Warning:
    """Begin a warning. A draft is the own team's, whatever its label says."""
    permissions.may_draft.check(by, team.pk)
    completeness.check_draft(content.sensitivity, content.cve)
    label = labelling.draft_label(
        team,
        content.sensitivity,
        circle=content.circle,
        named=_named(content, by),
        embargo_until=content.embargo_until,
    )
    warning = Warning(label=label, team=team, drafted_by_id=by.person_id)
    _write(warning, content)
    warning.save(force_insert=True)
    if about is not None:
        Origin.objects.create(
            label=labelling.own_label(team),
            warning=warning,
            kind=about.kind,
            thing_id=about.thing_id,
            key=about.key[:100],
        )
    history.record(
        "warnings.draft", warning, by=by,
        after={"label": warning.label.text, "about": about.thing_id if about else None},
    )  # fmt: skip
    _make_findable(warning)
    return warning


@transaction.atomic
def change_draft(*, warning: Warning, content: Content, by: Viewer) -> Warning:
    """Write a draft anew; returns it as it stands now. Refused once it is released."""
    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)
    permissions.may_draft.check(by, warning.team_id)
    states.check_draft(warning.state)
    completeness.check_draft(content.sensitivity, content.cve)
    before = warning.label.text
    changed = _write(warning, content)
    warning.moved_at = clock.now()
    warning.save()
    labelling.relabel(
        warning.label,
        sensitivity=content.sensitivity,
        circle=content.circle,
        named=_named(content, by),
        embargo_until=content.embargo_until,
    )
    history.record(
        "warnings.change_draft", warning, by=by,
        before={"label": before}, after={"label": warning.label.text, "changed": changed},
    )  # fmt: skip
    _make_findable(warning)
    return warning


@transaction.atomic
def discard(*, warning: Warning, by: Viewer) -> None:
    """Throw a draft away; only the history remembers that there was one."""
    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)
    permissions.may_draft.check(by, warning.team_id)
    states.check_draft(warning.state)
    origins = list(Origin.objects.visible_to(by).filter(warning=warning).select_related("label"))
    search.drop("warning", warning.public_id)
    warning.delete()
    for label in (warning.label, *(origin.label for origin in origins)):
        label.delete()
    history.record("warnings.discard", warning, by=by)


@transaction.atomic
def release(*, warning: Warning, by: Viewer, seen: str | None = None) -> Warning:
    """Let the warning out: freeze it in the register and post it to everybody it is for.

    ``seen`` is the ``fingerprint`` that the person was shown; when text, label or audience have
    changed since, the release is refused, because nobody has read what would leave.
    """
    by = _today(by)
    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)
    permissions.may_release.check(by, warning)
    states.check_step(warning.state, State.RELEASED)
    history.lock_end()  # the audience that is compared here is the one that is frozen
    audience = audience_of(warning.label)
    completeness.check(warning, warning.label, audience)
    if seen is not None and seen != fingerprint(warning, audience):
        raise Refused(
            gettext_noop(
                "The text, the label or who reads it has changed since you looked. Check it again."
            )
        )
    entry, audience = register.release(
        thing_kind="warning", thing_id=warning.public_id, label=warning.label,
        text=frozen_text(warning), by=by,
    )  # fmt: skip
    warning.state = State.RELEASED
    warning.released_at = warning.moved_at = entry.released_at
    warning.released_by_id = by.person_id
    warning.release_id = entry.public_id
    warning.save(update_fields=["state", "released_at", "moved_at", "released_by", "release_id"])
    history.record(
        "warnings.release", warning, by=by,
        before={"state": State.DRAFT}, after={
            "state": State.RELEASED, "release": entry.public_id, "label": warning.label.text,
            "teams": len(audience.teams), "people": len(audience.people),
        },
    )  # fmt: skip
    outbox.post(_released_notice(warning), warning.label, to=audience.people, release=entry)
    return warning


@transaction.atomic
def withdraw(*, warning: Warning, why: str, by: Viewer) -> Warning:
    """Take a released warning back: links end, unsent mail stays, everybody told is told so."""
    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)
    permissions.may_withdraw.check(by, warning)
    states.check_step(warning.state, State.WITHDRAWN)
    if not why.strip():
        raise Malformed("why", gettext_noop("Say why it is withdrawn; those who read it will ask."))
    warning.state = State.WITHDRAWN
    warning.withdrawn_at = warning.moved_at = clock.now()
    warning.withdrawn_by_id = by.person_id
    warning.withdrawn_why = why.strip()[:300]
    warning.save(
        update_fields=["state", "withdrawn_at", "moved_at", "withdrawn_by", "withdrawn_why"]
    )
    outbox.take_back(warning.release_id)
    links.revoke_for("warning", warning.public_id, by=by)
    history.record(
        "warnings.withdraw", warning, by=by,
        before={"state": State.RELEASED},
        after={"state": State.WITHDRAWN, "why": warning.withdrawn_why},
    )  # fmt: skip
    outbox.post(
        _withdrawn_notice(warning), warning.label,
        to=register.recipients(by, warning.release_id),
    )  # fmt: skip
    return warning


@transaction.atomic
def answer(
    *,
    warning: Warning,
    state: AnswerState | str,
    note: str = "",
    team_id: str = "",
    link: Link | None = None,
    by: Viewer,
) -> Answer:
    """Say for a receiving team whether the warning concerns it; the newest answer counts.

    ``team_id`` is needed only by somebody who speaks for several receiving teams. ``link`` is the
    mailed link that was used instead of signing in.
    """
    by = _today(by)
    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)
    if state not in AnswerState.values:
        raise Malformed("state", gettext_noop("Choose one of the four answers."))
    team = _speaks_for(by, warning, team_id)
    states.check_open(warning.state)
    before = Answer.objects.visible_to(by).filter(warning=warning, team=team, current=True).first()
    if before is not None:
        before.current = False
        before.save(update_fields=["current"])
    given = Answer.objects.create(
        warning=warning, team=team, person_id=by.person_id, person_name=by.name,
        state=state, note=note.strip()[:1000],
    )  # fmt: skip
    history.record(
        "warnings.answer", warning, by=by,
        before={"state": before.state} if before else None,
        after={"team": team.public_id, "state": given.state},
    )  # fmt: skip
    if link is not None:
        links.used(link, by=by)
    register.note_answer(warning.release_id, by)
    return given


def frozen_text(warning: Warning) -> str:
    """What leaves, in full, as the register keeps and hashes it."""
    lines = [warning.title, warning.title_en, warning.kind, warning.cve]
    lines.append(warning.answer_by.isoformat() if warning.answer_by else "")
    return "\n".join([*lines, "", warning.text, "", *warning.todo_lines])


def fingerprint(warning: Warning, audience: Audience) -> str:
    """A short digest of everything one looks at before a release: text, label and who gets it."""
    label = register.snapshot(warning.label)
    readers = sorted(f"{r.person.pk}/{r.team.pk if r.team else 0}" for r in audience.recipients)
    whole = "\0".join([frozen_text(warning), repr(sorted(label.items(), key=str)), *readers])
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _speaks_for(by: Viewer, warning: Warning, team_id: str) -> Team:
    rows = register.own_rows(by).filter(release__public_id=warning.release_id)
    teams = {row.team.public_id: row.team for row in rows.select_related("team") if row.team}
    if not teams:
        raise Forbidden(
            gettext_noop(
                "Only the incident handlers and security managers of a receiving team answer."
            )
        )
    if team_id:
        if team_id not in teams:
            raise NotFound
        return teams[team_id]
    if len(teams) > 1:
        raise Malformed("team", gettext_noop("You speak for several teams; choose one."))
    return next(iter(teams.values()))


def _today(by: Viewer) -> Viewer:
    """The same reader with the rights of this moment: whoever was stopped meanwhile has none."""
    if by.person_id is None:
        return by
    person = Person.objects.get(pk=by.person_id)
    fresh = viewer_for(person, scopes=by.scopes, token_id=by.token_id)
    if not fresh.is_signed_in:
        raise NotFound
    return fresh


def _named(content: Content, by: Viewer) -> list[Person]:
    """The named people; under RED the author too, who could not open his own draft otherwise."""
    if content.sensitivity != Sensitivity.RED or by.person_id is None:
        return list(content.people)
    return [*content.people, *Person.objects.filter(pk=by.person_id)]


def _write(warning: Warning, content: Content) -> list[str]:
    """Put what was written into the row; returns the names of what changed."""
    texts = {
        "kind": Kind(content.kind).value,
        "title": " ".join(content.title.split()),  # one line: it becomes a mail's subject
        "title_en": " ".join(content.title_en.split()),
        "text": content.text.strip(),
        "todo": content.todo.strip(),
        "cve": content.cve.strip().upper(),
        "answer_by": content.answer_by,
    }
    changed = sorted(name for name, value in texts.items() if getattr(warning, name) != value)
    for name, value in texts.items():
        setattr(warning, name, value)
    return changed


def _make_findable(warning: Warning) -> None:
    search.put(
        kind="warning", thing_id=warning.public_id, label=warning.label,
        title=warning.title or warning.public_id, sub=warning.team.name,
        path=f"/warnings/{warning.public_id}",
        text=f"{warning.title_en}\n{warning.cve}\n{warning.text}\n{warning.todo}",
    )  # fmt: skip


def _released_notice(warning: Warning) -> outbox.Notice:
    return outbox.Notice(
        "warning.released",
        thing_kind="warning",
        thing_id=warning.public_id,
        template="warnings/mail/released",
        path=f"/warnings/{warning.public_id}",
        context=_mail_words(warning),
        link_purpose=ANSWER_LINK,
        link_path="/warnings/answer/{secret}",
        link_days=_link_days(warning.answer_by),
    )


def _withdrawn_notice(warning: Warning) -> outbox.Notice:
    return outbox.Notice(
        "warning.withdrawn",
        thing_kind="warning",
        thing_id=warning.public_id,
        template="warnings/mail/withdrawn",
        path=f"/warnings/{warning.public_id}",
        context={**_mail_words(warning), "why": warning.withdrawn_why},
    )


def _mail_words(warning: Warning) -> dict[str, Any]:
    return {
        "id": warning.public_id,
        "label": warning.label.text,
        "kind": warning.kind,
        "team": warning.team.name,
        "team_en": warning.team.name_en or warning.team.name,
        "title": warning.title,
        "title_en": warning.title_en or warning.title,
        "cve": warning.cve,
        "text": warning.text,
        "todo": warning.todo_lines,
        "answer_by": warning.answer_by.isoformat() if warning.answer_by else "",
    }


def _link_days(answer_by: datetime | None) -> int:
    """Two weeks, or a day longer than the answer is awaited."""
    if answer_by is None:
        return LINK_DAYS
    return max(LINK_DAYS, (answer_by - clock.now() + timedelta(days=1)).days + 1)
