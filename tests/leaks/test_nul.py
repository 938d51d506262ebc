"""No text with the character NUL gets in: every door says no, on both databases.

PostgreSQL keeps no NUL, and our SQLite refuses one, too (``core.sqlite``): a door that lets one
through to a query or a row fails here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.harness.examples import EXAMPLES
from tests.harness.routes import all_routes
from tests.harness.sweep import Sweep
from tests.harness.writes import Writes
from tests.leaks.conftest import Walked, report


def with_nul(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The form once for each of its texts, with NUL in that one."""
    for name, value in body.items():
        if isinstance(value, str):
            yield {**body, name: f"a\0{value}"}
        elif isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            yield {**body, name: [*value, "a\0b"]}


def test_no_form_and_no_operation_takes_a_text_with_nul(walked: Walked) -> None:
    sweep = Sweep(walked.made)
    writes = Writes(sweep, walked.everybody())
    for route in all_routes():
        write = EXAMPLES[route.key].write
        if write is None:
            continue
        by, url = writes.readers[write.by], route.url(write.at(walked.made))
        for body in with_nul(write.body(walked.made)):
            for value in body.values():
                if isinstance(value, SimpleUploadedFile):
                    value.seek(0)
            form = not route.is_api or write.multipart
            sent = body if form else json.dumps(body).encode()
            answer = writes.send(route, by, route.method or "POST", url, sent, None)
            if answer.status != 400 or sweep.statements:
                sweep.fault(route, by, f"NUL in {body} is answered {answer.status}")
    assert not sweep.faults, report(sweep)
    assert writes.requests > 100
