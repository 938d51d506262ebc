"""Small pieces that several components are made of."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django.template import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from noroshi.ui.components.registry import NOTHING
from noroshi.ui.shapes import Text


def html(template: str, *values: Text, **named: Text) -> SafeString:
    """``format_html`` for the thousand pieces of a page: the same, without its detours."""
    safe = {name: escaped(value) for name, value in named.items()}
    return SafeString(template.format(*map(escaped, values), **safe))


def escaped(value: Text) -> str:
    """Text from outside with its markup made harmless; what a component made, as it is."""
    kind = type(value)
    if kind is SafeString:
        return value  # type: ignore[return-value]  # a SafeString is a str
    return escape(value) if kind is str else conditional_escape(value)  # type: ignore[arg-type]


def joined(pieces: Iterable[Text]) -> SafeString:
    return SafeString("".join(map(escaped, pieces)))


def spans(pieces: Iterable[Text]) -> SafeString:
    return joined(html("<span>{}</span>", piece) for piece in pieces if piece != "")


def lang_attribute(lang: str) -> SafeString:
    return html(' lang="{}"', lang) if lang else NOTHING


def csrf_input(context: Context) -> SafeString:
    token = context.get("csrf_token")
    if not token or token == "NOTPROVIDED":  # noqa: S105 - Django's own word for no token
        return NOTHING
    return html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)
