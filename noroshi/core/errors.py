"""The four ways in which Noroshi says no, and nothing else is caught by pages or API.

Messages are English source texts with named placeholders; ``values`` fills them.
They are marked with :func:`gettext_noop` where they are written and translated where
they are shown, so this module and ``formats`` need no Django.
"""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark ``message`` for the translation catalogue and return it unchanged."""
    return message


class NoroshiError(Exception):
    """Something Noroshi says no to: ``message`` with ``values`` filled in is the sentence shown."""

    status = 500

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message, values)
        self.message = message
        self.values: dict[str, object] = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class Malformed(NoroshiError):
    """Their input cannot be understood; ``where`` points at the place (``objects/3/created``)."""

    status = 400

    def __init__(self, where: str, message: str, /, **values: object) -> None:
        super().__init__(message, **values)
        self.where = where

    def __str__(self) -> str:
        sentence = super().__str__()
        return f"{self.where}: {sentence}" if self.where else sentence


class Refused(NoroshiError):
    """Our rule forbids it now; the message is a sentence for the person."""

    status = 409


class Forbidden(Refused):
    """The reader sees the thing, but this step is not theirs to take."""

    status = 403


class NotFound(NoroshiError):
    """Not there, or not for this reader: the two are never told apart."""

    status = 404

    def __init__(
        self,
        message: str = gettext_noop("This page does not exist, or is not for you."),
        /,
        **values: object,
    ) -> None:
        super().__init__(message, **values)


class Unavailable(NoroshiError):
    """Another system does not answer; ``retry`` says whether trying again may help."""

    status = 503

    def __init__(self, message: str, /, *, retry: bool = True, **values: object) -> None:
        super().__init__(message, **values)
        self.retry = retry
