"""The forms of the inventory: each lists its fields and refuses any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from noroshi.core import files
from noroshi.core.errors import Malformed
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.containers import documents_in
from noroshi.formats.drafts import ComponentDraft
from noroshi.formats.inventory_csv import FIELDS
from noroshi.inventory import products, queries, readers, wording
from noroshi.inventory.systems import SystemFacts
from noroshi.ui.forms import StrictForm

MAX_FILES = 100
_FACTS = tuple(field.name for field in fields(SystemFacts))


class SystemForm(StrictForm):
    """The facts and the owners of a system."""

    name = forms.CharField(label=_("Name"), max_length=200)
    exposure = forms.ChoiceField(
        label=_("Reachable from"), choices=wording.EXPOSURES, initial="internal"
    )
    criticality = forms.ChoiceField(
        label=_("Importance for the business"), choices=wording.CRITICALITIES, initial="medium"
    )
    environment = forms.ChoiceField(
        label=_("Environment"), choices=wording.ENVIRONMENTS, initial="production"
    )
    place = forms.CharField(
        label=_("Place"), max_length=200, required=False, help_text=_("Site, room, cloud account")
    )
    owners = forms.ModelMultipleChoiceField(
        label=_("Operators"),
        queryset=Person.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They see this system and get its instructions."),
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = cast("forms.ModelMultipleChoiceField[Person]", self.fields["owners"])
        owners.queryset = queries.operators_of(team).order_by("name", "pk")

    def facts(self) -> SystemFacts:
        """The entered facts, without the owners."""
        return SystemFacts(**{name: self.cleaned_data[name] for name in _FACTS})


class NewSystemForm(SystemForm):
    """The same with the team, for whoever changes the inventory of several."""

    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), to_field_name="public_id"
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        teams = queries.editable_teams(viewer)
        chosen = _chosen_team(teams, args[0] if args else kwargs.get("data"))
        super().__init__(*args, team=chosen, **kwargs)
        _offer_teams(self, teams)


class ComponentForm(StrictForm):
    """A component as a person enters it."""

    vendor = forms.CharField(label=_("Vendor"), max_length=300, required=False)
    name = forms.CharField(label=_("Product"), max_length=300)
    version = forms.CharField(label=_("Version"), max_length=200, required=False)
    model = forms.CharField(label=_("Model"), max_length=100, required=False)
    serial = forms.CharField(label=_("Serial number"), max_length=100, required=False)
    kind = forms.CharField(label=_("Kind"), max_length=40, required=False)
    purl = forms.CharField(
        label=_("Package URL"), max_length=500, required=False, help_text="pkg:npm/left-pad"
    )
    cpe = forms.CharField(
        label=_("CPE"),
        max_length=300,
        required=False,
        help_text="cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*",
    )

    def clean(self) -> dict[str, Any]:
        """The same component with its identifiers bare, and a problem at each unreadable one."""
        values: dict[str, str] = super().clean() or {}
        for name in products.IDENTIFIERS:
            try:
                values = products.move_version(values, name)
            except Malformed as error:
                self.add_error(error.where, wording.stored_sentence(error.message, error.values))
        return values

    def draft(self) -> ComponentDraft:
        """The entered component."""
        return ComponentDraft(**self.cleaned_data)


class VersionForm(StrictForm):
    """The version of a component, which the operators of its system may set as well."""

    version = forms.CharField(label=_("Present version"), max_length=200)


@dataclass(frozen=True, slots=True)
class Received:
    """An uploaded document, stored under its hash, with a first look at it."""

    name: str
    sha256: str
    look: readers.Look


class FilesField(forms.FileField):
    """Several files at once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_FilesInput(), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(upload, initial) for upload in uploads or [None]]


class _FilesInput(forms.FileInput):
    allow_multiple_selected = True


