"""Each way round the guard raises; each way that writes or follows a row already held works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django import forms
from django.db import transaction
from django.db.models import Count, Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404  # shown to raise

from noroshi.core.errors import NotFound
from noroshi.directory.viewer import Viewer
from noroshi.sharing import checks, register, system
from noroshi.sharing.guard import GuardedManager, NoViewer
from noroshi.sharing.labelling import draft_label
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label, NamedReader, Receipt, Release, ReleaseReader
from tests.harness.people import World


@pytest.fixture
def released(world: World, alice: Viewer) -> Release:
    label = draft_label(world.teams["a"], Sensitivity.AMBER, circle=world.circles["x"])
    with transaction.atomic():
        entry, _ = register.release(
            thing_kind="warning", thing_id="W-1", label=label, text="本文", by=alice
        )
    register.receipt(entry, world.bob.pk, "sent")
    return entry


WAYS: dict[str, Callable[[Release], Any]] = {
    "all": lambda _: list(Release.objects.all()),
    "filter": lambda _: list(Release.objects.filter(thing_id="W-1")),
    "exclude": lambda _: list(Release.objects.exclude(thing_id="W-2")),
    "get": lambda one: Release.objects.get(pk=one.pk),
    "first": lambda _: Release.objects.first(),
    "last": lambda _: Release.objects.last(),
    "count": lambda _: Release.objects.count(),
    "exists": lambda _: Release.objects.exists(),
    "aggregate": lambda _: Release.objects.aggregate(n=Count("pk")),
    "annotate": lambda _: list(Release.objects.annotate(n=Count("pk"))),
    "values": lambda _: list(Release.objects.values("text")),
    "values_list": lambda _: list(Release.objects.values_list("text")),
    "in_bulk": lambda one: Release.objects.in_bulk([one.pk]),
    "iterator": lambda _: list(Release.objects.iterator()),
    "order_by": lambda _: list(Release.objects.order_by("pk")),
    "select_related": lambda _: list(Release.objects.select_related("label")),
    "update": lambda _: Release.objects.update(text="x"),
    "delete": lambda _: Release.objects.filter().delete(),
    "get_or_create": lambda _: Release.objects.get_or_create(thing_id="W-1"),
    "update_or_create": lambda _: Release.objects.update_or_create(thing_id="W-1"),
    "latest": lambda _: Release.objects.latest("released_at"),
    "none": lambda _: list(Release.objects.none()),
    "raw": lambda _: list(Release.objects.raw("SELECT * FROM sharing_release")),
    "default manager": lambda _: list(Release._default_manager.all()),
    "using": lambda _: list(Release.objects.using("default")),
    "reverse relation": lambda one: list(one.readers.all()),
    "reverse count": lambda one: one.readers.count(),
    "reverse filter": lambda one: list(one.readers.filter(person_name="x")),
    "a part's parts": lambda _: list(system.rows(ReleaseReader, "a test")[0].receipts.all()),
    "get_object_or_404": lambda one: get_object_or_404(Release, pk=one.pk),
    "form choices": lambda _: forms.ModelChoiceField(queryset=Release.objects.all()),
    "default prefetch object": lambda _: Prefetch("readers", queryset=ReleaseReader.objects.all()),
    "chained after raising none": lambda _: Release.objects.all().filter(pk=1),
}


@pytest.mark.parametrize("way", WAYS)
def test_reading_a_guarded_row_without_a_viewer_raises(way: str, released: Release) -> None:
    with pytest.raises(NoViewer):
        WAYS[way](released)


def test_prefetching_parts_of_a_visible_row_raises(released: Release, alice: Viewer) -> None:
    with pytest.raises(NoViewer):
        list(Release.objects.visible_to(alice).prefetch_related("readers"))


def test_saving_refreshing_and_following_forward_keys_work(
    released: Release, alice: Viewer
) -> None:
    row = Release.objects.one_for(alice, pk=released.pk)
    row.thing_kind = "notice"
    row.save()
    row.refresh_from_db()
    assert row.thing_kind == "notice"
    row.full_clean()
    reader = ReleaseReader.objects.visible_to(alice).filter(release=row).first()
    assert reader is not None
    assert reader.release.pk == row.pk
    assert reader.release.label.owner.slug == "a"


def test_a_part_is_seen_exactly_when_its_thing_is(
    released: Release, alice: Viewer, bob: Viewer, charlie: Viewer
) -> None:
    for viewer, seen in ((alice, True), (bob, True), (charlie, False)):
        assert Release.objects.visible_to(viewer).exists() is seen
        assert ReleaseReader.objects.visible_to(viewer).exists() is seen
        assert Receipt.objects.visible_to(viewer).exists() is seen
    with pytest.raises(NotFound):
        Release.objects.one_for(charlie, pk=released.pk)


def test_a_reverse_manager_shows_only_the_parents_visible_parts(
    released: Release, bob: Viewer, charlie: Viewer, world: World
) -> None:
    assert released.readers.visible_to(bob).count() == 5  # alice, ann, mana, bob, mia
    assert released.readers.visible_to(charlie).count() == 0


def test_the_system_reads_only_inside_its_block_and_says_why(released: Release) -> None:
    assert system.rows(Release, "a test").count() == 1
    with system.as_system("a test"):
        assert Release.objects.count() == 1
    with pytest.raises(NoViewer):
        Release.objects.count()


def test_leave_to_read_ends_when_the_block_fails(released: Release) -> None:
    with pytest.raises(ZeroDivisionError), system.as_system("a test"):
        raise ZeroDivisionError
    with pytest.raises(NoViewer):
        Release.objects.count()


def test_the_system_check_finds_a_model_that_can_be_read_without_a_viewer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checks.check_guarded(None) == []
    monkeypatch.delattr(NamedReader, "unguarded")
    assert [(fault.id, fault.obj.__name__) for fault in checks.check_guarded(None)] == [
        ("noroshi.E001", "NamedReader")
    ]


@pytest.mark.parametrize(
    "path",
    [
        "release",
        "release__person",
        "nowhere",
        "release__released_by",
        "release__readers__release__label",  # by a list of rows, which could have several labels
    ],
)
def test_the_system_check_finds_a_path_that_leads_to_no_label(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReleaseReader, "label_path", path)
    assert [fault.id for fault in checks.check_guarded(None)] == ["noroshi.E002"]


def test_every_guarded_model_keeps_the_guarding_manager() -> None:
    assert isinstance(Release._default_manager, GuardedManager)
    assert not isinstance(Label._default_manager, GuardedManager)


def test_get_object_or_404_never_turns_the_fault_into_a_404(released: Release) -> None:
    with pytest.raises(NoViewer):
        try:
            get_object_or_404(Release, pk=-1)
        except Http404:
            pytest.fail("a missing viewer looked like a missing row")
