"""The forms. The rules themselves stand in ``actions``; a form shows at which field one is broken."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from noroshi.directory.models import Circle, Person, Role, Team
from noroshi.directory.queries import people_in
from noroshi.measures.forms import FilesField
from noroshi.measures.models import Instruction, Kind
from noroshi.sharing.labels import FROM_TLP, UNLABELLED
from noroshi.ui.forms import StrictForm
from noroshi.vulnerabilities import proposals, queries, wording
from noroshi.vulnerabilities.assessing import (
    ACCEPT_UNTIL,
    DIFFERS,
    NO_OPERATOR,
    Choice,
    differs,
    lies_ahead,
)
from noroshi.vulnerabilities.models import AssessedSystem, Assessment
from noroshi.vulnerabilities.states import Decision, Priority, State

TEXT = 4000


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class _AdvisoriesField(forms.FileField):
    """As many files as one request may carry; the import reads them and says what each became."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        clean_file = super().clean
        return [clean_file(file, initial) for file in data or [None]]


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _point(name: str) -> forms.ChoiceField:
    choices = [(word, wording.POINTS[word]) for word in wording.POINT_WORDS[name]]
    return forms.ChoiceField(
        label=wording.POINT_NAMES[name], choices=choices, widget=forms.RadioSelect
    )


class AssessForm(StrictForm):
    """The decision points of the two tables, then the priority and date chosen.

    What the tables proposed travels along hidden, so that priority and date can follow a new
    proposal as long as the analyst has left them where the last one put them.
    """

    buttons = frozenset({"do"})

    exploitation = _point("exploitation")
    exposure = _point("exposure")
    automatable = _point("automatable")
    human_impact = _point("human_impact")
    technical_impact = _point("technical_impact")
    in_kev = forms.BooleanField(
        label=gettext_lazy("Listed as known to be exploited (KEV)"), required=False
    )
    text = forms.CharField(
        label=gettext_lazy("What you found"), required=False, max_length=TEXT, widget=_area(4)
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=Priority.choices, widget=forms.RadioSelect
    )
    due_on = forms.DateField(label=gettext_lazy("Due"), widget=_Day())
    reason = forms.CharField(
        label=gettext_lazy("Why priority or date differ from the proposal"),
        required=False,
        max_length=TEXT,
        widget=_area(3),
        help_text=gettext_lazy("Needed only where they differ."),
    )
    proposed_priority = forms.CharField(required=False, widget=forms.HiddenInput)
    proposed_due = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, opened_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opened_on = opened_on

    @property
    def proposal(self) -> dict[str, Any]:
        """The proposal of the tables for the points as they stand in the form now."""
        points = {name: self._point_value(name) for name in wording.POINT_WORDS}
        inputs = proposals.Inputs(**points, in_kev=bool(self["in_kev"].value()))
        return proposals.propose(inputs, self.opened_on)

    def with_new_proposal(self) -> AssessForm:
        """The same form with the new proposal, which priority and date follow unless they were changed."""
        self.is_valid()  # a field that is not of the form is refused here too
        values: dict[str, Any] = {name: self[name].value() for name in self.fields}
        proposed = _proposed(self.proposal)
        if values["priority"] == values["proposed_priority"]:
            values["priority"] = proposed["priority"]
        if values["due_on"] == values["proposed_due"]:
            values["due_on"] = proposed["due_on"]
        values |= {name: proposed[name] for name in ("proposed_priority", "proposed_due")}
        return AssessForm(initial=values, opened_on=self.opened_on)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if self.errors or values["reason"].strip():
            return values
        if differs(values["priority"], values["due_on"], self.proposal):
            self.add_error("reason", _(DIFFERS))
        return values

    def choice(self) -> Choice:
        """Return the choice as the action takes it."""
        return Choice(**{field.name: self.cleaned_data[field.name] for field in fields(Choice)})

    def _point_value(self, name: str) -> str:
        value = str(self[name].value())
        return value if value in wording.POINT_WORDS[name] else str(self.initial[name])


