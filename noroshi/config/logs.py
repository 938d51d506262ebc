"""Log lines: every event is a single line, whatever control characters its message holds.

No line holds a secret: only the id of a link stays, which shows whose it was.
"""

from __future__ import annotations

import copy
import logging
import re

# C0, DEL, C1, line and paragraph separators, and the bidi controls that reorder what follows.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Secrets, which a path carries into messages about refused requests (rule 7): what follows an id
# and a ~ (mailed links, links to a new password), an invitation's, and a token for the API.
_SECRET = re.compile(
    r"([A-Z]{1,3}-[0-9A-Z]{8,12}(?:~|%7[Ee])|invite_|noroshi_(?=[0-9A-Za-z_-]{24}))[0-9A-Za-z_-]+"
)


class LineFormatter(logging.Formatter):
    """Time, level, logger, message, with a trace-back folded into the same line.

    A refused request has no trace-back: nothing of ours failed, and wrong requests would fill the log.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        if record.levelno < logging.ERROR or record.name.startswith("django.security."):
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        line = _SECRET.sub(r"\1…", super().format(record))
        return _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", line)
