"""The OpenAPI document, and the page that shows it without a script.

Ninja writes what each operation takes and gives. What every operation may answer besides, the
problems, is added here in one place from the order in which the gate asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from noroshi.api.application import api
from noroshi.api.operations import JSON
from noroshi.api.problems import TITLES, TYPE
from noroshi.api.schemas.shared import FieldProblem, Problem
from noroshi.directory.request import Request, open_page

PREFIX = "/api/v1"
# Which problems an operation may answer with, whatever else it does.
ALWAYS = (400, 401, 403, 404, 409, 500, 503)
WITH_BODY = (413, 415)
_DESCRIPTIONS = {
    400: "Not understood: `where` points into what was sent.",
    401: "No token, or one that is not valid any more.",
    403: "The token may not do this: `detail` names the scope or the rule.",
    404: "Not there, or not for this token.",
    409: "A rule forbids it now, for example because somebody else was quicker.",
    413: "The body is larger than what is read.",
    415: "The body is in another form than the operation reads.",
    500: "A fault in Noroshi; it has been noted.",
    503: "Another system does not answer, or a part of this one is not installed.",
}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole document as JSON values; the same for everybody."""
    schema: dict[str, Any] = orjson.loads(
        orjson.dumps(
            api.get_openapi_schema(path_prefix=f"{PREFIX[1:]}/"), option=orjson.OPT_NON_STR_KEYS
        )
    )
    schemas = schema["components"]["schemas"]
    schemas["Complaint"] = FieldProblem.model_json_schema()
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs", None)
    schema["components"]["responses"] = {
        f"Problem{status}": _problem_response(status) for status in _DESCRIPTIONS
    }
    for _path, _method, operation in _operations(schema):
        _complete(operation)
    return schema


def _problem_response(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": _DESCRIPTIONS[status],
        "content": {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return answer


def _complete(operation: dict[str, Any]) -> None:
    operation["security"] = [{"Token": [operation["x-scope"]]}]
    words, scope = operation["description"], f"Scope: {operation['x-scope']}."
    operation["description"] = scope if words == operation["summary"] else f"{words} {scope}"
    answers = operation["responses"]
    for status in ("201", "202"):
        if status in answers:
            answers[status]["headers"] = {
                "Location": {"required": True, "schema": {"type": "string"}}
            }
    for status in (*ALWAYS, *(WITH_BODY if "requestBody" in operation else ())):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


@require_safe
@open_page("the description of the API; it says nothing of what is here")
def openapi(request: Request) -> HttpResponse:
    """The document for programs."""
    return HttpResponse(_bytes(), content_type=JSON)


@lru_cache(maxsize=1)
def _bytes() -> bytes:
    return orjson.dumps(document())


# ---- the page ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParameterView:
    """A parameter, or a field of a body or an answer."""

    name: str
    kind: str
    required: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    parameters: list[ParameterView] = field(default_factory=list)
    form: str = ""
    fields: list[ParameterView] = field(default_factory=list)
    answers: list[tuple[str, str, list[ParameterView]]] = field(default_factory=list)


@require_safe
@open_page("the description of the API; it says nothing of what is here")
def docs(request: Request) -> HttpResponse:
    """The document for people."""
    context = {
        "areas": _areas(),
        "problems": [(status, TITLES[status], words) for status, words in _DESCRIPTIONS.items()],
    }
    return render(request, "api/docs.html", context)


@lru_cache(maxsize=1)
def _areas() -> list[tuple[str, list[OperationView]]]:
    areas: dict[str, list[OperationView]] = {}
    for path, method, operation in _operations(document()):
        areas.setdefault(operation["tags"][0], []).append(_operation_view(path, method, operation))
    return list(areas.items())


def _operation_view(path: str, method: str, operation: dict[str, Any]) -> OperationView:
    form, fields = "", []
    for form, content in operation.get("requestBody", {}).get("content", {}).items():  # noqa: B007  # the only one
        fields = _fields(content["schema"])
    answers = [
        (status, _content_types(answer), _fields(_schema_of(answer)))
        for status, answer in sorted(operation["responses"].items())
        if status < "3"
    ]
    return OperationView(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        words=operation["description"].rpartition("Scope: ")[0].strip(),
        scope=operation["x-scope"],
        parameters=[
            ParameterView(parameter["name"], _kind(parameter["schema"]), parameter["required"])
            for parameter in operation["parameters"]
        ],
        form=form,
        fields=fields,
        answers=answers,
    )


def _content_types(answer: dict[str, Any]) -> str:
    return ", ".join(answer.get("content", {}))


def _schema_of(answer: dict[str, Any]) -> dict[str, Any]:
    content = answer.get("content", {})
    schema: dict[str, Any] = content.get(JSON, {}).get("schema", {})
    return schema


def _fields(schema: dict[str, Any]) -> list[ParameterView]:
    schema = _resolved(schema)
    required = schema.get("required", ())
    return [
        ParameterView(
            name, _kind(field_schema), name in required, field_schema.get("description", "")
        )
        for name, field_schema in schema.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        target = _resolved(schema)
        return _kind(target) if "properties" not in target else schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(str(word) or "“”" for word in schema["enum"])
    if "const" in schema:
        return str(schema["const"]) or "“”"
    for name in ("anyOf", "allOf"):
        if name in schema:
            return " | ".join(_kind(choice) for choice in schema[name])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    target: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return target
