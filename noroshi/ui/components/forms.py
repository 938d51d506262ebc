"""Form fields, and the summary of the errors of a form."""

from __future__ import annotations

from collections.abc import Mapping

from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from noroshi.ui.components.registry import NOTHING, register
from noroshi.ui.fields import RenderedField, rendered
from noroshi.ui.shapes import Text


@register.simple_tag
def field(
    bound: BoundField,
    kind: str = "",
    hints: Mapping[str, Text] | None = None,
    hint: Text = "",
) -> str:
    """Label, hint, control and error of one form field. ``kind``: short, mono, pills or tlp."""
    view: RenderedField = rendered(bound, kind, hints or {}, hint)
    if view.widget == "hidden":
        return bound.as_hidden()
    return render_to_string("ui/parts/field.html", {"field": view})


@register.simple_tag
def errors(form: BaseForm, title: Text = "") -> str:
    """The errors of a form, each linked to its field; the summary takes the focus."""
    if not form.errors:
        return NOTHING
    lines = [("", error) for error in form.non_field_errors()]
    for name in form.fields:
        view = rendered(form[name])
        lines += [(view.anchor, error) for error in view.errors]
    return render_to_string(
        "ui/parts/errors.html",
        {"title": title or _("This cannot be taken as it is"), "lines": lines},
    )
