"""API tokens: a viewer's own, and the one of a secret."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from noroshi.core import clock, lookup
from noroshi.core.errors import NotFound
from noroshi.directory import tokens
from noroshi.directory.models import ApiToken
from noroshi.directory.queries.teams import managed_teams
from noroshi.directory.viewer import Viewer


def tokens_for(viewer: Viewer) -> QuerySet[ApiToken]:
    """The viewer's own tokens and those of teams that the viewer manages."""
    own = Q(person_id=viewer.person_id) if viewer.person_id is not None else Q(pk__in=())
    return (
        ApiToken.objects.select_related("team", "person", "made_by")
        .filter(own | Q(team_id__in=managed_teams(viewer).values("pk")))
        .order_by("-created_at", "-pk")
    )


def token_for(viewer: Viewer, public_id: str) -> ApiToken:
    """The token while it has not been revoked, or ``NotFound``."""
    token = tokens_for(viewer).filter(public_id=public_id, revoked_at=None).first()
    if token is None:
        raise NotFound
    return token


def valid_token(secret: str) -> ApiToken | None:
    """The token of a secret while it is valid, else ``None``."""
    return lookup.get_or_none(
        ApiToken.objects.select_related("person", "team", "made_by").filter(
            token_hash=tokens.hash_of(secret), revoked_at=None, expires_at__gt=clock.now()
        )
    )
