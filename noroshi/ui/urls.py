"""While developing, the pages that show every component; an instance has none of them."""

from django.conf import settings
from django.urls import URLPattern, path

from noroshi.ui import pages

app_name = "ui"
gallery: list[URLPattern] = [
    path("_components", pages.components, name="components"),
    path("_components/<slug:name>", pages.component_page, name="component-page"),
]
urlpatterns: list[URLPattern] = gallery if settings.DEBUG else []
