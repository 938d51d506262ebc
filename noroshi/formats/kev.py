"""CISA's Known Exploited Vulnerabilities as its CVE container names them."""

from __future__ import annotations

from datetime import date

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.formats.drafts import Kev
from noroshi.formats.node import Node


def read_entry(content: Node) -> Kev:
    """The entry in a metric of the type ``kev`` (``dateAdded``, ``reference``).

    Raises ``Malformed`` when the date is missing or is none.
    """
    text = content.required_text("dateAdded")
    try:
        added_on = date.fromisoformat(text[:10])
    except ValueError:
        raise Malformed(
            content.at("dateAdded"), gettext_noop("“%(text)s” is not a date."), text=text[:40]
        ) from None
    return Kev(added_on, content.text("reference"))
