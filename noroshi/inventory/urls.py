"""Where the pages of the inventory stand, under ``/systems/``."""

from django.urls import URLPattern, path

from noroshi.inventory import pages

app_name = "inventory"
urlpatterns: list[URLPattern] = [
    path("", pages.list_systems, name="systems"),
    path("new", pages.add_system, name="add-system"),
    path("systems.csv", pages.export_systems, name="export-systems"),
    path("import", pages.start_import, name="start-import"),
    path("imports/", pages.list_imports, name="imports"),
    path("imports/<str:import_id>", pages.show_import, name="import"),
    path("imports/<str:import_id>/columns", pages.choose_columns, name="columns"),
    path("imports/<str:import_id>/resume", pages.resume_import, name="resume-import"),
    path("<str:system_id>", pages.show_system, name="system"),
    path("<str:system_id>/change", pages.change_system, name="change-system"),
    path("<str:system_id>/retire", pages.retire_system, name="retire-system"),
    path("<str:system_id>/components.csv", pages.export_components, name="export-components"),
    path("<str:system_id>/components/new", pages.add_component, name="add-component"),
    path("<str:system_id>/components/<str:component_id>", pages.show_component, name="component"),
    path(
        "<str:system_id>/components/<str:component_id>/change",
        pages.change_component,
        name="change-component",
    ),
    path(
        "<str:system_id>/components/<str:component_id>/version",
        pages.set_version,
        name="set-version",
    ),
    path(
        "<str:system_id>/components/<str:component_id>/remove",
        pages.remove_component,
        name="remove-component",
    ),
]
