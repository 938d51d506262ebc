"""Teams, people, circles, and who the token is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from noroshi.api.schemas.shared import ListQuery, Reference, ResponseBody, Words

RoleName = Literal["csirt", "manager", "operator", "executive", "secretariat", "admin"]


class TeamsQuery(ListQuery):
    q: Words = ""
    mine: bool = False


class PeopleQuery(ListQuery):
    q: Words = ""
    team: Words = ""


class Team(ResponseBody):
    id: str
    name: str
    name_en: str
    organisation: Reference
    mail: str
    standing: Literal["active", "suspended", "left"]
    is_member: bool


class Circle(ResponseBody):
    id: str
    name: str
    name_en: str
    purpose: str


class CircleWithTeams(Circle):
    teams: list[Reference]


class Person(ResponseBody):
    id: str
    name: str
    name_en: str


class Roles(ResponseBody):
    """What somebody is in one team."""

    team: Reference
    roles: list[RoleName]


class PersonWithRoles(Person):
    teams: list[Roles]


class TokenFacts(ResponseBody):
    id: str
    name: str
    scopes: list[Literal["read", "write", "share"]]
    expires_at: datetime
    last_used_at: datetime | None


class Me(ResponseBody):
    """The token, and whose rights it carries: a person's, or a team's where ``person`` is null."""

    token: TokenFacts
    person: Reference | None
    teams: list[Roles]
    circles: list[Reference]
