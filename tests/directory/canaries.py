"""The words of this area: names and purposes of teams, circles, people, invitations, keys, tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator

from noroshi.core import clock
from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import ApiToken, Person, PersonState, Role
from noroshi.directory.viewer import Viewer
from tests.harness.canaries import Canaries, only


@dataclass(frozen=True)
class IsToken:
    """The token itself."""

    public_id: str

    def __call__(self, viewer: Viewer) -> bool:
        return viewer.token_id == self.public_id


@dataclass(frozen=True)
class MayKnow:
    """Own teams; every team to members of the association, the secretariat and administrators."""

    team_pk: int

    def __call__(self, viewer: Viewer) -> bool:
        return (
            self.team_pk in viewer.team_ids
            or viewer.is_member
            or viewer.is_anywhere(Role.SECRETARIAT)
            or _runs_site(viewer)
        )


@dataclass(frozen=True)
class InCircle:
    """The circles that the own teams in good standing are in; every one to an administrator."""

    circle_pk: int

    def __call__(self, viewer: Viewer) -> bool:
        return self.circle_pk in viewer.circle_ids or _runs_site(viewer)


@dataclass(frozen=True)
class MayMeet:
    """Colleagues, the contact people of one's circles, and everybody to an administrator."""

    person_pk: int

    def __call__(self, viewer: Viewer) -> bool:
        person = Person.objects.get(pk=self.person_pk)
        if person.state == PersonState.LEFT:
            return False
        rows = list(person.memberships.select_related("team"))
        return _runs_site(viewer) or any(
            row.team_id in viewer.team_ids
            or (
                row.role in (Role.CSIRT, Role.MANAGER)
                and row.team.seats.filter(circle_id__in=viewer.circle_ids).exists()
            )
            for row in rows
        )


def _runs_site(viewer: Viewer) -> bool:
    return viewer.is_anywhere(Role.ADMIN) and viewer.scopes is None


def fill(made: Canaries) -> None:
    """Teams, circles, people, an invitation, a key and tokens."""
    world = made.world
    mana = made.viewer("mana")
    for name, team in world.teams.items():
        made.add("team", team, f"team {name}", MayKnow(team.pk))
    for name, circle in world.circles.items():
        made.add("circle", circle, f"circle {name}", InCircle(circle.pk))
    purpose = made.canary("purpose of a circle of team C", only("charlie", "adam"))
    circle = directory.open_circle(
        name="静かな輪", purpose=purpose.word, teams=[world.teams["c"]], by=SYSTEM
    )
    purpose.is_for(InCircle(circle.pk))
    made.add("circle", circle, "quiet circle", InCircle(circle.pk))
    for name, person in world.people.items():
        homes = person.memberships.values_list("team__public_id", flat=True)
        made.add("person", person, name, MayMeet(person.pk), parent=" ".join(homes))
    hidden = made.canary("name of an operator of team C")
    quiet = directory.add_person(
        mail="quiet@c.example",
        name=hidden.word,
        name_en=hidden.word,
        team=world.teams["c"],
        roles=[Role.OPERATOR],
        by=SYSTEM,
    )
    hidden.is_for(MayMeet(quiet.pk))
    made.add("person", quiet, "quiet operator", MayMeet(quiet.pk))
    invited = made.canary("name of somebody invited to team A", only("mana", "adam"))
    directory.invite(
        team=world.teams["a"],
        mail="new@a.example",
        name=invited.word,
        role=Role.CSIRT,
        language="en",
        by=mana,
    )
    invitation = world.teams["a"].invitations.get()
    made.add(
        "invitation",
        invitation,
        "invitation",
        only("mana", "adam"),
        parent=world.teams["a"].public_id,
    )
    for team in world.teams.values():
        made.add("organisation", team.organisation, f"organisation of {team.slug}", only("adam"))
    ann = world.people["ann"]
    key = made.canary("name of a passkey", only("ann"))
    made.rows["passkey"] = Authenticator.objects.create(
        pk=73051188,
        user=ann,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": key.word, "credential": {}},
    )
    _tokens(made)


TOKENS = {  # key: who makes it, for which team, with which scopes
    **{
        name: (name, "", ("read", "write", "share"))
        for name in ("alice", "mana", "bob", "charlie", "otto", "eve", "adam", "sam", "dora")
    },
    "alice writes": ("alice", "", ("write",)),
    "alice revoked": ("alice", "", ("read",)),
    "alice expired": ("alice", "", ("read",)),
    "team a": ("mana", "a", ("read",)),
    "team b": ("mia", "b", ("read", "write", "share")),
}


def _tokens(made: Canaries) -> None:
    for key, (by, team, scopes) in TOKENS.items():
        canary = made.canary(f"name of the token {key}", only(by))
        issued = directory.issue_token(
            name=canary.word,
            scopes=scopes,
            days=30,
            team=made.world.teams[team] if team else None,
            by=made.viewer(by),
        )
        canary.is_for(IsToken(issued.public_id))  # it may know its own name
        made.secrets[key] = issued.secret
        made.add("token", issued, f"token {key}", only(by))


def end_tokens(made: Canaries) -> None:
    """One is revoked, one runs out."""
    revoked, expired = made.thing("token alice revoked"), made.thing("token alice expired")
    token = ApiToken.objects.get(public_id=revoked.id)
    directory.revoke_token(token=token, by=made.viewer("alice"))
    over = clock.now() - timedelta(minutes=1)
    ApiToken.objects.filter(public_id=expired.id).update(expires_at=over)
