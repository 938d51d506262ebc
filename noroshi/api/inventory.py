"""Systems, components, and files taken in."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, cast

from django.http import HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja import Body, File, Form, Query, UploadedFile

from noroshi.api import problems
from noroshi.api.operations import (
    Call,
    Operations,
    accepted,
    cached_response,
    created,
    list_response,
)
from noroshi.api.problems import sentence
from noroshi.api.references import own_team, people, reference_to
from noroshi.api.schemas import inventory as shapes
from noroshi.api.schemas.shared import CreatedIds, Id, ItemList, ListQuery
from noroshi.core.paging import Page, page_of
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions, forms, products, queries, wording

area = Operations("Inventory")

ORDERS = {
    "name": ("name",),
    "exposure": ("exposure_rank", "criticality_rank", "name"),
    "criticality": ("criticality_rank", "exposure_rank", "name"),
}
_SYSTEM = (
    "pk",
    "public_id",
    "team__public_id",
    "team__name",
    "name",
    "exposure",
    "criticality",
    "environment",
    "place",
    "updated_at",
    "retired_at",
    "exposure_rank",
    "criticality_rank",
)
_COMPONENT = (
    "vendor",
    "name",
    "version",
    "purl",
    "cpe",
    "model",
    "serial",
    "kind",
    "first_seen_at",
    "last_seen_at",
    "gone_at",
)
_DESCRIPTION = tuple(shapes.NewComponent.model_fields)


# ---- systems -------------------------------------------------------------------------


@area.reads("/systems", ItemList[shapes.SystemRow])
def list_systems(request: Call, query: Query[shapes.SystemsQuery]) -> HttpResponse:
    """Systems that the token may see; an operator's shows the operator's own."""
    return cached_response(request, lambda: _list_systems(request.viewer, query))


def _list_systems(viewer: Viewer, query: shapes.SystemsQuery) -> HttpResponse:
    systems = queries.systems_for(
        viewer,
        words=query.q.strip(),
        exposure=query.exposure,
        criticality=query.criticality,
        environment=query.environment,
        owner=query.owner,
        retired=query.retired,
    )
    order = ORDERS[query.sort.lstrip("-")]
    if query.sort.startswith("-"):
        order = tuple(f"-{name}" for name in order)
    bare: Any = systems.prefetch_related(None).select_related(None)
    page: Page[Any] = page_of(bare.values_list(*_SYSTEM, named=True), order, **query.place)
    counts = queries.component_counts(viewer, page.rows)
    owners: dict[int, list[dict[str, str]]] = {}
    for key, owner_id, name in queries.owner_names(viewer, page.rows):
        owners.setdefault(key, []).append({"id": owner_id, "name": name})
    items = [_system_row(row, owners.get(row.pk, []), counts.get(row.pk, 0)) for row in page.rows]
    return list_response(items, after=page.after, before=page.before)


@area.writes("POST", "/systems", status=201)
def add_system(request: Call, body: Body[shapes.NewSystem]) -> HttpResponse:
    """Add a system."""
    system = actions.add_system(
        team=own_team(request.viewer, body.team),
        facts=actions.SystemFacts(**body.model_dump(exclude={"team", "owners"})),
        owners=people(request.viewer, body.owners, "owners"),
        by=request.viewer,
    )
    return created("/systems", system.public_id)


@area.reads("/systems/{system_id}", shapes.System)
def get_system(request: Call, system_id: Id) -> dict[str, Any]:
    """One system."""
    system = queries.system_for(request.viewer, system_id)
    presence = queries.presence_of(request.viewer, system)
    return {
        "id": system.public_id,
        "team": reference_to(system.team),
        **asdict(actions.SystemFacts.of(system)),
        "owners": [reference_to(person) for person in system.owners.all()],
        "components": presence.present,
        "unread": presence.unread,
        "gone": presence.gone,
        "created_at": system.created_at,
        "updated_at": system.updated_at,
        "retired_at": system.retired_at,
    }


@area.writes("PATCH", "/systems/{system_id}")
def change_system(request: Call, system_id: Id, body: Body[shapes.SystemChange]) -> None:
    """Correct what is known of a system."""
    system = queries.system_for(request.viewer, system_id)
    facts = replace(
        actions.SystemFacts.of(system), **body.model_dump(exclude_none=True, exclude={"owners"})
    )
    owners = list(system.owners.all())
    if body.owners is not None:
        owners = people(request.viewer, body.owners, "owners")
    actions.change_system(system=system, facts=facts, owners=owners, by=request.viewer)


@area.writes("POST", "/systems/{system_id}/retire")
def retire_system(request: Call, system_id: Id) -> None:
    """The system is switched off: its components are gone, its record stays."""
    actions.retire_system(system=queries.system_for(request.viewer, system_id), by=request.viewer)


# ---- components ----------------------------------------------------------------------


@area.reads("/components", ItemList[shapes.Component])
def list_components(request: Call, query: Query[ListQuery]) -> HttpResponse:
    """Every component that is there, in all systems that the token may see; in no useful order."""
    components = queries.components_for(request.viewer)
    return cached_response(request, lambda: _components(components, (), query))


@area.reads("/systems/{system_id}/components", ItemList[shapes.Component])
def list_components_of(
    request: Call, system_id: Id, query: Query[shapes.ComponentsQuery]
) -> HttpResponse:
    """The components of one system, by name."""
    system = queries.system_for(request.viewer, system_id)
    components = queries.components_of(
        request.viewer, system, words=query.q.strip(), view=query.view
    )
    return cached_response(request, lambda: _components(components, ("name",), query))


@area.writes("POST", "/systems/{system_id}/components", status=201)
def add_component(request: Call, system_id: Id, body: Body[shapes.NewComponent]) -> HttpResponse:
    """Enter a component; the same one twice is refused."""
    system = queries.system_for(request.viewer, system_id)
    draft = _draft(body.model_dump())
    component = actions.add_component(system=system, draft=draft, by=request.viewer)
    return created(f"/systems/{system_id}/components", component.public_id)


@area.reads("/systems/{system_id}/components/{component_id}", shapes.Component)
def get_component(request: Call, system_id: Id, component_id: Id) -> dict[str, Any]:
    """One component."""
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    facts = {name: getattr(component, name) for name in _COMPONENT}
    return {"id": component.public_id, "system": reference_to(system), **facts}


@area.writes("PATCH", "/systems/{system_id}/components/{component_id}")
def change_component(
    request: Call, system_id: Id, component_id: Id, body: Body[shapes.ComponentChange]
) -> None:
    """Correct a component."""
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    now = {name: getattr(component, name) for name in _DESCRIPTION}
    draft = _draft({**now, **body.model_dump(exclude_none=True)})
    actions.change_component(component=component, draft=draft, by=request.viewer)


@area.writes("PUT", "/systems/{system_id}/components/{component_id}/version")
def set_version(request: Call, system_id: Id, component_id: Id, body: Body[shapes.Version]) -> None:
    """Say in which version a component is now; the system's operators may, too."""
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    actions.set_version(component=component, version=body.version, by=request.viewer)


