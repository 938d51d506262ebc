"""Traffic Light Protocol 2.0 labels as documents and people write them (FIRST, TLP 2.0)."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from noroshi.core.errors import Malformed, gettext_noop

TlpLabel = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
LABELS: tuple[TlpLabel, ...] = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


def read(text: str) -> TlpLabel:
    """The TLP 2.0 label in ``text``: any case, full-width, with or without ``TLP:``.

    WHITE of TLP 1.0 is CLEAR. Raises ``Malformed`` for anything else.
    """
    label = unicodedata.normalize("NFKC", text).strip().upper()
    label = re.sub(r"^TLP\s*[:_-]?\s*", "", label)
    label = re.sub(r"^AMBER\s*[+_ -]\s*STRICT$", "AMBER+STRICT", label)
    label = "CLEAR" if label == "WHITE" else label
    if label not in LABELS:
        raise Malformed("", gettext_noop("“%(text)s” is not a TLP label."), text=text[:40])
    return label
