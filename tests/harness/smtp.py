"""A real SMTP server on loopback that keeps what it is sent, and can be told to say no."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class PostOffice:
    """The mails that arrived. ``answer`` (such as ``450 later``) is given to recipients in place of 250."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    taken_for: list[list[str]] = field(default_factory=list)  # the addresses of each envelope
    answer: str = ""

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = cast(bytes, envelope.original_content)
        self.raw.append(raw)
        self.taken_for.append(list(envelope.rcpt_tos))
        self.received.append(message_from_bytes(raw, policy=policy.default))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address, oldest first."""
        return [mail for mail in self.received if address in str(mail["To"])]


def text_of(mail: EmailMessage) -> str:
    """The body as a reader's program shows it: soft breaks joined (RFC 3676, DelSp=yes)."""
    lines: list[str] = []
    joins = False
    for raw in mail.get_content().replace("\r\n", "\n").rstrip("\n").split("\n"):
        line = raw.removeprefix(" ")
        soft = line.endswith(" ")
        line = line[:-1] if soft else line
        if joins:
            lines[-1] += line
        else:
            lines.append(line)
        joins = soft
    return "\n".join(lines)


def _free_port() -> int:
    with socket.socket() as probe:  # aiosmtpd's own start-up check cannot follow port 0
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(settings: Any) -> Iterator[PostOffice]:
    """Start a server, point the settings at it, stop it at the end."""
    office = PostOffice(port=_free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        yield office
    finally:
        controller.stop()
