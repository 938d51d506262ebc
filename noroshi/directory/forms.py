"""The forms of sign-in and of the directory. Each lists its fields and takes no other (rule 4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp import forms as app_forms
from allauth.mfa.webauthn import forms as key_forms
from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from noroshi.directory.models import Person, Role, Scope, Standing, Team, Theme
from noroshi.ui.forms import StrictForm

LANGUAGES = (("ja", "日本語"), ("en", "English"))
PASSWORD_HINT = _(
    "At least 12 characters. A few words that do not belong together are easy to keep."
)


# ---- allauth's forms in our words ------------------------------------------------------


class SignInForm(account_forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, login=(_("Mail address"), ""), password=(_("Password"), ""))


class ChangePasswordForm(account_forms.ChangePasswordForm):  # type: ignore[misc]  # as above
    """The present password and a new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self,
            oldpassword=(_("Current password"), ""),
            password1=(_("New password"), PASSWORD_HINT),
            password2=(_("New password again"), ""),
        )


class ConfirmPasswordForm(account_forms.ReauthenticateForm):  # type: ignore[misc]  # as above
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, password=(_("Password"), ""))


class CodeForm(code_forms.AuthenticateForm):  # type: ignore[misc]  # as above
    """A code from the app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, code=(_("Code from your app, or a recovery code"), ""))


class ConfirmCodeForm(code_forms.ReauthenticateForm):  # type: ignore[misc]  # as above
    """A code once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, code=(_("Code from your app, or a recovery code"), ""))


class ActivateAppForm(app_forms.ActivateTOTPForm):  # type: ignore[misc]  # as above
    """The first code shows that the app has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, code=(_("Code that the app shows"), ""))


class AddPasskeyForm(key_forms.AddWebAuthnForm):  # type: ignore[misc]  # as above
    """A name for the key, and whether it opens the account alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(
            self,
            name=(_("Name of this key"), _("So that you know it again in the list.")),
            passwordless=(
                _("Sign in with this key alone"),
                _("The device asks for a fingerprint, a face or a PIN instead of the password."),
            ),
        )


def _say(form: forms.Form, **words: tuple[Any, Any]) -> None:
    """Give fields our label and hint, and no placeholder that only repeats the label."""
    for name, (label, hint) in words.items():
        field = form.fields[name]
        field.label, field.help_text = label, hint
        field.widget.attrs.pop("placeholder", None)


# ---- passwords and invitations ---------------------------------------------------------


class ForgottenForm(StrictForm):
    """The address to which a link is mailed, if it is somebody's."""

    mail = forms.EmailField(
        label=_("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class _NewPassword(StrictForm):
    password = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HINT,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def check_password(self, person: Person) -> None:
        """Add what is wrong with the password of ``person``: it may not resemble name or address."""
        password, again = (self.cleaned_data.get(name) for name in ("password", "again"))
        if password:
            try:
                password_validation.validate_password(password, person)
            except forms.ValidationError as fault:
                self.add_error("password", fault)
            if again and again != password:
                self.add_error("again", _("The two passwords are not the same."))


class NewPasswordForm(_NewPassword):
    """A new password by a mailed link."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean(self) -> None:
        super().clean()
        self.check_password(self._person)


class AcceptForm(_NewPassword):
    """Somebody new: name, password, language."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=forms.RadioSelect)
    field_order = ("name", "password", "again", "language")

    def __init__(self, *args: Any, mail: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mail = mail

    def clean(self) -> None:
        super().clean()
        self.check_password(Person(mail=self._mail, name=self.cleaned_data.get("name", "")))


class NothingForm(StrictForm):
    """A button and nothing else."""


# ---- one's own settings ----------------------------------------------------------------


class SettingsForm(StrictForm):
    """Language, time zone and theme of the person who asks."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(zone, zone) for zone in zones]
        )


class ThemeForm(StrictForm):
    """The button that changes between light and dark."""

    theme = forms.ChoiceField(choices=Theme.choices)


class LanguageForm(StrictForm):
    """The button that changes the language."""

    language = forms.ChoiceField(choices=LANGUAGES)


class TokenForm(StrictForm):
    """A new API token: one's own, or of a team that one manages."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("The program that will use it.")
    )
    team = forms.ChoiceField(label=_("Whose rights it carries"))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=(
            (30, _("30 days")),
            (90, _("90 days")),
            (180, _("180 days")),
            (366, _("One year")),
        ),
        initial=90,
    )

    def __init__(self, *args: Any, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._teams = {team.public_id: team for team in teams}
        offered = [("me", _("My own")), *((key, str(team)) for key, team in self._teams.items())]
        self.fields["team"].choices = offered  # type: ignore[attr-defined]  # a ChoiceField

    def clean_team(self) -> Team | None:
        return self._teams.get(self.cleaned_data["team"])


# ---- teams, people, circles ------------------------------------------------------------


class InviteForm(StrictForm):
    """Whom to invite as what; ``roles`` are those that the inviter may give."""

    mail = forms.EmailField(label=_("Mail address"))
    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=_("Language of the mail"),
        choices=LANGUAGES,
        widget=forms.RadioSelect,
        initial="ja",
    )

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(r.value, r.label) for r in roles]  # type: ignore[attr-defined]  # a ChoiceField


class RolesForm(StrictForm):
    """A person's roles in a team; only those that may be given and taken here."""

    roles = forms.MultipleChoiceField(
        label=_("Roles in this team"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = [(r.value, r.label) for r in roles]  # type: ignore[attr-defined]  # as above


class StandingForm(StrictForm):
    """Whether a team takes part."""

    standing = forms.ChoiceField(
        label=_("Standing"), choices=Standing.choices, widget=forms.RadioSelect
    )


class OrganisationForm(StrictForm):
    """A new organisation."""

    name = forms.CharField(label=_("Name"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)


class TeamForm(OrganisationForm):
    """A new team of an organisation."""

    slug = forms.SlugField(
        label=_("Short name"), help_text=_("Latin letters, digits and hyphens; used in file names.")
    )
    mail = forms.EmailField(label=_("Mail address of the team"), required=False)
    is_member = forms.BooleanField(
        label=_("Member of the association"),
        required=False,
        initial=True,
        help_text=_("Members read what is shared as TLP:GREEN."),
    )


class _Teams(StrictForm):
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["teams"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101  # for the type only
        field.queryset = teams


class CircleForm(_Teams):
    """A new circle and its teams."""

    name = forms.CharField(label=_("Name"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    purpose = forms.CharField(
        label=_("Purpose"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order = ("name", "name_en", "purpose", "teams")


class CircleTeamsForm(_Teams):
    """The teams of a circle."""
