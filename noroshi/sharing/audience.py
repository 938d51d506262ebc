"""Who will read this, who will not, and why: the same answer for the preview and the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from noroshi.core import clock
from noroshi.core.errors import gettext_noop
from noroshi.directory.models import (
    READING_ROLES,
    Circle,
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
    """A person who will read, in one team through which they do.

    ``mail`` is what mail carries to them; ``NEVER`` for somebody who may read but is not told
    (an operator of some team, when anybody may read).
    """

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
    """Readers outside and inside the owner team, and those left out.

    Somebody who reads for two teams is there once for each.
    """

    readers: tuple[Reader, ...]
    own: tuple[Reader, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def told(self) -> tuple[Reader, ...]:
        """Those outside the owner team who are told of it: for whom their teams can answer."""
        return tuple(reader for reader in self.readers if reader.mail is not Passage.NEVER)

    @property
    def people(self) -> tuple[Person, ...]:
        """The people who are told, each once, by name."""
        return tuple({reader.person.pk: reader.person for reader in self.told}.values())

    @property
    def teams(self) -> tuple[Team, ...]:
        """The receiving teams, each once, by name."""
        found = {reader.team.pk: reader.team for reader in self.told if reader.team}
        return tuple(sorted(found.values(), key=lambda team: team.name))

    def in_team(self, team: Team) -> tuple[Reader, ...]:
        """The receivers in one team."""
        return tuple(reader for reader in self.told if reader.team and reader.team.pk == team.pk)


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
    people = policy.readers_of(_as_released(label)).prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("team").order_by("team_id"))
    )
    seats: set[int] = set()
    if label.circle_id is not None:
        circle = CircleTeam.objects.filter(circle_id=label.circle_id)
        seats = set(circle.values_list("team_id", flat=True))
    readers: list[Reader] = []
    own: list[Reader] = []
    mail = passage(label.sensitivity, Channel.MAIL)
    named = label.named_ids()
    for person in people.order_by("name", "pk"):
        teams = _reads_for(person, label, seats)
        for team in teams:
            (own if team.pk == label.owner_id else readers).append(Reader(person, team, mail))
        if not teams:
            told, home = mail if person.pk in named else Passage.NEVER, _home(person)
            ours = home is not None and home.pk == label.owner_id
            (own if ours else readers).append(Reader(person, home, told))
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


def _reads_for(person: Person, label: Label, seats: set[int]) -> list[Team]:
    """The teams for which the person reads by role, the owner's included; each once."""
    sensitivity = Sensitivity(label.sensitivity)
    named = person.pk in label.named_ids()
    free = _is_free(label)
    crosses = sensitivity not in (Sensitivity.RED, Sensitivity.INTERNAL)
    found: dict[int, Team] = {}
    for row in person.memberships.all():
        team, reads = row.team, row.role in READING_ROLES
        if team.standing == Standing.LEFT:
            continue
        if team.pk == label.owner_id:
            opens = named or (reads and sensitivity is not Sensitivity.RED)
        elif reads and team.standing == Standing.ACTIVE and crosses:
            opens = team.pk in seats or (
                free
                and (
                    sensitivity is Sensitivity.CLEAR
                    or (sensitivity is Sensitivity.GREEN and team.is_member)
                )
            )
        else:
            opens = False
        if opens:
            found[team.pk] = team
    return list(found.values())


def _home(person: Person) -> Team | None:
    """The team of somebody who reads by name or because anybody may: a good one, reading first."""
    rows = [row for row in person.memberships.all() if row.team.standing == Standing.ACTIVE]
    rows.sort(key=lambda row: row.role not in READING_ROLES)
    return rows[0].team if rows else None


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
    return found + _teams_left_out(label, seats, {r.team.pk for r in readers if r.team})


def _teams_left_out(label: Label, seats: set[int], reading: set[int]) -> list[LeftOut]:
    """The circle's teams, and under GREEN the members, that nobody reads for."""
    expected = set(seats)
    if label.sensitivity == Sensitivity.GREEN and _is_free(label):
        expected |= set(Team.objects.filter(is_member=True).values_list("pk", flat=True))
    if label.sensitivity == Sensitivity.INTERNAL:
        return []
    if label.sensitivity == Sensitivity.RED:
        why = gettext_noop("TLP:RED goes to the people it names, not to a circle.")
        return [LeftOut(str(label.circle), None, why)] if label.circle else []
    found = []
    for team in Team.objects.filter(pk__in=expected - {label.owner_id} - reading).order_by("name"):
        why = {
            Standing.SUSPENDED: gettext_noop("Its part in the circle is suspended."),
            Standing.LEFT: gettext_noop("It has left."),
        }.get(Standing(team.standing), gettext_noop("It has nobody who may read for the team."))
        found.append(LeftOut(str(team), team, why))
    return found


def _is_free(label: Label) -> bool:
    return label.embargo_until is None or label.embargo_until <= clock.now()
