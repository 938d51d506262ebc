"""The text of a mail: the area's own where the channel table lets the whole through, else less.

A template's first line is the subject, then an empty line, then the body. Its context is the
notice's ``context`` (a string that is a whole ISO 8601 moment is written in the reader's
language and zone), ``link``, ``no_account`` (the link needs no signing in), ``to`` and ``team``.
The frame adds the label above and below, and to the subject. Where the table lets only the title
through, the subject of the area's template goes alone; a bare mail has no label, number or link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context, Engine
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from noroshi.core.errors import Refused, gettext_noop
from noroshi.directory.areas import kind_named
from noroshi.sharing import links
from noroshi.sharing.channels import Passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import OutboxEntry
from noroshi.ui import times

TITLE = "sharing/mail/title"
NOTICE = "sharing/mail/notice"
BARE = "sharing/mail/bare"
FRAME = "sharing/mail/frame"

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person, ready to send."""

    to_name: str
    to_address: str
    subject: str
    body: str
    message_id: str
    thread_id: str = ""  # of the thing it is about: mail programs show such mails together


def letter_for(entry: OutboxEntry, passage: Passage) -> Letter:
    """The mail of an outbox entry in its reader's language and time zone.

    Raises ``Refused`` when the text is not a subject, an empty line and a body.
    """
    person = entry.person
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        text = _text_of(entry, passage)
        subject, _empty, body = text.partition("\n\n")
        if "\n" in subject or not subject or not body.strip():
            raise Refused(gettext_noop("The mail has no subject line followed by an empty line."))
        sensitivity = Sensitivity(entry.label.sensitivity)
        bare = passage is Passage.BARE
        label = "" if bare or sensitivity is Sensitivity.INTERNAL else sensitivity.text
        meaning = "" if bare else sensitivity.label
        frame = {"label": label, "meaning": meaning, "instance": settings.NOROSHI_NAME}
        framed = _render(FRAME, {**frame, "body": body.strip("\n")})
        name = str(person)
    host = urlsplit(settings.NOROSHI_URL).hostname or "localhost"
    return Letter(
        to_name=name,
        to_address=person.mail,
        subject=f"[{label}] {subject}" if label else subject,
        body=framed.strip("\n") + "\n",
        message_id=f"<{entry.public_id}@{host}>",
        thread_id="" if bare else f"<{entry.thing_id}@{host}>",
    )


def link_of(entry: OutboxEntry) -> str:
    """The absolute address of the page, with the link's secret where it has one."""
    secret = links.secret_of(entry.link) if entry.link else ""
    return settings.NOROSHI_URL + entry.path.replace("{secret}", secret)


def _text_of(entry: OutboxEntry, passage: Passage) -> str:
    """Subject and body with as much as may pass. Raises ``ValueError`` where nothing may."""
    link = {"link": link_of(entry), "no_account": entry.link is not None}
    if passage is Passage.BARE:
        return _render(BARE, {"link": f"{settings.NOROSHI_URL}/"})
    if passage is Passage.NOTICE:
        kind = kind_named(entry.thing_kind)  # nothing else of the thing is in the mail
        word = (kind and kind.mail_word) or _("message")
        return _render(NOTICE, {**link, "kind": word})
    if passage not in (Passage.WHOLE, Passage.TITLE):
        raise ValueError(f"no mail is written for {passage}")
    context = {name: _localized(value) for name, value in entry.context.items()}
    text = _render(
        entry.template, {**context, **link, "to": str(entry.person), "team": str(entry.label.owner)}
    )
    if passage is Passage.WHOLE:
        return text
    title = text.partition("\n\n")[0]
    return _render(TITLE, {**link, "title": title, "summary": context.get("summary", "")})


def _localized(value: Any) -> Any:
    """Moments in the reader's language and zone; everything else as it is."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return times.absolute(datetime.fromisoformat(value))
    if isinstance(value, list):
        return [_localized(item) for item in value]
    return value


def _render(name: str, context: dict[str, Any]) -> str:
    """The template as plain text, without HTML escapes and with at most one blank line in a row."""
    template = Engine.get_default().get_template(f"{name}.txt")
    text = template.render(Context(context, autoescape=False)).replace("\r\n", "\n")
    return re.sub(r"\n[ \t]*(?:\n[ \t]*)+\n", "\n\n", text).strip("\n") + "\n"
