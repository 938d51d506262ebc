"""The pages of the inventory: a query, a form, an action, a template."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from noroshi.core.paging import cursor_of, page_of
from noroshi.core.safe_csv import csv_lines
from noroshi.directory.areas import links_on_system
from noroshi.directory.request import Request, button, page
from noroshi.inventory import actions, exports, forms, permissions, presenters, queries, states
from noroshi.sharing.channels import DOWNLOAD
from noroshi.ui.components import pager_for

Orders = dict[str, tuple[str, ...]]


# The orders of the lists by their word in the address; a minus in front reverses it.
SYSTEM_ORDERS: Orders = {
    "name": ("name",),
    "exposure": ("exposure_rank", "criticality_rank", "name"),
    "criticality": ("criticality_rank", "exposure_rank", "name"),
}
COMPONENT_ORDERS: Orders = {"name": ("name",)}


# ---- systems -------------------------------------------------------------------------


@require_safe
@page
def list_systems(request: Request) -> HttpResponse:
    systems = queries.systems_for(request.viewer, **_filters(request.GET))
    listed = page_of(systems, _order(request.GET, SYSTEM_ORDERS), **cursor_of(request.GET))
    counts = queries.component_counts(request.viewer, listed.rows)
    context = {
        "table": presenters.systems.table(listed.rows, counts) if listed.rows else None,
        "views": presenters.systems.views(request.GET),
        "menus": presenters.systems.menus(queries.owners_for(request.viewer)),
        "pager": pager_for(listed, request.GET),
        "may_edit": bool(permissions.editable_team_ids(request.viewer)),
        "any": bool(listed.rows) or queries.systems_exist(request.viewer),
        "export": f"?{request.GET.urlencode()}",
    }
    return render(request, "inventory/systems.html", context)


@page
def add_system(request: Request) -> HttpResponse:
    permissions.may_edit_somewhere.check(request.viewer)
    form = forms.NewSystemForm(request.POST or None, viewer=request.viewer)
    if form.is_valid():
        system = actions.add_system(
            team=form.cleaned_data["team"],
            facts=form.facts(),
            owners=form.cleaned_data["owners"],
            by=request.viewer,
        )
        messages.success(request, _("The system was added."))
        return redirect("inventory:system", system.public_id)
    return _form(request, "inventory/system_form.html", form, system=None)


@require_safe
@page
def show_system(request: Request, system_id: str) -> HttpResponse:
    viewer, query = request.viewer, request.GET
    system = queries.system_for(viewer, system_id)
    view = query.get("view", "present")
    words = query.get("q", "").strip()
    components = queries.components_of(viewer, system, words=words, view=view)
    listed = page_of(components, _order(query, COMPONENT_ORDERS), **cursor_of(query))
    may_edit = permissions.may_edit(viewer, system.team_id)
    context = {
        "system": system,
        "facts": presenters.systems.facts(system),
        "table": presenters.components.table(system, listed.rows, view) if listed.rows else None,
        "views": presenters.components.views(query, queries.presence_of(viewer, system)),
        "pager": pager_for(listed, query),
        "imports": presenters.imports.rows(queries.imports_for(viewer, system)[:5])
        if may_edit
        else [],
        "timeline": presenters.systems.timeline(
            queries.timeline_of(viewer, system), link_imports=may_edit
        ),
        "may_edit": may_edit and system.retired_at is None,
        "links": links_on_system(viewer, system.public_id),
    }
    return render(request, "inventory/system.html", context)


@page
def change_system(request: Request, system_id: str) -> HttpResponse:
    system = queries.system_for(request.viewer, system_id)
    permissions.may_edit.check(request.viewer, system.team_id)
    initial = {
        **asdict(actions.SystemFacts.of(system)),
        "owners": [person.public_id for person in system.owners.all()],
    }
    form = forms.SystemForm(request.POST or None, team=system.team, initial=initial)
    if form.is_valid():
        actions.change_system(
            system=system,
            facts=form.facts(),
            owners=form.cleaned_data["owners"],
            by=request.viewer,
        )
        messages.success(request, _("The system was changed."))
        return redirect("inventory:system", system.public_id)
    return _form(request, "inventory/system_form.html", form, system=system)


@button()
def retire_system(request: Request, system_id: str) -> HttpResponse:
    system = queries.system_for(request.viewer, system_id)
    actions.retire_system(system=system, by=request.viewer)
    messages.success(request, _("The system was retired."))
    return redirect("inventory:system", system.public_id)


@require_safe
@page
def export_systems(request: Request) -> HttpResponseBase:
    viewer = request.viewer.through(DOWNLOAD)
    rows = queries.systems_for(viewer, **_filters(request.GET)).order_by("name", "pk")
    return _csv("systems.csv", exports.SYSTEM_HEADER, exports.systems(rows))


@require_safe
@page
def export_components(request: Request, system_id: str) -> HttpResponseBase:
    viewer = request.viewer.through(DOWNLOAD)
    system = queries.system_for(viewer, system_id)
    rows = queries.components_of(viewer, system).order_by("name", "pk")
    lines = exports.components(rows.iterator(chunk_size=2000), system.name)
    return _csv(f"{system.public_id}.csv", exports.COMPONENT_HEADER, lines)


# ---- components ----------------------------------------------------------------------


@page
def add_component(request: Request, system_id: str) -> HttpResponse:
    system = queries.system_for(request.viewer, system_id)
    permissions.may_edit.check(request.viewer, system.team_id)
    form = forms.ComponentForm(request.POST or None)
    if form.is_valid():
        actions.add_component(system=system, draft=form.draft(), by=request.viewer)
        messages.success(request, _("The component was added."))
        return redirect("inventory:system", system.public_id)
    return _form(request, "inventory/component_form.html", form, system=system)


@require_safe
@page
def show_component(request: Request, system_id: str, component_id: str) -> HttpResponse:
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    open_to_change = component.gone_at is None and system.retired_at is None
    context = {
        "system": system,
        "component": component,
        "facts": presenters.components.facts(component),
        "version_form": forms.VersionForm(initial={"version": component.version})
        if open_to_change and permissions.may_set_version(request.viewer, system.team_id)
        else None,
        "may_edit": open_to_change and permissions.may_edit(request.viewer, system.team_id),
    }
    return render(request, "inventory/component.html", context)


@require_POST
@page
def set_version(request: Request, system_id: str, component_id: str) -> HttpResponse:
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    form = forms.VersionForm(request.POST)
    if form.is_valid():
        actions.set_version(component=component, **form.cleaned_data, by=request.viewer)
        messages.success(request, _("The version was set."))
        return redirect("inventory:component", system.public_id, component.public_id)
    context = {
        "system": system,
        "component": component,
        "version_form": form,
        "facts": presenters.components.facts(component),
    }
    return render(request, "inventory/component.html", context, status=400)


@page
def change_component(request: Request, system_id: str, component_id: str) -> HttpResponse:
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    permissions.may_edit.check(request.viewer, system.team_id)
    initial = {name: getattr(component, name) for name in forms.ComponentForm.base_fields}
    form = forms.ComponentForm(request.POST or None, initial=initial)
    if form.is_valid():
        actions.change_component(component=component, draft=form.draft(), by=request.viewer)
        messages.success(request, _("The component was corrected."))
        return redirect("inventory:component", system.public_id, component.public_id)
    return _form(request, "inventory/component_form.html", form, system=system, component=component)


@button()
def remove_component(request: Request, system_id: str, component_id: str) -> HttpResponse:
    system = queries.system_for(request.viewer, system_id)
    component = queries.component_for(request.viewer, system, component_id)
    actions.remove_component(component=component, by=request.viewer)
    messages.success(request, _("The component was marked as gone."))
    return redirect("inventory:system", system.public_id)


# ---- imports -------------------------------------------------------------------------


@require_safe
@page
def list_imports(request: Request) -> HttpResponse:
    entries = queries.imports_for(request.viewer)
    listed = page_of(entries, ("-created_at",), **cursor_of(request.GET))
    context = {
        "rows": presenters.imports.rows(listed.rows),
        "pager": pager_for(listed, request.GET),
        "may_edit": bool(permissions.editable_team_ids(request.viewer)),
    }
    return render(request, "inventory/imports.html", context)


@page
def start_import(request: Request) -> HttpResponse:
    permissions.may_edit_somewhere.check(request.viewer)
    form = forms.ImportForm(
        request.POST or None,
        request.FILES or None,
        viewer=request.viewer,
        initial={"system": request.GET.get("system")},
    )
    if not form.is_valid():
        return _form(request, "inventory/import_form.html", form)
    entries = actions.start_imports(**form.import_order(), by=request.viewer)
    if len(entries) > 1:
        text = ngettext(
            "%(count)d file is going in.", "%(count)d files are going in.", len(entries)
        )
        messages.success(request, text % {"count": len(entries)})
        return redirect("inventory:imports")
    entry = entries[0]
    return redirect("inventory:columns" if entry.header else "inventory:import", entry.public_id)


@page
def choose_columns(request: Request, import_id: str) -> HttpResponse:
    entry = queries.import_for(request.viewer, import_id)
    permissions.may_edit.check(request.viewer, entry.team_id)
    states.check_step(entry.state, states.MAPPED)
    mapping = queries.mapping_for(request.viewer, entry)
    form = forms.ColumnsForm(
        request.POST or None,
        header=entry.header,
        first=queries.first_cells(entry),
        names_system=entry.target_id is None,
        initial=mapping,
    )
    if form.is_valid():
        mapping = form.mapping()
        if request.POST.get("do") != "look":
            actions.map_columns(entry=entry, mapping=mapping, by=request.viewer)
            return redirect("inventory:import", entry.public_id)
    results = queries.first_rows(entry, mapping) if "name" in mapping else []
    names_system = entry.target_id is None
    table = presenters.imports.preview(results, names_system=names_system) if results else None
    return _form(request, "inventory/columns.html", form, entry=entry, table=table)


@require_safe
@page
def show_import(request: Request, import_id: str) -> HttpResponse:
    entry = queries.import_for(request.viewer, import_id)
    under_way = entry.state in {states.MAPPED, states.RUNNING}
    if request.htmx:
        return _progress(request, entry, under_way=under_way)
    kind = request.GET.get("kind") or ("came" if entry.added else "changed")
    changes = queries.changes_of(request.viewer, entry, kind)
    listed = page_of(changes, (), **cursor_of(request.GET))
    context = {
        "entry": entry,
        "under_way": under_way,
        "stands_still": under_way and queries.is_stalled(entry),
        "progress": presenters.imports.progress_text(entry),
        "facts": presenters.imports.facts(entry),
        "status": presenters.imports.status(entry),
        "failure": presenters.imports.failure(entry),
        "summary": presenters.imports.summary(entry),
        "views": presenters.imports.change_views(entry, kind),
        "table": presenters.imports.changes(listed.rows) if listed.rows else None,
        "pager": pager_for(listed, request.GET),
        "left_out": presenters.imports.remarks(entry, left_out=True),
        "remarks": presenters.imports.remarks(entry, left_out=False),
    }
    return render(request, "inventory/import.html", context)


@button()
def resume_import(request: Request, import_id: str) -> HttpResponse:
    entry = queries.import_for(request.viewer, import_id)
    actions.resume_import(entry=entry, by=request.viewer)
    return redirect("inventory:import", entry.public_id)


# ---- what the pages share ------------------------------------------------------------


def _form(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    """A form to fill in, or with its errors."""
    status = 400 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def _progress(request: Request, entry: Any, *, under_way: bool) -> HttpResponse:
    """The bar alone; once the work is over the browser loads the whole page again."""
    context = {
        "entry": entry,
        "under_way": under_way,
        "progress": presenters.imports.progress_text(entry),
    }
    response = render(request, "inventory/import_progress.html", context)
    if not under_way:
        response["HX-Refresh"] = "true"
    return response


def _filters(query: QueryDict) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        name: query.getlist(name) for name in ("exposure", "criticality", "environment", "owner")
    }
    return {
        **chosen,
        "words": query.get("q", "").strip(),
        "retired": query.get("view") == "retired",
    }


def _order(query: QueryDict, orders: Orders) -> tuple[str, ...]:
    """The order named in the address, the first of ``orders`` for any other word."""
    sort = query.get("sort", "")
    order = orders.get(sort.lstrip("-"), next(iter(orders.values())))
    return tuple(f"-{name}" for name in order) if sort.startswith("-") else order


def _csv(name: str, header: Any, rows: Any) -> StreamingHttpResponse:
    response = StreamingHttpResponse(
        csv_lines(header, rows), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
