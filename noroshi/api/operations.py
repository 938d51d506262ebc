"""Declaring an operation, and the one gate that each call passes before it is read.

The gate asks in this order: is the token valid (401), does it have the scope (403), is the body
in the form that is read here (415, 413), are there names that nobody asked for (400). Cookies and
sessions count for nothing here, so there is nothing to forge across sites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Router
from ninja.operation import Operation
from ninja.security import HttpBearer

from noroshi.api.problems import ScopeMissing, TooLarge, WrongContentType
from noroshi.api.schemas.shared import CreatedId
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.directory import actions, queries
from noroshi.directory.models import ApiToken, Scope
from noroshi.directory.request import Request
from noroshi.directory.viewer import Viewer, viewer_for_token
from noroshi.sharing.cache import cached
from noroshi.ui.shapes import Entry

F = TypeVar("F", bound=Callable[..., Any])

JSON, MULTIPART = "application/json", "multipart/form-data"
_CONTENT_TYPES = {"body": JSON, "form": MULTIPART, "file": MULTIPART}
_FORM_OVERHEAD = 1024 * 1024  # for the parts of a form around its files

__all__ = [
    "JSON",
    "MULTIPART",
    "Call",
    "Operations",
    "accepted",
    "cached_response",
    "created",
    "created_many",
    "list_response",
    "timeline",
]


class Call(Request):
    """A request that has passed the gate."""

    token: ApiToken


class Token(HttpBearer):
    """The gate of one operation."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope
        self.content_type = ""
        self.query_names: frozenset[str] = frozenset()
        self.body_names: frozenset[str] = frozenset()

    def accept_names_of(self, operation: Operation) -> None:
        """Note which names the operation takes in its query and its form."""
        for model in operation.models:
            source = str(model.__ninja_param_source__)
            names = frozenset(getattr(model, "__ninja_flatten_map__", model.model_fields))
            if source == "query":
                self.query_names |= names
            elif source in _CONTENT_TYPES:
                self.content_type = _CONTENT_TYPES[source]
                self.body_names |= names

    def authenticate(self, request: HttpRequest, token: str) -> Viewer | None:
        api_token = queries.valid_token(token)
        viewer = viewer_for_token(api_token) if api_token is not None else Viewer()
        if api_token is None or not viewer.is_signed_in:
            return None
        actions.touch_token(api_token)
        request.viewer = viewer  # type: ignore[attr-defined]  # declared in directory.request
        request.token = api_token  # type: ignore[attr-defined]  # declared in Call
        timezone.activate(ZoneInfo(viewer.time_zone))  # until ViewerMiddleware puts its own back
        if not viewer.may(self.scope):
            raise ScopeMissing(
                gettext_noop("This token lacks the scope “%(scope)s”."), scope=self.scope.value
            )
        self._check_sent(request)
        return viewer

    def _check_sent(self, request: HttpRequest) -> None:
        length, sent, expected = _length(request), request.content_type or "", self.content_type
        if expected and sent != expected and (sent or length):  # no body at all is missing
            raise WrongContentType("", gettext_noop("Send the body as %(form)s."), form=expected)
        if not expected and length and (length > 100 or request.body.strip() not in (b"", b"{}")):
            raise Malformed("", gettext_noop("This operation takes no body."))
        limit = settings.NOROSHI_MAX_UPLOAD + _FORM_OVERHEAD
        if length > limit:
            raise TooLarge(
                "", gettext_noop("The body is larger than %(limit)d MB."), limit=limit // 2**20
            )
        _check_names(set(request.GET) - self.query_names)
        if expected == MULTIPART:
            _check_names({*request.POST, *request.FILES} - self.body_names)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # as Django takes it: then no body is read


def _check_names(unknown: set[str]) -> None:
    if unknown:
        raise Malformed(min(unknown)[:60], gettext_noop("This name is not known here."))


class Operations:
    """The operations on one area's things."""

    def __init__(self, title: str) -> None:
        self.router = Router(tags=[title])

    def reads(self, path: str, answer: Any, **extra: Any) -> Callable[[F], F]:
        """An operation that changes nothing. ``extra`` goes into the document as it is."""
        return self._operation("GET", path, Scope.READ, {200: answer}, **extra)

    def writes(
        self,
        method: str,
        path: str,
        *,
        scope: Scope = Scope.WRITE,
        status: int = 204,
        answer: Any = CreatedId,
    ) -> Callable[[F], F]:
        """An operation that changes something. It answers with ids at most: reading is another
        scope. 201 and 202 say in ``Location`` where the thing stands."""
        return self._operation(method, path, scope, {status: None if status == 204 else answer})

    def _operation(
        self, method: str, path: str, scope: Scope, answers: dict[int, Any], **extra: Any
    ) -> Callable[[F], F]:
        def declare(view: F) -> F:
            gate = Token(scope)
            first, _, rest = (view.__doc__ or "").replace("``", "`").partition("\n\n")
            summary = " ".join(first.split())
            self.router.add_api_operation(
                path,
                [method],
                view,
                auth=gate,
                response=answers,
                operation_id=view.__name__,
                summary=summary,
                description=" ".join(rest.split()) or summary,
                openapi_extra={"x-scope": scope.value, **extra},
            )
            gate.accept_names_of(view._ninja_operation)  # type: ignore[attr-defined]  # set by ninja
            return view

        return declare


def list_response(items: list[Any], *, after: str, before: str) -> HttpResponse:
    """A page of a list as bytes, with the cursors of its neighbours; no schema is run over it."""
    body = {"items": items, "next": after or None, "previous": before or None}
    return HttpResponse(orjson.dumps(body, option=orjson.OPT_UTC_Z), content_type=JSON)


def cached_response(request: Call, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """A list that programs ask for again and again: the bytes made for this reader before, as long
    as nothing has changed anywhere. Some words in it are in the language that is asked for."""
    address = ("api", request.get_full_path(), get_language())
    content = cached(request.viewer, address, lambda: answer().content)
    return HttpResponse(content, content_type=JSON)


def timeline(entries: Iterable[Entry]) -> dict[str, Any]:
    """A page's timeline as the API answers it (the schema ``Timeline``)."""
    return {
        "items": [
            {
                "at": entry.at,
                "text": str(entry.text),
                "about": [str(fact) for fact in entry.meta],
                "note": str(entry.note),
            }
            for entry in entries
        ]
    }


def created(path: str, public_id: str) -> HttpResponse:
    """A new thing: its id, and in ``Location`` where it stands."""
    return _created_response({"id": public_id}, 201, f"{path}/{public_id}")


def created_many(path: str, public_ids: Sequence[str]) -> HttpResponse:
    """New things: their ids, and in ``Location`` the list where they stand."""
    return _created_response({"ids": public_ids}, 201, path)


def accepted(path: str, public_ids: Sequence[str]) -> HttpResponse:
    """Files are kept and their work begins; ``Location`` shows how far it is."""
    where = f"{path}/{public_ids[0]}" if len(public_ids) == 1 else path
    return _created_response({"ids": public_ids}, 202, where)


def _created_response(body: dict[str, Any], status: int, path: str) -> HttpResponse:
    response = HttpResponse(orjson.dumps(body), status=status, content_type=JSON)
    response.headers["Location"] = f"/api/v1{path}"
    return response
