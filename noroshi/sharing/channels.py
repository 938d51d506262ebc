"""The channels by which a thing leaves, and which label may leave by which, as a table (ADR 0003).

Every door asks this table: pages, files and programs through ``Viewer.channels`` in the policy,
quick search, and the outbox with whoever writes what is sent. A new door is a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from noroshi.directory import viewer
from noroshi.sharing.labels import Sensitivity


class Passage(Enum):
    """How much of a thing may leave by a channel. Each holds everything that the next one holds."""

    WHOLE = "full"  # the word of the release register and the API since the first release
    TITLE = "title"  # title and summary
    NOTICE = "notice"  # number, label and link
    BARE = "bare"  # that there is something, and nothing of what
    NEVER = "never"


W, T, N, B, X = FROM_WHOLE = tuple(Passage)


@dataclass(frozen=True, slots=True)
class Channel:
    """A door through which a thing leaves: what it is for, and what of each label passes.

    Where a thing opens whole or not at all (a page, a file, an answer of the API), the door is shut
    for every passage but ``WHOLE``.
    """

    name: str
    purpose: str
    passages: dict[Sensitivity, Passage]


def _channel(name: str, purpose: str, *passages: Passage) -> Channel:
    return Channel(name, purpose, dict(zip(Sensitivity, passages, strict=True)))


PAGE: Final = viewer.PAGE
DOWNLOAD: Final = "download"
PRINT: Final = "print"
API: Final = viewer.API
SEARCH: Final = "search"
MAIL: Final = "mail"
PUBLIC_FEED: Final = "public_feed"

# INTERNAL mail stays inside the team's own organisation, so it may carry its text. AMBER and RED
# leave as a notice until mail can be encrypted to the reader's own key. No program reads RED.
#                                                   INTERNAL RED AMBER+STRICT AMBER GREEN CLEAR
TABLE: Final[dict[str, Channel]] = {
    channel.name: channel
    for channel in (
        _channel(PAGE, "a page after signing in", W, W, W, W, W, W),
        _channel(DOWNLOAD, "a file, an export", W, W, W, W, W, W),
        _channel(PRINT, "a PDF to print", W, W, W, W, W, W),
        _channel(API, "an answer to a program with a token", W, X, W, W, W, W),
        _channel(SEARCH, "a hit of quick search", W, W, W, W, W, W),
        _channel(MAIL, "a mail, and the page behind its link", W, N, N, N, W, W),
        _channel(PUBLIC_FEED, "a feed that anybody may fetch", X, X, X, X, X, W),
    )
}


def passage(sensitivity: Sensitivity | str, channel: str) -> Passage:
    """How much of a thing with this sensitivity may leave by this channel."""
    return TABLE[channel].passages[Sensitivity(sensitivity)]


def least(sensitivity: Sensitivity | str, channels: Iterable[str]) -> Passage:
    """How much of it may leave by all of these channels, passed one after the other."""
    passages = [passage(sensitivity, channel) for channel in channels]
    return max(passages, key=FROM_WHOLE.index, default=Passage.WHOLE)


def shut_to(channels: Iterable[str], needed: Passage) -> set[Sensitivity]:
    """The sensitivities of which one of these channels lets less than ``needed`` through."""
    enough = FROM_WHOLE[: FROM_WHOLE.index(needed) + 1]
    return {
        sensitivity
        for channel in channels
        for sensitivity, passage in TABLE[channel].passages.items()
        if passage not in enough
    }
