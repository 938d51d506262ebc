"""The addresses of the API: every operation behind its token, and a problem for all others."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from noroshi.api import document, problems
from noroshi.api.application import api

app_name = "api"


def _ruled(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An operation with its rule (docs/reference/security.md, rule 5); a wrong method is a problem, too."""

    @csrf_exempt  # a token is no cookie: a browser sends none by itself
    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            return problems.not_allowed(response.headers["Allow"])
        return response

    cast(Any, gate).rule = "an API token with the operation's scope"
    return gate


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Any other address below the API's, whatever the method."""
    return problems.not_found()


cast(Any, nothing).rule = "nothing stands here"


urlpatterns: list[URLPattern] = [
    path("openapi.json", document.openapi, name="openapi"),
    path("docs", document.docs, name="docs"),
    *(
        path(str(route.pattern), _ruled(route.callback), name=route.name)
        for route in api.urls[0]
        if isinstance(route, URLPattern) and route.name != "api-root"
    ),
    re_path("^(?P<rest>.*)$", nothing, name="nothing"),
]
