"""The request as pages get it, and the gate that every page stands behind.

The gate asks first: is the method one that pages take (405), is somebody signed in. What a form
may hold its form says (``ui.forms``); a page that is a button and has no form says it with
:func:`button` (docs/reference/security.md, rule 4).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.middleware import HtmxDetails

from noroshi.core import history
from noroshi.directory.viewer import Viewer
from noroshi.ui.forms import refuse_unlisted

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class Request(HttpRequest):
    """Django's request with who reads; ``htmx`` is truthy when htmx asks for a fragment of a page."""

    viewer: Viewer
    htmx: HtmxDetails


def page(
    view: Callable[Concatenate[Request, P], R],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page for signed-in people. Nobody is led to the sign-in page and back."""

    @_only_methods_of_pages
    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        our_request = cast(Request, request)
        if not our_request.viewer.is_signed_in:
            return redirect_to_login(request.get_full_path())
        _name_files(request)
        if request.method == "POST":
            return view(our_request, *args, **kwargs)
        with history.reading():
            return view(our_request, *args, **kwargs)

    cast(Any, gate).rule = "signed in"
    return gate


def button(
    *fields: str,
) -> Callable[
    [Callable[Concatenate[Request, P], R]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]
]:
    """A page that is a button and no form: POST by somebody signed in, with ``fields`` alone."""

    def press(
        view: Callable[Concatenate[Request, P], R],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def pressed(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> R:
            refuse_unlisted(request.POST, fields)
            return view(request, *args, **kwargs)

        return require_POST(page(pressed))

    return press


def open_page(
    rule: str,
) -> Callable[[Callable[Concatenate[Request, P], R]], Callable[Concatenate[HttpRequest, P], R]]:
    """A page without signing in; ``rule`` says in words what guards it instead (rule 5)."""

    def mark(
        view: Callable[Concatenate[Request, P], R],
    ) -> Callable[Concatenate[HttpRequest, P], R]:
        @_only_methods_of_pages
        @wraps(view)
        def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            _name_files(request)
            return view(cast(Request, request), *args, **kwargs)

        cast(Any, gate).rule = rule
        return gate

    return mark


# Also where a view does not say which methods it takes.
_only_methods_of_pages = require_http_methods(["GET", "HEAD", "POST"])


def _name_files(request: HttpRequest) -> None:
    """Let the names of files stand among the fields, so that a form refuses those it does not list."""
    if request.method == "POST" and request.FILES:
        named = request.POST.copy()
        for name in request.FILES:
            named.setdefault(name, "")
        request.POST = named  # type: ignore[assignment]  # a copy with more names


def posted(request: HttpRequest) -> QueryDict | None:
    """The posted fields for a form, also when there are none; nothing on a GET."""
    return request.POST if request.method == "POST" else None


def is_own_path(url: str) -> bool:
    """Is this a path of this site, so that going there leads nobody astray?"""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def return_path(request: HttpRequest) -> str:
    """Where the form came from (its field ``next``), if that is a page of ours, else Today."""
    url = request.POST.get("next", "")
    return url if is_own_path(url) else "/"
