"""Another person looks: reported work is sent back or verified, and closed in the end."""

from __future__ import annotations

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.errors import gettext_noop
from noroshi.core.history import SYSTEM, Actor
from noroshi.directory.viewer import Viewer
from noroshi.measures import permissions
from noroshi.measures.checks import check_text
from noroshi.measures.models import Instruction
from noroshi.measures.notices import notify, notify_subject
from noroshi.measures.states import State, check_step
from noroshi.sharing import links


@transaction.atomic
def send_back(*, instruction: Instruction, text: str, by: Viewer) -> None:
    """Send reported work back because it is not enough: the operator goes on."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    permissions.may_instruct.check(by, row.team_id)
    if row.state != State.DONE:
        check_step(row.state, State.VERIFIED)
    check_text("text", text, gettext_noop("Say in a line what is missing."))
    row.state, row.done_by, row.done_at = State.STARTED, None, None
    row.save(update_fields=["state", "done_by", "done_at"])
    history.record(
        "measures.send_back",
        row,
        by=by,
        before={"state": State.DONE},
        after={"state": row.state, "text": text.strip()},
    )
    notify("sent_back", row, row.operators.all(), by=by, link=True, note=text.strip())
    notify_subject(row)


@transaction.atomic
def verify(*, instruction: Instruction, note: str = "", by: Viewer) -> None:
    """Another person than whoever did it says that it is done."""
    row = Instruction.objects.locked_for(by, instruction.pk, "team", "label")
    check_step(row.state, State.VERIFIED)
    permissions.may_verify.check(by, row)
    row.verified_by_id = by.person_id
    _save_verified(row, note=note.strip(), by=by)


@transaction.atomic
def verify_by_inventory(*, row: Instruction) -> None:
    """The inventory shows the work, so no person is named. ``jobs`` has locked ``row``."""
    if row.state == State.DONE:
        _save_verified(row, note="", by=SYSTEM)


@transaction.atomic
def close(*, row: Instruction) -> None:
    """Close a verified instruction with the matter above it. ``jobs`` has locked ``row``."""
    if row.state != State.VERIFIED:
        return
    row.state = State.CLOSED
    row.save(update_fields=["state"])
    links.revoke_for("instruction", row.public_id, by=SYSTEM)
    history.record(
        "measures.close",
        row,
        by=SYSTEM,
        before={"state": State.VERIFIED},
        after={"state": row.state},
    )


def _save_verified(row: Instruction, *, note: str, by: Actor) -> None:
    row.state, row.verified_at = State.VERIFIED, clock.now()
    row.save(update_fields=["state", "verified_by", "verified_at"])
    history.record(
        "measures.verify",
        row,
        by=by,
        before={"state": State.DONE},
        after={"state": row.state, "text": note},
    )
    notify("verified", row, row.operators.all(), by=by, note=note)
    notify_subject(row)
