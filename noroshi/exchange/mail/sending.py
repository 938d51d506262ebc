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
        message = super().message()
        message.set_param("format", "flowed")
        message.set_param("delsp", "yes")
        # With its name, the header folds before a line is too long; without it, as in Django, the
        # first line can be empty.
        message.replace_header("Subject", Header(self.subject, "utf-8", header_name="Subject"))  # type: ignore[arg-type]  # a Header is what compat32 folds itself
        return message


def send(letter: Letter) -> None:
    """Hand a letter to the SMTP server.

    Raises ``Refused`` for a header that holds a line break, ``Unavailable`` when the server did
    not take it (``retry`` is false when it refused this address or this text for good).
    """
    headers = {"Message-ID": letter.message_id, "Auto-Submitted": "auto-generated"}
    if letter.thread_id:
        headers["References"] = letter.thread_id
    sender = formataddr(parseaddr(settings.DEFAULT_FROM_EMAIL))
    to = formataddr((letter.to_name, _in_ascii(letter.to_address)))
    for name, value in headers.items():
        _check_header(name, value)
    _check_header("Subject", letter.subject)
    _check_header("From", settings.DEFAULT_FROM_EMAIL)
    _check_header("To", f"{letter.to_name} {letter.to_address}")
    message = _FlowedMessage(letter.subject, flowed(letter.body), sender, [to], headers=headers)
    try:
        EmailBackend().send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        raise _not_taken(error, retry=any(code < 500 for code in codes)) from error
    except smtplib.SMTPDataError as error:
        raise _not_taken(error, retry=error.smtp_code < 500) from error
    except (smtplib.SMTPException, OSError) as error:
        # Also a refused sender or password: the operator of the instance will put it right.
        raise _not_taken(error, retry=True) from error


def _in_ascii(address: str) -> str:
    """The address with its domain as DNS has it, in ASCII.

    Raises ``Refused`` for an address to which no mail can be sent.
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
