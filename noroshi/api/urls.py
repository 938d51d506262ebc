"""The addresses of the API: every operation behind its token, and a problem for all others."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from noroshi.api import document, problems
from noroshi.directory.areas import areas
from noroshi.formats import jsontext

app_name = "api"


class Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


class Strict(Parser):
    """The same bounds on JSON as for files: depth, names that occur twice, NUL, NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        return jsontext.decode(request.body)


api = NinjaAPI(
    title="Noroshi",
    version="1",
    description=(
        "Vulnerabilities, instructions and early warnings by program. "
        "Times are RFC 3339 in UTC; lists page by cursor; what a token may not see is not there. "
        "TLP:RED goes through no program."
    ),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    renderer=Json(),
    parser=Strict(),
)
problems.add_to(api)
for name in (name for area in areas() for name in area.operations):
    api.add_router("", import_module(f"noroshi.api.{name}").area.router)


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
