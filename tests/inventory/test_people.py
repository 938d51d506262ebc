"""Who sees which systems, and who may change them."""

from __future__ import annotations

import pytest

from noroshi.core import history
from noroshi.core.errors import Forbidden, Malformed, NotFound, Refused
from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions, queries
from noroshi.inventory.events import SYSTEM_CHANGED
from noroshi.inventory.models import SystemOwner
from noroshi.sharing import search
from tests.harness.listening import listening
from tests.harness.people import World
from tests.inventory.builders import a_component, a_system, present, sbom, taken_in, waiting_jobs


def test_an_operator_sees_only_the_systems_that_he_owns(
    alice: Viewer, otto: Viewer, olga: Viewer, team_a: Team, world: World
) -> None:
    system = a_system(team_a, alice, "受注システム", owners=[world.otto])
    a_component(system, alice)
    a_system(team_a, alice, "倉庫システム", owners=[world.olga])

    assert [system.name for system in queries.systems_for(otto)] == ["受注システム"]
    assert present(otto, system) == {"nginx": "1.24.0"}
    assert [system.name for system in queries.systems_for(olga)] == ["倉庫システム"]
    with pytest.raises(NotFound):
        queries.system_for(olga, system.public_id)


def test_owners_and_the_people_whom_the_label_names_are_always_the_same(
    alice: Viewer, otto: Viewer, olga: Viewer, team_a: Team, world: World
) -> None:
    system = a_system(team_a, alice, owners=[world.otto])
    actions.set_owners(system=system, owners=[world.olga], by=alice)

    rows = SystemOwner.objects.visible_to(alice).filter(system=system)
    system.label.forget_named()
    assert {row.person_id for row in rows} == system.label.named_ids() == {world.olga.pk}
    assert not queries.systems_for(otto).exists()
    assert queries.systems_for(olga).exists()


def test_nobody_outside_the_team_sees_a_system_component_or_import(
    alice: Viewer,
    bob: Viewer,
    charlie: Viewer,
    sora: Viewer,
    adam: Viewer,
    eve: Viewer,
    public: Viewer,
    team_a: Team,
) -> None:
    system = a_system(team_a, alice)
    a_component(system, alice)
    taken_in(sbom(("lodash", "1.0")), "bom.json", team_a, alice)

    for reader in (bob, charlie, sora, adam, eve, public):
        assert not queries.systems_for(reader).exists()
        assert not queries.components_for(reader).exists()
        assert not queries.imports_for(reader).exists()
        assert not queries.systems_by_ids(reader, [system.public_id]).exists()
        assert not search.find(reader, "受注").exists()
    assert search.find(alice, "受注").get().thing_id == system.public_id


def test_an_operator_sees_no_import(
    alice: Viewer, otto: Viewer, team_a: Team, world: World
) -> None:
    system = a_system(team_a, alice, owners=[world.otto])
    entry = taken_in(sbom(("lodash", "1.0")), "bom.json", team_a, alice, target=system)

    assert not queries.imports_for(otto).exists()
    assert queries.changes_of(otto, entry, "came").count() == 2


def test_an_operator_sets_a_version_and_changes_nothing_else(
    alice: Viewer, otto: Viewer, team_a: Team, world: World
) -> None:
    system = a_system(team_a, alice, owners=[world.otto])
    component = a_component(system, alice)
    changed = actions.set_version(component=component, version="1.26.1", by=otto)

    assert present(otto, system) == {"nginx": "1.26.1"}
    assert changed.version_key is not None and component.version_key is not None
    assert bytes(changed.version_key) > bytes(component.version_key)
    with pytest.raises(Forbidden):
        actions.retire_system(system=system, by=otto)
    with pytest.raises(Forbidden):
        actions.remove_component(component=component, by=otto)
    with pytest.raises(Forbidden):
        actions.change_component(component=component, draft=ComponentDraft("x"), by=otto)
    with pytest.raises(Forbidden):
        actions.set_owners(system=system, owners=[world.otto], by=otto)


