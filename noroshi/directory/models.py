"""Organisations, their teams, the people in them, and the circles of trust between teams."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from noroshi.core import clock
from noroshi.core.ids import public_id


def _organisation_id() -> str:
    return public_id("O")


def _team_id() -> str:
    return public_id("TM")


def _person_id() -> str:
    return public_id("P")


def _circle_id() -> str:
    return public_id("C")


def _invitation_id() -> str:
    return public_id("N")


def _letter_id() -> str:
    return public_id("E")


def _token_id() -> str:
    return public_id("K")


class Role(models.TextChoices):
    """A role of a person in a team; a person may have several in several teams."""

    CSIRT = "csirt", _("Incident handler (CSIRT)")
    MANAGER = "manager", _("Security manager")
    OPERATOR = "operator", _("System operator")
    EXECUTIVE = "executive", _("Executive")
    SECRETARIAT = "secretariat", _("Secretariat")
    ADMIN = "admin", _("Technical administrator")


# These read the team's own work and what other teams share with it. Operators see what names
# them, executives reports, administrators no content (architecture, section 2).
READING_ROLES = frozenset({Role.CSIRT, Role.MANAGER})


class Standing(models.TextChoices):
    """Whether a team takes part: a suspended one keeps its own work and reads nobody else's."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    LEFT = "left", _("Left")


class PersonState(models.TextChoices):
    """Whether a person may sign in."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    LEFT = "left", _("Left")


class Theme(models.TextChoices):
    AUTO = "auto", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Organisation(models.Model):
    """A company, ministry, university: where a team belongs."""

    public_id = models.CharField(max_length=20, unique=True, default=_organisation_id)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.in_language(get_language())

    def in_language(self, language: str | None) -> str:
        """The name for a reader of ``language``."""
        return (
            self.name_en
            if self.name_en and language and not language.startswith("ja")
            else self.name
        )


class Team(models.Model):
    """A CSIRT, a PSIRT, the secretariat: the unit that owns things and shares them."""

    public_id = models.CharField(max_length=20, unique=True, default=_team_id)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    slug = models.SlugField(unique=True)
    mail = models.EmailField(blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ACTIVE)
    is_member = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.in_language(get_language())

    def in_language(self, language: str | None) -> str:
        """The name for a reader of ``language``."""
        return (
            self.name_en
            if self.name_en and language and not language.startswith("ja")
            else self.name
        )


class PersonManager(BaseUserManager["Person"]):
    """Makes people; addresses are compared without regard to case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(mail__iexact=username)


class Person(AbstractBaseUser):
    """Somebody with an address. Operators may answer by link alone and never sign in."""

    public_id = models.CharField(max_length=20, unique=True, default=_person_id)
    mail = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    language = models.CharField(
        max_length=5, choices=(("ja", "日本語"), ("en", "English")), default="ja"
    )
    time_zone = models.CharField(max_length=60, default="Asia/Tokyo")
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    state = models.CharField(max_length=10, choices=PersonState.choices, default=PersonState.ACTIVE)
    # Part of the session's hash: raising it ends every session of this person at once.
    session_epoch = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "mail"
    EMAIL_FIELD = "mail"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = PersonManager()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(models.functions.Lower("mail"), name="person_mail_once"),
        ]

    def __str__(self) -> str:
        return self.in_language(get_language())

    def in_language(self, language: str | None) -> str:
        """The name for a reader of ``language``."""
        return (
            self.name_en
            if self.name_en and language and not language.startswith("ja")
            else self.name
        )

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's is a plain attribute
        """Django's and allauth's word for "may sign in"."""
        return self.state == PersonState.ACTIVE

    def get_session_auth_hash(self) -> str:
        return self._epoch_hash(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Any:
        return (self._epoch_hash(old) for old in super().get_session_auth_fallback_hash())

    def _epoch_hash(self, auth_hash: str) -> str:
        return salted_hmac(
            "noroshi.session", f"{auth_hash}{self.session_epoch}", algorithm="sha256"
        ).hexdigest()


class Membership(models.Model):
    """One role of one person in one team."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "team", "role"], name="one_role_once"),
        ]
        indexes = [models.Index(fields=["team", "role"], name="membership_team_role")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.team_id}"


class Circle(models.Model):
    """Teams that trust each other enough to share AMBER."""

    public_id = models.CharField(max_length=20, unique=True, default=_circle_id)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    purpose = models.TextField(blank=True)
    teams: models.ManyToManyField[Team, CircleTeam] = models.ManyToManyField(
        Team, through="CircleTeam", related_name="circles"
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.in_language(get_language())

    def in_language(self, language: str | None) -> str:
        """The name for a reader of ``language``."""
        return (
            self.name_en
            if self.name_en and language and not language.startswith("ja")
            else self.name
        )


class CircleTeam(models.Model):
    """A team in a circle."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="seats")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="seats")
    joined_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["circle", "team"], name="one_seat_once")]

    def __str__(self) -> str:
        return f"{self.team_id} in {self.circle_id}"


class Invitation(models.Model):
    """A mailed offer to join a team in a role; the token is stored hashed and works once."""

    public_id = models.CharField(max_length=20, unique=True, default=_invitation_id)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    mail = models.EmailField()
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=12, choices=Role.choices)
    language = models.CharField(max_length=5, default="ja")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.mail} → {self.team_id}"


class LetterKind(models.TextChoices):
    """The mails that the directory itself has to send."""

    INVITATION = "invitation", _("Invitation")
    NEW_PASSWORD = "new_password", _("Link to a new password")  # a kind of letter
    CHANGED = "changed", _("Notice of a changed account")


class Letter(models.Model):
    """A mail about an account that waits to be sent; the row goes when it has left.

    Such a mail reaches people who have no account yet and tells of nothing that carries a label,
    so it does not pass the outbox of ``sharing``. It holds no secret: that is made when the text
    is written. A link to a new password is asked for by an address whose owner, if there is one,
    is looked up only then, so that asking takes the same steps for every address (rule 11).
    """

    public_id = models.CharField(max_length=20, unique=True, default=_letter_id)
    kind = models.CharField(max_length=12, choices=LetterKind.choices)
    address = models.EmailField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, null=True, related_name="letters"
    )
    what = models.CharField(max_length=40, blank=True)
    posted_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.public_id} {self.kind}"


class RateLimit(models.Model):
    """The table of Django's database cache, in which allauth counts attempts (``CACHES``).

    A model, so that ``migrate`` makes it and no first start can forget it.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "rate_limits"

    def __str__(self) -> str:
        return self.cache_key


class Scope(models.TextChoices):
    """A thing that an API token may do; reading is never implied by writing."""

    READ = "read", _("Read")
    WRITE = "write", _("Write")
    SHARE = "share", _("Release warnings")


class ApiToken(models.Model):
    """A key for programs: carries a person's rights, or a team's when ``person`` is empty."""

    history_kind: ClassVar[str] = "token"

    public_id = models.CharField(max_length=20, unique=True, default=_token_id)
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    # The person whose rights it carries; empty for a team's own token.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="tokens")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="tokens")
    made_by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) ^ models.Q(team__isnull=True),
                name="token_of_a_person_or_a_team",
            ),
        ]

    def __str__(self) -> str:
        return self.name
