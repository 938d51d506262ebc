"""One's own settings and API tokens."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from noroshi.core import clock
from noroshi.directory import actions, queries
from noroshi.directory.forms import (
    LanguageForm,
    NothingForm,
    SettingsForm,
    ThemeForm,
    TokenForm,
)
from noroshi.directory.models import ApiToken, Scope
from noroshi.directory.request import Request, open_page, page, posted, return_path
from noroshi.ui.components import tag, when
from noroshi.ui.shapes import Column, Table, TableRow, Text

YEAR = 60 * 60 * 24 * 365
THEME_COOKIE = "noroshi_theme"


@page
@require_http_methods(["GET", "HEAD", "POST"])
def own_settings(request: Request) -> HttpResponse:
    """Language, time zone, theme."""
    form = SettingsForm(posted(request), initial=queries.own_settings(request.viewer))
    if form.is_valid():
        actions.change_own_settings(**form.cleaned_data, by=request.viewer)
        with override(form.cleaned_data["language"]):
            messages.success(request, _("Your settings are saved."))
        return redirect("directory:settings")
    return render(request, "directory/settings.html", {"form": form})


@open_page("anybody, for the own browser or the own account only")
@require_POST
def set_theme(request: Request) -> HttpResponse:
    """Light, dark or as the device says."""
    return _keep(request, ThemeForm(request.POST), "theme", THEME_COOKIE)


@open_page("anybody, for the own browser or the own account only")
@require_POST
def set_language(request: Request) -> HttpResponse:
    """Japanese or English."""
    return _keep(request, LanguageForm(request.POST), "language", settings.LANGUAGE_COOKIE_NAME)


def _keep(request: Request, form: ThemeForm | LanguageForm, name: str, cookie: str) -> HttpResponse:
    """With the account when there is one, else in the browser; what is not offered stays as is."""
    answer = redirect(return_path(request))
    if form.is_valid():
        value = form.cleaned_data[name]
        if request.viewer.person_id is not None:
            own = {**queries.own_settings(request.viewer), name: value}
            actions.change_own_settings(**own, by=request.viewer)
        answer.set_cookie(
            cookie, value, max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    return answer


@page
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: Request) -> HttpResponse:
    """The API tokens that are one's own or of a team that one manages; make another."""
    form = TokenForm(posted(request), teams=queries.managed_teams(request.viewer))
    issued = None
    if form.is_valid():
        issued = actions.issue_token(**form.cleaned_data, by=request.viewer)
    rows = list(queries.tokens_for(request.viewer).filter(revoked_at=None))
    context = {"form": form, "issued": issued, "count": len(rows), "table": _table(rows)}
    return render(request, "directory/tokens.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def end_token(request: Request, token_id: str) -> HttpResponse:
    """End a token, after a page that says what happens."""
    token = queries.token_for(request.viewer, token_id)
    form = NothingForm(posted(request))
    if form.is_valid():
        actions.revoke_token(token=token, by=request.viewer)
        messages.success(request, _("The token %(name)s has ended.") % {"name": token.name})
        return redirect("directory:tokens")
    return render(request, "directory/end_token.html", {"token": token})


def _table(rows: list[ApiToken]) -> Table:
    return Table(
        caption=_("API tokens"),
        columns=[
            Column(_("Name")),
            Column(_("Rights of")),
            Column(_("Allowed to")),
            Column(_("Valid until"), nowrap=True),
            Column(_("Last used"), nowrap=True),
        ],
        rows=[
            TableRow(
                token.name,
                (
                    str(token.team or token.person),
                    ", ".join(str(Scope(scope).label) for scope in token.scopes),
                    _until(token),
                    when(token.last_used_at) if token.last_used_at else _("never"),
                ),
                url=f"/settings/tokens/{token.public_id}",
                sub=token.public_id,
            )
            for token in rows
        ],
    )


def _until(token: ApiToken) -> Text:
    return when(token.expires_at) if token.expires_at > clock.now() else tag(_("Expired"), "warn")
