"""The release register: the moment at which a thing leaves the team, frozen."""

from __future__ import annotations

import hashlib

from django.db import transaction

from noroshi.core import history
from noroshi.directory.viewer import Viewer
from noroshi.sharing import system
from noroshi.sharing.audience import Audience, audience_of
from noroshi.sharing.channels import Channel
from noroshi.sharing.labelling import put_in_force
from noroshi.sharing.models import Label, Receipt, Release, ReleaseReader


@transaction.atomic
def release(
    *, thing_kind: str, thing_id: str, label: Label, text: str, by: Viewer
) -> tuple[Release, Audience]:
    """Put the label in force and freeze text, label and the exact audience of this moment.

    ``text`` is what leaves, in full; its SHA-256 is the proof of what was said. Raises
    ``Malformed`` when the label names nobody who could read it.
    """
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
    ReleaseReader.objects.bulk_create(
        ReleaseReader(
            release=entry,
            person=reader.person,
            person_name=reader.person.name,
            team=reader.team,
            team_name=reader.team.name if reader.team else "",
            channel=Channel.MAIL.value,
            passage=reader.mail.value,
        )
        for reader in (*audience.readers, *audience.own)
    )
    history.record(
        "sharing.release", "release", entry.public_id, by=by,
        after={
            "thing": thing_id, "label": entry.label_then, "text_sha256": entry.text_sha256,
            "readers": [reader.person.public_id for reader in audience.readers],
        },
    )  # fmt: skip
    return entry, audience


def receipt(entry: Release, person_id: int, what: str) -> None:
    """Note what became of a release at one reader; somebody outside its audience leaves none."""
    reader = (
        system.rows(ReleaseReader, "a receipt is written for a reader")
        .filter(release=entry, person_id=person_id)
        .first()
    )
    if reader is not None:
        Receipt.objects.create(reader=reader, what=what)


def snapshot(label: Label) -> dict[str, object]:
    """The label as JSON, in public ids."""
    return {
        "owner": label.owner.public_id,
        "label": label.text,
        "circle": label.circle.public_id if label.circle else None,
        "named": sorted(label.named.values_list("public_id", flat=True)),
        "embargo_until": label.embargo_until.isoformat() if label.embargo_until else None,
    }
