"""Components: entered by hand, corrected, set to a version, taken out."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.errors import Refused, gettext_noop
from noroshi.directory.areas import publish
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import ComponentDraft
from noroshi.formats.versions import Scheme
from noroshi.inventory import permissions, products, readers
from noroshi.inventory.events import SYSTEM_CHANGED
from noroshi.inventory.locking import check_in_use, check_may_change, locked
from noroshi.inventory.models import Component, System


@transaction.atomic
def add_component(*, system: System, draft: ComponentDraft, by: Viewer) -> Component:
    """Enter a component by hand; the same one twice is refused."""
    system = locked(System, system.pk, by)
    check_may_change(by, system)
    component = Component(system=system, team_id=system.team_id)
    _apply_draft(component, draft)
    _check_not_listed(component, by)
    component.save(force_insert=True)
    history.record("inventory.add_component", system, by=by, after=_description_of(component))
    publish(SYSTEM_CHANGED, system.public_id)
    return component


@transaction.atomic
def change_component(*, component: Component, draft: ComponentDraft, by: Viewer) -> Component:
    """Correct a component."""
    component = locked(Component, component.pk, by)
    check_may_change(by, component.system)
    before = _description_of(component)
    _apply_draft(component, draft)
    _check_not_listed(component, by)
    _save_change(component, before, "inventory.change_component", by)
    return component


@transaction.atomic
def set_version(*, component: Component, version: str, by: Viewer) -> Component:
    """Say in which version a component is now; its system's operators may, too."""
    component = locked(Component, component.pk, by)
    permissions.may_set_version.check(by, component.team_id)
    check_in_use(component.system)
    _check_there(component)
    before = _description_of(component)
    component.version = version
    component.version_key = products.version_key(version, _identity_of(component).scheme)
    _check_not_listed(component, by)
    _save_change(component, before, "inventory.set_version", by)
    return component


@transaction.atomic
def remove_component(*, component: Component, by: Viewer) -> None:
    """The component is no longer in the system; its record stays."""
    component = locked(Component, component.pk, by)
    system = component.system
    check_may_change(by, system)
    _check_there(component)
    component.gone_at = clock.now()
    component.save(update_fields=["gone_at"])
    before = _description_of(component)
    history.record("inventory.remove_component", system, by=by, before=before)
    publish(SYSTEM_CHANGED, system.public_id)


@transaction.atomic
def order_versions_again(*, system_id: str) -> None:
    """Order the versions in a system as they would be ordered today, and match what moved.

    An upgrade asks for it where an order was mended; the versions themselves stay as written.
    """
    history.lock_end()
    moved = []
    components = Component.objects.filter(system__public_id=system_id).exclude(version="")
    for component in components.select_related("product"):
        key = products.version_key(component.version, Scheme(component.product.scheme))
        if key != (component.version_key and bytes(component.version_key)):
            component.version_key = key
            moved.append(component)
    Component.objects.bulk_update(moved, ["version_key"], batch_size=500)
    if moved:
        history.record(
            "inventory.order_versions",
            moved[0].system,
            by=history.SYSTEM,
            after={"versions": len(moved)},
        )
        publish(SYSTEM_CHANGED, system_id)


def _identity_of(component: Component) -> products.Identity:
    return products.identity_of(component.vendor, component.name, component.purl, component.cpe)


def _apply_draft(component: Component, draft: ComponentDraft) -> None:
    for name in readers.LIMITS:
        setattr(component, name, getattr(draft, name))
    identity = _identity_of(component)
    component.product_id = products.intern([identity])[identity]
    component.version_key = products.version_key(component.version, identity.scheme)


def _description_of(component: Component) -> dict[str, Any]:
    """The fields that are not empty, as history keeps them."""
    filled = {name: getattr(component, name) for name in readers.LIMITS if getattr(component, name)}
    return {"component": component.public_id, **filled}


def _save_change(component: Component, before: dict[str, Any], action: str, by: Viewer) -> None:
    component.last_seen_at = clock.now()
    component.save()
    after = _description_of(component)
    history.record(action, component.system, by=by, before=before, after=after)
    publish(SYSTEM_CHANGED, component.system.public_id)


# ---- checks --------------------------------------------------------------------------


def _check_there(component: Component) -> None:
    if component.gone_at is not None:
        raise Refused(gettext_noop("This component is no longer in the system."))


def _check_not_listed(component: Component, by: Viewer) -> None:
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
