"""The rows that the actions of the inventory leave in the history."""

from __future__ import annotations

from collections.abc import Callable

from django_q.models import OrmQ

from noroshi.core.files import store
from noroshi.directory import actions as directory
from noroshi.directory.areas import ImportOptions
from noroshi.formats.drafts import ComponentDraft
from noroshi.formats.dry_run import read_upload
from noroshi.inventory import actions, console, jobs, queries, readers
from noroshi.inventory.models import Component, Import
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.system import rows
from tests.harness.history import Act, leaves, made
from tests.harness.people import World
from tests.inventory.builders import a_component, a_system, named, sbom, uploaded

TABLE = "製品,版\nnginx,1\n".encode()


def _the_import(name: str) -> Callable[[object], Import]:
    """Finds the import of a file that only the call makes."""
    return lambda _: rows(Import, "a test looks for it").get(file_name=name)


@leaves("inventory.add_system")
def alice_adds_a_system(world: World) -> Act:
    alice = world.viewer("alice")
    facts = actions.SystemFacts("受注システム")
    return Act(
        lambda: actions.add_system(
            team=world.teams["a"], facts=facts, owners=[world.otto], by=alice
        ),
        (world.alice, "system", made),
    )


@leaves("inventory.add_system", "inventory.start_import")
def a_bill_of_materials_comes_by_the_console_for_a_system_that_is_not_there_yet(
    world: World,
) -> Act:
    alice = world.viewer("alice")
    [reading] = read_upload(sbom(("lodash", "4.17.20")), "bom.json")
    options = ImportOptions(
        team=world.teams["a"],
        by=alice,
        system_name="受注システム",
        circle=None,
        sensitivity=Sensitivity.AMBER,
    )
    return Act(
        lambda: console.take(reading, options),
        (world.alice, "system", lambda _: named(alice, "受注システム")),
        (world.alice, "import", _the_import("bom.json")),
    )


@leaves("inventory.change_system", "inventory.set_owners")
def alice_corrects_a_system_and_gives_it_to_otto(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    facts = actions.SystemFacts("発注システム", criticality="high")
    return Act(
        lambda: actions.change_system(system=system, facts=facts, owners=[world.otto], by=alice),
        (world.alice, "system", system),
        (world.alice, "system", system),
    )


@leaves("inventory.set_owners")
def alice_gives_a_system_to_otto(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    return Act(
        lambda: actions.set_owners(system=system, owners=[world.otto], by=alice),
        (world.alice, "system", system),
    )


@leaves("inventory.retire_system")
def alice_retires_a_system(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    return Act(
        lambda: actions.retire_system(system=system, by=alice),
        (world.alice, "system", system),
    )


@leaves("inventory.add_component")
def alice_enters_a_component(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    return Act(lambda: a_component(system, alice), (world.alice, "system", system))


@leaves("inventory.change_component")
def alice_corrects_a_component(world: World) -> Act:
    alice = world.viewer("alice")
    component = a_component(a_system(world.teams["a"], alice), alice)
    draft = ComponentDraft(name="nginx", version="1.25.0", vendor="F5")
    return Act(
        lambda: actions.change_component(component=component, draft=draft, by=alice),
        (world.alice, "system", component.system),
    )


@leaves("inventory.set_version")
def otto_says_which_version_his_system_has(world: World) -> Act:
    alice, otto = world.viewer("alice"), world.viewer("otto")
    component = a_component(a_system(world.teams["a"], alice, owners=[world.otto]), alice)
    return Act(
        lambda: actions.set_version(component=component, version="1.26.0", by=otto),
        (world.otto, "system", component.system),
    )


@leaves("inventory.remove_component")
def alice_takes_a_component_out(world: World) -> Act:
    alice = world.viewer("alice")
    component = a_component(a_system(world.teams["a"], alice), alice)
    return Act(
        lambda: actions.remove_component(component=component, by=alice),
        (world.alice, "system", component.system),
    )


@leaves("inventory.order_versions")
def an_upgrade_orders_versions_again(world: World) -> Act:
    alice = world.viewer("alice")
    component = a_component(a_system(world.teams["a"], alice), alice)
    rows(Component, "an older version ordered otherwise").update(version_key=b"\0")
    return Act(
        lambda: jobs.order_versions_again(component.system.public_id),
        ("system", "system", component.system),
    )


@leaves("inventory.start_import")
def alice_uploads_a_bill_of_materials(world: World) -> Act:
    alice = world.viewer("alice")
    return Act(
        lambda: uploaded(sbom(("left-pad", "1.0")), "a.json", world.teams["a"], alice),
        (world.alice, "import", made),
    )


@leaves("inventory.start_import", "inventory.start_import")
def alice_uploads_two_bills_at_once(world: World) -> Act:
    alice = world.viewer("alice")
    files = []
    for name in ("a.json", "b.json"):
        raw = sbom((name.partition(".")[0], "1.0"), title=name)
        files.append((name, store(raw).sha256, readers.look(raw, name)))
    return Act(
        lambda: actions.start_imports(team=world.teams["a"], files=files, by=alice),
        (world.alice, "import", _the_import("a.json")),
        (world.alice, "import", _the_import("b.json")),
    )


@leaves("inventory.map_columns")
def alice_says_which_column_is_what(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    entry = uploaded(TABLE, "list.csv", world.teams["a"], alice, target=system)
    mapping = queries.mapping_for(alice, entry)
    return Act(
        lambda: actions.map_columns(entry=entry, mapping=mapping, by=alice),
        (world.alice, "import", entry),
    )


@leaves("inventory.resume_import")
def alice_lets_an_import_go_on(world: World) -> Act:
    alice = world.viewer("alice")
    entry = uploaded(sbom(("left-pad", "1.0")), "a.json", world.teams["a"], alice)
    OrmQ.objects.all().delete()  # its job was lost
    return Act(lambda: actions.resume_import(entry=entry, by=alice), (world.alice, "import", entry))


@leaves("inventory.import_done", "inventory.import_into", in_steps=True)
def the_rows_of_an_import_go_in(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    bill = sbom(("left-pad", "1.0"))
    entry = uploaded(bill, "a.json", world.teams["a"], alice, target=system)
    return Act(
        lambda: jobs.run_import(entry.public_id),
        (world.alice, "import", entry),
        (world.alice, "system", system),
    )


@leaves("inventory.import_failed", in_steps=True)
def whoever_began_an_import_may_not_go_on(world: World) -> Act:
    entry = uploaded(sbom(("left-pad", "1.0")), "a.json", world.teams["a"], world.viewer("alice"))
    directory.suspend_person(person=world.alice, team=world.teams["a"], by=world.viewer("mana"))
    return Act(lambda: jobs.run_import(entry.public_id), (world.alice, "import", entry))
