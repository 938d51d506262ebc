"""Components as the table of a system and the facts of their own page."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from noroshi.inventory.models import Component, System
from noroshi.inventory.queries import Presence
from noroshi.ui import components as ui
from noroshi.ui.shapes import Column, Fact, Table, TableRow, Text, View


def table(system: System, rows: Iterable[Component], view: str) -> Table:
    """The components of one system."""
    gone = view == "gone"
    return Table(
        caption=_("Components"),
        columns=[
            Column(_("Product"), sort="name"),
            Column(_("Version")),
            Column(_("Kind")),
            Column(_("Gone since") if gone else _("Seen last"), nowrap=True),
        ],
        rows=[
            TableRow(
                row.name,
                (
                    version(row),
                    row.kind,
                    ui.when(row.gone_at if gone else row.last_seen_at),
                ),
                url=reverse("inventory:component", args=[system.public_id, row.public_id]),
                sub=" · ".join(
                    filter(None, (row.vendor, row.purl or row.cpe, row.model, row.serial))
                ),
            )
            for row in rows
        ],
        sort="name",
    )


def version(row: Component) -> Text:
    """The version as received, and a remark where matching cannot read it."""
    if not row.version:
        return ui.tag(_("No version"), "warn")
    if row.version_key is None:
        return ui.stacked(row.version, _("cannot be compared"))
    return row.version


def views(query: QueryDict, presence: Presence) -> list[View]:
    """Present, unreadable and gone components with their counts."""
    view = query.get("view", "present")
    return [
        View(label, f"?view={name}", count=count, current=view == name)
        for name, label, count in (
            ("present", _("In the system"), presence.present),
            ("unread", _("Version cannot be compared"), presence.unread),
            ("gone", _("Gone"), presence.gone),
        )
    ]


def facts(row: Component) -> list[Fact]:
    """Everything known of a component."""
    return [
        Fact(_("Vendor"), row.vendor),
        Fact(_("Product"), row.name),
        Fact(_("Version"), version(row)),
        Fact(_("Kind"), row.kind),
        Fact(_("Model"), row.model),
        Fact(_("Serial number"), row.serial, mono=True),
        Fact(_("Package URL"), row.purl, mono=True),
        Fact(_("CPE"), row.cpe, mono=True),
        Fact(_("Seen first"), ui.when(row.first_seen_at)),
        Fact(_("Seen last"), ui.when(row.last_seen_at)),
        Fact(_("Gone since"), ui.when(row.gone_at) if row.gone_at else None),
    ]
