"""The rows that the actions of the inventory leave in the history."""

from __future__ import annotations

from django_q.models import OrmQ

from noroshi.core.files import store
from noroshi.directory import actions as directory
from noroshi.directory.areas import ImportOptions
from noroshi.formats.drafts import ComponentDraft
from noroshi.formats.dry_run import read_upload
from noroshi.inventory import actions, console, jobs, queries, readers
from noroshi.inventory.models import Component
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.system import rows
from tests.harness.history import Act, leaves
from tests.harness.people import World
from tests.inventory.builders import a_component, a_system, sbom, uploaded

TABLE = "製品,版\nnginx,1\n".encode()


@leaves("inventory.add_system")
def alice_adds_a_system(world: World) -> Act:
    alice = world.viewer("alice")
    facts = actions.SystemFacts("受注システム")
    return lambda: actions.add_system(
        team=world.teams["a"], facts=facts, owners=[world.otto], by=alice
    )


@leaves("inventory.add_system", "inventory.start_import")
def a_bill_of_materials_comes_by_the_console_for_a_system_that_is_not_there_yet(
    world: World,
) -> Act:
    [reading] = read_upload(sbom(("lodash", "4.17.20")), "bom.json")
    options = ImportOptions(
        team=world.teams["a"],
        by=world.viewer("alice"),
        system_name="受注システム",
        circle=None,
        sensitivity=Sensitivity.AMBER,
    )
    return lambda: console.take(reading, options)


@leaves("inventory.change_system", "inventory.set_owners")
def alice_corrects_a_system_and_gives_it_to_otto(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    facts = actions.SystemFacts("発注システム", criticality="high")
    return lambda: actions.change_system(system=system, facts=facts, owners=[world.otto], by=alice)


@leaves("inventory.set_owners")
def alice_gives_a_system_to_otto(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    return lambda: actions.set_owners(system=system, owners=[world.otto], by=alice)


@leaves("inventory.retire_system")
def alice_retires_a_system(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    return lambda: actions.retire_system(system=system, by=alice)


@leaves("inventory.add_component")
def alice_enters_a_component(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    return lambda: a_component(system, alice)


@leaves("inventory.change_component")
def alice_corrects_a_component(world: World) -> Act:
    alice = world.viewer("alice")
    component = a_component(a_system(world.teams["a"], alice), alice)
    draft = ComponentDraft(name="nginx", version="1.25.0", vendor="F5")
    return lambda: actions.change_component(component=component, draft=draft, by=alice)


@leaves("inventory.set_version")
def otto_says_which_version_his_system_has(world: World) -> Act:
    alice, otto = world.viewer("alice"), world.viewer("otto")
    component = a_component(a_system(world.teams["a"], alice, owners=[world.otto]), alice)
    return lambda: actions.set_version(component=component, version="1.26.0", by=otto)


@leaves("inventory.remove_component")
def alice_takes_a_component_out(world: World) -> Act:
    alice = world.viewer("alice")
    component = a_component(a_system(world.teams["a"], alice), alice)
    return lambda: actions.remove_component(component=component, by=alice)


@leaves("inventory.order_versions")
def an_upgrade_orders_versions_again(world: World) -> Act:
    alice = world.viewer("alice")
    component = a_component(a_system(world.teams["a"], alice), alice)
    rows(Component, "an older version ordered otherwise").update(version_key=b"\0")
    return lambda: jobs.order_versions_again(component.system.public_id)


@leaves("inventory.start_import")
def alice_uploads_a_bill_of_materials(world: World) -> Act:
    alice = world.viewer("alice")
    return lambda: uploaded(sbom(("left-pad", "1.0")), "a.json", world.teams["a"], alice)


@leaves("inventory.start_import", "inventory.start_import")
def alice_uploads_two_bills_at_once(world: World) -> Act:
    alice = world.viewer("alice")
    files = []
    for name in ("a.json", "b.json"):
        raw = sbom((name.partition(".")[0], "1.0"), title=name)
        files.append((name, store(raw).sha256, readers.look(raw, name)))
    return lambda: actions.start_imports(team=world.teams["a"], files=files, by=alice)


@leaves("inventory.map_columns")
def alice_says_which_column_is_what(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    entry = uploaded(TABLE, "list.csv", world.teams["a"], alice, target=system)
    mapping = queries.mapping_for(alice, entry)
    return lambda: actions.map_columns(entry=entry, mapping=mapping, by=alice)


@leaves("inventory.resume_import")
def alice_lets_an_import_go_on(world: World) -> Act:
    alice = world.viewer("alice")
    entry = uploaded(sbom(("left-pad", "1.0")), "a.json", world.teams["a"], alice)
    OrmQ.objects.all().delete()  # its job was lost
    return lambda: actions.resume_import(entry=entry, by=alice)


@leaves("inventory.import_done", "inventory.import_into", in_steps=True)
def the_rows_of_an_import_go_in(world: World) -> Act:
    alice = world.viewer("alice")
    system = a_system(world.teams["a"], alice)
    bill = sbom(("left-pad", "1.0"))
    entry = uploaded(bill, "a.json", world.teams["a"], alice, target=system)
    return lambda: jobs.run_import(entry.public_id)


@leaves("inventory.import_failed", in_steps=True)
def whoever_began_an_import_may_not_go_on(world: World) -> Act:
    entry = uploaded(sbom(("left-pad", "1.0")), "a.json", world.teams["a"], world.viewer("alice"))
    directory.suspend_person(person=world.alice, team=world.teams["a"], by=world.viewer("mana"))
    return lambda: jobs.run_import(entry.public_id)
