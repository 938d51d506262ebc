"""Systems as the list, the rail and the timeline of their pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from noroshi.directory.models import Person
from noroshi.inventory import wording
from noroshi.inventory.models import Criticality, Exposure, System
from noroshi.inventory.presenters.imports import change_counts
from noroshi.ui import components as ui
from noroshi.ui.shapes import (
    Choice,
    Column,
    Entry,
    Fact,
    Menu,
    Table,
    TableRow,
    Text,
    Tone,
    View,
)

_EXPOSURE_TONES: dict[str, Tone] = {Exposure.INTERNET: "warn"}
_CRITICALITY_SHAPES = {
    Criticality.LOW: "new",
    Criticality.MEDIUM: "half",
    Criticality.HIGH: "most",
    Criticality.VERY_HIGH: "now",
}


def table(rows: Iterable[System], counts: Mapping[int, int]) -> Table:
    """The list of systems."""
    return Table(
        caption=_("Systems"),
        columns=[
            Column(_("System"), sort="name"),
            Column(_("Reachable from"), sort="exposure"),
            Column(_("Importance"), sort="criticality"),
            Column(_("Environment")),
            Column(_("Operators")),
            Column(_("Components"), number=True),
        ],
        rows=[
            TableRow(
                system.name,
                (
                    exposure(system),
                    criticality(system),
                    system.get_environment_display(),
                    people(system),
                    ui.count(counts.get(system.pk, 0)),
                ),
                url=reverse("inventory:system", args=[system.public_id]),
                sub=system.place or system.public_id,
            )
            for system in rows
        ],
        sort="name",
    )


def exposure(system: System) -> Text:
    return ui.tag(system.get_exposure_display(), _EXPOSURE_TONES.get(system.exposure, ""))


def criticality(system: System) -> Text:
    shape = _CRITICALITY_SHAPES[Criticality(system.criticality)]
    return ui.status(system.get_criticality_display(), shape)


def people(system: System) -> Text:
    """The operators of a system, or a mark that it has none."""
    owners = list(system.owners.all())
    if not owners:
        return ui.tag(_("None"), "warn")
    return format_html_join(" ", "{}", ((ui.person(str(person)),) for person in owners))


def menus(owners: Iterable[Person]) -> list[Menu]:
    """The filters of the list of systems."""
    return [
        Menu("exposure", _("Reachable from"), _choices(wording.EXPOSURES)),
        Menu("criticality", _("Importance"), _choices(wording.CRITICALITIES)),
        Menu("environment", _("Environment"), _choices(wording.ENVIRONMENTS)),
        Menu("owner", _("Operator"), [Choice(person.public_id, str(person)) for person in owners]),
    ]


def views(query: QueryDict) -> list[View]:
    """Systems in use and retired ones."""
    view = query.get("view", "")
    exposed = query.getlist("exposure") == ["internet"]
    return [
        View(_("In use"), "?", current=view != "retired" and not exposed),
        View(_("Reachable from the internet"), "?exposure=internet", current=exposed),
        View(_("Retired"), "?view=retired", current=view == "retired"),
    ]


def facts(system: System) -> list[Fact]:
    """The facts beside a system's page."""
    return [
        Fact(_("Reachable from"), exposure(system)),
        Fact(_("Importance"), criticality(system)),
        Fact(_("Environment"), system.get_environment_display()),
        Fact(_("Place"), system.place),
        Fact(_("Operators"), people(system)),
        Fact(_("Team"), ui.team(str(system.team))),
        Fact(_("Number"), system.public_id, mono=True),
        Fact(_("Added"), ui.when(system.created_at)),
    ]


def timeline(rows: Iterable[Any], *, link_imports: bool) -> list[Entry]:
    """The history of a system, from its rows."""
    return [
        Entry(
            at=row.at,
            text=wording.HISTORY_SENTENCES.get(row.action, row.action),
            icon="file" if row.action == "inventory.import_into" else "edit",
            meta=[row.actor_name, *_details(row, link_imports=link_imports)],
        )
        for row in rows
    ]


def _details(row: Any, *, link_imports: bool) -> list[Text]:
    after, before = row.after or {}, row.before or {}
    if row.action == "inventory.import_into":
        number = after.get("import", "")
        if link_imports:
            url = reverse("inventory:import", args=[number])
            number = format_html('<a class="mono" href="{}">{}</a>', url, number)
        counts = [after.get(kind, 0) for kind in ("came", "changed", "went")]
        return [number, change_counts(*counts)]
    component = after or before
    if "component" in component:
        old, new = before.get("version", ""), component.get("version", "")
        name = f"{component.get('vendor', '')} {component.get('name', '')}".strip()
        return [name, f"{old} → {new}" if row.before and row.after and old != new else new]
    return []


def _choices(pairs: Iterable[tuple[str, Any]]) -> list[Choice]:
    return [Choice(value, label) for value, label in pairs]
