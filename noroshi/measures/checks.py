"""Whether what was entered can be taken: an order, an answer, its files.

Each raises ``Malformed`` with the field as ``where``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from noroshi.core import clock
from noroshi.core.errors import Malformed, gettext_noop
from noroshi.core.files import clean_name
from noroshi.directory.models import Person, Team
from noroshi.directory.queries import people_in
from noroshi.measures.models import Kind, Reason, What

MAX_FILES = 10
MAX_FILE_BYTES = 25 * 1024 * 1024
NOTHING_TO_VERIFY = gettext_noop(
    "Give the new version, a line or a file, so that another person can verify it."
)


class UploadedFile(Protocol):
    """A file on its way in; ``raw`` may read it from disk each time, so ask once."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def raw(self) -> bytes: ...


def checked_operators(team: Team, operators: Iterable[Person]) -> list[Person]:
    """Each operator once; all are in the team now."""
    wanted = {person.pk: person for person in operators}
    if not wanted:
        raise Malformed("operators", gettext_noop("Choose at least one operator."))
    if people_in(team).filter(pk__in=wanted).count() != len(wanted):
        raise Malformed("operators", gettext_noop("Every operator must be in your team now."))
    return list(wanted.values())


def check_order(kind: str, text: str, due_at: datetime) -> None:
    """What is to be done, in words, until a time to come."""
    if kind not in Kind.values:
        raise Malformed(
            "kind", gettext_noop("Choose one of: %(known)s."), known=", ".join(Kind.values)
        )
    check_text("text", text, gettext_noop("Say what the operator is to do."))
    check_due(due_at)


def check_due(due_at: datetime) -> None:
    """A time to come."""
    if due_at <= clock.now():
        raise Malformed("due_at", gettext_noop("Choose a time that is still to come."))


def check_text(where: str, text: str, sentence: str) -> None:
    """Not empty; ``sentence`` asks for it."""
    if not text.strip():
        raise Malformed(where, sentence)


def checked_what(what: str) -> What:
    """Started, done or cannot."""
    if what not in What.values:
        raise Malformed(
            "what", gettext_noop("Choose one of: %(known)s."), known=", ".join(What.values)
        )
    return What(what)


def check_answer(
    said: What, text: str, new_version: str, given: Sequence[UploadedFile], reason: str
) -> None:
    """Done comes with something to verify it by, cannot with a reason."""
    if reason and reason not in Reason.values:
        raise Malformed(
            "reason", gettext_noop("Choose one of: %(known)s."), known=", ".join(Reason.values)
        )
    if said is What.DONE and not (text.strip() or new_version.strip() or given):
        raise Malformed("text", NOTHING_TO_VERIFY)
    if said is What.CANNOT and not (reason or text.strip()):
        raise Malformed("reason", gettext_noop("Say why, so that another way can be found."))


def checked_files(uploads: Sequence[UploadedFile]) -> Sequence[UploadedFile]:
    """Not too many files and none too large."""
    if len(uploads) > MAX_FILES:
        raise Malformed("files", gettext_noop("Up to %(count)d files."), count=MAX_FILES)
    for upload in uploads:
        if upload.size > MAX_FILE_BYTES:
            raise Malformed(
                "files",
                gettext_noop("%(name)s is larger than %(size)d MB."),
                name=clean_name(upload.name),
                size=MAX_FILE_BYTES // (1024 * 1024),
            )
    return uploads
