"""Theme and language of this browser, and the page that shows every component."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from noroshi.ui import gallery

THEME_COOKIE = "noroshi_theme"
THEMES = ("light", "dark")
YEAR = 365 * 24 * 60 * 60


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep light or dark for this browser; anything else goes back to the system's."""
    theme = request.POST.get("theme", "")
    return _remember(request, THEME_COOKIE, theme if theme in THEMES else "")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language for this browser."""
    language = request.POST.get("language", "")
    known = dict(settings.LANGUAGES)
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, language if language in known else "")


def _remember(request: HttpRequest, name: str, value: str) -> HttpResponse:
    answer = HttpResponseRedirect(_way_back(request))
    if value:
        answer.set_cookie(
            name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        answer.delete_cookie(name)
    return answer


def _way_back(request: HttpRequest) -> str:
    url = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if own else "/"


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages."""
    return render(request, "ui/gallery/all.html", gallery.everything(request))


@require_GET
def component_page(request: HttpRequest, name: str) -> HttpResponse:
    """One whole page made of the components: today, list, thing, compose, phone, report."""
    return render(request, f"ui/gallery/{gallery.page(name)}.html", gallery.everything(request))
