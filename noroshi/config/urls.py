"""Where each area's pages stand."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("noroshi.ui.urls")),
    path("", include("noroshi.desk.urls")),
    path("", include("noroshi.directory.urls")),
    path("systems/", include("noroshi.inventory.urls")),
    path("vulnerabilities/", include("noroshi.vulnerabilities.urls")),
    path("measures/", include("noroshi.measures.urls")),
    path("warnings/", include("noroshi.warnings.urls")),
    path("reports/", include("noroshi.reports.urls")),
    path("api/v1/", include("noroshi.api.urls")),
]
