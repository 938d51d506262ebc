"""One event is one line: control characters in a message cannot start a second one."""

from __future__ import annotations

import logging
import re

# C0, DEL, C1, line and paragraph separators, and the bidi controls that reorder what follows.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# The secret of a mailed link, which its path carries into messages about refused requests (rule 7).
_SECRET = re.compile(r"(L-[0-9A-Z]{8}(?:~|%7E))[0-9A-Za-z]+")


class LineFormatter(logging.Formatter):
    """Time, level, logger, message, with a trace-back folded into the same line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        line = _SECRET.sub(r"\1…", super().format(record))
        return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", line)
