"""The one place that sends mail: headers checked in our own layer, then SMTP."""

from __future__ import annotations

import re
import smtplib
from email.header import Header
from email.message import Message
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage  # noqa: TID251  # areas post, this place sends
from django.core.mail.backends.smtp import EmailBackend  # noqa: TID251  # the same

from noroshi.core.errors import Refused, Unavailable, gettext_noop
from noroshi.exchange.mail.flowed import flowed
from noroshi.exchange.mail.letters import Letter

# CPython before 3.11.15 lets some of these through (architecture, section 4).
_BREAKS = re.compile("[\r\n\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class _FlowedMessage(EmailMessage):
    def message(self) -> Message:  # type: ignore[override]  # Django's own subclass of Message
        made = super().message()
        made.set_param("format", "flowed")
        made.set_param("delsp", "yes")
        # Told its name, the header is folded before it is too long; Django leaves a first line
        # with nothing on it.
        made.replace_header("Subject", Header(self.subject, "utf-8", header_name="Subject"))  # type: ignore[arg-type]  # a Header is what compat32 folds itself
        return made


def send(letter: Letter) -> None:
    """Hand one letter to the SMTP server.

    Raises ``Refused`` for a header that holds a line break, ``Unavailable`` when the server did
    not take it (``retry`` is false when it said never for this address or this text).
    """
    headers = {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"}
    if letter.thread_id:
        headers["References"] = letter.thread_id
    sender = formataddr(parseaddr(settings.DEFAULT_FROM_EMAIL))
    to = formataddr((letter.to_name, _in_ascii(letter.to_address)))
    for name, value in {
        **headers, "Subject": letter.subject, "From": settings.DEFAULT_FROM_EMAIL,
        "To": f"{letter.to_name} {letter.to_address}",
    }.items():  # fmt: skip
        _check_header(name, value)
    message = _FlowedMessage(letter.subject, flowed(letter.body), sender, [to], headers=headers)
    try:
        EmailBackend().send_messages([message])
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _text in refused.recipients.values()]
        raise _not_taken(refused, retry=any(code < 500 for code in codes)) from refused
    except smtplib.SMTPDataError as refused:
        raise _not_taken(refused, retry=refused.smtp_code < 500) from refused
    except (smtplib.SMTPException, OSError) as down:
        # Also a refused sender or password: the operator of the instance will put it right.
        raise _not_taken(down, retry=True) from down


def _in_ascii(address: str) -> str:
    """The address as a mail server takes it: a domain in letters of its own in the form of DNS.

    Raises ``Refused`` where no server could take it.
    """
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}".encode("ascii").decode()
    except UnicodeError:
        raise Refused(gettext_noop("No mail can be sent to this address.")) from None


def _check_header(name: str, value: str) -> None:
    if _BREAKS.search(value):
        raise Refused(gettext_noop("The mail's %(header)s holds a line break."), header=name)


def _not_taken(error: Exception, *, retry: bool) -> Unavailable:
    return Unavailable(
        gettext_noop("The mail server did not take it: %(answer)s"),
        retry=retry,
        answer=f"{type(error).__name__} {error}"[:200],
    )
