"""Labels, the release register, the outbox, and links that work without an account."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.functional import cached_property

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Circle, Person, Team
from noroshi.sharing.guard import Guarded
from noroshi.sharing.labels import Sensitivity, State


def _release_id() -> str:
    return public_id("R")


def _entry_id() -> str:
    return public_id("E")


def _link_id() -> str:
    return public_id("L")


class Label(models.Model):
    """Who may read one thing: owner, sensitivity, circle, named people, state, embargo."""

    unguarded = "is the label itself"

    owner = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    sensitivity = models.CharField(max_length=12, choices=Sensitivity.choices)
    circle = models.ForeignKey(
        Circle, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    embargo_until = models.DateTimeField(null=True, blank=True)
    named: models.ManyToManyField[Person, NamedReader] = models.ManyToManyField(
        Person, through="NamedReader", related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["owner", "sensitivity", "state"], name="label_owner"),
            models.Index(fields=["sensitivity", "state"], name="label_open"),
            models.Index(fields=["circle", "state"], name="label_circle"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sensitivity__in=Sensitivity.values),
                name="label_sensitivity_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="label_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """``TLP:AMBER+STRICT`` and so on."""
        return Sensitivity(self.sensitivity).text

    @cached_property
    def _named_ids(self) -> frozenset[int]:
        return frozenset(self.named_readers.values_list("person_id", flat=True))

    def named_ids(self) -> frozenset[int]:
        """Ids of the people it names; one query, cached on this object."""
        return self._named_ids

    def forget_named(self) -> None:
        """Ask the database again next time."""
        self.__dict__.pop("_named_ids", None)


class NamedReader(models.Model):
    """A person whom a label names."""

    unguarded = "belongs to the label"

    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="named_readers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["label", "person"], name="named_once")]

    def __str__(self) -> str:
        return f"{self.label_id} names {self.person_id}"


class Release(Guarded):
    """The register's entry for one release: what left, under which label, to whom, by whom.

    It freezes that moment. It is a record, never a permission: reading asks the label again.
    """

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_release_id)
    thing_kind = models.CharField(max_length=40)
    thing_id = models.CharField(max_length=20)
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+")
    label_then = models.JSONField()
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    released_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    released_by_name = models.CharField(max_length=200)
    released_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["thing_kind", "thing_id"], name="release_thing")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.thing_id}"


class ReleaseReader(Guarded):
    """One person in the audience of a release, in a team for which they read, that day.

    Somebody who reads for two teams has two rows: each team received it.
    """

    label_path: ClassVar[str] = "release__label"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="readers")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    person_name = models.CharField(max_length=200)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    team_name = models.CharField(max_length=200)
    channel = models.CharField(max_length=20)
    passage = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "person", "team"], name="release_reader_once"
            ),
        ]
        indexes = [models.Index(fields=["team", "release"], name="release_reader_team")]

    def __str__(self) -> str:
        return f"{self.release_id} {self.person_name}"


class Receipt(Guarded):
    """An event at one reader of a release: sent, withheld, failed, opened, answered."""

    label_path: ClassVar[str] = "reader__release__label"

    reader = models.ForeignKey(ReleaseReader, on_delete=models.CASCADE, related_name="receipts")
    what = models.CharField(max_length=12)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.reader_id} {self.what}"


class EntryState(models.TextChoices):
    QUEUED = "queued"
    SENT = "sent"
    WITHHELD = "withheld"  # the policy, asked again at sending, said no
    FAILED = "failed"


class OutboxEntry(Guarded):
    """One message to one person, waiting for or past the policy's second answer."""

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_entry_id)
    kind = models.CharField(max_length=60)
    template = models.CharField(max_length=120)
    thing_kind = models.CharField(max_length=40)
    thing_id = models.CharField(max_length=20)
    context = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, null=True, related_name="+")
    link = models.ForeignKey("Link", on_delete=models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=EntryState.choices, default=EntryState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Until then somebody is sending it, or a failed attempt waits for the next one.
    not_before = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "outbox entries"
        indexes = [models.Index(fields=["state", "posted_at"], name="outbox_state")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.kind} {self.state}"


class Link(models.Model):
    """A mailed link that lets one person do one thing without signing in.

    The secret is an HMAC over the row's id, made again when the mail is written: neither the
    secret nor its hash is stored. Expires, can be revoked, and each use is a history row.
    """

    unguarded = "is read by its secret alone"

    public_id = models.CharField(max_length=20, unique=True, default=_link_id)
    purpose = models.CharField(max_length=40)
    thing_kind = models.CharField(max_length=40)
    thing_id = models.CharField(max_length=20)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["thing_kind", "thing_id"], name="link_thing")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.purpose} {self.thing_id}"


class SearchEntry(Guarded):
    """A thing as quick search shows it. Its words stand beside it (see ``sharing.search``)."""

    label_path: ClassVar[str] = "label"

    kind = models.CharField(max_length=40)
    thing_id = models.CharField(max_length=20)
    label = models.ForeignKey(Label, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=300)
    sub = models.CharField(max_length=300, blank=True)
    path = models.CharField(max_length=200)
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "search entries"
        constraints = [
            models.UniqueConstraint(fields=["kind", "thing_id"], name="search_thing_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id}"
