"""The rows that the actions on instructions leave in the history."""

from __future__ import annotations

from datetime import timedelta

from noroshi.core import clock
from noroshi.measures import actions, jobs
from noroshi.measures.models import Instruction
from noroshi.sharing import links
from noroshi.sharing.models import Link
from noroshi.sharing.system import rows
from tests.harness.history import Act, leaves, made
from tests.harness.people import World
from tests.inventory.builders import a_system


def _instructed(world: World) -> Instruction:
    """Otto is to patch a system of his."""
    alice = world.viewer("alice")
    return actions.instruct(
        team=world.teams["a"],
        subject=actions.Subject("assessment", "V-00000000", "題"),
        system=a_system(world.teams["a"], alice, owners=[world.otto]),
        order=actions.Order("patch", "する", clock.now() + timedelta(days=1)),
        operators=[world.otto],
        by=alice,
    )


def _done(world: World) -> Instruction:
    row = _instructed(world)
    actions.answer(instruction=row, what="done", text="しました", by=world.viewer("otto"))
    return row


def _late(world: World, days: int) -> Instruction:
    row = _instructed(world)
    due = clock.now() - timedelta(days=days, hours=1)
    rows(Instruction, "some days go by").filter(pk=row.pk).update(due_at=due)
    return row


@leaves("measures.instruct")
def alice_instructs_otto(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice, owners=[world.otto])
    subject = actions.Subject("assessment", "V-00000000", "題")
    return Act(
        lambda: actions.instruct(
            team=world.teams["a"],
            subject=subject,
            system=system,
            order=actions.Order("patch", "する", clock.now() + timedelta(days=1)),
            operators=[world.otto],
            by=alice,
        ),
        (world.alice, "instruction", made),
    )


@leaves("sharing.revoke_links", "measures.instruct_again")
def alice_gives_the_work_to_olga_instead(world: World) -> Act:
    row, alice = _instructed(world), world.viewer("alice")
    return Act(
        lambda: actions.instruct_again(
            instruction=row,
            text="もう一度",
            due_at=clock.now() + timedelta(days=2),
            operators=[world.olga],
            by=alice,
        ),
        (world.alice, "instruction", row),
        (world.alice, "instruction", row),
    )


@leaves("sharing.revoke_links", "measures.send_link_again")
def alice_sends_the_link_again(world: World) -> Act:
    row, alice = _instructed(world), world.viewer("alice")
    return Act(
        lambda: actions.send_link_again(instruction=row, by=alice),
        (world.alice, "instruction", row),
        (world.alice, "instruction", row),
    )


@leaves("measures.change_due")
def alice_moves_the_day(world: World) -> Act:
    row, alice = _instructed(world), world.viewer("alice")
    later = clock.now() + timedelta(days=4)
    return Act(
        lambda: actions.change_due(instruction=row, due_at=later, by=alice),
        (world.alice, "instruction", row),
    )


@leaves("sharing.revoke_links", "measures.withdraw")
def alice_withdraws_an_instruction(world: World) -> Act:
    row, alice = _instructed(world), world.viewer("alice")
    return Act(
        lambda: actions.withdraw(instruction=row, text="不要", by=alice),
        (world.alice, "instruction", row),
        (world.alice, "instruction", row),
    )


@leaves("measures.answer_started")
def otto_has_started(world: World) -> Act:
    row, otto = _instructed(world), world.viewer("otto")
    return Act(
        lambda: actions.answer(instruction=row, what="started", by=otto),
        (world.otto, "instruction", row),
    )


@leaves("measures.answer_done")
def otto_has_done_it(world: World) -> Act:
    row, otto = _instructed(world), world.viewer("otto")
    return Act(
        lambda: actions.answer(instruction=row, what="done", text="しました", by=otto),
        (world.otto, "instruction", row),
    )


@leaves("measures.answer_cannot")
def otto_cannot_do_it(world: World) -> Act:
    row, otto = _instructed(world), world.viewer("otto")
    return Act(
        lambda: actions.answer(instruction=row, what="cannot", reason="no_time", by=otto),
        (world.otto, "instruction", row),
    )


@leaves("measures.answer_started", "sharing.use_link")
def otto_answers_by_the_mailed_link(world: World) -> Act:
    row = _instructed(world)
    link = Link.objects.get(thing_id=row.public_id)
    secret = links.secret_of(link)
    return Act(
        lambda: actions.answer_by_link(secret=secret, what="started"),
        (world.otto, "instruction", row),
        (world.otto, "link", link),
    )


@leaves("measures.send_back")
def alice_sends_it_back(world: World) -> Act:
    row, alice = _done(world), world.viewer("alice")
    return Act(
        lambda: actions.send_back(instruction=row, text="足りない", by=alice),
        (world.alice, "instruction", row),
    )


@leaves("measures.verify")
def alice_verifies_it(world: World) -> Act:
    row, alice = _done(world), world.viewer("alice")
    return Act(
        lambda: actions.verify(instruction=row, note="見た", by=alice),
        (world.alice, "instruction", row),
    )


@leaves("measures.verify")
def the_inventory_verifies_it(world: World) -> Act:
    row = _done(world)
    return Act(lambda: jobs.verify_by_inventory(row.public_id), ("system", "instruction", row))


@leaves("sharing.revoke_links", "measures.close")
def the_matter_is_closed(world: World) -> Act:
    row = _done(world)
    actions.verify(instruction=row, by=world.viewer("alice"))
    return Act(
        lambda: jobs.close(row.subject_id),
        ("system", "instruction", row),
        ("system", "instruction", row),
    )


@leaves("measures.remind_operator")
def otto_is_reminded_of_late_work(world: World) -> Act:
    row = _late(world, days=0)
    return Act(jobs.remind_late, ("system", "instruction", row))


@leaves("measures.remind_operator", "measures.remind_manager")
def otto_and_the_manager_are_reminded_of_very_late_work(world: World) -> Act:
    row = _late(world, days=2)
    return Act(jobs.remind_late, ("system", "instruction", row), ("system", "instruction", row))