@area.writes("DELETE", "/systems/{system_id}/components/{component_id}")
def remove_component(request: Call, system_id: Id, component_id: Id) -> None:
    """The component is no longer in the system; its record stays."""
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    actions.remove_component(component=component, by=request.viewer)


# ---- imports -------------------------------------------------------------------------


@area.reads("/imports", ItemList[shapes.ImportRow])
def list_imports(request: Call, query: Query[ListQuery]) -> HttpResponse:
    """Files taken into the inventory, newest first."""
    page = page_of(queries.imports_for(request.viewer), ("-created_at",), **query.place)
    return list_response(
        [_import(entry) for entry in page.rows], after=page.after, before=page.before
    )


@area.writes("POST", "/imports", status=202, answer=CreatedIds)
def start_import(
    request: Call, form: Form[shapes.NewImport], file: File[UploadedFile]
) -> HttpResponse:
    """Take a bill of materials (CycloneDX JSON) or a table (CSV) into the inventory.

    The bytes are kept first. The answer comes at once; ``Location`` shows how far the work is.
    A table waits until its columns are known. Each file of a ZIP is an import of its own.
    """
    fields = {"team": form.team, "system": form.system, "is_complete": form.is_complete}
    uploads = MultiValueDict({"file": [file]})
    import_form = forms.ImportForm(fields, uploads, viewer=request.viewer)
    if not import_form.is_valid():
        return _form_problem(import_form)
    started = actions.start_imports(**import_form.import_order(), by=request.viewer)
    return accepted("/imports", [entry.public_id for entry in started])