class DecideForm(StrictForm):
    """The security manager's decision."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"), choices=Decision.choices, widget=forms.RadioSelect
    )
    accept_until = forms.DateField(
        label=gettext_lazy("Accept until"),
        required=False,
        widget=_Day(),
        help_text=gettext_lazy(
            "Only when you accept the risk. After that day it comes back to assessment."
        ),
    )
    text = forms.CharField(
        label=gettext_lazy("Why, in plain words"),
        max_length=TEXT,
        widget=_area(3),
        help_text=gettext_lazy("Operators and executives read this sentence."),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        needs_day = values.get("decision") == Decision.ACCEPT and "accept_until" in values
        if needs_day and not lies_ahead(values["accept_until"]):
            self.add_error("accept_until", _(ACCEPT_UNTIL))
        return values


class ReconsiderForm(StrictForm):
    """Back to assessment."""

    reason = forms.CharField(
        label=gettext_lazy("What should be looked at again"), max_length=TEXT, widget=_area(3)
    )


class InstructForm(StrictForm):
    """An instruction to the operators of the chosen systems, with its due date."""

    systems = forms.MultipleChoiceField(
        label=gettext_lazy("Systems"), widget=forms.CheckboxSelectMultiple
    )
    operator = forms.ChoiceField(
        label=gettext_lazy("Who carries it out"),
        required=False,
        help_text=gettext_lazy("Each of them gets a mail with a link that needs no account."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("What to do"), choices=Kind.choices)
    wanted_version = forms.CharField(
        label=gettext_lazy("Version wanted"), required=False, max_length=100
    )
    text = forms.CharField(
        label=pgettext_lazy("instruction", "How"), max_length=TEXT, widget=_area(6)
    )
    due_on = forms.DateField(
        label=gettext_lazy("Due"),
        widget=_Day(),
        help_text=gettext_lazy("The work is due at 18:00 on that day."),
    )
    files = FilesField(label=gettext_lazy("Attachments"), required=False)  # type: ignore[assignment]  # declared fields are taken off the class

    def __init__(
        self, *args: Any, team: Team, affected_systems: list[AssessedSystem], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.affected_systems = affected_systems
        self.people = {person.public_id: person for person in people_in(team, Role.OPERATOR)}
        self.by_id = {affected.system.public_id: affected.system for affected in affected_systems}
        self._field("systems").choices = [(key, system.name) for key, system in self.by_id.items()]
        self._field("operator").choices = [
            ("", _("The operators of each system")),
            *((key, str(person)) for key, person in self.people.items()),
        ]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not values.get("operator"):
            for key in values.get("systems", ()):
                if not self.by_id[key].owners.all():
                    self.add_error("operator", _(NO_OPERATOR) % {"system": self.by_id[key].name})
        return values

    def chosen(self) -> list[AssessedSystem]:
        """The affected components of the chosen systems."""
        chosen = set(self.cleaned_data["systems"])
        return [
            affected for affected in self.affected_systems if affected.system.public_id in chosen
        ]

    def named_now(self) -> list[Person]:
        """The people whom instructing would name, as the form stands: valid or not."""
        person = self.people.get(str(self["operator"].value()))
        if person is not None:
            return [person]
        chosen = self["systems"].value() or []
        systems = [self.by_id[key] for key in chosen if key in self.by_id]
        owners = {person.pk: person for system in systems for person in system.owners.all()}
        return list(owners.values())

    def operators(self) -> dict[int, list[Person]]:
        """The chosen operator for every chosen system, or nothing: their own."""
        person = self.people.get(self.cleaned_data["operator"])
        return {affected.system_id: [person] for affected in self.chosen()} if person else {}


# The first is chosen beforehand: what arrives without a label goes no further than it must.
_TLP = [(label.value, label.text) for label in dict.fromkeys((UNLABELLED, *FROM_TLP.values()))]


class FilesForm(StrictForm):
    """Advisories as files; a folder is chosen file by file or as a .zip."""

    team = forms.ChoiceField(label=gettext_lazy("Team"))
    files = _AdvisoriesField(  # type: ignore[assignment]  # declared fields are taken off the class
        label=gettext_lazy("Files"),
        widget=_ManyFiles(attrs={"accept": ".json,.jsonl,.gz,.zip,.tar"}),
        help_text=gettext_lazy(
            "CSAF 2.0 and 2.1 and CVE JSON 5: one or several files, JSON Lines, or a folder packed as .zip or .tar.gz. Choose them or drop them here."
        ),
    )

    circle = forms.ChoiceField(
        label=gettext_lazy("Circle that may read them"),
        required=False,
        help_text=gettext_lazy(
            "For TLP:AMBER, TLP:AMBER+STRICT and what has no label. Without a circle they stay in your team."
        ),
    )
    unlabelled = forms.ChoiceField(
        label=gettext_lazy("Label of what has none"), required=False, choices=_TLP
    )

    def __init__(self, *args: Any, teams: list[Team], circles: list[Circle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.circles = {circle.public_id: circle for circle in circles}
        field: Any = self.fields["circle"]
        field.choices = [
            ("", _("Own team only")),
            *((key, str(circle)) for key, circle in self.circles.items()),
        ]
        field = self.fields["team"]
        field.choices = [(team.public_id, str(team)) for team in teams]
        if len(teams) == 1:
            field.widget = forms.HiddenInput()
            field.initial = teams[0].public_id

    def audience(self) -> dict[str, Any]:
        """The circle and the label chosen, as the action takes them."""
        circle = self.circles.get(self.cleaned_data["circle"])
        unlabelled = self.cleaned_data["unlabelled"] or UNLABELLED
        return {"circle": circle, "unlabelled": unlabelled}


def assess_initial(row: Assessment, inputs: proposals.Inputs) -> dict[str, Any]:
    """The form as the tables would fill it; what a person chose before the decision stays."""
    before = row.state == State.TO_DECIDE and row.due_at is not None
    points = row.inputs if before else inputs.as_json()
    proposal = proposals.propose(proposals.Inputs(**points), timezone.localdate(row.counts_from))
    values = {**points, **_proposed(proposal)}
    values["text"] = row.assessment_text
    if before and row.due_at is not None:
        values |= {"priority": row.priority, "reason": row.choice_reason}
        values["due_on"] = timezone.localdate(row.due_at).isoformat()
    return values


def instruct_initial(
    row: Assessment,
    affected_systems: list[AssessedSystem],
    instructions: list[Instruction],
    remedies: list[dict[str, Any]],
) -> dict[str, Any]:
    """The systems that are not or not fully instructed yet, the day decided, and what to do."""
    instructed = queries.instructed_system_ids(affected_systems, instructions)
    ids = dict.fromkeys(affected.system.public_id for affected in affected_systems)
    return {
        "systems": [system_id for system_id in ids if system_id not in instructed],
        "due_on": timezone.localdate(row.due_at) if row.due_at else None,
        "text": "\n\n".join(remedy["text"] for remedy in remedies[:3])[:2000],
    }


def _proposed(proposed: dict[str, Any]) -> dict[str, str]:
    priority, day = proposed["deployer"]["priority"], proposals.due_on(proposed).isoformat()
    return {
        "priority": priority,
        "due_on": day,
        "proposed_priority": priority,
        "proposed_due": day,
    }
