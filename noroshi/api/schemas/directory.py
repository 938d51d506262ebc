"""Teams, people, circles, and who the token is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from noroshi.api.schemas.shared import Asked, Named, Told, Words

RoleName = Literal["csirt", "manager", "operator", "executive", "secretariat", "admin"]


class TeamsAsked(Asked):
    q: Words = ""
    mine: bool = False


class PeopleAsked(Asked):
    q: Words = ""
    team: Words = ""


class Team(Told):
    id: str
    name: str
    name_en: str
    organisation: Named
    mail: str
    standing: Literal["active", "suspended", "left"]
    is_member: bool


class Circle(Told):
    id: str
    name: str
    name_en: str
    purpose: str


class CircleWithTeams(Circle):
    teams: list[Named]


class Person(Told):
    id: str
    name: str
    name_en: str


class Roles(Told):
    """What somebody is in one team."""

    team: Named
    roles: list[RoleName]


class PersonWithRoles(Person):
    teams: list[Roles]


class TokenFacts(Told):
    id: str
    name: str
    scopes: list[Literal["read", "write", "share"]]
    expires_at: datetime
    last_used_at: datetime | None


class Me(Told):
    """The token, and whose rights it carries: a person's, or a team's where ``person`` is null."""

    token: TokenFacts
    person: Named | None
    teams: list[Roles]
    circles: list[Named]
