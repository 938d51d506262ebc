"""Writing warnings, releasing them, withdrawing them, and answering them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
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
    """The thing of the own team that a warning was started from, by its kind and public id."""

    kind: str
    thing_id: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a person writes into a warning, its label included."""

    sensitivity: Sensitivity | str
    circle: Circle | None = None
    named: Sequence[Person] = ()
    embargo_until: datetime | None = None
    kind: Kind | str = Kind.EXPLOITED
    title: str = ""
    title_en: str = ""
    text: str = ""
    todo: str = ""
    cve: str = ""
    answer_by: datetime | None = None


@transaction.atomic
def draft(*, team: Team, content: Content, about: About | None = None, by: Viewer) -> Warning:
    """Begin a warning. Only the own team sees a draft, whatever its label says."""
    permissions.may_draft.check(by, team.pk)
    completeness.check_draft(content.sensitivity, content.cve)
    label = labelling.draft_label(
        team,
        content.sensitivity,
        circle=content.circle,
        named=_people_to_name(content, by),
        embargo_until=content.embargo_until,
    )
    warning = Warning(label=label, team=team, drafted_by_id=by.person_id)
    _set_fields(warning, content)
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
        "warnings.draft",
        warning,
        by=by,
        after={"label": warning.label.text, "about": about.thing_id if about else None},
    )
    _index_for_search(warning)
    return warning


@transaction.atomic
def change_draft(*, warning: Warning, content: Content, by: Viewer) -> Warning:
    """Write a draft anew and return it as it stands now. Refused once it is released."""
    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)
    permissions.may_draft.check(by, warning.team_id)
    states.check_draft(warning.state)
    completeness.check_draft(content.sensitivity, content.cve)
    label_before = warning.label.text
    changed = _set_fields(warning, content)
    warning.moved_at = clock.now()
    warning.save()
    labelling.relabel(
        warning.label,
        sensitivity=content.sensitivity,
        circle=content.circle,
        named=_people_to_name(content, by),
        embargo_until=content.embargo_until,
    )
    history.record(
        "warnings.change_draft",
        warning,
        by=by,
        before={"label": label_before},
        after={"label": warning.label.text, "changed": changed},
    )
    _index_for_search(warning)
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
    """Release the warning: freeze it in the register and post it to everybody it is for.

    ``seen`` is the ``fingerprint`` of the page that the person looked at; when text, label or
    audience have changed since, the release is refused, because nobody has read what would leave.
    """
    by = _with_current_rights(by)
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
        thing_kind="warning",
        thing_id=warning.public_id,
        label=warning.label,
        text=frozen_text(warning),
        by=by,
    )
    warning.state = State.RELEASED
    warning.released_at = warning.moved_at = entry.released_at
    warning.released_by_id = by.person_id
    warning.release_id = entry.public_id
    warning.save(update_fields=["state", "released_at", "moved_at", "released_by", "release_id"])
    _record_release(warning, audience, by)
    outbox.post(_released_notice(warning), warning.label, to=audience.people, release=entry)
    return warning


def _record_release(warning: Warning, audience: Audience, by: Viewer) -> None:
    after = {
        "state": State.RELEASED,
        "release": warning.release_id,
        "label": warning.label.text,
        "teams": len(audience.teams),
        "people": len(audience.people),
    }
    history.record("warnings.release", warning, by=by, before={"state": State.DRAFT}, after=after)


@transaction.atomic
def withdraw(*, warning: Warning, why: str, by: Viewer) -> Warning:
    """Take a released warning back: its links end, unsent mail stays, its readers get a notice."""
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
        "warnings.withdraw",
        warning,
        by=by,
        before={"state": State.RELEASED},
        after={"state": State.WITHDRAWN, "why": warning.withdrawn_why},
    )
    recipients = register.recipients(by, warning.release_id)
    outbox.post(_withdrawn_notice(warning), warning.label, to=recipients)
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
    """Record whether the warning concerns a receiving team; the newest answer counts.

    ``team_id`` is needed only by somebody who speaks for several receiving teams. ``link`` is the
    mailed link that was used instead of signing in.
    """
    by = _with_current_rights(by)
    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)
    if state not in AnswerState.values:
        raise Malformed("state", gettext_noop("Choose one of the four answers."))
    team = _answering_team(by, warning, team_id)
    states.check_open(warning.state)
    new = Answer(
        warning=warning,
        team=team,
        person_id=by.person_id,
        person_name=by.name,
        state=state,
        note=note.strip()[:1000],
    )
    old_state = _replace_answer(new, by)
    history.record(
        "warnings.answer",
        warning,
        by=by,
        before={"state": old_state} if old_state else None,
        after={"team": team.public_id, "state": new.state},
    )
    if link is not None:
        links.used(link, by=by)
    register.note_answer(warning.release_id, by)
    return new


