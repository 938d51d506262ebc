"""The reader: a frozen value with everything that the policy asks about them.

Built afresh for each request and each delivery, so that suspending, leaving and changing
roles count from the next request on (docs/reference/security.md, rule 8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from noroshi.core import clock
from noroshi.directory.models import (
    READING_ROLES,
    ApiToken,
    CircleTeam,
    Membership,
    Person,
    PersonState,
    Role,
    Scope,
    Standing,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# The channels by which a reader comes to us; ``sharing.channels`` knows them all.
PAGE: Final = "page"
API: Final = "api"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A reader. ``roles`` maps the id of each own team that has not left to the roles there.

    ``good_team_ids`` are those of them that are in good standing (not suspended);
    ``circle_ids`` the circles that a reading role in a good team opens; ``is_member``
    whether such a team is a member of the association. ``scopes`` is ``None`` for a person
    at a screen and the granted set for a token. ``channels`` are those through which the reader
    asks, each of which must let the label through. ``now`` is the moment of reading, for embargoes.
    """

    person_id: int | None = None
    name: str = ""
    public_id: str = ""
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    good_team_ids: frozenset[int] = frozenset()
    circle_ids: frozenset[int] = frozenset()
    is_member: bool = False
    scopes: frozenset[str] | None = None
    token_id: str = ""
    channels: tuple[str, ...] = (PAGE,)
    language: str = "ja"
    time_zone: str = "Asia/Tokyo"
    now: datetime = field(default_factory=clock.now)
    # Answers of the policy that depend on this reader alone, for as long as this value lives.
    memo: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def actor_id(self) -> str:
        """Who history says it was."""
        return self.token_id or self.public_id or "nobody"

    @property
    def actor_name(self) -> str:
        return self.name

    @property
    def is_signed_in(self) -> bool:
        return self.person_id is not None or bool(self.token_id)

    @property
    def team_ids(self) -> frozenset[int]:
        """Own teams, in any role."""
        return frozenset(self.roles)

    @property
    def reading_team_ids(self) -> frozenset[int]:
        """Own teams whose work this viewer reads by role."""
        return frozenset(team for team, roles in self.roles.items() if roles & READING_ROLES)

    @property
    def named_id(self) -> int | None:
        """The person id that a label may name, or ``None`` when being named opens nothing now."""
        return self.person_id if self.good_team_ids else None

    def has_role(self, team_id: int | None, *roles: Role) -> bool:
        """Does this viewer have one of ``roles`` in the team?"""
        return team_id is not None and not self.roles.get(team_id, frozenset()).isdisjoint(roles)

    def is_anywhere(self, *roles: Role) -> bool:
        """Does this viewer have one of ``roles`` in any own team?"""
        return any(not own.isdisjoint(roles) for own in self.roles.values())

    def may(self, scope: Scope) -> bool:
        """Is this kind of call within the token's scopes? A person at a screen has all."""
        return self.scopes is None or scope in self.scopes

    def through(self, channel: str) -> Viewer:
        """The same reader, who asks through this channel and not by a page; a program stays one."""
        others = (name for name in self.channels if name not in (PAGE, channel))
        return replace(self, channels=(*others, channel))


NOBODY = Viewer()


def viewer_for(
    person: Person | AnonymousUser, *, scopes: Iterable[str] | None = None, token_id: str = ""
) -> Viewer:
    """The viewer for a person; nobody for an anonymous, suspended or departed one. One query."""
    if not isinstance(person, Person) or person.state != PersonState.ACTIVE:
        return Viewer()
    rows = list(
        Membership.objects.filter(person_id=person.pk)
        .exclude(team__standing=Standing.LEFT)
        .values_list(
            "team_id", "role", "team__standing", "team__is_member", "team__seats__circle_id"
        )
    )
    return _build(
        rows,
        person_id=person.pk,
        name=str(person.name),
        public_id=person.public_id,
        language=person.language,
        time_zone=person.time_zone,
        scopes=None if scopes is None else frozenset(scopes),
        token_id=token_id,
        channels=(PAGE,) if scopes is None else (API,),
    )


def viewer_for_token(token: ApiToken) -> Viewer:
    """The viewer of a valid token: its person's rights, or its team's reading rights."""
    if token.person is not None:
        return viewer_for(token.person, scopes=token.scopes, token_id=token.public_id)
    team = token.team
    if team is None or team.standing == Standing.LEFT or token.made_by.state != PersonState.ACTIVE:
        return Viewer()
    circle_ids = CircleTeam.objects.filter(team=team).values_list("circle_id", flat=True)
    return _build(
        [
            (team.pk, str(Role.CSIRT), team.standing, team.is_member, circle_id)
            for circle_id in [None, *circle_ids]
        ],
        name=token.name,
        scopes=frozenset(token.scopes),
        token_id=token.public_id,
        channels=(API,),
    )


def viewers_for(people: Iterable[Person]) -> dict[int, Viewer]:
    """Viewers for many people by person id, for previews and tests."""
    return {person.pk: viewer_for(person) for person in people}


def _build(rows: Iterable[tuple[int, str, str, bool, int | None]], **fields: object) -> Viewer:
    """From one row for each team, role and circle; the circle is ``None`` for a team in none."""
    roles: dict[int, set[str]] = defaultdict(set)
    good: set[int] = set()
    circles: set[int] = set()
    is_member = False
    for team_id, role, standing, member, circle_id in rows:
        roles[team_id].add(role)
        if standing == Standing.ACTIVE:
            good.add(team_id)
            if role in READING_ROLES:
                is_member = is_member or member
                if circle_id is not None:
                    circles.add(circle_id)
    return Viewer(
        roles={team: frozenset(names) for team, names in roles.items()},
        good_team_ids=frozenset(good),
        circle_ids=frozenset(circles),
        is_member=is_member,
        **fields,  # type: ignore[arg-type]  # names are those of the dataclass
    )
