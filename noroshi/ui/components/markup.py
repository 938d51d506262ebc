"""Small pieces that several components are made of."""

from __future__ import annotations

from collections.abc import Iterable

from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from noroshi.ui.components.registry import NOTHING
from noroshi.ui.shapes import Text


def joined(pieces: Iterable[Text]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def spans(pieces: Iterable[Text]) -> SafeString:
    return format_html_join("", "<span>{}</span>", ((piece,) for piece in pieces if piece != ""))


def lang_attribute(lang: str) -> SafeString:
    return format_html(' lang="{}"', lang) if lang else NOTHING


def csrf_input(context: Context) -> SafeString:
    token = context.get("csrf_token")
    if not token or token == "NOTPROVIDED":  # noqa: S105 - Django's own word for no token
        return NOTHING
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)
