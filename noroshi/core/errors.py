"""The ways in which Noroshi says no; pages and API catch these errors and no others.

Messages are English source texts with named placeholders; ``values`` fills them.
They are marked with :func:`gettext_noop` where they are written and translated where
they are shown, so this module and ``formats`` need no Django.
"""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark ``message`` for the translation catalogue and return it unchanged."""
    return message


class NoroshiError(Exception):
    """A refusal: ``message`` with ``values`` filled in is the sentence that people read."""

    status = 500

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message, values)
        self.message = message
        self.values: dict[str, object] = values

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


class Malformed(NoroshiError):
    """Input that cannot be understood; ``where`` points at the place (``objects/3/created``)."""

    status = 400

    def __init__(self, where: str, message: str, /, **values: object) -> None:
        super().__init__(message, **values)
        self.where = where

    def __str__(self) -> str:
        sentence = super().__str__()
        return f"{self.where}: {sentence}" if self.where else sentence


class Refused(NoroshiError):
    """A rule of ours forbids it now; the message is a sentence for the person."""

    status = 409


class Forbidden(Refused):
    """A step that is not theirs to take, though the reader sees the thing."""

    status = 403


class NotFound(NoroshiError):
    """A thing that is not there, or not for this reader: the answer is the same for both."""

    status = 404

    def __init__(
        self,
        message: str = gettext_noop("This page does not exist, or is not for you."),
        /,
        **values: object,
    ) -> None:
        super().__init__(message, **values)


class Unavailable(NoroshiError):
    """Another system that does not answer; ``retry`` says whether trying again may help."""

    status = 503

    def __init__(self, message: str, /, *, retry: bool = True, **values: object) -> None:
        super().__init__(message, **values)
        self.retry = retry
