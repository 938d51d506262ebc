"""A team's systems, what they are made of, and the files that said so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Person, Team
from noroshi.formats.versions import Scheme
from noroshi.inventory import states
from noroshi.sharing.guard import Guarded
from noroshi.sharing.models import Label


def _system_id() -> str:
    return public_id("S")


def _component_id() -> str:
    # Half a million components are common: 40 bits would collide, 60 do not.
    return public_id("K", 12)


def _import_id() -> str:
    return public_id("IM")


class Exposure(models.TextChoices):
    """From where a system can be reached."""

    INTERNET = "internet", _("Internet")
    PARTNER = "partner", _("Partners")
    INTERNAL = "internal", _("Internal network")
    ISOLATED = "isolated", _("Isolated")


class Criticality(models.TextChoices):
    """The importance of a system for the business, in the words of the SSVC tables."""

    LOW = "low", pgettext_lazy("importance", "Low")
    MEDIUM = "medium", pgettext_lazy("importance", "Medium")
    HIGH = "high", pgettext_lazy("importance", "High")
    VERY_HIGH = "very high", pgettext_lazy("importance", "Very high")


class Environment(models.TextChoices):
    PRODUCTION = "production", _("Production")
    STANDBY = "standby", _("Standby")
    STAGING = "staging", _("Staging")
    DEVELOPMENT = "development", _("Development")


class ImportState(models.TextChoices):
    UPLOADED = states.UPLOADED, _("Columns to be chosen")
    MAPPED = states.MAPPED, _("Ready")
    RUNNING = states.RUNNING, _("Running")
    DONE = states.DONE, _("Done")
    FAILED = states.FAILED, _("Failed")


class System(Guarded):
    """Something the team runs. The label names its owners, so operators see their systems."""

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_system_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    exposure = models.CharField(max_length=10, choices=Exposure.choices, default=Exposure.INTERNAL)
    criticality = models.CharField(
        max_length=10, choices=Criticality.choices, default=Criticality.MEDIUM
    )
    environment = models.CharField(
        max_length=12, choices=Environment.choices, default=Environment.PRODUCTION
    )
    place = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    owners: models.ManyToManyField[Person, SystemOwner] = models.ManyToManyField(
        Person, through="SystemOwner", related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team", "name"], name="system_team_name")]
        constraints = [
            models.UniqueConstraint(
                "team",
                Lower("name"),
                condition=models.Q(retired_at__isnull=True),
                name="system_name_once_in_team",
            ),
            models.CheckConstraint(
                condition=models.Q(exposure__in=Exposure.values), name="system_exposure_known"
            ),
            models.CheckConstraint(
                condition=models.Q(criticality__in=Criticality.values),
                name="system_criticality_known",
            ),
            models.CheckConstraint(
                condition=models.Q(environment__in=Environment.values),
                name="system_environment_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SystemOwner(Guarded):
    """A person who operates a system; the same people whom its label names."""

    label_path: ClassVar[str] = "system__label"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "person"], name="system_owner_once")
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.person_id}"


class Product(models.Model):
    """An interned identity (see ``products``): one row for however many components have it."""

    unguarded = "is an interned key: never listed, read only through a visible component"

    vendor = models.CharField(max_length=300)
    name = models.CharField(max_length=300, db_index=True)
    purl = models.CharField(max_length=500, db_index=True)
    cpe = models.CharField(max_length=300, db_index=True)
    # Hash of the four: unique in one short column, as four long ones exceed an index entry.
    fingerprint = models.CharField(max_length=64, unique=True)
    scheme = models.CharField(
        max_length=10, choices=[(scheme.value, scheme.value) for scheme in Scheme]
    )

    def __str__(self) -> str:
        return self.purl or self.cpe or f"{self.vendor} {self.name}".strip()


class Component(Guarded):
    """A product in a version in one system; ``gone_at`` is empty while it is there."""

    label_path: ClassVar[str] = "system__label"

    public_id = models.CharField(max_length=20, unique=True, default=_component_id)
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="components")
    # The system's team again: matching reads half a million rows and joins nothing for it.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    vendor = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300)
    version = models.CharField(max_length=200, blank=True)
    # Sorts as the versions do; null where there is no version that anybody can read.
    version_key = models.BinaryField(null=True, max_length=600)
    purl = models.CharField(max_length=500, blank=True)
    cpe = models.CharField(max_length=300, blank=True)
    serial = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    first_seen_at = models.DateTimeField(default=clock.now)
    last_seen_at = models.DateTimeField(default=clock.now)
    gone_at = models.DateTimeField(null=True)
    # The import that saw it last; empty for what a person entered and no file has named.
    seen_in = models.ForeignKey(
        "Import", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["product", "version_key", "gone_at", "team", "system", "id"],
                name="component_match",
            ),
            models.Index(fields=["system", "gone_at", "name", "id"], name="component_list"),
            models.Index(fields=["team", "gone_at"], name="component_team"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class Import(Guarded):
    """One file on its way into the inventory, and afterwards the account of what it changed."""

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_import_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    file_sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=20)
    title = models.CharField(max_length=300, blank=True)
    # For tables: which column is what, used again for the next file with the same header.
    header = models.JSONField(default=list)
    header_fingerprint = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict)
    # Where the components go; empty when the file names the system of each row.
    target = models.ForeignKey(System, on_delete=models.SET_NULL, null=True, related_name="+")
    # Whether the file lists everything: then what it does not name any more is gone.
    is_complete = models.BooleanField(default=True)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED
    )
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    # The first thousand of them: {"where": …, "message": …, "values": {…}}.
    bad_rows = models.JSONField(default=list)
    failure = models.JSONField(null=True)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "-created_at"], name="import_team"),
            models.Index(fields=["team", "header_fingerprint"], name="import_header"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="import_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.file_name}"


class ChangeKind(models.TextChoices):
    """The ways in which an import changes a component."""

    CAME = "came", _("Came")
    CHANGED = "changed", _("In a new version")
    WENT = "went", _("Went")


class ImportChange(Guarded):
    """One component that an import added, gave another version, or found gone."""

    label_path: ClassVar[str] = "component__system__label"

    imported = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="changes")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["imported", "kind", "id"], name="import_change")]
        constraints = [
            models.UniqueConstraint(
                fields=["imported", "component"], name="import_changes_component_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.imported_id} {self.kind} {self.component_id}"
