"""The words of this area: instructions in every state, answers, reasons, files."""

from __future__ import annotations

from datetime import timedelta

from noroshi.core import clock
from noroshi.measures import actions as measures
from noroshi.measures.jobs import remind_late
from noroshi.measures.models import Attachment, Evidence, Instruction
from noroshi.sharing import system
from tests.harness.canaries import Canaries, by_label

AFTER = ("inventory", "vulnerabilities")


def fill(made: Canaries) -> None:
    """An instruction in every state, with its answers, files and links."""
    alice, mana = made.viewer("alice"), made.viewer("mana")
    _instruct(made, "open", "given", "otto")
    _instruct(made, "of olga", "other", "olga")
    for key, what in (
        ("started", "started"),
        ("done", "done"),
        ("cannot", "cannot"),
        ("verified", "done"),
        ("sent back", "done"),
    ):
        _answered(made, key, what)
    withdrawn = _instruct(made, "withdrawn", "given", "otto")
    moved = _instruct(made, "moved", "given", "otto")

    def why(key: str) -> str:
        label = made.rows[f"instruction {key}"].label
        return made.canary(f"why the instruction {key} is so", by_label(label)).word

    measures.verify(instruction=made.rows["instruction verified"], note=why("verified"), by=mana)
    measures.withdraw(instruction=withdrawn, text=why("withdrawn"), by=alice)
    measures.send_back(
        instruction=made.rows["instruction sent back"], text=why("sent back"), by=alice
    )
    later = clock.now() + timedelta(days=4)
    measures.change_due(instruction=moved, due_at=later, text=why("moved"), by=alice)
    _instruct(made, "of b", "of b", "oki", team="b", by="bob")
    made.secrets["otto's link"] = made.mailed(made.thing("instruction open"), "otto")
    made.secrets["otto's ended link"] = made.mailed(made.thing("instruction withdrawn"), "otto")
    late = _instruct(made, "late", "given", "otto")
    system.rows(Instruction, "two days go by").filter(pk=late.pk).update(
        due_at=clock.now() - timedelta(days=2)
    )
    remind_late()


def _instruct(
    made: Canaries, key: str, on: str, operator: str, *, team: str = "a", by: str = "alice"
) -> Instruction:
    canary = made.canary(f"instruction {key}")
    viewer = made.viewer(by)
    row = measures.instruct(
        team=made.world.teams[team],
        subject=measures.Subject(
            "assessment", f"V-{team}0000000", f"{canary.word} の件", canary.word
        ),
        system=made.rows[f"system {on}"],
        order=measures.Order(
            "patch",
            canary.word,
            clock.now() + timedelta(days=1),
            why=canary.word,
            attachments=[measures.Upload(f"{canary.word}.txt", canary.word.encode())],
        ),
        operators=[made.person(operator)],
        by=viewer,
    )
    canary.stands_under(row.label)
    # A system's name goes to whoever works on it.
    made.about(f"system {on}").stands_under(row.label)
    made.add("instruction", row, f"instruction {key}", by_label(row.label))
    for file in Attachment.objects.visible_to(viewer).filter(instruction=row):
        made.add("file", file, f"file of {key}", by_label(row.label), parent=row.public_id)
    made.rows[f"instruction {key}"] = row
    return row


def _answered(made: Canaries, key: str, what: str) -> None:
    row, otto = _instruct(made, key, "given", "otto"), made.viewer("otto")
    canary = made.canary(f"answer to {key}", by_label(row.label))
    files = [measures.Upload(f"{canary.word}.png", canary.word.encode())] if what == "done" else []
    measures.answer(
        instruction=row,
        what=what,
        text=canary.word,
        files=files,
        reason="failed" if what == "cannot" else "",
        by=otto,
    )
    for file in Evidence.objects.visible_to(otto).filter(answer__instruction=row):
        made.add("file", file, f"evidence for {key}", by_label(row.label), parent=row.public_id)
    row.refresh_from_db()


def add_more(made: Canaries) -> None:
    """An instruction to another operator."""
    _instruct(made, "added", "other", "olga")
