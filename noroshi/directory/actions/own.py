"""The own settings of a person: language, time zone and theme, and API tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.errors import Malformed, NotFound, Refused, gettext_noop
from noroshi.directory import permissions, tokens
from noroshi.directory.models import (
    ApiToken,
    Person,
    Role,
    Scope,
    Team,
    Theme,
)
from noroshi.directory.viewer import Viewer

LANGUAGES = ("ja", "en")
LAST_USE_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret on its only way out: ``secret`` is displayed or mailed once and stored nowhere."""

    public_id: str
    secret: str


@transaction.atomic
def issue_token(
    *, name: str, scopes: Iterable[str], days: int, team: Team | None = None, by: Viewer
) -> Issued:
    """Issue an API token with one's own rights, or with those of ``team``."""
    if by.scopes is not None or by.person_id is None:
        raise Refused(gettext_noop("A token cannot make another token."))
    if team is not None:
        permissions.may_run_team.check(by, team)
        if not by.has_role(team.pk, Role.MANAGER):
            raise Refused(gettext_noop("Only the team's security manager issues a team token."))
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(Scope.values):
        raise Malformed(
            "scopes",
            gettext_noop("Choose at least one of: %(known)s."),
            known=", ".join(Scope.values),
        )
    if not 1 <= days <= 366:
        raise Malformed("days", gettext_noop("A token is valid for 1 to 366 days."))
    secret = tokens.new_secret("noroshi")
    token = ApiToken.objects.create(
        name=name,
        token_hash=tokens.hash_of(secret),
        person_id=None if team else by.person_id,
        team=team,
        made_by_id=by.person_id,
        scopes=chosen,
        expires_at=clock.now() + timedelta(days=days),
    )
    history.record(
        "directory.issue_token",
        token,
        by=by,
        after={"name": name, "scopes": chosen},
    )
    return Issued(token.public_id, secret)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Viewer) -> None:
    """End a token now."""
    if by.person_id is None or by.person_id not in {token.made_by_id, token.person_id}:
        if token.team is None:
            raise NotFound
        permissions.may_run_team.check(by, token.team)
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
        raise Refused(gettext_noop("This token has ended already."))
    history.record("directory.revoke_token", token, by=by)


def touch_token(token: ApiToken) -> None:
    """Note that a token was used, at most once a minute, so that reading stays reading."""
    now = clock.now()
    if token.last_used_at is None or token.last_used_at <= now - LAST_USE_STEP:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now


@transaction.atomic
def change_own_settings(*, language: str, time_zone: str, theme: str, by: Viewer) -> None:
    """Language, time zone and theme of the person who asks."""
    if language not in LANGUAGES or theme not in Theme.values:
        raise Malformed("language", gettext_noop("Choose from what is offered."))
    if time_zone not in available_timezones():
        raise Malformed("time_zone", gettext_noop("This time zone is not known."))
    Person.objects.filter(public_id=by.public_id).update(
        language=language, time_zone=time_zone, theme=theme
    )
    history.record(
        "directory.change_own_settings",
        ("person", by.public_id),
        by=by,
        after={"language": language, "time_zone": time_zone, "theme": theme},
    )
