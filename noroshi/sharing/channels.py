"""Which label leaves by which door, as a table (architecture, section 2, "Channels")."""

from __future__ import annotations

from enum import Enum

from noroshi.sharing.labels import Sensitivity


class Channel(Enum):
    """A door through which a thing leaves."""

    PAGE = "page"
    DOWNLOAD = "download"
    API = "api"
    SEARCH = "search"
    MAIL = "mail"
    PUBLIC_FEED = "public_feed"


class Passage(Enum):
    """What may go through a door."""

    FULL = "full"  # the content
    NOTICE = "notice"  # only that there is something to read, with its label and a link
    NEVER = "never"


_F, _N, _X = Passage.FULL, Passage.NOTICE, Passage.NEVER

# INTERNAL mail stays inside the team's own organisation, so it may carry its text.
# AMBER and RED leave as a notice until mail can be encrypted to the reader's own key.
TABLE: dict[Sensitivity, dict[Channel, Passage]] = {
    Sensitivity.INTERNAL: {
        Channel.PAGE: _F, Channel.DOWNLOAD: _F, Channel.API: _F, Channel.SEARCH: _F,
        Channel.MAIL: _F, Channel.PUBLIC_FEED: _X,
    },
    Sensitivity.RED: {
        Channel.PAGE: _F, Channel.DOWNLOAD: _F, Channel.API: _X, Channel.SEARCH: _F,
        Channel.MAIL: _N, Channel.PUBLIC_FEED: _X,
    },
    Sensitivity.AMBER_STRICT: {
        Channel.PAGE: _F, Channel.DOWNLOAD: _F, Channel.API: _F, Channel.SEARCH: _F,
        Channel.MAIL: _N, Channel.PUBLIC_FEED: _X,
    },
    Sensitivity.AMBER: {
        Channel.PAGE: _F, Channel.DOWNLOAD: _F, Channel.API: _F, Channel.SEARCH: _F,
        Channel.MAIL: _N, Channel.PUBLIC_FEED: _X,
    },
    Sensitivity.GREEN: {
        Channel.PAGE: _F, Channel.DOWNLOAD: _F, Channel.API: _F, Channel.SEARCH: _F,
        Channel.MAIL: _F, Channel.PUBLIC_FEED: _X,
    },
    Sensitivity.CLEAR: {
        Channel.PAGE: _F, Channel.DOWNLOAD: _F, Channel.API: _F, Channel.SEARCH: _F,
        Channel.MAIL: _F, Channel.PUBLIC_FEED: _F,
    },
}  # fmt: skip


def passage(sensitivity: Sensitivity | str, channel: Channel) -> Passage:
    """What of a thing with this sensitivity may leave by this channel."""
    return TABLE[Sensitivity(sensitivity)][channel]
