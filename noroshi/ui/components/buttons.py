"""Buttons, and the dialog for what hurts."""

from __future__ import annotations

from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from noroshi.ui.components.badges import icon
from noroshi.ui.components.markup import csrf_input, html
from noroshi.ui.components.registry import register
from noroshi.ui.shapes import Text


@register.simple_tag
def link_button(label: Text, url: str, icon_name: str = "", primary: bool = False) -> SafeString:
    """A link that looks like a button: goes somewhere, changes nothing."""
    return html(
        '<a class="btn{}" href="{}">{}{}</a>',
        " primary" if primary else "",
        url,
        icon(icon_name) if icon_name else "",
        label,
    )


@register.simple_tag(takes_context=True)
def post_button(
    context: Context,
    label: Text,
    url: str,
    icon_name: str = "",
    primary: bool = False,
    name: str = "",
    value: str = "",
) -> SafeString:
    """A form of one button: does what it says at ``url``."""
    return html(
        '<form method="post" action="{}">{}<button class="btn{}"{}>{}{}</button></form>',
        url,
        csrf_input(context),
        " primary" if primary else "",
        html(' name="{}" value="{}"', name, value) if name else "",
        icon(icon_name) if icon_name else "",
        label,
    )


@register.simple_tag
def opens(dialog_id: str, label: Text, icon_name: str = "", tone: str = "") -> SafeString:
    """The control that opens ``{% dialog %}``: a link, so it works without JavaScript too."""
    return html(
        '<a class="btn{}" href="#{}" data-opens role="button">{}{}</a>',
        f" {tone}" if tone else "",
        dialog_id,
        icon(icon_name) if icon_name else "",
        label,
    )


@register.simple_block_tag(takes_context=True)
def dialog(
    context: Context,
    content: str,
    dialog_id: str,
    title: Text,
    verb: Text,
    url: str,
    tone: str = "danger",
) -> str:
    """For what hurts: says what happens to whom, with the verb on its button."""
    return render_to_string(
        "ui/parts/dialog.html",
        {
            "content": content,
            "id": dialog_id,
            "title": title,
            "verb": verb,
            "url": url,
            "tone": tone,
            "csrf": csrf_input(context),
        },
    )
