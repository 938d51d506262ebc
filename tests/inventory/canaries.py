"""The words of this area: names, places and notes of systems, components and imports."""

from __future__ import annotations

from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions as inventory
from noroshi.inventory.models import Component, System
from tests.harness.canaries import Canaries, by_label, run_jobs
from tests.inventory import builders

AFTER = ("directory",)

WORDLESS = {
    "inventory.SystemOwner": "joins a system and a person",
    "inventory.ImportChange": "versions",
}


def fill(made: Canaries) -> None:
    """Systems, components and imports of teams A and B."""
    alice = made.viewer("alice")
    ottos = a_system(made, "given", "a", "alice", "otto")
    olgas = a_system(made, "other", "a", "alice", "olga")
    unowned = a_system(made, "unowned", "a", "alice")
    retired = a_system(made, "retired", "a", "alice", "otto")
    theirs = a_system(made, "of b", "b", "bob", "oki")
    _component(made, "given", ottos, "alice")
    _component(made, "other", olgas, "alice")
    _component(made, "of b", theirs, "bob")
    gone = _component(made, "gone", ottos, "alice")
    inventory.remove_component(component=gone, by=alice)
    inventory.retire_system(system=retired, by=alice)
    press = ComponentDraft(vendor="Acme Works", name="Press Controller", version="4.0")
    for system, by in ((ottos, "alice"), (olgas, "alice"), (theirs, "bob")):
        inventory.add_component(system=system, draft=press, by=made.viewer(by))
    for vendor in ("", "Acme Works Ltd"):  # each to be asked about
        like = ComponentDraft(vendor=vendor, name="Press Controller", version="4.0")
        inventory.add_component(system=unowned, draft=like, by=alice)
    _imports(made, ottos, unowned, theirs)


def a_system(made: Canaries, key: str, team: str, by: str, *owners: str) -> System:
    canary = made.canary(f"system {key}")
    system = inventory.add_system(
        team=made.world.teams[team],
        facts=inventory.SystemFacts(
            f"{key} {canary.word}", exposure="internet", place=canary.word, note=canary.word
        ),
        owners=[made.person(name) for name in owners],
        by=made.viewer(by),
    )
    canary.stands_under(system.label)
    made.add("system", system, f"system {key}", by_label(system.label))
    made.rows[f"system {key}"] = system
    return system


def _component(made: Canaries, key: str, system: System, by: str) -> Component:
    canary = made.canary(f"component {key}")
    draft = ComponentDraft(
        name=canary.word, vendor=canary.word, version="1.0", serial=canary.word, model=canary.word
    )
    component = inventory.add_component(system=system, draft=draft, by=made.viewer(by))
    canary.stands_under(system.label)
    made.add(
        "component", component, f"component {key}", by_label(system.label), parent=system.public_id
    )
    return component


def _imports(made: Canaries, ottos: System, unowned: System, theirs: System) -> None:
    a, alice = made.world.teams["a"], made.viewer("alice")
    cell, brought = made.canary("cell of a table that waits"), made.canary("component in a file")
    table = f"製品,版\n{cell.word},1\n".encode()
    bill = builders.sbom((brought.word, "1.0"))
    for key, raw, team, by, target in (
        ("waiting.csv", table, a, alice, ottos),
        ("done.json", bill, a, alice, ottos),
        ("failed.json", builders.sbom(), a, alice, unowned),
        (
            "of b.json",
            builders.sbom(("b-part", "1")),
            made.world.teams["b"],
            made.viewer("bob"),
            theirs,
        ),
    ):
        canary = made.canary(f"import {key}")
        name = f"{canary.word}.{key.partition('.')[2]}"
        entry = builders.uploaded(raw, name, team, by, target=target, is_complete=False)
        canary.stands_under(entry.label)
        made.add("import", entry, f"import {key}", by_label(entry.label))
        if key == "waiting.csv":
            cell.stands_under(entry.label)
    brought.stands_under(ottos.label)
    run_jobs()


def leave_waiting(made: Canaries) -> None:
    """An import whose job has not run yet: after everything else, since jobs run in between."""
    name, brought = made.canary("import under way"), made.canary("component in a file under way")
    entry = builders.uploaded(
        builders.sbom((brought.word, "1")),
        f"{name.word}.json",
        made.world.teams["a"],
        made.viewer("alice"),
        target=made.rows["system unowned"],
        is_complete=False,
    )
    name.stands_under(entry.label)
    brought.stands_under(made.rows["system unowned"].label)
    made.add("import", entry, "import under way", by_label(entry.label))


def add_more(made: Canaries) -> None:
    """A system with a component that advisories name."""
    system = a_system(made, "added", "a", "alice", "olga")
    press = ComponentDraft(vendor="Acme Works", name="Press Controller", version="4.0")
    inventory.add_component(system=system, draft=press, by=made.viewer("alice"))
