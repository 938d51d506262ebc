"""Notices that an instruction moved, to operators, instructors and managers, and to the area above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from noroshi.core import clock
from noroshi.core.history import Actor
from noroshi.directory.areas import publish
from noroshi.directory.models import Person, Role
from noroshi.directory.queries import people_in
from noroshi.directory.viewer import Viewer
from noroshi.measures.events import INSTRUCTION_MOVED
from noroshi.measures.models import Instruction, What
from noroshi.sharing import links, outbox
from noroshi.sharing.models import Release

ANSWER = "measures.answer"  # the purpose of the mailed link
LINK_DAYS_PAST_DUE = 14


def notify_subject(row: Instruction) -> None:
    """Let the area above look at what is left to do on the subject."""
    publish(INSTRUCTION_MOVED, row.subject_id, of=row.subject_kind)


def hand_over(
    instruction: Instruction,
    people: Sequence[Person],
    *,
    by: Viewer,
    release: Release | None = None,
) -> None:
    """Put the work into the operators' hands, each with a link of their own."""
    notify("given", instruction, people, by=by, link=True, release=release)


def notify(
    event: str,
    row: Instruction,
    to: Iterable[Person],
    *,
    by: Actor,
    link: bool = False,
    release: Release | None = None,
    **more: Any,
) -> None:
    """Post a notice to these people; whoever acted gets none about their own act.

    What mail may not carry opens by no mailed secret: whoever has the mail would read it.
    """
    with_link: dict[str, Any] = {}
    if link and links.may_show(row.label):
        days = max((row.due_at - clock.now()).days + 1, 0) + LINK_DAYS_PAST_DUE
        with_link = {
            "link_purpose": ANSWER,
            "link_path": "/measures/answer/{secret}",
            "link_days": days,
        }
    notice = outbox.Notice(
        kind=f"instruction.{event}",
        thing_kind="instruction",
        thing_id=row.public_id,
        template=f"measures/mail/{event}",
        path=f"/measures/{row.public_id}",
        context={**_mail_context(row, by), **more},
        **with_link,
    )
    others = [person for person in to if person.public_id != by.actor_id]
    outbox.post(notice, row.label, to=others, release=release)


def _mail_context(row: Instruction, by: Actor) -> dict[str, Any]:
    """The values that the mail templates of every event use."""
    return {
        "id": row.public_id,
        "kind": row.kind,
        "system": row.system_name,
        "current_version": row.current_version,
        "wanted_version": row.wanted_version,
        "subject": row.subject_title,
        "subject_key": row.subject_key,
        "why": row.why,
        "text": row.text,
        "due_at": row.due_at.isoformat(),
        "by": by.actor_name,
        "operators": [person.name for person in row.operators.all()],
    }


def recipients_of_answer(row: Instruction, answer: What) -> list[Person]:
    """The people who decide on another way when it cannot be done, else those who verify."""
    return managers(row) if answer is What.CANNOT else _instructors(row)


def managers(row: Instruction) -> list[Person]:
    """The manager who decided, while still one; else the team's managers, else its CSIRT."""
    people = list(people_in(row.team, Role.MANAGER))
    decided = [person for person in people if person.pk == row.manager_id]
    return decided or people or _instructors(row)


def _instructors(row: Instruction) -> list[Person]:
    """The person who instructed, while still in the CSIRT; else the CSIRT, else the managers."""
    people = list(people_in(row.team, Role.CSIRT, Role.MANAGER))
    return (
        [person for person in people if person.pk == row.instructed_by_id]
        or list(people_in(row.team, Role.CSIRT))
        or people
    )
