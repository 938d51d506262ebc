"""Rows of the inventory as the tables, facts and lines of its pages. Nothing here queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.formats.inventory_csv import ListedComponent
from noroshi.inventory import states, wording
from noroshi.inventory.models import Component, Criticality, Exposure, Import, ImportChange, System
from noroshi.inventory.queries import Presence
from noroshi.inventory.readers import Found, Note
from noroshi.ui import components as ui
from noroshi.ui.shapes import (
    Choice,
    Column,
    Entry,
    Fact,
    Menu,
    Row,
    Table,
    TableRow,
    Text,
    Tone,
    View,
)

_EXPOSURE_TONES: dict[str, Tone] = {Exposure.INTERNET: "warn"}
_CRITICALITY_SHAPES = {
    Criticality.LOW: "new", Criticality.MEDIUM: "half", Criticality.HIGH: "most",
    Criticality.VERY_HIGH: "now",
}  # fmt: skip
_STATE_LOOKS: dict[str, tuple[str, Tone]] = {
    states.UPLOADED: ("wait", "warn"), states.MAPPED: ("open", "go"), states.RUNNING: ("half", "go"),
    states.DONE: ("done", "ok"), states.FAILED: ("no", "bad"),
}  # fmt: skip


# ---- systems -------------------------------------------------------------------------


def systems(rows: Iterable[System], counts: Mapping[int, int]) -> Table:
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
    """The operators of a system, or that it has none."""
    owners = list(system.owners.all())
    if not owners:
        return ui.tag(_("None"), "warn")
    return format_html_join(" ", "{}", ((ui.person(str(person)),) for person in owners))


def system_menus(owners: Iterable[Any]) -> list[Menu]:
    """The filters of the list of systems."""
    return [
        Menu("exposure", _("Reachable from"), _choices(wording.EXPOSURES)),
        Menu("criticality", _("Importance"), _choices(wording.CRITICALITIES)),
        Menu("environment", _("Environment"), _choices(wording.ENVIRONMENTS)),
        Menu("owner", _("Operator"), [Choice(one.public_id, str(one)) for one in owners]),
    ]


def system_views(query: QueryDict) -> list[View]:
    """Systems in use and retired ones."""
    view = query.get("view", "")
    exposed = query.getlist("exposure") == ["internet"]
    return [
        View(_("In use"), "?", current=view != "retired" and not exposed),
        View(_("Reachable from the internet"), "?exposure=internet", current=exposed),
        View(_("Retired"), "?view=retired", current=view == "retired"),
    ]


def system_facts(system: System) -> list[Fact]:
    """The rail of a system's page."""
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
    """What happened to a system, from its history rows."""
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
        return [
            number,
            counted(after.get("came", 0), after.get("changed", 0), after.get("went", 0)),
        ]
    said = after or before
    if "component" in said:
        old, new = before.get("version", ""), said.get("version", "")
        name = f"{said.get('vendor', '')} {said.get('name', '')}".strip()
        return [name, f"{old} → {new}" if row.before and row.after and old != new else new]
    return []


def counted(came: int, changed: int, went: int) -> str:
    """What an import did, in one line."""
    return _("%(came)d came, %(changed)d in a new version, %(went)d went") % {
        "came": came,
        "changed": changed,
        "went": went,
    }


# ---- components ----------------------------------------------------------------------


def components(system: System, rows: Iterable[Component], view: str) -> Table:
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


def component_views(query: QueryDict, presence: Presence) -> list[View]:
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


def component_facts(row: Component) -> list[Fact]:
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


# ---- imports -------------------------------------------------------------------------


def imports(rows: Iterable[Import]) -> list[Row]:
    """Imports as lines, newest first."""
    return [
        Row(
            row.file_name,
            reverse(
                "inventory:columns" if row.state == states.UPLOADED else "inventory:import",
                args=[row.public_id],
            ),
            meta=[
                import_status(row),
                row.target.name if row.target else "",
                counted(row.added, row.changed, row.gone) if row.state == states.DONE else "",
                row.by_name,
            ],
            end=ui.when(row.created_at),
        )
        for row in rows
    ]


def import_status(row: Import) -> Text:
    return ui.status(row.get_state_display(), *_STATE_LOOKS[row.state])


