"""Every refusal of the API, as problem details (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import orjson
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from noroshi.core.errors import Forbidden, Malformed, NoroshiError, NotFound, gettext_noop

TYPE = "application/problem+json"
TITLES = {
    400: gettext_lazy("Not understood"),
    401: gettext_lazy("No valid token"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("No such method"),
    409: gettext_lazy("Not possible now"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Wrong content type"),
    500: gettext_lazy("Our fault"),
    503: gettext_lazy("Another system does not answer"),
}


class ScopeMissing(Forbidden):
    """The token's rights would do, its scopes do not."""


class TooLarge(Malformed):
    """More bytes than are read."""

    status = 413


class WrongContentType(Malformed):
    """The body is in another form than the operation reads."""

    status = 415


def problem(
    status: int, detail: str, *, where: str = "", errors: Sequence[dict[str, str]] = ()
) -> HttpResponse:
    """One problem as an answer; ``type`` leads to the page that explains it."""
    body: dict[str, Any] = {
        "type": f"/api/v1/docs#problem-{status}",
        "title": str(TITLES[status]),
        "status": status,
        "detail": detail,
    }
    if where:
        body["where"] = where
    if errors:
        body["errors"] = list(errors)
    response = HttpResponse(orjson.dumps(body), status=status, content_type=TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Noroshi"'
    return response


def sentence(message: str, values: dict[str, Any]) -> str:
    """A source sentence in the reader's language."""
    text = _(message)
    return text % values if values else text


def add_to(api: NinjaAPI) -> None:
    """Let ``api`` answer each of these with its problem; the nearest class counts."""
    for kind, answer in (
        (NoroshiError, _from_noroshi),
        (ValidationError, _not_valid),
        (HttpError, _from_ninja),
        (Http404, lambda request, error: not_found()),
        (RequestDataTooBig, lambda request, error: problem(413, _("The body is too large."))),
        (SuspiciousOperation, _unreadable),
        (MultiPartParserError, _unreadable),
        (BadRequest, _unreadable),
        (Exception, _unexpected),
    ):
        api.add_exception_handler(kind, answer)  # type: ignore[arg-type]  # each takes its own kind


def not_found() -> HttpResponse:
    """Not there, or not for this token: the two are never told apart."""
    return problem(404, sentence(NotFound().message, {}))


def not_allowed(allowed: str) -> HttpResponse:
    """The path is there, the method is not."""
    detail = _("This address takes %(methods)s.") % {"methods": allowed}
    response = problem(405, detail)
    response.headers["Allow"] = allowed
    return response


def _from_noroshi(request: HttpRequest, error: NoroshiError) -> HttpResponse:
    if error.status >= 500:
        logging.getLogger("noroshi").error("%s %s", type(error).__name__, error)
    where = error.where if isinstance(error, Malformed) else ""
    return problem(error.status, sentence(error.message, error.values), where=where)


def _from_ninja(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, NoroshiError):  # from ``urls.Strict``
        return _from_noroshi(request, error.__cause__)
    if error.status_code == 401:
        return problem(401, _("Send a valid token as “Authorization: Bearer noroshi_…”."))
    return problem(400, _("The request cannot be read."))


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each field that does not fit, with its place. An id that cannot exist is of nothing."""
    if any(entry["loc"][0] == "path" for entry in error.errors):
        return not_found()
    errors = [
        {"where": _place(entry["loc"]), "message": _message(entry)} for entry in error.errors[:50]
    ]
    return problem(400, errors[0]["message"], where=errors[0]["where"], errors=errors)


# The parameters of an operation that stand for everything sent: no name that a caller knows.
_PARAMETERS = ("query", "body", "form")


def _place(loc: Sequence[Any]) -> str:
    """``owners/0`` for the first of the owners, wherever it was sent."""
    place = loc[2:] if loc[1:2] and loc[1] in _PARAMETERS else loc[1:]
    return "/".join(str(step) for step in place)


_SENTENCES = {
    "missing": gettext_noop("This is missing."),
    "extra_forbidden": gettext_noop("This name is not known here."),
    "string_too_long": gettext_noop("This is too long."),
    "string_too_short": gettext_noop("This is empty or too short."),
    "string_pattern_mismatch": gettext_noop("This holds signs that are not allowed here."),
    "literal_error": gettext_noop("Choose from what is offered."),
}


def _message(error: dict[str, Any]) -> str:
    if error["type"] in _SENTENCES:
        return _(_SENTENCES[error["type"]])
    return _("This does not fit: %(reason)s.") % {"reason": error["msg"]}


def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, _("The request cannot be read."))


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault in our code: the log gets it, the caller learns nothing of it."""
    logging.getLogger("noroshi").error(
        "%s %s", request.method, request.path, exc_info=(type(error), error, error.__traceback__)
    )
    return problem(500, _("Something went wrong here. It has been noted."))
