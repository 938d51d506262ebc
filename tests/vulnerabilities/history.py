"""The rows that the actions on advisories and vulnerabilities leave in the history."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile

from noroshi.core import clock, jobs
from noroshi.inventory import actions as inventory
from noroshi.measures import actions as measures
from noroshi.measures.models import Instruction
from noroshi.sharing.system import rows
from noroshi.vulnerabilities import actions
from noroshi.vulnerabilities import jobs as work
from noroshi.vulnerabilities.models import Advisory, AffectedRange, AssessedSystem, Assessment
from tests.harness.history import Act, leaves, made
from tests.harness.people import World
from tests.vulnerabilities.builders import (
    a_component,
    affected_systems,
    an_advisory,
    assessed,
    assessments,
    chosen,
    decided,
    instructed,
    received,
)


def _opened(world: World) -> Assessment:
    """A system of otto's is affected."""
    alice = world.viewer("alice")
    a_component(world.teams["a"], alice, owners=(world.otto,))
    received(an_advisory(), world.teams["a"], alice)
    return assessments(alice)[0]


def _decided(world: World) -> Assessment:
    return decided(assessed(_opened(world), world.viewer("alice")), world.viewer("mana"))


def _instructed(world: World) -> tuple[Assessment, Instruction]:
    row = _decided(world)
    (instruction,) = instructed(row, world.viewer("alice"))
    jobs.run_waiting()
    return row, instruction


def _done(world: World) -> tuple[Assessment, Instruction]:
    row, instruction = _instructed(world)
    otto = world.viewer("otto")
    measures.answer(instruction=instruction, what="done", text="4.1 に上げました", by=otto)
    return row, instruction


def _waiting(world: World) -> AssessedSystem:
    """A component has a similar name, and nobody has said yet whether it is the same product."""
    alice = world.viewer("alice")
    a_component(world.teams["a"], alice, vendor="Acme Works Ltd")
    received(an_advisory(), world.teams["a"], alice)
    return affected_systems(alice)[0]


def _the_advisory(_: object) -> Advisory:
    return rows(Advisory, "a test looks for it").get()


# ---- an advisory comes in ------------------------------------------------------------------


@leaves("vulnerabilities.receive_advisory", "vulnerabilities.open")
def alice_brings_an_advisory_in_that_opens_work(world: World) -> Act:
    alice = world.viewer("alice")
    a_component(world.teams["a"], alice)
    return Act(
        lambda: actions.receive_advisory(raw=an_advisory(), team=world.teams["a"], by=alice),
        (world.alice, "advisory", _the_advisory),
        ("system", "assessment", lambda _: assessments(alice)[0]),
    )


@leaves("vulnerabilities.receive_older")
def an_older_revision_comes_after_a_newer_one(world: World) -> Act:
    alice, team = world.viewer("alice"), world.teams["a"]
    advisory = received(an_advisory(revision=3), team, alice).advisory
    return Act(
        lambda: actions.receive_advisory(raw=an_advisory(revision=2), team=team, by=alice),
        (world.alice, "advisory", advisory),
    )


@leaves("vulnerabilities.update_advisory")
def a_newer_revision_comes(world: World) -> Act:
    alice, team = world.viewer("alice"), world.teams["a"]
    advisory = received(an_advisory(), team, alice).advisory
    return Act(
        lambda: actions.receive_advisory(raw=an_advisory(revision=3), team=team, by=alice),
        (world.alice, "advisory", advisory),
    )


@leaves("vulnerabilities.share_advisory")
def what_was_the_teams_own_goes_to_a_circle(world: World) -> Act:
    alice, team = world.viewer("alice"), world.teams["a"]
    advisory = received(an_advisory(tlp="AMBER"), team, alice).advisory
    return Act(
        lambda: actions.receive_advisory(
            raw=an_advisory(tlp="AMBER"), team=team, circle=world.circles["x"], by=alice
        ),
        (world.alice, "advisory", advisory),
    )


