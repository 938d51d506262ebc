"""Appearance (theme, language) and, while developing, the page that shows every component."""

from django.conf import settings
from django.urls import URLPattern, path

from noroshi.ui import pages

app_name = "ui"
urlpatterns: list[URLPattern] = [
    path("_ui/theme", pages.set_theme, name="theme"),
    path("_ui/language", pages.set_language, name="language"),
]
if settings.DEBUG:
    urlpatterns += [
        path("_components", pages.components, name="components"),
        path("_components/<slug:name>", pages.component_page, name="component-page"),
    ]
