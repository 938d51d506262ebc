"""Advisories as received and understood, what they match, and a team's work on each vulnerability.

``AffectedRange`` and the inventory's ``Component`` meet in ``Match`` by sortable keys alone, so
the database joins them (ADR 0007). An assessment is one team's own thing: it refers to a
vulnerability by its key and never carries another team's label.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.core import clock
from noroshi.core.ids import public_id
from noroshi.directory.models import Circle, Person, Team
from noroshi.formats.versions import Scheme
from noroshi.inventory.models import Component, Exposure, Product, System
from noroshi.sharing.guard import Guarded
from noroshi.sharing.labels import UNLABELLED, Sensitivity
from noroshi.sharing.models import Label
from noroshi.vulnerabilities import states

# Above every version key: the upper end of a range that has none.
NO_END = b"\xff"


def _advisory_id() -> str:
    return public_id("A")


def _assessment_id() -> str:
    return public_id("V")


def _import_id() -> str:
    return public_id("AI")


class Advisory(Guarded):
    """One publisher's document, in its newest received revision, under the document's own TLP."""

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_advisory_id)
    # The team that received it; the label's owner too.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=20)
    publisher = models.CharField(max_length=300, blank=True)
    namespace = models.CharField(max_length=300, blank=True)
    tracking_id = models.CharField(max_length=200)
    revision = models.CharField(max_length=60)
    stage = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=1000)
    summary = models.TextField(blank=True)
    language = models.CharField(max_length=40, blank=True)
    references = models.JSONField(default=list)  # [{"url", "text"}]
    problems = models.JSONField(default=list)  # [{"where", "message", "values"}]
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False)
    raw_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=clock.now)
    received_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    received_by_name = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "advisories"
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="advisory_newest"),
            models.Index(fields=["tracking_id"], name="advisory_tracking"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "namespace", "tracking_id"], name="advisory_once_in_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tracking_id} {self.title}"


class AdvisoryRevision(Guarded):
    """One received state of an advisory and what it changed against the one before it."""

    label_path: ClassVar[str] = "advisory__label"

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="revisions")
    revision = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    # Came after a newer one: kept, and nothing else.
    is_older = models.BooleanField(default=False)
    # See ``differences``: {"title": {"before", "after"}, "ranges": {"added": [...], "removed": [...]}, …}
    difference = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "sha256"], name="revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.advisory_id} {self.revision}"


class Vulnerability(Guarded):
    """One vulnerability as one advisory describes it; ``key`` joins it with what others say."""

    label_path: ClassVar[str] = "advisory__label"

    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="vulnerabilities")
    key = models.CharField(max_length=200, db_index=True)  # CVE id, or the advisory's own id
    title = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    cwes = models.JSONField(default=list)
    # [{"version", "vector", "base", "severity", "source"}], highest base first
    scores = models.JSONField(default=list)
    severity = models.CharField(max_length=8, choices=states.Severity.choices, blank=True)
    remediations = models.JSONField(default=list)  # [{"kind", "text", "url", "products"}]
    references = models.JSONField(default=list)  # [{"url", "text"}]
    kev_added_on = models.DateField(null=True)
    # CISA's decision points in the words of the SSVC tables; empty where nobody said.
    ssvc_exploitation = models.CharField(max_length=12, blank=True)
    ssvc_automatable = models.CharField(max_length=3, blank=True)
    ssvc_technical_impact = models.CharField(max_length=8, blank=True)
    epss_probability = models.FloatField(null=True)
    epss_percentile = models.FloatField(null=True)

    class Meta:
        verbose_name_plural = "vulnerabilities"
        constraints = [
            models.UniqueConstraint(fields=["advisory", "key"], name="vulnerability_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}".strip()


class AdvisoryProduct(models.Model):
    """A product as advisories name it, interned under the inventory's identity of products."""

    unguarded = "is an interned key: read only through a visible range"

    vendor = models.CharField(max_length=300)
    name = models.CharField(max_length=500, db_index=True)
    purl = models.CharField(max_length=500, db_index=True)
    cpe = models.CharField(max_length=300, db_index=True)
    fingerprint = models.CharField(max_length=64, unique=True)
    # The first word that counts (see ``similarity``): similar names are looked for among equal keys.
    name_key = models.CharField(max_length=100, db_index=True, db_column="stem")

    class Meta:
        db_table = "vulnerabilities_advisedproduct"

    def __str__(self) -> str:
        return self.purl or self.cpe or f"{self.vendor} {self.name}".strip()


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


