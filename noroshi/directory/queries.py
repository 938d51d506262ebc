"""Reading the directory. It names teams and people to members; contents stand elsewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from django.db.models import Count, Model, Prefetch, Q, QuerySet

from noroshi.core import clock, lookup
from noroshi.core.errors import NotFound, Refused, gettext_noop
from noroshi.directory import permissions, tokens
from noroshi.directory.models import (
    ApiToken,
    Circle,
    Invitation,
    Membership,
    Organisation,
    Person,
    PersonState,
    Role,
    Standing,
    Team,
)
from noroshi.directory.viewer import Viewer

M = TypeVar("M", bound=Model)


def teams_for(viewer: Viewer) -> QuerySet[Team]:
    """Every team to a member or administrator; to anybody else the own teams."""
    teams = Team.objects.select_related("organisation").exclude(standing=Standing.LEFT)
    if permissions.may_run_site(viewer) or viewer.is_member or viewer.is_anywhere(Role.SECRETARIAT):
        return teams
    return teams.filter(pk__in=viewer.team_ids)


def team_for(viewer: Viewer, public_id: str) -> Team:
    """The team, or ``NotFound``."""
    return lookup.get_or_not_found(teams_for(viewer).filter(public_id=public_id))


def any_team_for(viewer: Viewer, public_id: str) -> Team:
    """The team, also one that has left, to an administrator: it may come back."""
    permissions.may_run_site.check(viewer)
    return lookup.get_or_not_found(
        Team.objects.select_related("organisation").filter(public_id=public_id)
    )


def own_teams(viewer: Viewer) -> QuerySet[Team]:
    """The teams the viewer is in."""
    return Team.objects.select_related("organisation").filter(pk__in=viewer.team_ids)


def circles_for(viewer: Viewer) -> QuerySet[Circle]:
    """The circles that the viewer's teams are in; every circle to an administrator."""
    if permissions.may_run_site(viewer):
        return Circle.objects.all()
    return Circle.objects.filter(pk__in=viewer.circle_ids)


def circle_for(viewer: Viewer, public_id: str) -> Circle:
    """The circle, or ``NotFound``."""
    circle = circles_for(viewer).filter(public_id=public_id).first()
    if circle is None:
        raise NotFound
    return circle


def people_for(viewer: Viewer) -> QuerySet[Person]:
    """Colleagues in the own teams, and contact people (CSIRT and manager) of the circles' teams."""
    people = Person.objects.exclude(state=PersonState.LEFT)
    if permissions.may_run_site(viewer):
        return people
    return people.filter(
        Q(pk__in=Person.objects.filter(memberships__team_id__in=viewer.team_ids).values("pk"))
        | Q(
            pk__in=Person.objects.filter(
                memberships__role__in=(Role.CSIRT, Role.MANAGER),
                memberships__team__seats__circle_id__in=viewer.circle_ids,
            ).values("pk")
        )
    )


def person_for(viewer: Viewer, public_id: str) -> Person:
    """The person, or ``NotFound``."""
    return lookup.get_or_not_found(people_for(viewer).filter(public_id=public_id))


def people_in(team: Team, *roles: Role) -> QuerySet[Person]:
    """Active people of the team in one of ``roles`` (any role when none is given), each once."""
    rows = team.memberships.filter(role__in=roles) if roles else team.memberships.all()
    return Person.objects.filter(state=PersonState.ACTIVE, pk__in=rows.values("person_id"))


def invitations_for(viewer: Viewer, team: Team) -> QuerySet[Invitation]:
    """Open invitations of a team, to those who run it."""
    permissions.may_run_team.check(viewer, team)
    return team.invitations.filter(used_at=None, revoked_at=None, expires_at__gt=clock.now())


def invitation_for(viewer: Viewer, team: Team, public_id: str) -> Invitation:
    """An open invitation of a team, or ``NotFound``."""
    invitation = invitations_for(viewer, team).filter(public_id=public_id).first()
    if invitation is None:
        raise NotFound
    return invitation


def open_invitation(secret: str) -> Invitation:
    """The invitation of a mailed secret; ``Refused`` when it is over, ``NotFound`` if not ours."""
    invitation = (
        Invitation.objects.select_related("team__organisation", "invited_by")
        .filter(token_hash=tokens.hash_of(secret))
        .first()
    )
    check_open(invitation)
    assert invitation is not None  # noqa: S101  # check_open has raised otherwise
    return invitation


