"""The form that makes a report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from noroshi.core import clock
from noroshi.directory.models import Team
from noroshi.reports.actions import MAX_DAYS, MAX_NOTE
from noroshi.ui.forms import StrictForm

FROM_DAY_TO_DAY = "days"
PERIODS = (
    ("month", gettext_lazy("This month")),
    ("last_month", gettext_lazy("Last month")),
    ("quarter", gettext_lazy("This quarter")),
    ("last_quarter", gettext_lazy("Last quarter")),
    (FROM_DAY_TO_DAY, gettext_lazy("From a day to a day")),
)


def period_days(name: str, today: date) -> tuple[date, date]:
    """First and last day of a named period; one that still runs ends today."""
    month = today.replace(day=1)
    quarter = month.replace(month=(today.month - 1) // 3 * 3 + 1)
    match name:
        case "last_month":
            end = month - timedelta(days=1)
            return end.replace(day=1), end
        case "quarter":
            return quarter, today
        case "last_quarter":
            end = quarter - timedelta(days=1)
            return end.replace(month=end.month - 2, day=1), end
        case _:
            return month, today


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReportForm(StrictForm):
    """Team and period of a report, with the author's own title and note."""

    team = forms.ChoiceField(label=gettext_lazy("Team"))
    period = forms.ChoiceField(
        label=gettext_lazy("Period"), choices=PERIODS, widget=forms.RadioSelect, initial="month"
    )
    from_on = forms.DateField(
        label=pgettext_lazy("day", "From"),
        required=False,
        widget=_Day(),
        help_text=gettext_lazy("Only for a period from a day to a day."),
    )
    to_on = forms.DateField(
        label=pgettext_lazy("day", "To, included"), required=False, widget=_Day()
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Without one the period is the title."),
    )
    note = forms.CharField(
        label=gettext_lazy("What you want to add"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Stands on top of the report, in your own words."),
    )

    def __init__(self, *args: Any, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {team.public_id: team for team in teams}
        field: Any = self.fields["team"]
        field.choices = [(key, str(team)) for key, team in self.teams.items()]
        if len(teams) == 1:
            field.widget = forms.HiddenInput()
            field.initial = teams[0].public_id

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("period") != FROM_DAY_TO_DAY:
            cleaned["from_on"], cleaned["to_on"] = period_days(
                cleaned.get("period", ""), clock.today()
            )
            return cleaned
        start, end = cleaned.get("from_on"), cleaned.get("to_on")
        for name, day in (("from_on", start), ("to_on", end)):
            if day is None and name not in self.errors:
                self.add_error(name, _("Choose the day."))
        if start and end and start > end:
            self.add_error("to_on", _("The period ends before it begins."))
        elif start and end and (end - start).days >= MAX_DAYS:
            self.add_error("from_on", _("A report covers at most one year."))
        if end and end > clock.today():
            self.add_error("to_on", _("The period ends in the future."))
        return cleaned

    def own_team(self) -> Team:
        return self.teams[self.cleaned_data["team"]]