@leaves("vulnerabilities.name_reader")
def ann_brings_the_red_document_that_alice_has(world: World) -> Act:
    ann, team = world.viewer("ann"), world.teams["a"]
    advisory = received(an_advisory(tlp="RED"), team, world.viewer("alice")).advisory
    return Act(
        lambda: actions.receive_advisory(raw=an_advisory(tlp="RED"), team=team, by=ann),
        (world.ann, "advisory", advisory),
    )


@leaves("vulnerabilities.update_advisory", "vulnerabilities.leave_out", "vulnerabilities.close")
def a_newer_revision_no_longer_names_the_product(world: World) -> Act:
    row = _opened(world)
    alice, newer = world.viewer("alice"), an_advisory(revision=3, name="Another Product")
    return Act(
        lambda: actions.receive_advisory(raw=newer, team=world.teams["a"], by=alice),
        (world.alice, "advisory", _the_advisory),
        ("system", "assessment", row),
        ("system", "assessment", row),
    )


@leaves("vulnerabilities.read_again", in_steps=True)
def an_upgrade_reads_a_document_again(world: World) -> Act:
    alice = world.viewer("alice")
    advisory = received(an_advisory(), world.teams["a"], alice).advisory
    rows(AffectedRange, "an older version understood otherwise").update(scheme="semver")
    return Act(lambda: work.read_again(advisory.public_id), ("system", "advisory", advisory))


@leaves("vulnerabilities.start_import")
def alice_starts_an_import_of_advisories(world: World) -> Act:
    alice = world.viewer("alice")
    uploads = [ContentFile(an_advisory(), "a.json")]
    return Act(
        lambda: actions.start_import(team=world.teams["a"], uploads=uploads, by=alice),
        (world.alice, "advisory_import", made),
    )


@leaves("vulnerabilities.receive_advisory", "vulnerabilities.import_done", in_steps=True)
def an_import_of_advisories_goes_in(world: World) -> Act:
    uploads = [ContentFile(an_advisory(), "a.json")]
    batch = actions.start_import(team=world.teams["a"], uploads=uploads, by=world.viewer("alice"))
    return Act(
        lambda: work.run_import(batch.public_id),
        (world.alice, "advisory", _the_advisory),
        (world.alice, "advisory_import", batch),
    )


# ---- the inventory moves -------------------------------------------------------------------


@leaves("vulnerabilities.extend", in_steps=True)
def another_system_is_affected_too(world: World) -> Act:
    row = _opened(world)
    component = a_component(world.teams["a"], world.viewer("alice"), host="second")
    return Act(
        lambda: work.rematch_system(component.system.public_id), ("system", "assessment", row)
    )


@leaves("vulnerabilities.verify_by_inventory", "vulnerabilities.close", in_steps=True)
def the_inventory_shows_a_version_that_is_not_affected(world: World) -> Act:
    row, alice = _opened(world), world.viewer("alice")
    affected = affected_systems(alice, row)[0]
    inventory.set_version(component=affected.component, version="5.0", by=alice)
    return Act(
        lambda: work.rematch_system(affected.system.public_id),
        ("system", "assessment", row),
        ("system", "assessment", row),
    )


@leaves("vulnerabilities.reopen", in_steps=True)
def a_version_that_is_affected_comes_back(world: World) -> Act:
    row, alice = _opened(world), world.viewer("alice")
    affected = affected_systems(alice, row)[0]
    for version in ("5.0", "3.3"):
        jobs.run_waiting()
        inventory.set_version(component=affected.component, version=version, by=alice)
    return Act(
        lambda: work.rematch_system(affected.system.public_id), ("system", "assessment", row)
    )


