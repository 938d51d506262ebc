"""The API as one application: how it reads and writes JSON, and the operations of every area."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import orjson
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from noroshi.api import problems
from noroshi.directory.areas import areas
from noroshi.formats import jsontext


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
