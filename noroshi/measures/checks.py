"""Checks of what a person enters: an order, an answer, its files.

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
    """A file on its way in; ``raw`` may read it from disk each time, so read it once."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def raw(self) -> bytes: ...


def checked_operators(team: Team, operators: Iterable[Person]) -> list[Person]:
    """The operators, each once; all must be in the team now."""
    people = {person.pk: person for person in operators}
    if not people:
        raise Malformed("operators", gettext_noop("Choose at least one operator."))
    if people_in(team).filter(pk__in=people).count() != len(people):
        raise Malformed("operators", gettext_noop("Every operator must be in your team now."))
    return list(people.values())


def check_order(kind: str, text: str, due_at: datetime) -> None:
    """The order has a known kind, says in words what to do, and is due in the future."""
    if kind not in Kind.values:
        raise Malformed(
            "kind", gettext_noop("Choose one of: %(known)s."), known=", ".join(Kind.values)
        )
    check_text("text", text, gettext_noop("Say what the operator is to do."))
    check_due(due_at)


def check_due(due_at: datetime) -> None:
    """The due time lies in the future."""
    if due_at <= clock.now():
        raise Malformed("due_at", gettext_noop("Choose a time that is still to come."))


def check_text(where: str, text: str, sentence: str) -> None:
    """The text is not empty; ``sentence`` asks for it."""
    if not text.strip():
        raise Malformed(where, sentence)


def checked_what(what: str) -> What:
    """The answer as one of started, done and cannot."""
    if what not in What.values:
        raise Malformed(
            "what", gettext_noop("Choose one of: %(known)s."), known=", ".join(What.values)
        )
    return What(what)


def check_answer(
    what: What, text: str, new_version: str, files: Sequence[UploadedFile], reason: str
) -> None:
    """Done comes with something to verify it by, cannot with a reason."""
    if reason and reason not in Reason.values:
        raise Malformed(
            "reason", gettext_noop("Choose one of: %(known)s."), known=", ".join(Reason.values)
        )
    if what is What.DONE and not (text.strip() or new_version.strip() or files):
        raise Malformed("text", NOTHING_TO_VERIFY)
    if what is What.CANNOT and not (reason or text.strip()):
        raise Malformed("reason", gettext_noop("Say why, so that another way can be found."))


def checked_files(uploads: Sequence[UploadedFile]) -> Sequence[UploadedFile]:
    """The files; not too many, and none too large."""
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