class RangeStatus(models.TextChoices):
    """What the advisory says about the versions of a range (CSAF product status groups)."""

    AFFECTED = "affected", pgettext_lazy("versions", "Affected")
    FIXED = "fixed", pgettext_lazy("versions", "Fixed")
    NOT_AFFECTED = "not_affected", pgettext_lazy("versions", "Not affected")
    UNDER_INVESTIGATION = "under_investigation", pgettext_lazy("versions", "Under investigation")
    UNKNOWN = "unknown", pgettext_lazy("versions", "Unknown")


class AffectedRange(Guarded):
    """One stretch of versions of one product with its status, for one vulnerability.

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
    scheme = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Scheme])
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


class MatchMethod(models.TextChoices):
    """How an advisory's product and an inventory's product are the same."""

    PURL = "purl", _("the package URL is equal")
    CPE = "cpe", _("the CPE name is equal")
    NAME = "name", _("vendor and product name are equal")
    SIMILAR = "similar", _("the names are similar")
    ALIAS = "alias", _("a person said that the names mean the same")


class ProductMapping(models.Model):
    """An advisory's product and an inventory's product that are, or may be, the same.

    Computed from names alone and the same for every team; what a team's people said about a pair
    of names is an ``Alias``.
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
    """What a person of a team said about two names: the same product, or not. Remembered."""

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
        AffectedRange, on_delete=models.CASCADE, related_name="matches",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    is_certain = models.BooleanField()

    class Meta:
        verbose_name_plural = "matches"

    def __str__(self) -> str:
        return f"{self.affected_range_id} {self.component_id}"


class CloseReason(models.TextChoices):
    """Why an assessment was closed."""

    VERIFIED = "verified", _("The measures were verified")
    SBOM = "sbom", _("The inventory shows no affected version any more")
    NOT_OURS = "not_ours", _("None of the products is ours")
    WITHDRAWN = "withdrawn", _("The advisory was withdrawn")


def rank(field: str, words: list[str]) -> Case:
    """The place of a word in its list; others behind it."""
    return Case(
        *(When(**{field: word}, then=Value(at)) for at, word in enumerate(words)),
        default=Value(len(words)),
        output_field=models.PositiveSmallIntegerField(),
    )


