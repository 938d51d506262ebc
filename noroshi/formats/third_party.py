"""Calls into libraries that read foreign documents: any exception becomes ``Malformed``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from noroshi.core.errors import Malformed, NoroshiError, gettext_noop


@contextmanager
def contain_errors(what: str) -> Iterator[None]:
    """Turn every exception inside into ``Malformed``, ``SystemExit`` and ``RecursionError`` too."""
    try:
        yield
    except NoroshiError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  # this is the place for it
        raise Malformed(
            "",
            gettext_noop("%(what)s cannot be read (%(reason)s)."),
            what=what,
            reason=type(error).__name__,
        ) from None
