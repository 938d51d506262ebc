"""Forms that list their fields and refuse everything else (docs/reference/security.md, rule 4)."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.core.single_line import LINE_BREAKING

# The fields that our own page frame adds to a form: Django's token, and the way back.
FRAME = frozenset({"csrfmiddlewaretoken", "next"})

_single_line = RegexValidator(
    f"[{LINE_BREAKING}]",
    _("This is one line of text: without line breaks, tabs and control characters."),
    inverse_match=True,
)
_LINES = (forms.TextInput, forms.EmailInput, forms.HiddenInput)


def refuse_unlisted(sent: QueryDict, listed: Iterable[str]) -> None:
    """Raise ``Malformed`` for the first field of a sent form that is not ``listed``."""
    unlisted = sorted(set(sent) - FRAME - set(listed))
    if unlisted:
        raise Malformed(unlisted[0][:60], gettext_noop("This field is not part of the form."))


class StrictForm(forms.Form):
    """A form that is not taken when it carries a field that it does not list, or more than a line
    where it has room for one.

    ``buttons`` are names that submit buttons of its page may send.
    """

    buttons: frozenset[str] = frozenset()

    def full_clean(self) -> None:
        if self.is_bound and isinstance(self.data, QueryDict):
            refuse_unlisted(self.data, {*self.buttons, *self._listed()})
        for field in self.fields.values():
            lines = isinstance(field.widget, _LINES) and isinstance(field, forms.CharField)
            if lines and _single_line not in field.validators:
                field.validators.append(_single_line)
        super().full_clean()

    def _listed(self) -> set[str]:
        names = set()
        for name, field in self.fields.items():
            full = self.add_prefix(name)
            widget = field.widget
            if isinstance(widget, forms.MultiWidget):
                names |= {full + suffix for suffix in getattr(widget, "widgets_names", ())}
            names.add(full)
        return names
