"""What people fill in. The rules themselves stand in ``actions``; here they get a place to show."""

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
        one_by_one = super().clean
        return [one_by_one(one, initial) for one in data or [None]]


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
        """What the tables say to the points as they stand in the form now."""
        said = {name: self._said(name) for name in wording.POINT_WORDS}
        inputs = proposals.Inputs(**said, in_kev=bool(self["in_kev"].value()))
        return proposals.propose(inputs, self.opened_on)

    def asked_again(self) -> AssessForm:
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
        given: dict[str, Any] = super().clean() or {}
        if self.errors or given["reason"].strip():
            return given
        if differs(given["priority"], given["due_on"], self.proposal):
            self.add_error("reason", _(DIFFERS))
        return given

    def choice(self) -> Choice:
        """What the action takes."""
        given = self.cleaned_data
        return Choice(**{one.name: given[one.name] for one in fields(Choice)})

    def _said(self, name: str) -> str:
        value = str(self[name].value())
        return value if value in wording.POINT_WORDS[name] else str(self.initial[name])


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
        given: dict[str, Any] = super().clean() or {}
        until_asked = given.get("decision") == Decision.ACCEPT and "accept_until" in given
        if until_asked and not lies_ahead(given["accept_until"]):
            self.add_error("accept_until", _(ACCEPT_UNTIL))
        return given


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

    def __init__(self, *args: Any, team: Team, parts: list[AssessedSystem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        self.people = {person.public_id: person for person in people_in(team, Role.OPERATOR)}
        self.by_id = {part.system.public_id: part.system for part in parts}
        self._field("systems").choices = [(key, one.name) for key, one in self.by_id.items()]
        self._field("operator").choices = [
            ("", _("The operators of each system")),
            *((key, str(person)) for key, person in self.people.items()),
        ]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not given.get("operator"):
            for key in given.get("systems", ()):
                if not self.by_id[key].owners.all():
                    self.add_error("operator", _(NO_OPERATOR) % {"system": self.by_id[key].name})
        return given

    def chosen(self) -> list[AssessedSystem]:
        """The parts of the chosen systems."""
        wanted = set(self.cleaned_data["systems"])
        return [part for part in self.parts if part.system.public_id in wanted]

    def named_now(self) -> list[Person]:
        """Whom instructing would name, as the form stands: valid or not."""
        person = self.people.get(str(self["operator"].value()))
        if person is not None:
            return [person]
        wanted = self["systems"].value() or []
        systems = [self.by_id[key] for key in wanted if key in self.by_id]
        return list({one.pk: one for host in systems for one in host.owners.all()}.values())

    def operators(self) -> dict[int, list[Person]]:
        """The chosen operator for every chosen system, or nothing: their own."""
        person = self.people.get(self.cleaned_data["operator"])
        return {part.system_id: [person] for part in self.chosen()} if person else {}


# What arrives without a label goes no further than it must: that comes first, and without asking.
_TLP = [(one.value, one.text) for one in dict.fromkeys((UNLABELLED, *FROM_TLP.values()))]


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
        given = self.cleaned_data
        circle = self.circles.get(given["circle"])
        return {"circle": circle, "unlabelled": given["unlabelled"] or UNLABELLED}


def assess_initial(row: Assessment, inputs: proposals.Inputs) -> dict[str, Any]:
    """The form as the tables would fill it; what a person chose before the decision stays."""
    before = row.state == State.TO_DECIDE and row.due_at is not None
    points = row.inputs if before else inputs.as_json()
    kept = proposals.Inputs(**points)
    values = {**points, **_proposed(proposals.propose(kept, timezone.localdate(row.counts_from)))}
    values["text"] = row.assessment_text
    if before and row.due_at is not None:
        values |= {"priority": row.priority, "reason": row.choice_reason}
        values["due_on"] = timezone.localdate(row.due_at).isoformat()
    return values


def instruct_initial(
    row: Assessment,
    parts: list[AssessedSystem],
    given: list[Instruction],
    remedies: list[dict[str, Any]],
) -> dict[str, Any]:
    """Every system of which nothing or not all was said yet, the day decided, and what to do."""
    have = queries.instructed_system_ids(parts, given)
    ids = dict.fromkeys(part.system.public_id for part in parts)
    return {
        "systems": [one for one in ids if one not in have],
        "due_on": timezone.localdate(row.due_at) if row.due_at else None,
        "text": "\n\n".join(one["text"] for one in remedies[:3])[:2000],
    }


def _proposed(proposed: dict[str, Any]) -> dict[str, str]:
    priority, day = proposed["deployer"]["priority"], proposals.due_on(proposed).isoformat()
    return {
        "priority": priority, "due_on": day, "proposed_priority": priority, "proposed_due": day,
    }  # fmt: skip
