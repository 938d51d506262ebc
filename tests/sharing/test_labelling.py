"""Labels are complete before they are in force, and stay as they are afterwards."""

from __future__ import annotations

import pytest
from django.db import transaction

from noroshi.core.errors import Malformed
from noroshi.directory.viewer import Viewer
from noroshi.sharing import labelling, links, outbox, register, search, system
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import (
    Label,
    Link,
    NamedReader,
    OutboxEntry,
    Receipt,
    Release,
    ReleaseReader,
    SearchEntry,
)
from tests.harness.people import World
from tests.sharing.test_outbox import NOTICE


@pytest.mark.parametrize("sensitivity", [Sensitivity.RED, Sensitivity.AMBER])
def test_what_nobody_could_read_is_not_put_in_force(sensitivity: Sensitivity, world: World) -> None:
    label = labelling.draft_label(world.teams["a"], sensitivity)
    with pytest.raises(Malformed):
        labelling.put_in_force(label)
    labelling.relabel(label, sensitivity=sensitivity, circle=None, named=[world.bob])
    labelling.put_in_force(label)
    assert label.state == State.RELEASED


def test_the_label_of_something_released_is_not_changed(world: World) -> None:
    label = labelling.own_label(world.teams["a"])
    with pytest.raises(Malformed):
        labelling.relabel(label, sensitivity=Sensitivity.CLEAR, circle=None, named=[])


@pytest.mark.django_db(transaction=True)
def test_a_notice_is_posted_within_the_transaction_of_its_action() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.post(NOTICE, Label())


def test_taking_back_links_that_nobody_has_is_no_event(world: World) -> None:
    assert links.revoke_for("warning", "W-1", by=world.viewer("alice")) == 0


def test_rows_say_what_they_are_and_raw_reading_needs_a_reason(world: World, alice: Viewer) -> None:
    label = labelling.draft_label(world.teams["a"], Sensitivity.RED, named=[world.alice, world.bob])
    with transaction.atomic():
        entry, _ = register.release(
            thing_kind="warning", thing_id="W-1", label=label, text="本文", by=alice
        )
        outbox.post(NOTICE, label, to=[world.bob], release=entry)
        search.put(kind="warning", thing_id="W-1", label=label, title="題", path="/w/1")
    register.receipt(entry, world.bob.pk, "sent")
    written = [Label, NamedReader, Release, ReleaseReader, Receipt, OutboxEntry, Link, SearchEntry]
    with system.as_system("a test"):
        assert list(Release.objects.raw("SELECT * FROM sharing_release")) == [entry]
        for model in written:
            rows = list(model._default_manager.all())
            assert rows, model
            assert all(str(row) for row in rows)
