"""What people fill in. The rules themselves stand in ``actions``; here they get a place to show."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from noroshi.directory.models import Person, Role, Team
from noroshi.directory.queries import people_in
from noroshi.formats import ssvc
from noroshi.measures.forms import FilesField
from noroshi.measures.models import Kind
from noroshi.ui.forms import StrictForm
from noroshi.vulnerabilities import words
from noroshi.vulnerabilities.assessing import Choice
from noroshi.vulnerabilities.models import AssessedSystem
from noroshi.vulnerabilities.states import Decision, Priority

TEXT = 4000


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _points(known: tuple[str, ...]) -> list[tuple[str, Any]]:
    return [(word, words.POINTS[word]) for word in known]


class AssessForm(StrictForm):
    """The decision points of the two tables, then the priority and date chosen."""

    exploitation = forms.ChoiceField(
        label=gettext_lazy("Exploitation"),
        choices=_points(ssvc.EXPLOITATION),
        widget=forms.RadioSelect,
    )
    exposure = forms.ChoiceField(
        label=gettext_lazy("Exposure"), choices=_points(ssvc.EXPOSURE), widget=forms.RadioSelect
    )
    automatable = forms.ChoiceField(
        label=gettext_lazy("Can the attack be automated?"),
        choices=_points(ssvc.AUTOMATABLE),
        widget=forms.RadioSelect,
    )
    human_impact = forms.ChoiceField(
        label=gettext_lazy("Impact on people and business"),
        choices=_points(ssvc.HUMAN_IMPACT),
        widget=forms.RadioSelect,
    )
    technical_impact = forms.ChoiceField(
        label=gettext_lazy("Technical impact"),
        choices=_points(ssvc.TECHNICAL_IMPACT),
        widget=forms.RadioSelect,
    )
    in_kev = forms.BooleanField(
        label=gettext_lazy("Listed as known to be exploited (KEV)"), required=False
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=Priority.choices, widget=forms.RadioSelect
    )
    due_on = forms.DateField(label=gettext_lazy("Due"), widget=_Day())
    reason = forms.CharField(
        label=gettext_lazy("Why priority or date differ from the proposal"),
        required=False,
        max_length=TEXT,
        widget=_area(2),
        help_text=gettext_lazy("Needed only where they differ."),
    )
    text = forms.CharField(
        label=gettext_lazy("What you found"), required=False, max_length=TEXT, widget=_area(4)
    )

    def choice(self) -> Choice:
        return Choice(**self.cleaned_data)


class DecideForm(StrictForm):
    """The security manager's word."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"), choices=Decision.choices, widget=forms.RadioSelect
    )
    accept_until = forms.DateField(
        label=gettext_lazy("Accept until"),
        required=False,
        widget=_Day(),
        help_text=gettext_lazy(
            "Only when you accept the risk. On that day it comes back to assess."
        ),
    )
    text = forms.CharField(
        label=gettext_lazy("Why, in plain words"),
        max_length=TEXT,
        widget=_area(3),
        help_text=gettext_lazy("Operators and executives read this sentence."),
    )


class ReconsiderForm(StrictForm):
    """Back to assessment."""

    reason = forms.CharField(
        label=gettext_lazy("What should be looked at again"), max_length=TEXT, widget=_area(3)
    )


class InstructForm(StrictForm):
    """What the operators of the chosen systems do until when."""

    systems = forms.MultipleChoiceField(
        label=gettext_lazy("Systems"), widget=forms.CheckboxSelectMultiple
    )
    kind = forms.ChoiceField(label=gettext_lazy("What to do"), choices=Kind.choices)
    wanted_version = forms.CharField(
        label=gettext_lazy("Version wanted"), required=False, max_length=100
    )
    text = forms.CharField(label=gettext_lazy("How"), max_length=TEXT, widget=_area(5))
    due_on = forms.DateField(label=gettext_lazy("Due"), widget=_Day())
    operator = forms.ChoiceField(
        label=gettext_lazy("Operator"),
        required=False,
        help_text=gettext_lazy("Only where it is not the operators of the system."),
    )
    files = FilesField(label=gettext_lazy("Attachments"), required=False)  # type: ignore[assignment]  # declared fields are taken off the class

    def __init__(self, *args: Any, team: Team, parts: list[AssessedSystem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        self.people = {person.public_id: person for person in people_in(team, Role.OPERATOR)}
        systems = {part.system.public_id: part.system for part in parts}
        self._field("systems").choices = [
            (
                key,
                f"{system.name} ({', '.join(str(one) for one in system.owners.all()) or _('no operator')})",
            )
            for key, system in systems.items()
        ]
        self._field("operator").choices = [
            ("", _("The operators of each system")),
            *((key, str(person)) for key, person in self.people.items()),
        ]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def chosen(self) -> list[AssessedSystem]:
        """The parts of the chosen systems."""
        wanted = set(self.cleaned_data["systems"])
        return [part for part in self.parts if part.system.public_id in wanted]

    def operators(self) -> dict[int, list[Person]]:
        """The chosen operator for every chosen system, or nothing: their own."""
        person = self.people.get(self.cleaned_data["operator"])
        return {part.system_id: [person] for part in self.chosen()} if person else {}


class FilesForm(StrictForm):
    """Advisories as files; a folder is chosen file by file or as a .zip."""

    team = forms.ChoiceField(label=gettext_lazy("Team"))
    files = forms.FileField(  # type: ignore[assignment]  # declared fields are taken off the class
        label=gettext_lazy("Files"),
        widget=_ManyFiles(attrs={"accept": ".json,.jsonl,.gz,.zip,.tar"}),
        help_text=gettext_lazy(
            "CSAF 2.0 and 2.1, CVE JSON 5; one by one, as .jsonl, or packed as .zip or .tar.gz. Drop them here."
        ),
    )

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        field.choices = [(team.public_id, str(team)) for team in teams]
        if len(teams) == 1:
            field.widget = forms.HiddenInput()
            field.initial = teams[0].public_id


def proposed_initial(
    inputs: dict[str, Any], proposals: dict[str, Any], due: date
) -> dict[str, Any]:
    """The form as the tables would fill it."""
    return {**inputs, "priority": proposals["deployer"]["priority"], "due_on": due}
