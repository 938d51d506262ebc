"""The release register: the moment at which a thing leaves the team, frozen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from noroshi.core import history
from noroshi.directory.models import Person
from noroshi.directory.viewer import Viewer
from noroshi.sharing import system
from noroshi.sharing.audience import Audience, Reader, audience_of
from noroshi.sharing.channels import MAIL, PAGE, Passage, passage
from noroshi.sharing.labelling import put_in_force
from noroshi.sharing.models import Label, NamedReader, Receipt, Release, ReleaseReader


@transaction.atomic
def release(
    *, thing_kind: str, thing_id: str, label: Label, text: str, by: Viewer
) -> tuple[Release, Audience]:
    """Put the label in force and freeze text, label and the exact audience of this moment.

    Nobody comes, goes or is stopped between the audience and the end of the transaction: that
    stands in the history wholly before the release, or wholly after it.
    ``text`` is what leaves, in full; its SHA-256 is the proof of it. Raises
    ``Malformed`` when the label names nobody who could read it.
    """
    history.lock_end()
    put_in_force(label)
    audience = audience_of(label)
    entry = Release.objects.create(
        thing_kind=thing_kind,
        thing_id=thing_id,
        label=label,
        label_then=snapshot(label),
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        released_by_id=by.person_id,
        released_by_name=by.name,
    )
    _freeze_readers(entry, audience)
    released = {
        "thing": thing_id,
        "label": entry.label_then,
        "text_sha256": entry.text_sha256,
        "readers": [reader.person.public_id for reader in audience.readers],
    }
    history.record("sharing.release", entry, by=by, after=released)
    return entry, audience


def _freeze_readers(entry: Release, audience: Audience) -> None:
    """A row for each reader, with the channel by which it reaches them."""
    ReleaseReader.objects.bulk_create(
        ReleaseReader(
            release=entry,
            person=reader.person,
            person_name=reader.person.name,
            team=reader.team,
            team_name=reader.team.name if reader.team else "",
            channel=channel,
            passage=carried.value,
        )
        for reader in (*audience.readers, *audience.own)
        for channel, carried in [_way_to(reader, entry.label)]
    )


def _way_to(reader: Reader, label: Label) -> tuple[str, Passage]:
    """How it reaches a reader: by mail, by a page alone, or not, where they are no recipient."""
    if not reader.is_recipient:
        return MAIL, Passage.NEVER
    if reader.mail is Passage.NEVER:
        return PAGE, passage(label.sensitivity, PAGE)
    return MAIL, reader.mail


def receipt(entry: Release, person_id: int, what: str) -> None:
    """Note what became of a release at one reader; somebody outside its audience leaves none."""
    readers = system.rows(ReleaseReader, "a receipt is written for a reader").filter(
        release=entry, person_id=person_id
    )
    Receipt.objects.bulk_create(Receipt(reader=reader, what=what) for reader in readers)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person to whom a release went: through which team, what mail carries, what came of it.

    ``team_name`` is frozen; ``team_shown`` is for a page, in the language of its reader.
    ``receipts`` are ``sent``, ``withheld``, ``failed``, ``opened``, ``answered``, oldest first.
    """

    person_id: int | None
    person_name: str
    team_id: int | None
    team_name: str
    team_shown: str
    mail: Passage
    receipts: tuple[str, ...]


def entry_of(viewer: Viewer, release_id: str) -> Release | None:
    """A release of the viewer's own team, for the owner's side alone."""
    rows = Release.objects.visible_to(viewer).filter(label__owner_id__in=viewer.reading_team_ids)
    return rows.filter(public_id=release_id).first()


def recipients_of(viewer: Viewer, release_id: str) -> list[Recipient]:
    """Those outside the owner team to whom a release went, as they stood that day.

    Names are for the owner's side alone: to anybody else there are none. Two queries.
    """
    rows = recipient_rows(viewer).filter(
        release__public_id=release_id, release__label__owner_id__in=viewer.reading_team_ids
    )
    rows = rows.select_related("team").prefetch_related(
        Prefetch("receipts", Receipt.objects.visible_to(viewer).order_by("pk"))
    )
    return [
        Recipient(
            person_id=row.person_id,
            person_name=row.person_name,
            team_id=row.team_id,
            team_name=row.team_name,
            team_shown=str(row.team) if row.team else row.team_name,
            mail=Passage(row.passage) if row.channel == MAIL else Passage.NEVER,
            receipts=tuple(receipt.what for receipt in row.receipts.all()),
        )
        for row in rows.order_by("team_name", "person_name", "pk")
    ]


def recipient_teams(viewer: Viewer, release_id: str) -> dict[int, str]:
    """The teams to which a release went, frozen at that moment: id and name as it was. One query."""
    rows = recipient_rows(viewer).filter(release__public_id=release_id, team__isnull=False)
    return dict(rows.order_by("team_name").values_list("team_id", "team_name"))


def recipient_rows(viewer: Viewer) -> QuerySet[ReleaseReader]:
    """Those outside the owner team to whom releases went that this viewer may see."""
    return (
        ReleaseReader.objects.visible_to(viewer)
        .exclude(passage=Passage.NEVER.value)
        .exclude(team_id=F("release__label__owner_id"))
    )


def own_rows(viewer: Viewer) -> QuerySet[ReleaseReader]:
    """Of those, the rows for which this viewer may speak: by role in a team that takes part, or
    because the label names this person. Having received it in a role that is gone is no reason."""
    speaks = Q(team_id__in=viewer.reading_team_ids & viewer.good_team_ids)
    if viewer.person_id is not None:
        names = NamedReader.objects.filter(
            label=OuterRef("release__label"), person_id=viewer.person_id
        )
        speaks |= Q(Exists(names), person_id=viewer.person_id, team_id__in=viewer.good_team_ids)
    return recipient_rows(viewer).filter(speaks)


def recipients(viewer: Viewer, release_id: str) -> QuerySet[Person]:
    """The people to whom a release went, each once."""
    rows = recipient_rows(viewer).filter(release__public_id=release_id)
    return Person.objects.filter(pk__in=rows.values("person_id"))


def note_answer(release_id: str, viewer: Viewer) -> None:
    """Note in the register that a reader answered."""
    entry = Release.objects.visible_to(viewer).filter(public_id=release_id).first()
    if entry is not None and viewer.person_id is not None:
        receipt(entry, viewer.person_id, "answered")


def snapshot(label: Label) -> dict[str, object]:
    """The label as JSON, in public ids."""
    return {
        "owner": label.owner.public_id,
        "label": label.text,
        "circle": label.circle.public_id if label.circle else None,
        "named": sorted(label.named.values_list("public_id", flat=True)),
        "embargo_until": label.embargo_until.isoformat() if label.embargo_until else None,
    }