class Assessment(Guarded):
    """One vulnerability as one team's work, from match to closed."""

    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_assessment_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    # INTERNAL; RED where the advisory is RED, naming the same people of the team.
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    # A CVE id with an empty namespace, or an advisory's own id in its publisher's namespace.
    key = models.CharField(max_length=200)
    namespace = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=1000)
    severity = models.CharField(max_length=8, choices=states.Severity.choices, blank=True)
    base_score = models.FloatField(null=True)  # the highest CVSS base score that was given
    kev_added_on = models.DateField(null=True)
    state = models.CharField(max_length=14, choices=states.State.choices)
    # Does a component of it wait for a yes or no? Whatever the state, somebody has to be asked.
    needs_answer = models.BooleanField(default=False, db_column="asks")
    opened_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    reopened_at = models.DateTimeField(null=True)

    # Assessment: what the tables were asked, what they proposed, what the analyst chose and why.
    # exploitation, exposure, automatable, human_impact, technical_impact, in_kev: words of SSVC.
    inputs = models.JSONField(default=dict)
    # By table: deployer has priority and due_on; bod_26_04 has name, days, forensic and due_on.
    proposals = models.JSONField(default=dict)
    priority = models.CharField(max_length=12, choices=states.Priority.choices, blank=True)
    due_at = models.DateTimeField(null=True)
    choice_reason = models.TextField(blank=True)  # why it differs from the proposal
    assessment_text = models.TextField(blank=True)
    assessed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    assessed_at = models.DateTimeField(null=True)

    decision = models.CharField(max_length=12, choices=states.Decision.choices, blank=True)
    decision_text = models.TextField(blank=True)
    accept_until = models.DateField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    reported_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=10, choices=CloseReason.choices, blank=True)

    # What lists are ordered by, kept by the database so that an index gives a page in its order.
    due_order = models.GeneratedField(
        expression=Coalesce("due_at", Value(states.NEVER)),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    severity_rank = models.GeneratedField(
        expression=rank("severity", states.Severity.values),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    priority_rank = models.GeneratedField(
        expression=rank("priority", states.Priority.values),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["team", "state", "due_at"], name="assessment_state"),
            models.Index(
                fields=["team", "due_order", "severity_rank", "id"], name="assessment_due"
            ),
            models.Index(fields=["team", "-opened_at", "-id"], name="assessment_newest"),
            models.Index(fields=["key"], name="assessment_key"),
            models.Index(fields=["team"], condition=Q(needs_answer=True), name="assessment_asks"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "namespace", "key"], name="assessment_once_in_team"
            ),
            models.CheckConstraint(
                condition=Q(state__in=states.State.values), name="assessment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(assessed_by__isnull=True)
                | ~Q(decided_by=F("assessed_by")),
                name="assessment_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(decision=states.Decision.ACCEPT) | Q(accept_until__isnull=False),
                name="assessment_accepted_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.key}"

    @property
    def is_red(self) -> bool:
        """May nobody read it but the people it names?"""
        return self.label.sensitivity == Sensitivity.RED

    @property
    def counts_from(self) -> datetime:
        """When the days of the tables begin: opened, or opened again."""
        return self.reopened_at or self.opened_at


class AssessedSystem(Guarded):
    """A component of a system that the vulnerability touches, or may touch, and why.

    ``why`` is what the sentence is made of: see ``reasons``. It is a copy: the match may be gone.
    """

    label_path: ClassVar[str] = "assessment__label"

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="systems")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="+")
    # The advisory that first named it.
    advisory = models.ForeignKey(Advisory, on_delete=models.SET_NULL, null=True, related_name="+")
    why = models.JSONField(default=dict)
    how = models.CharField(max_length=8, choices=MatchMethod.choices)
    confidence = models.PositiveSmallIntegerField()
    certainty = models.CharField(max_length=8, choices=states.Certainty.choices)
    answered_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    answered_by_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    exposure = models.CharField(max_length=10, choices=Exposure.choices)  # when it was assessed
    priority = models.CharField(max_length=12, choices=states.Priority.choices, blank=True)
    found_at = models.DateTimeField(default=clock.now)
    # Set when a person verified the measure, or an SBOM showed a version out of the range.
    verified_at = models.DateTimeField(null=True)
    verified_by_sbom = models.BooleanField(default=False)
    # What was known then: {"version", "ranges": {advisory: [...]}}, see ``reopening``.
    verified_against = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["system", "certainty"], name="assessed_system")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "component"], name="assessed_component_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.system_id} {self.certainty}"

    @property
    def known_at(self) -> datetime:
        """Since when it is known to be touched: found, found again, or confirmed by a person."""
        return max(self.found_at, self.answered_at or self.found_at)


class ImportState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("import", "Waiting")
    RUNNING = "running", pgettext_lazy("import", "Running")
    DONE = "done", pgettext_lazy("import", "Done")


class AdvisoryImport(Guarded):
    """Some files of advisories on their way in, and afterwards the account of each."""

    history_kind: ClassVar[str] = "advisory_import"
    label_path: ClassVar[str] = "label"

    public_id = models.CharField(max_length=20, unique=True, default=_import_id)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.WAITING)
    uploads = models.JSONField(default=list)  # [{"name", "sha256"}]
    # Chosen for the documents whose label needs it, and for those that have none.
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, null=True, related_name="+")
    unlabelled = models.CharField(max_length=12, choices=Sensitivity.choices, default=UNLABELLED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team", "-created_at"], name="advisory_import_team")]

    def __str__(self) -> str:
        return f"{self.public_id} {self.done}/{self.total}"


class Outcome(models.TextChoices):
    """What became of a received document."""

    WAITING = "waiting", pgettext_lazy("import", "Waiting")
    NEW = "new", pgettext_lazy("import", "New")
    UPDATED = "updated", pgettext_lazy("import", "Newer revision")
    OLDER = "older", pgettext_lazy("import", "Older revision, kept")
    SAME = "same", pgettext_lazy("import", "Known already")
    REFUSED = "refused", pgettext_lazy("import", "Not understood")


class AdvisoryImportFile(Guarded):
    """One document of an import: its bytes are kept whether or not they were understood."""

    label_path: ClassVar[str] = "batch__label"

    batch = models.ForeignKey(AdvisoryImport, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=300)  # with the line, for a line of a .jsonl file
    sha256 = models.CharField(max_length=64, blank=True)  # empty when it could not be unpacked
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    advisory = models.ForeignKey(Advisory, on_delete=models.SET_NULL, null=True, related_name="+")
    where = models.CharField(max_length=300, blank=True)
    message = models.TextField(blank=True)  # an English source sentence
    values = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["batch", "outcome", "id"], name="import_file_outcome")]

    def __str__(self) -> str:
        return f"{self.name} {self.outcome}"
