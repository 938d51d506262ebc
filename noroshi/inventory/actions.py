"""Changing the inventory by hand, and taking files in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from noroshi.core import clock, history, jobs
from noroshi.core.errors import Malformed, NotFound, Refused, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory.areas import publish
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import ComponentDraft
from noroshi.formats.versions import Scheme
from noroshi.inventory import permissions, products, readers, states
from noroshi.inventory.events import SYSTEM_CHANGED
from noroshi.inventory.models import (
    Component,
    Criticality,
    Environment,
    Exposure,
    Import,
    System,
    SystemOwner,
)
from noroshi.inventory.queries import operators_of
from noroshi.sharing import labelling, search
from noroshi.sharing.guard import Guarded

# By name: ``jobs`` calls this module.
RUN_IMPORT = "noroshi.inventory.jobs.run_import"

T = TypeVar("T", bound=Guarded)


# ---- systems -------------------------------------------------------------------------


@transaction.atomic
def add_system(
    *,
    team: Team,
    name: str,
    exposure: str = Exposure.INTERNAL,
    criticality: str = Criticality.MEDIUM,
    environment: str = Environment.PRODUCTION,
    place: str = "",
    note: str = "",
    owners: Iterable[Person] = (),
    by: Viewer,
) -> System:
    """Add a system to a team's inventory; its owners may read it from now on."""
    permissions.may_edit.check(by, team.pk)
    _check_name_free(team.pk, name, by)
    return create_system(
        team=team,
        facts={
            "name": name,
            "exposure": exposure,
            "criticality": criticality,
            "environment": environment,
            "place": place,
            "note": note,
        },
        owners=_checked_owners(team, owners),
        by=by,
    )


@transaction.atomic
def change_system(
    *,
    system: System,
    name: str,
    exposure: str,
    criticality: str,
    environment: str,
    place: str,
    note: str,
    owners: Iterable[Person],
    by: Viewer,
) -> System:
    """Correct what is known of a system."""
    system = _locked(System, system.pk, by)
    _check_may_change(by, system)
    if products.normal(name) != products.normal(system.name):
        _check_name_free(system.team_id, name, by)
    update_system(
        system,
        facts={
            "name": name,
            "exposure": exposure,
            "criticality": criticality,
            "environment": environment,
            "place": place,
            "note": note,
        },
        by=by,
    )
    _own(system, _checked_owners(system.team, owners), by)
    return system


@transaction.atomic
def set_owners(*, system: System, owners: Iterable[Person], by: Viewer) -> None:
    """Make these operators the system's owners: they, and no other operators, see it."""
    system = _locked(System, system.pk, by)
    _check_may_change(by, system)
    _own(system, _checked_owners(system.team, owners), by)


@transaction.atomic
def retire_system(*, system: System, by: Viewer) -> None:
    """The system is switched off: its components are gone, its record stays."""
    system = _locked(System, system.pk, by)
    _check_may_change(by, system)
    now = clock.now()
    system.retired_at = system.updated_at = now
    system.save(update_fields=["retired_at", "updated_at"])
    gone = Component.objects.visible_to(by).filter(system=system, gone_at=None).update(gone_at=now)
    search.drop("system", system.public_id)
    _record("retire_system", system, by, after={"gone": gone})
    publish(SYSTEM_CHANGED, system.public_id)


# ---- components ----------------------------------------------------------------------


@transaction.atomic
def add_component(*, system: System, draft: ComponentDraft, by: Viewer) -> Component:
    """Enter a component by hand; the same one twice is refused."""
    system = _locked(System, system.pk, by)
    _check_may_change(by, system)
    component = Component(system=system, team_id=system.team_id)
    _describe(component, draft)
    _check_new(component, by)
    component.save(force_insert=True)
    _record("add_component", system, by, after=_facts_of(component))
    publish(SYSTEM_CHANGED, system.public_id)
    return component


@transaction.atomic
def change_component(*, component: Component, draft: ComponentDraft, by: Viewer) -> Component:
    """Correct a component."""
    component = _locked(Component, component.pk, by)
    _check_may_change(by, component.system)
    before = _facts_of(component)
    _describe(component, draft)
    _check_new(component, by)
    _save_component(component, before, "change_component", by)
    return component


@transaction.atomic
def set_version(*, component: Component, version: str, by: Viewer) -> Component:
    """Say in which version a component is now; its system's operators may, too."""
    component = _locked(Component, component.pk, by)
    permissions.may_set_version.check(by, component.team_id)
    _check_in_use(component.system)
    if component.gone_at is not None:
        raise Refused(gettext_noop("This component is no longer in the system."))
    before = _facts_of(component)
    component.version = version
    component.version_key = products.version_key(
        version, products.identity_of(*_names(component)).scheme
    )
    _check_new(component, by)
    _save_component(component, before, "set_version", by)
    return component


@transaction.atomic
def remove_component(*, component: Component, by: Viewer) -> None:
    """The component is no longer in the system; its record stays."""
    component = _locked(Component, component.pk, by)
    _check_may_change(by, component.system)
    if component.gone_at is not None:
        raise Refused(gettext_noop("This component is no longer in the system."))
    component.gone_at = clock.now()
    component.save(update_fields=["gone_at"])
    _record("remove_component", component.system, by, before=_facts_of(component))
    publish(SYSTEM_CHANGED, component.system.public_id)


