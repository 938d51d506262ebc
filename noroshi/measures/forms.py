"""The forms of instructions. The rules stand in ``checks``; here each gets its field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from noroshi.core import clock
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.directory.models import Person, Role
from noroshi.directory.queries import people_in
from noroshi.measures.checks import MAX_FILE_BYTES, MAX_FILES, NOTHING_TO_VERIFY
from noroshi.measures.models import Instruction, Reason
from noroshi.ui.forms import StrictForm

TEXT = 4000
LOCAL = "%Y-%m-%dT%H:%M"


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file that Django has put on disk: ten big ones are never in memory at once."""

    source: UploadedFile[bytes]

    @property
    def name(self) -> str:
        return self.source.name or ""

    @property
    def size(self) -> int:
        return self.source.size or 0

    @property
    def raw(self) -> bytes:
        self.source.seek(0)
        return bytes(self.source.read())


class FilesField(forms.FileField):
    """Several files, within the caps by number and size."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[OnDisk]:
        uploads = [OnDisk(upload) for upload in data or [] if upload is not None]
        if len(uploads) > MAX_FILES:
            raise forms.ValidationError(_("Up to %(count)d files.") % {"count": MAX_FILES})
        for upload in uploads:
            if upload.size > MAX_FILE_BYTES:
                raise forms.ValidationError(
                    _("%(name)s is larger than %(size)d MB.")
                    % {"name": upload.name, "size": MAX_FILE_BYTES // (1024 * 1024)}
                )
        return uploads


class StartForm(StrictForm):
    """The button "I begin"; nothing is entered."""

    buttons = frozenset({"what"})


class DoneForm(StrictForm):
    """The evidence by which another person can verify it: the version, a file, a line."""

    buttons = frozenset({"what"})

    new_version = forms.CharField(
        label=gettext_lazy("Version as you see it now"), required=False, max_length=100
    )
    files = FilesField(  # type: ignore[assignment]  # declared fields are taken off the class
        label=gettext_lazy("Evidence"),
        required=False,
        help_text=gettext_lazy(
            "A picture of the screen with the version, or the output as text. "
            "Up to 10 files of 25 MB each."
        ),
    )
    text = forms.CharField(
        label=gettext_lazy("What you noticed"),
        required=False,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        entries: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(entries.values()):
            raise forms.ValidationError(_(NOTHING_TO_VERIFY))
        return entries


class CannotForm(StrictForm):
    """The reason why it cannot be done."""

    buttons = frozenset({"what"})

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=Reason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("More about it"),
        required=False,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


ANSWER_FORMS: dict[str, type[StrictForm]] = {
    "started": StartForm,
    "done": DoneForm,
    "cannot": CannotForm,
}


class StepForm(StrictForm):
    """A step with an instruction, which its fields may need."""

    def __init__(self, *args: Any, instruction: Instruction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instruction = instruction


class VerifyForm(StepForm):
    note = forms.CharField(
        label=gettext_lazy("How it was verified"),
        required=False,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SendBackForm(StepForm):
    text = forms.CharField(
        label=gettext_lazy("What is missing"),
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The operator gets this by mail."),
    )


class WithdrawForm(StepForm):
    text = forms.CharField(
        label=gettext_lazy("Why it is withdrawn"),
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The operator gets this by mail."),
    )


class _DueForm(StepForm):
    due_at = forms.DateTimeField(
        label=gettext_lazy("Due"),
        input_formats=[LOCAL],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
    )

    def __init__(self, *args: Any, instruction: Instruction, **kwargs: Any) -> None:
        super().__init__(*args, instruction=instruction, **kwargs)
        self.fields["due_at"].initial = timezone.localtime(instruction.due_at)

    def clean_due_at(self) -> Any:
        due_at = self.cleaned_data["due_at"]
        if due_at <= clock.now():
            raise forms.ValidationError(_("Choose a time that is still to come."))
        return due_at


class DueForm(_DueForm):
    text = forms.CharField(
        label=gettext_lazy("Why it moves"),
        required=False,
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AgainForm(_DueForm):
    text = forms.CharField(
        label=gettext_lazy("How"), max_length=TEXT * 4, widget=forms.Textarea(attrs={"rows": 8})
    )
    operators = forms.MultipleChoiceField(
        label=gettext_lazy("Operators"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, instruction: Instruction, **kwargs: Any) -> None:
        super().__init__(*args, instruction=instruction, **kwargs)
        current = {person.pk for person in instruction.operators.all()}
        operators = {person.pk for person in people_in(instruction.team, Role.OPERATOR)}
        people = people_in(instruction.team).filter(pk__in=current | operators)
        self.people: dict[str, Person] = {person.public_id: person for person in people}
        field = cast(forms.MultipleChoiceField, self.fields["operators"])
        field.choices = [(key, str(person)) for key, person in self.people.items()]
        field.initial = [key for key, person in self.people.items() if person.pk in current]
        self.fields["text"].initial = instruction.text

    def clean_operators(self) -> list[Person]:
        return [self.people[key] for key in self.cleaned_data["operators"]]


class LinkForm(StepForm):
    """Nothing to fill in."""


def answer_form(what: str, sent: Any, files: Any) -> StrictForm:
    """The form of the pressed button, bound to what was sent."""
    if what not in ANSWER_FORMS:
        raise Malformed(
            "what", gettext_noop("Choose one of: %(known)s."), known=", ".join(ANSWER_FORMS)
        )
    return ANSWER_FORMS[what](sent, files, auto_id=f"{what}_%s")


def bound_unless(sent: StrictForm | None, form: type[StrictForm]) -> StrictForm:
    """The sent form with its errors where it is of this class; else an empty one."""
    if isinstance(sent, form):
        return sent
    name = next(name for name, form_class in ANSWER_FORMS.items() if form_class is form)
    return form(auto_id=f"{name}_%s")
