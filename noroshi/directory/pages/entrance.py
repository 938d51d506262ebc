"""Coming in: sign-in, the sample's short way, forgotten passwords, invitations, recovery codes."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.views import LoginView
from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from noroshi.core.errors import NotFound
from noroshi.directory import actions, queries, sample, signin
from noroshi.directory.forms import AcceptForm, ForgottenForm, NewPasswordForm, NothingForm
from noroshi.directory.models import Invitation
from noroshi.directory.request import Request, open_page, page, posted, return_path

MAILED = "its mailed secret"


class SignIn(LoginView):  # type: ignore[misc]  # allauth ships no types
    """Address and password, a passkey, the organisation's own sign-in, or a sample person."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = queries.sample_teams() if sample.is_offered(self.request) else {}
        return {
            **super().get_context_data(**kwargs),
            "provider": signin.provider_name(),
            "sample_teams": people,
        }


@open_page("sample people only, and from this machine only")
@require_POST
def enter_as(request: HttpRequest, person_id: str) -> HttpResponse:
    """Sign in as a sample person without a password."""
    person = queries.sample_people().filter(public_id=person_id).first()
    if person is None or not sample.is_offered(request):
        raise NotFound
    NothingForm(request.POST).full_clean()
    get_adapter(request).login(request, person)
    return redirect(return_path(request))


@open_page("anybody; the answer is the same for every address")
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: Request) -> HttpResponse:
    """Ask for a link to a new password."""
    form = ForgottenForm(posted(request))
    if form.is_valid():
        mail = form.cleaned_data["mail"]
        too_many = ratelimit.consume_or_429(request, action="reset_password", key=mail.lower())
        if too_many is None:
            actions.ask_for_new_password(mail=mail)
            messages.success(
                request,
                _("If this address has an account, a link to a new password is on its way to it."),
            )
        answer: HttpResponse = too_many or redirect("account_login")
        return answer
    return render(request, "account/password_reset.html", {"form": form})


@open_page(MAILED)
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: Request, secret: str) -> HttpResponse:
    """Choose a new password by a mailed link."""
    person = queries.person_of_password_link(secret)
    form = NewPasswordForm(posted(request), person=person)
    if form.is_valid():
        actions.set_password_by_link(secret=secret, password=form.cleaned_data["password"])
        messages.success(request, _("The new password is set. Sign in with it."))
        return redirect("account_login")
    return render(request, "account/password_reset_from_key.html", {"form": form})


@open_page(MAILED)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: Request, secret: str) -> HttpResponse:
    """Accept an invitation: a new account, or one more team for an old one."""
    offer = queries.open_invitation(secret)
    known = queries.has_account(offer)
    form = _acceptance(request, offer, known=known)
    if form.is_valid():
        fields = ("name", "password", "language")
        person = {name: form.cleaned_data.get(name, "") for name in fields}
        actions.accept_invitation(secret=secret, **person)
        messages.success(request, _("Welcome to %(team)s. Sign in.") % {"team": offer.team})
        return redirect("account_login")
    context = {"form": form, "invitation": offer, "known": known}
    return render(request, "directory/invitation.html", context)


def _acceptance(request: Request, offer: Invitation, *, known: bool) -> NothingForm | AcceptForm:
    if known:
        return NothingForm(posted(request))
    initial = {"name": offer.name, "language": offer.language}
    return AcceptForm(posted(request), mail=offer.mail, initial=initial)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: Request) -> HttpResponse:
    """How many codes are left; the codes themselves come by POST, so that looking changes nothing."""
    raise_if_reauthentication_required(request, app="allauth.mfa")
    codes = queries.recovery_codes_of(request.viewer)
    NothingForm(request.POST).full_clean()
    in_page = codes if request.method == "POST" else []
    context = {"count": len(codes), "shown": "\n".join(in_page)}
    return render(request, "mfa/recovery_codes/index.html", context)
