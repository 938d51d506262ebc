"""The joints of advisories and inventories: products that are the same, and matched versions.

``AffectedRange`` and the inventory's ``Component`` meet in ``Match`` by sortable keys alone, so
the database joins them (ADR 0007).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from noroshi.core import clock
from noroshi.directory.models import Person, Team
from noroshi.inventory.models import Component, Product
from noroshi.sharing.guard import Guarded
from noroshi.sharing.models import Label
from noroshi.vulnerabilities.models.ranges import AdvisoryProduct, AffectedRange


class ProductNameKey(models.Model):
    """The name key of an inventory's product; a product without one has not been mapped yet."""

    unguarded = "is a part of an interned key"

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    name_key = models.CharField(max_length=100, db_index=True, db_column="stem")

    class Meta:
        db_table = "vulnerabilities_productstem"

    def __str__(self) -> str:
        return self.name_key


class MatchMethod(models.TextChoices):
    """How an advisory's product and an inventory's product are the same."""

    PURL = "purl", _("the package URL is equal")
    CPE = "cpe", _("the CPE name is equal")
    NAME = "name", _("vendor and product name are equal")
    SIMILAR = "similar", _("the names are similar")
    ALIAS = "alias", _("a person said that the names mean the same")


class ProductMapping(models.Model):
    """An advisory's product and an inventory's product that are, or may be, the same.

    Computed from names alone and the same for every team; a person's answer about a pair of names
    is an ``Alias`` of their team.
    """

    unguarded = "joins two interned keys, says nothing of any team"

    advisory_product = models.ForeignKey(
        AdvisoryProduct, on_delete=models.CASCADE, related_name="+", db_column="advised_id"
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=8, choices=MatchMethod.choices)
    # 100 is certain; below that a person is asked.
    confidence = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "vulnerabilities_kinship"
        constraints = [
            models.UniqueConstraint(fields=["advisory_product", "product"], name="kinship_once"),
        ]

    def __str__(self) -> str:
        return f"{self.advisory_product_id} {self.how} {self.product_id}"


class Alias(Guarded):
    """A person's answer whether two names mean the same product, which counts for their team."""

    label_path: ClassVar[str] = "label"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    # In the normal form of ``inventory.products.normal``.
    advisory_vendor = models.CharField(max_length=300, db_column="advised_vendor")
    advisory_name = models.CharField(max_length=500, db_column="advised_name")
    installed_vendor = models.CharField(max_length=300)
    installed_name = models.CharField(max_length=300)
    same = models.BooleanField()
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "team",
                    "advisory_name",
                    "installed_name",
                    "advisory_vendor",
                    "installed_vendor",
                ],
                name="alias_once_in_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.advisory_name} {'=' if self.same else '≠'} {self.installed_name}"


class Match(Guarded):
    """A component whose product and version an affected range names. Rebuilt, never edited.

    ``is_certain`` is false where the names are only similar or a version cannot be compared.
    Two million rows are common, so no row has an id or a foreign-key check of its own.
    """

    label_path: ClassVar[str] = "component__system__label"

    pk = models.CompositePrimaryKey("affected_range", "component")
    affected_range = models.ForeignKey(
        AffectedRange,
        on_delete=models.CASCADE,
        related_name="matches",
        db_constraint=False,
        db_index=False,
    )
    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    is_certain = models.BooleanField()

    class Meta:
        verbose_name_plural = "matches"

    def __str__(self) -> str:
        return f"{self.affected_range_id} {self.component_id}"