@transaction.atomic
def order_versions_again(*, system_id: str) -> None:
    """Order the versions in a system as they would be ordered today, and match what moved.

    An upgrade asks for it where an order was mended; the versions themselves stay as written.
    """
    history.lock_end()
    moved = []
    held = Component.objects.filter(system__public_id=system_id).exclude(version="")
    for component in held.select_related("product"):
        key = products.version_key(component.version, Scheme(component.product.scheme))
        if key != (component.version_key and bytes(component.version_key)):
            component.version_key = key
            moved.append(component)
    Component.objects.bulk_update(moved, ["version_key"], batch_size=500)
    if moved:
        _record("order_versions", moved[0].system, history.SYSTEM, after={"versions": len(moved)})
        publish(SYSTEM_CHANGED, system_id)


# ---- imports -------------------------------------------------------------------------


@transaction.atomic
def start_import(
    *,
    team: Team,
    file_name: str,
    file_sha256: str,
    look: readers.Look,
    target: System | None = None,
    is_complete: bool = True,
    by: Viewer,
) -> Import:
    """Take a stored file in. A bill of materials goes in at once, a table waits for its columns.

    Without ``target`` a table names the system of each row, and a bill of materials goes into
    the system of its own title. ``is_complete``: what the file does not name any more is gone.
    """
    permissions.may_edit.check(by, team.pk)
    if target is not None:
        target = _locked(System, target.pk, by)
        _check_may_change(by, target)
        if target.team_id != team.pk:
            raise NotFound
    entry = Import.objects.create(
        team=team,
        label=labelling.own_label(team),
        file_sha256=file_sha256,
        file_name=file_name[:200],
        format=look.format,
        title=look.title[:300],
        header=list(look.header),
        header_fingerprint=header_fingerprint(look.header) if look.header else "",
        target=target,
        is_complete=is_complete,
        by_id=by.person_id,
        by_name=by.name,
    )
    history.record(
        "inventory.start_import", entry, by=by,
        after={"file": entry.file_name, "sha256": file_sha256, "format": look.format,
               "system": target.public_id if target else None, "complete": is_complete},
    )  # fmt: skip
    if not look.header:
        _go(entry)
    return entry


@transaction.atomic
def start_imports(
    *,
    team: Team,
    files: Iterable[tuple[str, str, readers.Look]],
    target: System | None = None,
    is_complete: bool = True,
    by: Viewer,
) -> list[Import]:
    """Take several stored files in, each given by name, SHA-256 and look; all or none."""
    return [
        start_import(
            team=team, file_name=name, file_sha256=sha256, look=look,
            target=target, is_complete=is_complete, by=by,
        )
        for name, sha256, look in files
    ]  # fmt: skip


@transaction.atomic
def map_columns(*, entry: Import, mapping: Mapping[str, int], by: Viewer) -> None:
    """Say which column is what, and let the rows go in."""
    entry = _locked(Import, entry.pk, by)
    permissions.may_edit.check(by, entry.team_id)
    if "name" not in mapping:
        raise Malformed("name", gettext_noop("No column is chosen for the product name."))
    if entry.target_id is None and "system" not in mapping:
        raise Malformed("system", gettext_noop("No column is chosen for the system."))
    if not all(0 <= column < len(entry.header) for column in mapping.values()):
        raise Malformed("", gettext_noop("The file has no such column."))
    states.check_step(entry.state, states.MAPPED)
    entry.mapping = dict(mapping)
    history.record(
        "inventory.map_columns", entry, by=by,
        after={name: entry.header[column] for name, column in mapping.items()},
    )  # fmt: skip
    _go(entry)


@transaction.atomic
def resume_import(*, entry: Import, by: Viewer) -> None:
    """Let an import that stands still go on; harmless when it does not stand still."""
    entry = _locked(Import, entry.pk, by)
    permissions.may_edit.check(by, entry.team_id)
    if entry.state not in {states.MAPPED, states.RUNNING}:
        raise Refused(gettext_noop("Only an import that is under way can go on."))
    history.record("inventory.resume_import", entry, by=by)
    jobs.enqueue(RUN_IMPORT, entry.public_id)


def header_fingerprint(header: Iterable[str]) -> str:
    """By which the mapping of a table is remembered: its column names without regard to case."""
    return hashlib.sha256("\0".join(map(products.normal, header)).encode()).hexdigest()


# ---- the writing itself, shared with the import --------------------------------------


def create_system(
    *, team: Team, facts: Mapping[str, str], owners: list[Person], by: Actor
) -> System:
    """Write a system whose name is known to be free. Inside a transaction."""
    label = labelling.own_label(team, named=owners)
    system = System(team=team, label=label)
    for name, value in facts.items():
        setattr(system, name, value)
    system.save(force_insert=True)
    SystemOwner.objects.bulk_create(SystemOwner(system=system, person=person) for person in owners)
    _make_findable(system)
    _record(
        "add_system", system, by,
        after={**facts, "owners": [person.public_id for person in owners]},
    )  # fmt: skip
    return system