def check_open(invitation: Invitation | None) -> None:
    """May this invitation still be used? Its ``team`` must have been read with it."""
    if invitation is None:
        raise NotFound
    if (
        invitation.used_at
        or invitation.revoked_at
        or invitation.expires_at <= clock.now()
        or invitation.team.standing == Standing.LEFT
    ):
        raise Refused(
            gettext_noop("This invitation has been used or has expired. Ask for a new one.")
        )


def has_account(invitation: Invitation) -> bool:
    """Has the invited address a password already? Asked only for the holder of the mailed link."""
    person = Person.objects.filter(mail__iexact=invitation.mail).first()
    return person is not None and person.has_usable_password()


def person_of_password_link(secret: str) -> Person:
    """Whose mailed link to a new password this is; ``Refused`` when it opens nothing (any more)."""
    public_id, _, token = secret.partition("~")
    person = Person.objects.filter(public_id=public_id, state=PersonState.ACTIVE).first()
    if person is None or not tokens.PasswordLinks().check_token(person, token):
        raise Refused(gettext_noop("This link has been used or has expired. Ask for a new one."))
    return person


def person_with_address(address: str) -> Person | None:
    """The active person with this address, for an identity provider that has verified it."""
    if not address:
        return None
    return Person.objects.filter(mail__iexact=address, state=PersonState.ACTIVE).first()


def sample_people() -> QuerySet[Person]:
    """The invented people of the sample: their addresses end in ``.example``, as no real one can."""
    return (
        Person.objects.filter(state=PersonState.ACTIVE, mail__endswith=".example")
        .prefetch_related(Prefetch("memberships", Membership.objects.select_related("team")))
        .order_by("pk")
    )


def sample_teams() -> dict[str, list[Person]]:
    """The sample people by team, each once per team, with ``roles_there`` in words' order."""
    teams: dict[str, list[Person]] = {}
    order = list(Role)
    for person in sample_people():
        held: dict[str, list[Role]] = {}
        for membership in person.memberships.all():
            held.setdefault(str(membership.team), []).append(Role(membership.role))
        for team, roles in held.items():
            shown = copy(person)
            shown.roles_there = sorted(roles, key=order.index)  # type: ignore[attr-defined]  # for the page
            teams.setdefault(team, []).append(shown)
    return teams


