"""An object of a JSON document together with its place in the document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats import jsontext


class Node:
    """A JSON object at ``where``: what is absent reads as empty, wrong types are refused."""

    __slots__ = ("value", "where")

    def __init__(self, value: object, where: str = "") -> None:
        if not isinstance(value, dict):
            raise Malformed(where, gettext_noop("An object is expected here."))
        self.value: dict[str, object] = value
        self.where = where

    def __contains__(self, name: str) -> bool:
        return self.value.get(name) is not None

    def at(self, *steps: str | int) -> str:
        """The pointer to something inside this object."""
        return "/".join(str(step) for step in (self.where, *steps) if step != "")

    def text(self, name: str) -> str:
        """The text under ``name`` without blanks around it."""
        value = self.value.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Malformed(self.at(name), gettext_noop("A text is expected here."))
        return value.strip()

    def required_text(self, name: str) -> str:
        """The text under ``name``; raises ``Malformed`` when it is empty or absent."""
        value = self.text(name)
        if not value:
            raise Malformed(self.at(name), gettext_noop("This is missing."))
        return value

    def scalar(self, name: str) -> str:
        """The text or number under ``name`` as a text."""
        value = self.value.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return self.text(name)

    def node(self, name: str) -> Node:
        """The object under ``name``, an empty one when absent."""
        value = self.value.get(name)
        return Node({} if value is None else value, self.at(name))

    def nodes(self, name: str) -> Iterator[Node]:
        """The objects of the list under ``name``."""
        for index, value in enumerate(self._list(name)):
            yield Node(value, self.at(name, index))

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of the list under ``name``."""
        texts = []
        for index, value in enumerate(self._list(name)):
            if not isinstance(value, str):
                raise Malformed(self.at(name, index), gettext_noop("A text is expected here."))
            texts.append(value.strip())
        return tuple(texts)

    def moment(self, name: str) -> datetime | None:
        """The point in time under ``name`` (ISO 8601, UTC where no zone is given), or ``None``."""
        text = self.text(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Malformed(
                self.at(name), gettext_noop("“%(text)s” is not a point in time."), text=text[:40]
            ) from None

    def _list(self, name: str) -> list[object]:
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise Malformed(self.at(name), gettext_noop("A list is expected here."))
        return value


def document(raw: bytes) -> Node:
    """The JSON object that ``raw`` holds; raises ``Malformed`` when it is anything else."""
    return Node(jsontext.decode(raw))
