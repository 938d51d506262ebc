"""The routes of an instance for which an OpenID Connect server is configured."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from noroshi.config.urls import urlpatterns as usual
from noroshi.directory import urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/provider/", include(urls.provider)),
    *usual,
]
