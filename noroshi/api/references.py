"""Things that a call names by id in its body. A thing that the token may not know of is not there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from noroshi.core.errors import Malformed, NotFound, gettext_noop
from noroshi.directory import queries
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer


def own_team(viewer: Viewer, public_id: str) -> Team:
    """A team of the token's, or ``NotFound``."""
    team = queries.own_teams(viewer).filter(public_id=public_id).first()
    if team is None:
        raise NotFound
    return team


def circle(viewer: Viewer, public_id: str | None) -> Circle | None:
    """A circle of the token's teams, none for none."""
    return queries.circle_for(viewer, public_id) if public_id else None


def people(viewer: Viewer, public_ids: Sequence[str], where: str) -> list[Person]:
    """The people with these ids, in no order; ``Malformed`` at ``where`` when one is not known."""
    ids = set(public_ids)
    matches = list(queries.people_for(viewer).filter(public_id__in=ids)) if ids else []
    if len(matches) != len(ids):
        raise Malformed(where, gettext_noop("One of these ids is of nobody whom you know."))
    return matches


def reference_to(thing: Any) -> dict[str, str] | None:
    """A team, circle or person as it is referred to, none for none."""
    return None if thing is None else {"id": thing.public_id, "name": thing.name}
