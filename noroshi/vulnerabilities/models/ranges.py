"""The products and versions that advisories name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from noroshi.formats.versions import Scheme
from noroshi.sharing.guard import Guarded
from noroshi.vulnerabilities.models.advisories import Advisory, Vulnerability

# Above every version key: the upper end of a range that has none.
NO_END = b"\xff"


class AdvisoryProduct(models.Model):
    """A product as advisories name it, interned under the inventory's identity of products."""

    unguarded = "is an interned key: read only through a visible range"

    vendor = models.CharField(max_length=300)
    name = models.CharField(max_length=500, db_index=True)
    purl = models.CharField(max_length=500, db_index=True)
    cpe = models.CharField(max_length=300, db_index=True)
    fingerprint = models.CharField(max_length=64, unique=True)
    # The first significant word (see ``similarity``); similar names are sought among equal keys.
    name_key = models.CharField(max_length=100, db_index=True, db_column="stem")

    class Meta:
        db_table = "vulnerabilities_advisedproduct"

    def __str__(self) -> str:
        return self.purl or self.cpe or f"{self.vendor} {self.name}".strip()


class RangeStatus(models.TextChoices):
    """The status that an advisory gives the versions of a range (CSAF product status groups)."""

    AFFECTED = "affected", pgettext_lazy("versions", "Affected")
    FIXED = "fixed", pgettext_lazy("versions", "Fixed")
    NOT_AFFECTED = "not_affected", pgettext_lazy("versions", "Not affected")
    UNDER_INVESTIGATION = "under_investigation", pgettext_lazy("versions", "Under investigation")
    UNKNOWN = "unknown", pgettext_lazy("versions", "Unknown")


class AffectedRange(Guarded):
    """One interval of versions of one product with its status, for one vulnerability.

    ``low`` ≤ key < ``high`` as bytes holds exactly for the versions in it: an excluded low or an
    included high bound has a zero byte appended, no bound is ``b""`` below and ``NO_END`` above.
    Both are null where nobody can read the range: then a person must look.
    """

    label_path: ClassVar[str] = "advisory__label"

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="ranges")
    vulnerability = models.ForeignKey(
        Vulnerability, on_delete=models.CASCADE, related_name="ranges"
    )
    product = models.ForeignKey(AdvisoryProduct, on_delete=models.PROTECT, related_name="+")
    vendor = models.CharField(max_length=300, blank=True)  # as written
    name = models.CharField(max_length=500)
    status = models.CharField(max_length=20, choices=RangeStatus.choices)
    text = models.TextField(blank=True)  # the versions as the source writes them
    normal = models.TextField(blank=True)  # the whole range as a ``vers:`` string
    scheme = models.CharField(
        max_length=10, choices=[(scheme.value, scheme.value) for scheme in Scheme]
    )
    low = models.BinaryField(null=True)
    high = models.BinaryField(null=True)
    model_numbers = models.JSONField(default=list)
    serial_numbers = models.JSONField(default=list)
    platform = models.CharField(max_length=1000, blank=True)
    where = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True)
                | Q(low__isnull=False, high__isnull=False),
                name="range_read_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.text}"

    @property
    def is_read(self) -> bool:
        """Whether Noroshi understood which versions are meant."""
        return self.low is not None