def update_system(system: System, *, facts: Mapping[str, str], by: Actor) -> None:
    """Write those of ``facts`` that differ. Inside a transaction, with the row locked."""
    before = {name: getattr(system, name) for name, value in facts.items()
              if getattr(system, name) != value}  # fmt: skip
    if not before:
        return
    for name in before:
        setattr(system, name, facts[name])
    system.updated_at = clock.now()
    system.save(update_fields=[*before, "updated_at"])
    _make_findable(system)
    _record(
        "change_system", system, by, before=before, after={name: facts[name] for name in before}
    )


def give_to(
    system: System, owners: list[Person], *, held: QuerySet[SystemOwner], by: Actor
) -> None:
    """Make ``owners`` the owners; ``held`` are the owner rows now. Inside a transaction."""
    before = {row.person_id: row.person.public_id for row in held.select_related("person")}
    wanted = {person.pk: person.public_id for person in owners}
    if before == wanted:
        return
    # The label is what opens the system to them; the two always name the same people.
    labelling.name(system.label, owners)
    held.filter(person_id__in=before.keys() - wanted.keys()).delete()
    SystemOwner.objects.bulk_create(
        SystemOwner(system=system, person_id=pk) for pk in sorted(wanted.keys() - before.keys())
    )
    _record(
        "set_owners", system, by,
        before={"owners": sorted(before.values())}, after={"owners": sorted(wanted.values())},
    )  # fmt: skip


def _own(system: System, owners: list[Person], by: Viewer) -> None:
    give_to(system, owners, held=SystemOwner.objects.visible_to(by).filter(system=system), by=by)


def _go(entry: Import) -> None:
    entry.state = states.MAPPED
    entry.save(update_fields=["state", "mapping"])
    jobs.enqueue(RUN_IMPORT, entry.public_id)


# ---- checks --------------------------------------------------------------------------


def _locked(model: type[T], pk: int, by: Viewer) -> T:
    if model is not Import:  # whose row its job locks before the history; the others after it
        history.lock_end()
    return model.objects.locked_for(by, pk)


def _check_may_change(by: Viewer, system: System) -> None:
    permissions.may_edit.check(by, system.team_id)
    _check_in_use(system)


def _check_in_use(system: System) -> None:
    if system.retired_at is not None:
        raise Refused(gettext_noop("This system is retired; it is kept as it was."))


def _check_name_free(team_id: int, name: str, by: Viewer) -> None:
    taken = (
        System.objects.visible_to(by)
        .filter(team_id=team_id, retired_at=None)
        .values_list("name", flat=True)
    )
    if products.normal(name) in map(products.normal, taken):
        raise Refused(
            gettext_noop("There is a system named “%(name)s” in the team already."), name=name
        )


def _checked_owners(team: Team, owners: Iterable[Person]) -> list[Person]:
    wanted = list(owners)
    known = set(operators_of(team).values_list("pk", flat=True)) if wanted else set()
    if any(person.pk not in known for person in wanted):
        raise Malformed("owners", gettext_noop("Only operators of the team own its systems."))
    return wanted


def _check_new(component: Component, by: Viewer) -> None:
    """Refuse what is in the system already: the same product, version and serial."""
    twin = (
        Component.objects.visible_to(by)
        .filter(
            system_id=component.system_id,
            product_id=component.product_id,
            version=component.version,
            serial=component.serial,
            model=component.model,
            gone_at=None,
        )
        .exclude(pk=component.pk)
    )
    if component.gone_at is None and twin.exists():
        raise Refused(gettext_noop("This component is in the system already, in this version."))


# ---- rows ----------------------------------------------------------------------------


def _names(component: Component) -> tuple[str, str, str, str]:
    return component.vendor, component.name, component.purl, component.cpe


def _describe(component: Component, draft: ComponentDraft) -> None:
    for name in readers.LIMITS:
        setattr(component, name, getattr(draft, name))
    identity = products.identity_of(*_names(component))
    component.product_id = products.intern([identity])[identity]
    component.version_key = products.version_key(component.version, identity.scheme)


def _facts_of(component: Component) -> dict[str, Any]:
    said = {name: getattr(component, name) for name in readers.LIMITS if getattr(component, name)}
    return {"component": component.public_id, **said}


def _save_component(component: Component, before: dict[str, Any], verb: str, by: Viewer) -> None:
    component.last_seen_at = clock.now()
    component.save()
    _record(verb, component.system, by, before=before, after=_facts_of(component))
    publish(SYSTEM_CHANGED, component.system.public_id)


def _make_findable(system: System) -> None:
    search.put(
        kind="system",
        thing_id=system.public_id,
        label=system.label,
        title=system.name,
        sub=system.place,
        text=system.note,
        path=reverse("inventory:system", args=[system.public_id]),
    )


def _record(
    verb: str,
    system: System,
    by: Actor,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    history.record(f"inventory.{verb}", system, by=by, before=before, after=after)