@leaves("vulnerabilities.reopen")
def the_day_until_which_a_risk_is_accepted_is_over(world: World) -> Act:
    row = assessed(_opened(world), world.viewer("alice"))
    until = clock.today() + timedelta(days=1)
    decided(row, world.viewer("mana"), "accept", until)
    rows(Assessment, "some days go by").update(accept_until=clock.today() - timedelta(days=1))
    return Act(work.end_acceptances, ("system", "assessment", row))


# ---- people work on it ---------------------------------------------------------------------


@leaves("vulnerabilities.remember_alias", "vulnerabilities.answer_match")
def alice_says_that_a_similar_name_is_ours(world: World) -> Act:
    alice = world.viewer("alice")
    affected = _waiting(world)
    return Act(
        lambda: actions.answer_match(
            assessment=affected.assessment, affected_id=affected.pk, same=True, by=alice
        ),
        (world.alice, "team", world.teams["a"]),
        (world.alice, "assessment", affected.assessment),
    )


@leaves("vulnerabilities.remember_alias", "vulnerabilities.answer_match", "vulnerabilities.close")
def alice_says_that_a_similar_name_is_another_product(world: World) -> Act:
    alice = world.viewer("alice")
    affected = _waiting(world)
    return Act(
        lambda: actions.answer_match(
            assessment=affected.assessment, affected_id=affected.pk, same=False, by=alice
        ),
        (world.alice, "team", world.teams["a"]),
        (world.alice, "assessment", affected.assessment),
        (world.alice, "assessment", affected.assessment),
    )


@leaves("vulnerabilities.assess")
def alice_assesses(world: World) -> Act:
    row, alice = _opened(world), world.viewer("alice")
    choice = chosen(row, alice)
    return Act(
        lambda: actions.assess(assessment=row, choice=choice, by=alice),
        (world.alice, "assessment", row),
    )


@leaves("vulnerabilities.decide")
def mana_decides(world: World) -> Act:
    row, mana = assessed(_opened(world), world.viewer("alice")), world.viewer("mana")
    return Act(lambda: decided(row, mana), (world.mana, "assessment", row))


@leaves("vulnerabilities.reconsider")
def mana_asks_to_look_again(world: World) -> Act:
    row, mana = assessed(_opened(world), world.viewer("alice")), world.viewer("mana")
    return Act(
        lambda: actions.reconsider(assessment=row, reason="もう一度", by=mana),
        (world.mana, "assessment", row),
    )


@leaves("measures.instruct", "vulnerabilities.instruct")
def alice_instructs_the_operators(world: World) -> Act:
    row, alice = _decided(world), world.viewer("alice")
    return Act(
        lambda: instructed(row, alice),
        (world.alice, "instruction", lambda result: result[0]),
        (world.alice, "assessment", row),
    )


@leaves("vulnerabilities.mark_reported")
def alice_notes_that_it_was_reported(world: World) -> Act:
    row, alice = _decided(world), world.viewer("alice")
    return Act(
        lambda: actions.mark_reported(assessment=row, by=alice), (world.alice, "assessment", row)
    )


@leaves("vulnerabilities.to_verify")
def every_operator_has_reported_done(world: World) -> Act:
    row, _instruction = _done(world)
    return Act(lambda: work.measures_moved(row.public_id), ("system", "assessment", row))


@leaves("vulnerabilities.to_carry_out")
def a_report_was_sent_back(world: World) -> Act:
    row, instruction = _done(world)
    jobs.run_waiting()
    measures.send_back(instruction=instruction, text="足りない", by=world.viewer("alice"))
    return Act(lambda: work.measures_moved(row.public_id), ("system", "assessment", row))


@leaves("vulnerabilities.verify", "vulnerabilities.close")
def the_work_was_verified(world: World) -> Act:
    row, instruction = _done(world)
    measures.verify(instruction=instruction, by=world.viewer("alice"))
    return Act(
        lambda: work.measures_moved(row.public_id),
        ("system", "assessment", row),
        ("system", "assessment", row),
    )