@area.reads("/imports/{import_id}", shapes.Import)
def get_import(request: Call, import_id: Id) -> dict[str, Any]:
    """How far an import is, and afterwards what it did."""
    entry = queries.import_for(request.viewer, import_id)
    return {
        **_import(entry),
        "header": entry.header,
        "mapping": queries.mapping_for(request.viewer, entry) if entry.header else {},
        "remarks": [
            {**_field_problem(remark), "left_out": remark["left_out"]} for remark in entry.bad_rows
        ],
        "failure": _field_problem(entry.failure) if entry.failure else None,
    }


@area.writes("PUT", "/imports/{import_id}/columns")
def choose_columns(request: Call, import_id: Id, body: Body[shapes.Columns]) -> None:
    """Say which column of a table is what, and let its rows go in."""
    entry = queries.import_for(request.viewer, import_id)
    mapping = cast("dict[str, int]", body.mapping)
    actions.map_columns(entry=entry, mapping=mapping, by=request.viewer)


@area.writes("POST", "/imports/{import_id}/resume")
def resume_import(request: Call, import_id: Id) -> None:
    """Let an import that stands still go on."""
    actions.resume_import(entry=queries.import_for(request.viewer, import_id), by=request.viewer)


@area.reads("/imports/{import_id}/changes", ItemList[shapes.Change])
def list_changes(request: Call, import_id: Id, query: Query[shapes.ChangesQuery]) -> HttpResponse:
    """What an import did: which components came, went, or are in a new version."""
    entry = queries.import_for(request.viewer, import_id)
    page = page_of(queries.changes_of(request.viewer, entry, query.kind), (), **query.place)
    items = [
        {
            "kind": change.kind,
            "system": reference_to(change.component.system),
            "component": reference_to(change.component),
            "before": change.before,
            "after": change.after,
        }
        for change in page.rows
    ]
    return list_response(items, after=page.after, before=page.before)


# ---- answers -------------------------------------------------------------------------


def _system_row(row: Any, owners: list[dict[str, str]], components: int) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "team": {"id": row.team__public_id, "name": row.team__name},
        "name": row.name,
        "exposure": row.exposure,
        "criticality": row.criticality,
        "environment": row.environment,
        "place": row.place,
        "owners": owners,
        "components": components,
        "updated_at": row.updated_at,
        "retired_at": row.retired_at,
    }


def _components(components: Any, order: tuple[str, ...], query: ListQuery) -> HttpResponse:
    names = ("pk", "public_id", "system__public_id", "system__name", *_COMPONENT)
    bare = components.select_related(None).values_list(*names, named=True)
    page: Page[Any] = page_of(bare, order, **query.place)
    items = [
        {
            "id": row.public_id,
            "system": {"id": row.system__public_id, "name": row.system__name},
            **dict(zip(_COMPONENT, row[4:], strict=True)),
        }
        for row in page.rows
    ]
    return list_response(items, after=page.after, before=page.before)


def _draft(values: dict[str, str]) -> ComponentDraft:
    for name in products.IDENTIFIERS:
        values = products.move_version(values, name)
    return ComponentDraft(**values)


def _import(entry: Any) -> dict[str, Any]:
    counts = ("rows_total", "rows_done", "added", "changed", "gone", "bad")
    return {
        "id": entry.public_id,
        "team": reference_to(entry.team),
        "system": reference_to(entry.target),
        "file_name": entry.file_name,
        "format": entry.format,
        "title": entry.title,
        "state": entry.state,
        "is_complete": entry.is_complete,
        **{name: getattr(entry, name) for name in counts},
        "by": entry.by_name,
        "created_at": entry.created_at,
        "started_at": entry.started_at,
        "finished_at": entry.finished_at,
    }


def _field_problem(stored: dict[str, Any]) -> dict[str, str]:
    return {
        "where": wording.location_text(stored["where"]),
        "message": sentence(stored["message"], stored["values"]),
    }


def _form_problem(form: forms.ImportForm) -> HttpResponse:
    """The reasons against taking a file, as one problem."""
    errors = [
        {"where": "" if name == "__all__" else name, "message": str(text)}
        for name, texts in form.errors.items()
        for text in texts
    ]
    first = errors[0]
    return problems.problem(400, first["message"], where=first["where"], errors=errors)