class ImportForm(StrictForm):
    """Files for the inventory, and where they belong."""

    file = FilesField(
        label=_("Files"),
        help_text=_("CycloneDX SBOM (JSON) or a table (CSV); several at once, or packed as ZIP."),
    )
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), to_field_name="public_id"
    )
    system: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("System"),
        queryset=None,
        to_field_name="public_id",
        required=False,
        empty_label=_("As the file says"),
        help_text=_("A table names the system of each row, an SBOM the system by its title."),
    )
    is_complete = forms.BooleanField(
        label=_("The file lists everything"),
        required=False,
        initial=True,
        help_text=_("What is no longer in it is marked as gone. What was entered by hand stays."),
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_teams(self, queries.editable_teams(viewer))
        systems = queries.systems_for(viewer).filter(
            team__in=cast(Any, self.fields["team"]).queryset
        )
        cast(Any, self.fields["system"]).queryset = systems.order_by("name", "pk")

    def clean(self) -> dict[str, Any]:
        """Store the files only once it is sure that they may be brought in here."""
        entries = super().clean() or {}
        system, team = entries.get("system"), entries.get("team")
        if system is not None and team is not None and system.team_id != team.pk:
            self.add_error("system", _("This system belongs to another team."))
        if not self.errors:
            entries["file"] = self._store(entries["file"])
        return entries

    def _store(self, uploads: Sequence[UploadedFile[bytes]]) -> list[Received]:
        received: list[Received] = []
        for upload in uploads:
            try:
                received += _store_documents(upload)
            except Malformed as error:
                self.add_error("file", wording.file_error_text(str(upload.name), error))
            if len(received) > MAX_FILES:
                self.add_error(
                    "file", _("More than %(limit)d files at once.") % {"limit": MAX_FILES}
                )
                break
        return received

    def import_order(self) -> dict[str, Any]:
        """The keywords of ``actions.start_imports``."""
        entries = self.cleaned_data
        return {
            "team": entries["team"],
            "files": [(file.name, file.sha256, file.look) for file in entries["file"]],
            "target": entries["system"],
            "is_complete": entries["is_complete"],
        }


class ColumnsForm(StrictForm):
    """Which column of a table is what. The name of a field is the field that it fills."""

    buttons = frozenset({"do"})

    def __init__(
        self,
        *args: Any,
        header: Sequence[str],
        first: Sequence[str],
        names_system: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        columns: list[tuple[str, Any]] = [("", _("Not in this file"))]
        for number, title in enumerate(header):
            example = first[number] if number < len(first) else ""
            columns.append((str(number), wording.column_choice(title or str(number + 1), example)))
        for name in FIELDS:
            if names_system or name not in wording.OF_SYSTEM:
                self.fields[name] = forms.TypedChoiceField(
                    label=wording.FIELD_NAMES[name],
                    choices=columns,
                    coerce=int,
                    empty_value=None,
                    required=name == "name" or (name == "system" and names_system),
                )

    def clean(self) -> dict[str, Any]:
        columns = super().clean() or {}
        taken: set[int] = set()
        for name, column in list(columns.items()):
            if column is None:
                continue
            if column in taken:
                self.add_error(name, _("This column is chosen for another field already."))
            taken.add(column)
        return columns

    def mapping(self) -> dict[str, int]:
        """Field → column, of those that are in the file."""
        return {name: column for name, column in self.cleaned_data.items() if column is not None}


def _store_documents(upload: UploadedFile[bytes]) -> list[Received]:
    if (upload.size or 0) > settings.NOROSHI_MAX_UPLOAD:
        raise Malformed("", wording.TOO_LARGE, limit=settings.NOROSHI_MAX_UPLOAD // 2**20)
    received = []
    for document in documents_in(upload.read(), str(upload.name)):
        if document.problem is not None:
            raise document.problem
        # The bytes are stored before anything tries to read them.
        sha256 = files.store(document.raw).sha256
        look = readers.look(document.raw, document.file)
        received.append(Received(document.file, sha256, look))
    if not received:
        raise Malformed("", wording.EMPTY)
    return received


def _chosen_team(teams: Any, data: Mapping[str, Any] | None) -> Team:
    """The team that the form was sent for, else the first that there is."""
    team = teams.filter(public_id=(data or {}).get("team", "")).first()
    return cast(Team, team or teams.first())


def _offer_teams(form: StrictForm, teams: Any) -> None:
    """Offer the teams; with a single team there is no choice, and the field is hidden."""
    field = cast(Any, form.fields["team"])
    field.queryset = teams
    field.empty_label = None
    form.order_fields(["team", *form.fields])
    if teams.count() < 2:
        field.initial = teams.first()
        field.widget = forms.HiddenInput()
