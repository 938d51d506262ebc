"""The form in which a warning is written, and the one in which it is answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypedDict

from django import forms
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from noroshi.directory import queries as directory
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing.audience import audience_if
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label
from noroshi.ui.forms import StrictForm
from noroshi.ui.shapes import AudiencePanel
from noroshi.warnings import audience_panel, completeness, permissions
from noroshi.warnings.actions import About, Content
from noroshi.warnings.models import Kind, Warning
from noroshi.warnings.states import AnswerState

MOST_MATCHES = 20  # people that a search offers at once
NEEDED = ("title", "text", "todo")  # for a release; ``completeness`` reports what is missing
THING_ID = re.compile(r"[A-Z]{1,3}-[0-9A-Z]{8}")
LABELS = [(each.value, each.label) for each in Sensitivity if each is not Sensitivity.INTERNAL]


class MomentInput(forms.DateTimeInput):
    """The browser's own control for a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "short"}, format="%Y-%m-%dT%H:%M")


class WarningForm(StrictForm):
    """A warning, its label first.

    Circles and people are those that the writer may see in the directory.
    """

    buttons = frozenset({"do", "check"})

    label = forms.ChoiceField(label=_("Label"), choices=LABELS, widget=forms.RadioSelect)
    circle = forms.ChoiceField(label=_("Circle it goes to"), required=False)
    named = forms.MultipleChoiceField(
        label=_("People it names"), required=False, widget=forms.CheckboxSelectMultiple
    )
    find = forms.CharField(
        label=_("Find people to name"),
        required=False,
        max_length=100,
        help_text=_("By name or team. TLP:RED reads nobody but the people it names."),
    )
    kind = forms.ChoiceField(label=pgettext_lazy("warning", "Kind"), choices=Kind.choices)
    answer_by = forms.DateTimeField(label=_("Answer by"), required=False, widget=MomentInput)
    title = forms.CharField(label=_("Title"), max_length=200)
    title_en = forms.CharField(
        label=_("Title in English"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"lang": "en"}),
    )
    cve = forms.CharField(
        label=_("CVE number"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"class": "mono"}),
    )
    text = forms.CharField(
        label=_("In short"),
        max_length=5000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("What happens and whom it concerns, in at most three sentences."),
    )
    todo = forms.CharField(
        label=_("What to do"),
        max_length=3000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One thing on each line, the most urgent first."),
    )
    embargo_until = forms.DateTimeField(
        label=_("Embargo until"),
        required=False,
        widget=MomentInput,
        help_text=_(
            "Until then it stays with the circle and the people named, and is not passed on."
        ),
    )
    team = forms.ChoiceField(label=_("For the team"), required=False)
    about = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    about_key = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(
        self, viewer: Viewer, teams: Sequence[Team], data: QueryDict | None = None, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.viewer = viewer
        self.sent = data
        self.teams = {team.public_id: team for team in teams}
        self.circles = {circle.public_id: circle for circle in _circles(viewer)}
        self.people = {person.public_id: person for person in self._people_to_choose_from()}
        team_choices = [(key, str(team)) for key, team in self.teams.items()]
        self._set_choices("team", team_choices)
        circle_choices = [_circle_choice(circle) for circle in self.circles.values()]
        self._set_choices("circle", [("", gettext("No circle")), *circle_choices])
        self._set_choices(
            "named", [(key, _with_teams(person)) for key, person in self.people.items()]
        )
        if len(team_choices) < 2:
            self.fields["team"].widget = forms.HiddenInput()
        if not self.people:
            self.fields["named"].widget = forms.MultipleHiddenInput()

    def full_clean(self) -> None:
        """A draft may lack what a release needs: those fields look required, but may be empty."""
        for name in NEEDED:
            self.fields[name].required = False
        super().full_clean()
        for name in NEEDED:
            self.fields[name].required = True

    def clean_about(self) -> str:
        about: str = self.cleaned_data["about"]
        return about if THING_ID.fullmatch(about) else ""

    def clean_cve(self) -> str:
        cve: str = self.cleaned_data["cve"].strip().upper()
        if cve and not completeness.CVE.fullmatch(cve):
            raise forms.ValidationError(gettext("Write a CVE number such as CVE-2026-12345."))
        return cve

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_title_en(self) -> str:
        return " ".join(self.cleaned_data["title_en"].split())

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        if self.data.get("do") == "release" and not self.errors:
            audience = audience_if(owner=self.own_team(), **self._label_fields())
            label = Label(
                sensitivity=fields["label"],
                circle=self._circle(),
                embargo_until=fields["embargo_until"],
            )
            texts = ("title", "text", "todo", "answer_by")
            warning = Warning(**{name: fields[name] for name in texts})
            for where, sentence in completeness.missing(warning, label, audience):
                # with nobody to tick, the page shows the search field in place of the list
                is_hidden = where == "named" and not self.people
                self.add_error("find" if is_hidden else where, gettext(sentence))
        return fields

    def own_team(self) -> Team:
        """The team that warns: the one chosen, or the only one."""
        chosen = (
            self.cleaned_data.get("team", "") if self.is_bound else self.initial.get("team", "")
        )
        return self.teams.get(chosen) or next(iter(self.teams.values()))

    def content(self) -> Content:
        """The warning's label and texts as the person wrote them."""
        fields = self.cleaned_data
        texts = ("kind", "title", "title_en", "text", "todo", "cve", "answer_by")
        return Content(**self._label_fields(), **{name: fields[name] for name in texts})

    def origin(self) -> About | None:
        """The vulnerability from which the page was opened, if any."""
        thing_id = self.cleaned_data["about"]
        return About("assessment", thing_id, self.cleaned_data["about_key"]) if thing_id else None

    def readers_panel(self) -> AudiencePanel:
        """The panel of those who would read this, as far as the form is filled in."""
        return audience_panel.preview(self.viewer, team=self.own_team(), **self._label_fields())

    def _label_fields(self) -> dict[str, Any]:
        """Label, circle, people and embargo, as sent or as the page began with them."""
        fields = self.cleaned_data if self.is_bound else self.initial
        named = [self.people[key] for key in fields.get("named", ()) if key in self.people]
        return {
            "sensitivity": fields.get("label") or Sensitivity.AMBER.value,
            "circle": self._circle(),
            "named": named,
            "embargo_until": fields.get("embargo_until"),
        }

    def _circle(self) -> Circle | None:
        fields = self.cleaned_data if self.is_bound else self.initial
        return self.circles.get(fields.get("circle", ""))

    def _people_to_choose_from(self) -> list[Person]:
        """The people ticked already, then the matches of the search."""
        visible = directory.people_for(self.viewer).prefetch_related("memberships__team")
        if self.sent is not None:
            ticked, words = self.sent.getlist("named"), self.sent.get("find", "").strip()
        else:
            ticked, words = list(self.initial.get("named", ())), ""
        people = list(visible.filter(public_id__in=ticked[:500]))
        if words:
            matches = visible.filter(
                Q(name__icontains=words)
                | Q(name_en__icontains=words)
                | Q(memberships__team__name__icontains=words)
                | Q(memberships__team__name_en__icontains=words)
            ).distinct()
            people += list(matches.exclude(public_id__in=ticked)[:MOST_MATCHES])
        return people

    def _set_choices(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = choices


class AnswerInput(TypedDict):
    """An answer in the arguments of ``actions.answer``."""

    state: str
    note: str
    team_id: str


class AnswerForm(StrictForm):
    """Four answers and a remark. ``team`` appears only for somebody who speaks for several."""

    buttons = frozenset({"state"})

    state = forms.ChoiceField(
        label=pgettext_lazy("warning", "Answer"),
        choices=AnswerState.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose one of the four answers.")},
    )
    note = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Only the team that warned reads it. Other receivers see sums."),
    )
    team = forms.ChoiceField(label=_("For the team"), required=False)

    def __init__(self, teams: Sequence[Team], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["team"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker
        field.choices = [(team.public_id, str(team)) for team in teams]
        field.required = len(teams) > 1
        if len(teams) < 2:
            field.widget = forms.HiddenInput()

    def answer(self) -> AnswerInput:
        fields = self.cleaned_data
        return AnswerInput(state=fields["state"], note=fields["note"], team_id=fields["team"])


class WithdrawForm(StrictForm):
    why = forms.CharField(
        label=_("Why it is withdrawn"),
        max_length=300,
        error_messages={"required": _("Say why it is withdrawn; those who read it will ask.")},
    )


class ReleaseForm(StrictForm):
    """The confirmation of a release. ``seen`` is the fingerprint of what the page showed."""

    seen = forms.CharField(max_length=32, widget=forms.HiddenInput)


def initial_of(warning: Warning) -> dict[str, Any]:
    """The initial values of the form that changes a draft."""
    label = warning.label
    named = Person.objects.filter(pk__in=label.named_ids())
    return {
        "label": label.sensitivity,
        "circle": label.circle.public_id if label.circle else "",
        "named": list(named.values_list("public_id", flat=True)),
        "embargo_until": label.embargo_until,
        "team": warning.team.public_id,
        **{
            name: getattr(warning, name)
            for name in ("kind", "answer_by", "title", "title_en", "cve", "text", "todo")
        },
    }


def initial_from_query(query: QueryDict) -> dict[str, Any]:
    """The initial values of a new warning, sent along by a vulnerability's page.

    Their texts come from outside: nothing is saved before a person has read and sent them.
    """
    key = query.get("key", "")[:100]
    cve = key.upper() if completeness.CVE.fullmatch(key.upper()) else ""
    return {
        "label": Sensitivity.AMBER.value,
        "kind": Kind.EXPLOITED.value,
        "title": " ".join(query.get("title", "").split())[:200],
        "cve": cve,
        "about": query.get("about", "")[:20],
        "about_key": "" if cve else key,
    }


def writing_teams(viewer: Viewer) -> list[Team]:
    """The teams for which this viewer may write."""
    return [team for team in directory.own_teams(viewer) if permissions.may_draft(viewer, team.pk)]


def _circles(viewer: Viewer) -> list[Circle]:
    return list(directory.circles_for(viewer).annotate(size=Count("seats")).order_by("name"))


def _circle_choice(circle: Circle) -> tuple[str, str]:
    size: int = getattr(circle, "size", 0)
    words = ngettext("%(circle)s (%(count)d team)", "%(circle)s (%(count)d teams)", size)
    return circle.public_id, words % {"circle": circle, "count": size}


def _with_teams(person: Person) -> str:
    teams = sorted({str(row.team) for row in person.memberships.all()})
    return gettext("%(person)s, %(teams)s") % {"person": person, "teams": ", ".join(teams)}