def _replace_answer(new: Answer, by: Viewer) -> str:
    """Save ``new`` in place of the team's current answer; return that one's state, or nothing."""
    answers = Answer.objects.visible_to(by)
    old = answers.filter(warning=new.warning, team=new.team, current=True).first()
    if old is not None:
        old.current = False
        old.save(update_fields=["current"])
    new.save(force_insert=True)
    return old.state if old else ""


def frozen_text(warning: Warning) -> str:
    """The full text that leaves, as the register keeps and hashes it."""
    lines = [warning.title, warning.title_en, warning.kind, warning.cve]
    lines.append(warning.answer_by.isoformat() if warning.answer_by else "")
    return "\n".join([*lines, "", warning.text, "", *warning.todo_lines])


def fingerprint(warning: Warning, audience: Audience) -> str:
    """A short digest of what a person checks before a release: text, label and who gets it."""
    label = register.snapshot(warning.label)
    readers = sorted(f"{r.person.pk}/{r.team.pk if r.team else 0}" for r in audience.recipients)
    whole = "\0".join([frozen_text(warning), repr(sorted(label.items(), key=str)), *readers])
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _answering_team(by: Viewer, warning: Warning, team_id: str) -> Team:
    """The receiving team for which this viewer answers: the chosen one, or the only one."""
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


def _with_current_rights(by: Viewer) -> Viewer:
    """The same viewer with the rights of this moment: somebody stopped meanwhile has none."""
    if by.person_id is None:
        return by
    person = Person.objects.get(pk=by.person_id)
    current = viewer_for(person, scopes=by.scopes, token_id=by.token_id)
    if not current.is_signed_in:
        raise NotFound
    return current


def _people_to_name(content: Content, by: Viewer) -> list[Person]:
    """The named people; under RED the author too, who could not open their own draft otherwise."""
    if content.sensitivity != Sensitivity.RED or by.person_id is None:
        return list(content.named)
    return [*content.named, *Person.objects.filter(pk=by.person_id)]


def _set_fields(warning: Warning, content: Content) -> list[str]:
    """Copy the content into the row; return the names of the fields that changed."""
    values = {
        "kind": Kind(content.kind).value,
        "title": " ".join(content.title.split()),  # one line: it becomes a mail's subject
        "title_en": " ".join(content.title_en.split()),
        "text": content.text.strip(),
        "todo": content.todo.strip(),
        "cve": content.cve.strip().upper(),
        "answer_by": content.answer_by,
    }
    changed = sorted(name for name, value in values.items() if getattr(warning, name) != value)
    for name, value in values.items():
        setattr(warning, name, value)
    return changed


def _index_for_search(warning: Warning) -> None:
    search.put(
        kind="warning",
        thing_id=warning.public_id,
        label=warning.label,
        title=warning.title or warning.public_id,
        sub=warning.team.name,
        path=f"/warnings/{warning.public_id}",
        text=f"{warning.title_en}\n{warning.cve}\n{warning.text}\n{warning.todo}",
    )


def _released_notice(warning: Warning) -> outbox.Notice:
    return outbox.Notice(
        "warning.released",
        thing_kind="warning",
        thing_id=warning.public_id,
        template="warnings/mail/released",
        path=f"/warnings/{warning.public_id}",
        context=_mail_context(warning),
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
        context={**_mail_context(warning), "why": warning.withdrawn_why},
    )


def _mail_context(warning: Warning) -> dict[str, Any]:
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
    """How long the mailed link lives: two weeks, or until a day after the answer is due."""
    if answer_by is None:
        return LINK_DAYS
    return max(LINK_DAYS, (answer_by - clock.now() + timedelta(days=1)).days + 1)
