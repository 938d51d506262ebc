"""The addresses of all pages: each area declares its own in ``area.py``."""

from django.urls import URLPattern, URLResolver, include, path

from noroshi.directory.areas import installed

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("noroshi.ui.urls")),
    *(
        path(area.urls, include(f"{name}.urls"))
        for name, area in installed().items()
        if area.urls is not None
    ),
]
