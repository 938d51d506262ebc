"""Who will read this, who will not, and why: the same answer for the preview and the register."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Prefetch

from noroshi.core.errors import gettext_noop
from noroshi.directory.models import (
    READING_ROLES,
    CircleTeam,
    Membership,
    Person,
    PersonState,
    Standing,
    Team,
)
from noroshi.sharing import policy
from noroshi.sharing.channels import Channel, Passage, passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who will read, in the team through which they do; ``mail`` is what mail carries."""

    person: Person
    team: Team | None
    mail: Passage


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A team or person who might be expected to read and will not; ``why`` is a source sentence."""

    name: str
    team: Team | None
    why: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Readers outside and inside the owner team, and those left out."""

    readers: tuple[Reader, ...]
    own: tuple[Reader, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def teams(self) -> tuple[Team, ...]:
        """The receiving teams, each once, by name."""
        found = {reader.team.pk: reader.team for reader in self.readers if reader.team}
        return tuple(sorted(found.values(), key=lambda team: team.name))

    def in_team(self, team: Team) -> tuple[Reader, ...]:
        """The receivers in one team."""
        return tuple(reader for reader in self.readers if reader.team and reader.team.pk == team.pk)


def audience_of(label: Label) -> Audience:
    """The audience of a label as it would be if the thing were released now. Constant queries."""
    people = policy.readers_of(_as_released(label)).prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("team__organisation"))
    )
    seats = set(
        CircleTeam.objects.filter(circle_id=label.circle_id).values_list("team_id", flat=True)
    )
    readers, own = [], []
    mail = passage(label.sensitivity, Channel.MAIL)
    for person in people.order_by("name", "pk"):
        team = _through(person, label.owner_id, seats)
        reader = Reader(person, team, mail)
        (own if team is not None and team.pk == label.owner_id else readers).append(reader)
    return Audience(tuple(readers), tuple(own), tuple(_left_out(label, seats, readers + own)))


def _as_released(label: Label) -> Label:
    """An unsaved copy in force, so that a draft can be previewed."""
    copy = Label(
        pk=label.pk,
        owner_id=label.owner_id,
        sensitivity=label.sensitivity,
        circle_id=label.circle_id,
        embargo_until=label.embargo_until,
        state="released",
    )
    copy.__dict__["_named_ids"] = label.named_ids()
    return copy


def _through(person: Person, owner_id: int, seats: set[int]) -> Team | None:
    """The team in which the person reads: the owner's, else of the circle, else any good one."""
    by_rank = defaultdict(list)
    for row in person.memberships.all():
        if row.team.standing == Standing.LEFT:
            continue
        rank = (
            0
            if row.team_id == owner_id
            else 1
            if row.team_id in seats and row.role in READING_ROLES
            else 2
            if row.role in READING_ROLES
            else 3
        )
        by_rank[rank].append(row.team)
    return by_rank[min(by_rank)][0] if by_rank else None


def _left_out(label: Label, seats: set[int], readers: list[Reader]) -> list[LeftOut]:
    read = {reader.person.pk for reader in readers}
    found = []
    for person in Person.objects.filter(pk__in=label.named_ids() - read).order_by("name"):
        why = (
            gettext_noop("This account is stopped or has left.")
            if person.state != PersonState.ACTIVE
            else gettext_noop("Is in no team that takes part now.")
        )
        found.append(LeftOut(str(person), None, why))
    if label.sensitivity in (Sensitivity.RED, Sensitivity.INTERNAL) or not seats:
        return found
    reading_teams = {reader.team.pk for reader in readers if reader.team}
    for team in Team.objects.filter(pk__in=seats - {label.owner_id} - reading_teams).order_by(
        "name"
    ):
        why = {
            Standing.SUSPENDED: gettext_noop("Its part in the circle is suspended."),
            Standing.LEFT: gettext_noop("It has left."),
        }.get(Standing(team.standing), gettext_noop("It has nobody who may read for the team."))
        found.append(LeftOut(str(team), team, why))
    return found