def recovery_codes_of(viewer: Viewer) -> list[str]:
    """The recovery codes that the viewer has not used yet, or ``NotFound`` when there are none."""
    found = Authenticator.objects.filter(
        user_id=viewer.person_id, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    if found is None:
        raise NotFound
    return list(found.wrap().get_unused_codes())


def own_settings(viewer: Viewer) -> dict[str, str]:
    """Language, time zone and theme of the viewer."""
    person = Person.objects.filter(public_id=viewer.public_id).get()
    return {"language": person.language, "time_zone": person.time_zone, "theme": person.theme}


def find_teams(
    viewer: Viewer, *, words: str = "", standings: Sequence[str] = (), mine: bool = False
) -> QuerySet[Team]:
    """The teams that the viewer may know of, by name or organisation, standing, or one's own.

    An administrator also finds those that have left, when he asks for them.
    """
    found = own_teams(viewer) if mine else teams_for(viewer)
    if Standing.LEFT in standings and permissions.may_run_site(viewer):
        found = Team.objects.select_related("organisation")
    if words:
        found = found.filter(
            Q(name__icontains=words)
            | Q(name_en__icontains=words)
            | Q(slug__icontains=words)
            | Q(organisation__name__icontains=words)
            | Q(organisation__name_en__icontains=words)
        )
    return found.filter(standing__in=standings) if standings else found


def teams_named(viewer: Viewer, words: str) -> QuerySet[Team]:
    """The teams that the viewer may know of, with every word in their names or as their number."""
    names = ("name", "name_en", "slug", "organisation__name", "organisation__name_en")
    return _with_words(teams_for(viewer), words, *names)


def circles_named(viewer: Viewer, words: str) -> QuerySet[Circle]:
    """The circles that the viewer may know of, in the same way."""
    return _with_words(circles_for(viewer), words, "name", "name_en")


def people_named(viewer: Viewer, words: str) -> QuerySet[Person]:
    """The people whom the viewer may know, in the same way."""
    return _with_words(people_for(viewer), words, "name", "name_en")


def _with_words(rows: QuerySet[M], words: str, *names: str) -> QuerySet[M]:
    """Full width and half width are one, as in quick search; no words match nothing."""
    cut = unicodedata.normalize("NFKC", words).split()[:8]
    for word in cut:
        with_word = Q(public_id__iexact=word)
        for name in names:
            with_word |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(with_word)
    return rows if cut else rows.none()


def association() -> dict[str, QuerySet[Any]]:
    """The teams and circles that there are, whoever asks, as ``counts_of`` takes them.

    With no circle and no second team there is no association, and its menus lead nowhere.
    """
    return {
        "teams of the association": Team.objects.exclude(standing=Standing.LEFT),
        "circles of the association": Circle.objects.all(),
    }


def is_association(counts: Mapping[str, int]) -> bool:
    """Do these counts of ``association`` show one?"""
    teams, circles = (counts[name] for name in association())
    return teams > 1 or circles > 0


def roles_of(viewer: Viewer, person: Person) -> dict[Team, set[str]]:
    """What a person is in the teams that the viewer may know of."""
    held: dict[Team, set[str]] = {}
    rows = person.memberships.filter(team__in=teams_for(viewer)).select_related("team")
    for membership in rows.order_by("team__name", "team_id"):
        held.setdefault(membership.team, set()).add(membership.role)
    return held


def is_last_team(person: Person, team: Team) -> bool:
    """Would leaving this team mean leaving Noroshi?"""
    return all(membership.team_id == team.pk for membership in person.memberships.all())


def people_of(viewer: Viewer, team: Team) -> QuerySet[Person]:
    """Everybody in a team with all roles, to those who run it."""
    permissions.may_run_team.check(viewer, team)
    return Person.objects.filter(pk__in=team.memberships.values("person_id")).prefetch_related(
        "memberships"
    )


def person_in(viewer: Viewer, team: Team, public_id: str) -> Person:
    """Somebody in a team that the viewer runs, or ``NotFound``."""
    person = people_of(viewer, team).filter(public_id=public_id).first()
    if person is None:
        raise NotFound
    return person


def contacts_of(viewer: Viewer, team: Team) -> QuerySet[Person]:
    """The people of a team whom this viewer may know, with their roles in it."""
    return (
        people_for(viewer)
        .filter(state=PersonState.ACTIVE, pk__in=team.memberships.values("person_id"))
        .prefetch_related(Prefetch("memberships", team.memberships.all(), to_attr="roles_here"))
    )


def circles_of(viewer: Viewer, team: Team) -> QuerySet[Circle]:
    """The circles of a team that this viewer may know of."""
    return circles_for(viewer).filter(pk__in=team.seats.values("circle_id"))


def teams_in(viewer: Viewer, circle: Circle) -> QuerySet[Team]:
    """The teams of a circle that the viewer may see."""
    return teams_for(viewer).filter(pk__in=circle.seats.values("team_id"))


def circles_with_sizes(viewer: Viewer) -> QuerySet[Circle]:
    """The viewer's circles, each with ``size``: how many teams it has."""
    return circles_for(viewer).annotate(
        size=Count("seats", filter=~Q(seats__team__standing=Standing.LEFT))
    )


def organisations_for(viewer: Viewer) -> QuerySet[Organisation]:
    """Every organisation with its number of teams, to an administrator."""
    permissions.may_run_site.check(viewer)
    return Organisation.objects.annotate(size=Count("teams"))


def organisation_for(viewer: Viewer, public_id: str) -> Organisation:
    """The organisation, or ``NotFound``."""
    organisation = organisations_for(viewer).filter(public_id=public_id).first()
    if organisation is None:
        raise NotFound
    return organisation


def managed_teams(viewer: Viewer) -> QuerySet[Team]:
    """The teams whose security manager the viewer is."""
    managed = [pk for pk, roles in viewer.roles.items() if Role.MANAGER in roles]
    return Team.objects.filter(pk__in=managed)


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
