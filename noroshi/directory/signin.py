"""How allauth works here: by invitation only, mail as letters of ours, safe ways back.

People have no ``EmailAddress`` rows: a person's one address is ``Person.mail``, verified by the
invitation that was mailed to it.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.socialaccount.providers.openid_connect.views import login as openid_connect_login
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from requests import RequestException  # noqa: TID251  # what allauth's own client raises

from noroshi.core.errors import Unavailable, gettext_noop
from noroshi.directory import actions, queries, tokens
from noroshi.directory.models import Person
from noroshi.directory.request import is_own_path

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up alone; what happens to an account is recorded and mailed to its person."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The address or the password is not right."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right. Codes from an app change every 30 seconds."),
        "too_many_login_attempts": _("Too many attempts. Try again in five minutes."),
        "rate_limited": _("Too many attempts. Try again in five minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        return is_own_path(url or "")

    def login(self, request: HttpRequest, user: Person) -> None:
        with transaction.atomic():
            super().login(request, user)
            actions.note_sign_in(person=user)

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        """Only who knows the password learns that the account is stopped."""
        return render(request, "account/account_inactive.html", status=403)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails of allauth's own making do not leave; what we use of it posts letters."""
        raise RuntimeError(f"{template_prefix}: allauth is not to send this mail")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Person,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        actions.note_account_change(person=user, what=template_prefix.rpartition("/")[2])


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Seeds of apps and recovery codes are encrypted, so that a copy of the database is no key."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return tokens.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return tokens.unseal(encrypted_text)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """An OpenID Connect account opens only for a person who is here already.

    The first time they are matched by an address that the provider says it has verified; from
    then on by the provider's own id. Anything less is refused (rule 15).
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            raise ImmediateHttpResponse(_back_to_sign_in(request))
        if sociallogin.is_existing:
            return
        # "is True": some providers answer with the text "false"
        verified = [a.email for a in sociallogin.email_addresses if a.verified is True]
        person = queries.person_with_address(verified[0] if verified else "")
        if person is None:
            raise ImmediateHttpResponse(_back_to_sign_in(request))
        sociallogin.connect(request, person)

    def on_authentication_error(
        self, request: HttpRequest, *args: Any, exception: Exception | None = None, **kwargs: Any
    ) -> None:
        # Only what went wrong between the two servers: a false way back anybody can knock with.
        if exception is not None:
            logger.warning("The OpenID Connect provider: %s", exception)
        raise ImmediateHttpResponse(_back_to_sign_in(request))


class ProviderAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    @property
    def basic_auth(self) -> bool:
        """A provider that does not say how means Basic (OpenID Connect Discovery 1.0, section 3)."""
        is_silent = "token_endpoint_auth_methods_supported" not in self.openid_config
        return is_silent or bool(super().basic_auth)


def _back_to_sign_in(request: HttpRequest) -> HttpResponse:
    messages.error(
        request,
        gettext("Your organisation's sign-in did not open an account here. Ask for an invitation."),
    )
    return redirect("account_login")


def provider_name() -> str:
    """The name of the configured OpenID Connect server; empty without one."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", ())
    return str(apps[0]["name"]) if apps else ""


def go_to_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leave for the provider by a page of ours: ``form-action 'self'`` forbids the redirect."""
    try:
        leaving: HttpResponse = openid_connect_login(request, provider_id)
    except (RequestException, KeyError) as fault:
        raise Unavailable(gettext_noop("Your organisation's sign-in does not answer.")) from fault
    if leaving.status_code == 302:
        return render(request, "socialaccount/leaving.html", {"url": leaving["Location"]})
    return leaving


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider: allauth asks the provider who it was, and our adapter accepts them or not."""
    try:
        view = OAuth2CallbackView.adapter_view(ProviderAdapter(request, provider_id))
        answer: HttpResponse = view(request)
    except SocialApp.DoesNotExist as fault:
        raise Http404 from fault
    return answer