def test_an_operator_cannot_set_a_version_in_a_colleagues_system(
    alice: Viewer, otto: Viewer, team_a: Team, world: World
) -> None:
    component = a_component(a_system(team_a, alice, owners=[world.olga]), alice)

    with pytest.raises(NotFound):
        actions.set_version(component=component, version="9", by=otto)


def test_another_team_changes_nothing(
    alice: Viewer, bob: Viewer, team_a: Team, world: World
) -> None:
    system = a_system(team_a, alice)

    with pytest.raises(NotFound):
        actions.retire_system(system=system, by=bob)
    with pytest.raises(Forbidden):
        a_system(team_a, bob)
    with pytest.raises(NotFound):
        taken_in(sbom(("a", "1")), "b.json", world.teams["b"], bob, target=system)


def test_the_manager_edits_and_the_executive_does_not(
    mana: Viewer, eve: Viewer, team_a: Team
) -> None:
    assert a_system(team_a, mana).name == "受注システム"
    with pytest.raises(Forbidden):
        a_system(team_a, eve, "別のシステム")


def test_only_operators_of_the_team_own_its_systems(
    alice: Viewer, team_a: Team, world: World
) -> None:
    for stranger in (world.bob, world.eve):
        with pytest.raises(Malformed, match="Only operators"):
            a_system(team_a, alice, owners=[stranger])


def test_a_name_is_taken_once_in_a_team_however_it_is_written(
    alice: Viewer, bob: Viewer, team_a: Team, world: World
) -> None:
    system = a_system(team_a, alice, "ERP 1")

    with pytest.raises(Refused, match="ＥＲＰ"):
        a_system(team_a, alice, "ＥＲＰ  1")
    a_system(world.teams["b"], bob, "ERP 1")
    actions.retire_system(system=system, by=alice)
    a_system(team_a, alice, "erp 1")


def test_the_same_component_is_not_entered_twice(alice: Viewer, team_a: Team) -> None:
    system = a_system(team_a, alice)
    first = a_component(system, alice, "nginx", "1.24.0")
    with pytest.raises(Refused):
        a_component(system, alice, "NGINX", "1.24.0")
    a_component(system, alice, "nginx", "1.26.0")
    with pytest.raises(Refused):
        actions.set_version(component=first, version="1.26.0", by=alice)


def test_a_retired_system_is_kept_as_it_was(alice: Viewer, team_a: Team) -> None:
    system = a_system(team_a, alice)
    component = a_component(system, alice)
    actions.retire_system(system=system, by=alice)

    assert not queries.systems_for(alice).exists()
    assert queries.systems_for(alice, retired=True).get() == system
    assert not search.find(alice, "受注").exists()
    with pytest.raises(Refused):
        a_component(system, alice)
    with pytest.raises(Refused):
        actions.set_version(component=component, version="2", by=alice)


def test_each_change_by_hand_is_told_and_asks_for_matching(alice: Viewer, team_a: Team) -> None:
    with listening(SYSTEM_CHANGED) as path:
        system = a_system(team_a, alice)
        component = a_component(system, alice)
        actions.change_component(
            component=component, draft=ComponentDraft("nginx", "1.25", "F5"), by=alice
        )
        actions.set_version(component=component, version="1.26", by=alice)
        actions.remove_component(component=component, by=alice)
        with pytest.raises(Refused):
            actions.remove_component(component=component, by=alice)

    deeds = [row.action for row in history.rows_of("system", system.public_id)]
    assert deeds == [
        "inventory.add_system",
        "inventory.add_component",
        "inventory.change_component",
        "inventory.set_version",
        "inventory.remove_component",
    ]
    rematched = [thing_id for name, thing_id in waiting_jobs() if name == path]
    assert rematched == [system.public_id] * 4
    assert list(history.verify()) == []
