"""Systems: added, changed, handed to other operators, retired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from noroshi.core import clock, history
from noroshi.core.errors import Malformed, Refused, gettext_noop
from noroshi.core.history import Actor
from noroshi.directory.areas import publish
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.inventory import permissions, products
from noroshi.inventory.events import SYSTEM_CHANGED
from noroshi.inventory.locking import check_may_change, locked
from noroshi.inventory.models import (
    Component,
    Criticality,
    Environment,
    Exposure,
    System,
    SystemOwner,
)
from noroshi.inventory.queries import operators_of
from noroshi.sharing import labelling, search


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """Everything that a person enters about a system, except its owners."""

    name: str
    exposure: str = Exposure.INTERNAL
    criticality: str = Criticality.MEDIUM
    environment: str = Environment.PRODUCTION
    place: str = ""
    note: str = ""

    @classmethod
    def of(cls, system: System) -> Self:
        """The facts of a system as they stand now."""
        return cls(**{field.name: getattr(system, field.name) for field in fields(cls)})


@transaction.atomic
def add_system(
    *, team: Team, facts: SystemFacts, owners: Iterable[Person] = (), by: Viewer
) -> System:
    """Add a system to a team's inventory; its owners may read it from now on."""
    permissions.may_edit.check(by, team.pk)
    _check_name_free(team.pk, facts.name, by)
    return create_system(
        team=team, facts=asdict(facts), owners=_checked_owners(team, owners), by=by
    )


@transaction.atomic
def change_system(
    *, system: System, facts: SystemFacts, owners: Iterable[Person], by: Viewer
) -> System:
    """Correct what is known of a system."""
    system = locked(System, system.pk, by)
    check_may_change(by, system)
    if products.normal(facts.name) != products.normal(system.name):
        _check_name_free(system.team_id, facts.name, by)
    update_system(system, facts=asdict(facts), by=by)
    _replace_visible_owners(system, owners, by)
    return system


@transaction.atomic
def set_owners(*, system: System, owners: Iterable[Person], by: Viewer) -> None:
    """Make these operators the system's owners: they, and no other operators, see it."""
    system = locked(System, system.pk, by)
    check_may_change(by, system)
    _replace_visible_owners(system, owners, by)


@transaction.atomic
def retire_system(*, system: System, by: Viewer) -> None:
    """The system is switched off: its components are gone, its record stays."""
    system = locked(System, system.pk, by)
    check_may_change(by, system)
    now = clock.now()
    system.retired_at = system.updated_at = now
    system.save(update_fields=["retired_at", "updated_at"])
    gone = Component.objects.visible_to(by).filter(system=system, gone_at=None).update(gone_at=now)
    search.drop("system", system.public_id)
    history.record("inventory.retire_system", system, by=by, after={"gone": gone})
    publish(SYSTEM_CHANGED, system.public_id)


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
    owner_ids = [person.public_id for person in owners]
    history.record("inventory.add_system", system, by=by, after={**facts, "owners": owner_ids})
    return system


def update_system(system: System, *, facts: Mapping[str, str], by: Actor) -> None:
    """Write those of ``facts`` that differ. Inside a transaction, with the row locked."""
    before = {
        name: getattr(system, name)
        for name, value in facts.items()
        if getattr(system, name) != value
    }
    if not before:
        return
    after = {name: facts[name] for name in before}
    for name, value in after.items():
        setattr(system, name, value)
    system.updated_at = clock.now()
    system.save(update_fields=[*before, "updated_at"])
    _make_findable(system)
    history.record("inventory.change_system", system, by=by, before=before, after=after)


def replace_owners(
    system: System, owners: list[Person], *, owner_rows: QuerySet[SystemOwner], by: Actor
) -> None:
    """Make ``owners`` the owners; ``owner_rows`` are those of now. Inside a transaction."""
    before = {row.person_id: row.person.public_id for row in owner_rows.select_related("person")}
    after = {person.pk: person.public_id for person in owners}
    if before == after:
        return
    # The label is what opens the system to them; the two always name the same people.
    labelling.name(system.label, owners)
    owner_rows.filter(person_id__in=before.keys() - after.keys()).delete()
    SystemOwner.objects.bulk_create(
        SystemOwner(system=system, person_id=pk) for pk in sorted(after.keys() - before.keys())
    )
    history.record(
        "inventory.set_owners",
        system,
        by=by,
        before={"owners": sorted(before.values())},
        after={"owners": sorted(after.values())},
    )


def _replace_visible_owners(system: System, owners: Iterable[Person], by: Viewer) -> None:
    people = _checked_owners(system.team, owners)
    rows = SystemOwner.objects.visible_to(by).filter(system=system)
    replace_owners(system, people, owner_rows=rows, by=by)


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


# ---- checks --------------------------------------------------------------------------


def _check_name_free(team_id: int, name: str, by: Viewer) -> None:
    names = (
        System.objects.visible_to(by)
        .filter(team_id=team_id, retired_at=None)
        .values_list("name", flat=True)
    )
    if products.normal(name) in map(products.normal, names):
        raise Refused(
            gettext_noop("There is a system named “%(name)s” in the team already."), name=name
        )


def _checked_owners(team: Team, owners: Iterable[Person]) -> list[Person]:
    people = list(owners)
    operator_ids = set(operators_of(team).values_list("pk", flat=True)) if people else set()
    if any(person.pk not in operator_ids for person in people):
        raise Malformed("owners", gettext_noop("Only operators of the team own its systems."))
    return people
