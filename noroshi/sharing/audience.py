"""Who will read this, who will not, and why: the same answer for the preview and the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from noroshi.core.errors import gettext_noop
from noroshi.directory.models import (
    READING_ROLES,
    Circle,
    Membership,
    Person,
    PersonState,
    Standing,
    Team,
)
from noroshi.sharing import policy
from noroshi.sharing.channels import MAIL, Passage, passage
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who will read, in one team through which they do.

    Somebody may read and be no recipient (an operator of some team, when anybody may read).
    ``mail`` is what mail carries to them.
    """

    person: Person
    team: Team | None
    is_recipient: bool
    mail: Passage


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A team or person who might be expected to read and will not; ``why`` is a source sentence."""

    name: str
    team: Team | None
    why: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Readers outside and inside the owner team, and those left out.

    Somebody who reads for two teams is there once for each.
    """

    readers: tuple[Reader, ...]
    own: tuple[Reader, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def recipients(self) -> tuple[Reader, ...]:
        """Those outside the owner team to whom it goes: for whom their teams can answer."""
        return tuple(reader for reader in self.readers if reader.is_recipient)

    @property
    def people(self) -> tuple[Person, ...]:
        """The people to whom it goes, each once, by name."""
        return tuple({reader.person.pk: reader.person for reader in self.recipients}.values())

    @property
    def teams(self) -> tuple[Team, ...]:
        """The receiving teams, each once, by name."""
        teams = {reader.team.pk: reader.team for reader in self.recipients if reader.team}
        return tuple(sorted(teams.values(), key=lambda team: team.name))

    def in_team(self, team: Team) -> tuple[Reader, ...]:
        """The recipients in one team."""
        return tuple(
            reader for reader in self.recipients if reader.team and reader.team.pk == team.pk
        )


def audience_if(
    *,
    owner: Team,
    sensitivity: Sensitivity | str,
    circle: Circle | None,
    named: Iterable[Person],
    embargo_until: datetime | None = None,
) -> Audience:
    """The audience of a label that is not saved yet, for the preview while writing."""
    label = Label(owner=owner, sensitivity=sensitivity, circle=circle, embargo_until=embargo_until)
    label.__dict__["_named_ids"] = frozenset(person.pk for person in named)
    return audience_of(label)


def audience_of(label: Label) -> Audience:
    """The audience of a label as it would be if the thing were released now. Constant queries."""
    released = _as_released(label)
    people = policy.readers_of(released).prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("team").order_by("team_id"))
    )
    reading = policy.Reading(released)
    readers: list[Reader] = []
    own: list[Reader] = []
    mail = passage(label.sensitivity, MAIL)
    for person in people.order_by("name", "pk"):
        teams = reading.teams_of(person)
        through: list[Team | None] = [*teams] or [_home(person)]
        for team in through:
            ours = team is not None and team.pk == label.owner_id
            recipient = bool(teams) or person.pk in reading.named_ids
            (own if ours else readers).append(Reader(person, team, recipient, mail))
    return Audience(tuple(readers), tuple(own), tuple(_left_out(label, reading, readers + own)))


def _as_released(label: Label) -> Label:
    """An unsaved copy in force, so that a draft can be previewed."""
    columns = [field.attname for field in Label._meta.concrete_fields]
    copy = Label(**{name: getattr(label, name) for name in columns})
    copy.state = State.RELEASED
    copy.__dict__["_named_ids"] = label.named_ids()
    return copy


def _home(person: Person) -> Team | None:
    """The team of somebody who reads by name or because anybody may: a good one, reading first."""
    rows = [row for row in person.memberships.all() if row.team.standing == Standing.ACTIVE]
    rows.sort(key=lambda row: row.role not in READING_ROLES)
    return rows[0].team if rows else None


def _left_out(label: Label, reading: policy.Reading, readers: list[Reader]) -> list[LeftOut]:
    read = {reader.person.pk for reader in readers}
    left_out = []
    for person in Person.objects.filter(pk__in=label.named_ids() - read).order_by("name"):
        why = (
            gettext_noop("This account is stopped or has left.")
            if person.state != PersonState.ACTIVE
            else gettext_noop("Is in no team that takes part now.")
        )
        left_out.append(LeftOut(str(person), None, why))
    if label.sensitivity == Sensitivity.RED:
        why = gettext_noop("TLP:RED goes to the people it names, not to a circle.")
        return [*left_out, *([LeftOut(str(label.circle), None, why)] if label.circle else [])]
    expected = reading.teams_expected().exclude(pk__in={r.team.pk for r in readers if r.team})
    return left_out + [LeftOut(str(team), team, _why(team)) for team in expected.order_by("name")]


def _why(team: Team) -> str:
    """Why nobody reads for a team that the label goes to."""
    if team.standing == Standing.SUSPENDED:
        return gettext_noop("Its part in the circle is suspended.")
    if team.standing == Standing.LEFT:
        return gettext_noop("It has left.")
    return gettext_noop("It has nobody who may read for the team.")
