"""Middleware: the viewer of a request, their language and time zone, and pages for our errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext

from noroshi.core.errors import Malformed, NoroshiError, gettext_noop
from noroshi.directory.viewer import viewer_for

GetResponse = Callable[[HttpRequest], HttpResponse]


class CookiesMiddleware:
    """Drops cookies with the character NUL: no cookie of ours has it, and no database takes it.

    Stands before the session, which is looked up by its cookie; a quoted cookie can hold any
    character.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name, value in list(request.COOKIES.items()):
            if "\0" in value:
                del request.COOKIES[name]
        return self.get_response(request)


class ViewerMiddleware:
    """Sets ``request.viewer`` and the reader's language and time zone for this request only."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        viewer = viewer_for(request.user)
        request.viewer = viewer  # type: ignore[attr-defined]  # declared in directory.request
        language = _language(request, viewer.language if viewer.is_signed_in else "")
        zone = ZoneInfo(viewer.time_zone if viewer.is_signed_in else settings.TIME_ZONE)
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        return response


class ErrorsMiddleware:
    """Turns every ``NoroshiError`` into a page with its status."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # No database stores a NUL, and no page has an address with it. The API refuses one itself,
        # as a problem.
        nul = "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
        if nul and not request.path_info.startswith("/api/"):
            return _error_page(request, Malformed("", gettext_noop("No page has such an address.")))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Refuses a text with NUL; no form could, since ids are looked up before it is checked."""
        if request.method != "POST" or request.path_info.startswith("/api/"):
            return None
        for name, values in request.POST.lists():
            if any("\0" in text for text in (name, *values)):
                where = name.replace("\0", "")[:60]
                return _error_page(
                    request, Malformed(where, gettext_noop("A text holds the character NUL."))
                )
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, NoroshiError):
            return None
        if error.status >= 500:
            logging.getLogger("noroshi").error("%s %s", type(error).__name__, error)
        return _error_page(request, error)


def _error_page(request: HttpRequest, error: NoroshiError) -> HttpResponse:
    return render(
        request,
        f"{error.status}.html",
        {
            "sentence": sentence(error),
            "where": error.where if isinstance(error, Malformed) else "",
        },
        status=error.status,
    )


def sentence(error: NoroshiError) -> str:
    """The error's sentence in the reader's language."""
    text = gettext(error.message)
    return text % error.values if error.values else text


def _language(request: HttpRequest, own: str) -> str:
    """The person's own; before signing in the cookie's, then the one that the browser prefers."""
    if own:
        return own
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return translation.get_language_from_request(request)