def import_facts(row: Import) -> list[Fact]:
    """The rail of an import's page."""
    return [
        Fact(_("File"), row.file_name),
        Fact(_("Format"), row.format),
        Fact(_("Title"), row.title),
        Fact(_("System"), row.target.name if row.target else _("As the file says")),
        Fact(_("Lists everything"), _("Yes") if row.is_complete else _("No")),
        Fact(_("Started by"), ui.person(row.by_name)),
        Fact(_("Started"), ui.when(row.created_at)),
        Fact(_("Finished"), ui.when(row.finished_at) if row.finished_at else None),
        Fact(_("SHA-256"), row.file_sha256, mono=True),
    ]


def failure(row: Import) -> str:
    """Why an import came to nothing, with the place in the file."""
    if not row.failure:
        return ""
    where = wording.location_text(row.failure["where"])
    told = wording.stored_sentence(row.failure["message"], row.failure["values"])
    return f"{where}: {told}" if where else told


def summary(row: Import) -> str:
    """The result of an import in a sentence or two."""
    told = [counted(row.added, row.changed, row.gone)]
    if row.bad:
        told.append(
            ngettext("%(count)d row was left out", "%(count)d rows were left out", row.bad)
            % {"count": row.bad}
        )
    return " · ".join(told)


def progress_text(row: Import) -> str:
    """How far an import is: ``3,200 / 5,000 rows``."""
    if not row.rows_total:
        return _("The file is being read.")
    return ngettext(
        "%(done)s / %(total)s row", "%(done)s / %(total)s rows", row.rows_total
    ) % {"done": f"{row.rows_done:,}", "total": f"{row.rows_total:,}"}  # fmt: skip


def change_views(row: Import, kind: str) -> list[View]:
    """What came, changed and went, with their counts."""
    return [
        View(label, f"?kind={name}", count=count, current=kind == name)
        for name, label, count in (
            ("came", _("Came"), row.added),
            ("changed", _("In a new version"), row.changed),
            ("went", _("Went"), row.gone),
        )
    ]


def changes(rows: Iterable[ImportChange]) -> Table:
    """What an import did to single components."""
    return Table(
        caption=_("Changes"),
        columns=[
            Column(_("Product")),
            Column(_("Before")),
            Column(_("After")),
            Column(_("System")),
        ],
        rows=[
            TableRow(
                row.component.name,
                (row.before, row.after, row.component.system.name),
                url=reverse(
                    "inventory:component",
                    args=[row.component.system.public_id, row.component.public_id],
                ),
                sub=row.component.vendor,
            )
            for row in rows
        ],
    )


def remarks(row: Import, *, left_out: bool) -> Table | None:
    """The rows that were left out, or taken with a remark; ``None`` without any."""
    told = [one for one in row.bad_rows if one["left_out"] is left_out]
    if not told:
        return None
    return Table(
        caption=_("Rows left out") if left_out else _("Remarks"),
        columns=[Column(_("Place")), Column(_("What is wrong"))],
        rows=[
            TableRow(
                wording.location_text(one["where"]),
                (wording.stored_sentence(one["message"], one["values"]),),
            )
            for one in told
        ],
    )


def preview(found: Sequence[Found], *, names_system: bool) -> Table:
    """The first rows of a table as they would go in."""
    columns = [Column(_("Product")), Column(_("Version")), Column(_("Vendor")), Column(_("More"))]
    if names_system:
        columns.append(Column(_("System")))
    return Table(
        caption=_("The first rows as they would go in"),
        columns=columns,
        rows=[_previewed(one, names_system=names_system) for one in found],
    )


def _previewed(found: Found, *, names_system: bool) -> TableRow:
    if isinstance(found, ListedComponent):
        row = found.component
        more = " · ".join(filter(None, (row.kind, row.model, row.serial, row.purl or row.cpe)))
        end = (found.system or ui.tag(_("None"), "bad"),) if names_system else ()
        return TableRow(
            row.name, (row.version, row.vendor, more, *end), sub=wording.location_text(row.where)
        )
    problem = found.problem if isinstance(found, Note) else found
    return TableRow(
        wording.location_text(problem.where),
        (
            "",
            "",
            wording.stored_sentence(problem.message, problem.values),
            *([""] if names_system else []),
        ),
    )


# ---- paging --------------------------------------------------------------------------


def _choices(pairs: Iterable[tuple[str, Any]]) -> list[Choice]:
    return [Choice(value, label) for value, label in pairs]
