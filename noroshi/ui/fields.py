"""A form field as the page shows it: label, hint, control and errors, from Django's field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.forms import widgets
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from noroshi.ui.shapes import Text


@dataclass(frozen=True, slots=True)
class Option:
    control: str
    label: Text
    hint: Text
    value: str


@dataclass(frozen=True, slots=True)
class RenderedField:
    """``widget`` is one of hidden, group, check, file, line; ``anchor`` is what a link jumps to."""

    widget: str
    label: Text
    hint: Text
    errors: Sequence[str]
    optional: bool
    anchor: str
    id: str
    control: SafeString | str = ""
    options: Sequence[Option] = ()
    kind: str = ""

    @property
    def described_by(self) -> str:
        """The ids of hint and errors, for a group; Django writes them on single controls itself."""
        ids = [f"{self.id}_helptext"] if self.hint else []
        return " ".join([*ids, f"{self.id}_error"] if self.errors else ids)


def rendered(
    bound: BoundField, kind: str = "", hints: Mapping[str, Text] | None = None, hint: Text = ""
) -> RenderedField:
    """The parts of ``bound`` as the page shows them."""
    widget = _kind_of(bound.field.widget, hidden=bound.is_hidden)
    grouped = widget == "group"
    described = bound.help_text or hint
    attrs: dict[str, str | bool] = {"class": _classes(bound, kind)} if widget == "line" else {}
    if hint and not bound.help_text:
        error = f" {bound.auto_id}_error" if bound.errors else ""
        attrs["aria-describedby"] = f"{bound.auto_id}_helptext{error}"
    return RenderedField(
        widget=widget,
        label=bound.label,
        hint=described,
        errors=_sentences(bound),
        optional=not bound.field.required and widget != "check",
        anchor=f"{bound.auto_id}_0" if grouped else bound.id_for_label or bound.auto_id,
        id=bound.auto_id,
        control="" if grouped else bound.as_widget(attrs=attrs),
        options=_options(bound, hints or {}) if grouped else (),
        kind=kind,
    )


def _sentences(bound: BoundField) -> list[str]:
    """The errors as sentences that can stand alone in the summary."""
    sentences: list[str] = []
    for error in bound.form.errors.as_data().get(bound.name, []):
        if error.code == "required":
            sentences.append(_("%(field)s is empty.") % {"field": bound.label})
        else:
            sentences += error.messages
    return sentences


def _kind_of(widget: widgets.Widget, *, hidden: bool) -> str:
    if hidden:
        return "hidden"
    if isinstance(widget, widgets.RadioSelect | widgets.CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, widgets.CheckboxInput):
        return "check"
    return "file" if isinstance(widget, widgets.FileInput) else "line"


def _classes(bound: BoundField, kind: str) -> str:
    own = bound.field.widget.attrs.get("class", "")
    return " ".join(name for name in ("input", kind, own) if name)


def _options(bound: BoundField, hints: Mapping[str, Text]) -> list[Option]:
    return [
        Option(
            control=sub.tag(),
            label=sub.choice_label,
            hint=hints.get(str(sub.data["value"]), ""),
            value=str(sub.data["value"]),
        )
        for sub in bound.subwidgets
    ]
