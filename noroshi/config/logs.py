"""One event is one line: control characters in a message cannot start a second one."""

from __future__ import annotations

import logging
import re

# C0, DEL, C1, line and paragraph separators, and the bidi controls that reorder what follows.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class LineFormatter(logging.Formatter):
    """Time, level, logger, message, with a trace-back folded into the same line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", super().format(record))
