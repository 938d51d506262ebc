"""Routes of sign-in and of the directory. Of allauth's only those are here that are used."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST

from noroshi.core.errors import Refused, gettext_noop
from noroshi.directory import signin
from noroshi.directory.pages import entrance, own, running, teams
from noroshi.directory.request import Request, open_page, page
from noroshi.ui.forms import refuse_unlisted

View = Callable[..., HttpResponseBase]


def _listed(view: View, *fields: str) -> View:
    """A view of allauth's behind our rules: GET and POST only, no field but ``fields``."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refuse_unlisted(request.POST, fields)
        return view(request, *args, **kwargs)

    return checked


def _anybody(view: View, rule: str, *fields: str) -> View:
    return open_page(rule)(_listed(view, *fields))


def _signed_in(view: View, *fields: str) -> View:
    return page(_listed(view, *fields))


def _change_password(request: Request) -> HttpResponseBase:
    person = request.user
    if person.is_authenticated and not person.has_usable_password():
        raise Refused(gettext_noop("You sign in without a password, so there is none to change."))
    answer: HttpResponseBase = account.password_change(request)
    return answer


SIGNING_IN = "anybody, to sign in"
HALF_WAY = "somebody whose password was right"

entrances = [
    path(
        "login",
        _anybody(entrance.SignIn.as_view(), SIGNING_IN, "login", "password"),
        name="account_login",
    ),
    path("logout", _anybody(account.logout, "anybody, to sign out"), name="account_logout"),
    path(
        "passkey",
        _anybody(keys.login_webauthn, SIGNING_IN, "credential"),
        name="mfa_login_webauthn",
    ),
    path(
        "second",
        _anybody(mfa.authenticate, HALF_WAY, "code", "credential"),
        name="mfa_authenticate",
    ),
    path("sample/<person_id>", entrance.enter_as, name="account_sample"),
    path("password/forgotten", entrance.forgotten, name="account_reset_password"),
]

security = [
    path("", _signed_in(mfa.index), name="mfa_index"),
    path(
        "password",
        _signed_in(_change_password, "oldpassword", "password1", "password2"),
        name="account_change_password",
    ),
    path("again", _signed_in(account.reauthenticate, "password"), name="account_reauthenticate"),
    path("again/code", _signed_in(mfa.reauthenticate, "code"), name="mfa_reauthenticate"),
    path(
        "again/passkey",
        _signed_in(keys.reauthenticate_webauthn, "credential"),
        name="mfa_reauthenticate_webauthn",
    ),
    path("app", _signed_in(totp.activate_totp, "code"), name="mfa_activate_totp"),
    path("app/remove", _signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("codes", entrance.recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "codes/new", _signed_in(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "passkeys/new",
        _signed_in(keys.add_webauthn, "name", "passwordless", "credential"),
        name="mfa_add_webauthn",
    ),
    path(
        "passkeys/<int:pk>/remove",
        _signed_in(keys.RemoveWebAuthnView.as_view(success_url=reverse_lazy("mfa_index"))),
        name="mfa_remove_webauthn",
    ),
]

# Only where a provider is configured: no route that nobody needs.
provider = [
    path(
        "<provider_id>/login",
        open_page(SIGNING_IN)(require_POST(_listed(signin.go_to_provider))),
        name="openid_connect_login",
    ),
    path(
        "<provider_id>/back",
        _anybody(signin.come_back, "the state that the way there left in the session"),
        name="openid_connect_callback",
    ),
]

pages = [
    path("account/password/new/<secret>", entrance.new_password, name="new-password"),
    path("invitation/<secret>", entrance.invitation, name="invitation"),
    path("settings", own.own_settings, name="settings"),
    path("settings/theme", own.set_theme, name="theme"),
    path("settings/language", own.set_language, name="language"),
    path("settings/tokens", own.tokens, name="tokens"),
    path("settings/tokens/<token_id>", own.end_token, name="end-token"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<team_id>", teams.team, name="team"),
    path("teams/<team_id>/standing", running.standing, name="standing"),
    path("teams/<team_id>/invite", running.invite, name="invite"),
    path("teams/<team_id>/invitations/<invitation_id>", running.take_back, name="take-back"),
    path("teams/<team_id>/people", running.people, name="people"),
    path("teams/<team_id>/people/<person_id>", running.roles, name="roles"),
    path("teams/<team_id>/people/<person_id>/<slug:name>", running.step, name="step"),
    path("people/<person_id>", teams.person, name="person"),
    path("circles/", teams.circles, name="circles"),
    path("circles/new", running.new_circle, name="new-circle"),
    path("circles/<circle_id>", teams.circle, name="circle"),
    path("circles/<circle_id>/teams", running.circle_teams, name="circle-teams"),
    path("organisations/", running.organisations, name="organisations"),
    path("organisations/new", running.new_organisation, name="new-organisation"),
    path("organisations/<organisation_id>/teams/new", running.new_team, name="new-team"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include(entrances)),
    path("settings/security/", include(security)),
    path("", include((pages, "directory"))),
]
if settings.SOCIALACCOUNT_PROVIDERS:
    urlpatterns.append(path("account/provider/", include(provider)))
