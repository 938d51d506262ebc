"""Every area's mail template keeps the contract of ``exchange.mail.letters``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import noroshi

PACKAGE = Path(noroshi.__file__).parent
INCLUDED = re.compile(r'{% include "([^"]+)"')


def source(name: str) -> str:
    """The template and what it includes."""
    (path,) = PACKAGE.glob(f"*/templates/{name}")
    text = path.read_text()
    return text + "".join(source(included) for included in INCLUDED.findall(text))


PATHS = sorted(PACKAGE.glob("*/templates/*/mail/*.txt"))
INCLUDES = {name for path in PATHS for name in INCLUDED.findall(path.read_text())}
MAILS = [
    name
    for path in PATHS
    if (name := "/".join(path.parts[-3:])) not in INCLUDES and name != "sharing/mail/frame.txt"
]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_begins_with_a_subject_and_an_empty_line(name: str) -> None:
    (path,) = PACKAGE.glob(f"*/templates/{name}")
    lines = path.read_text().split("\n")
    assert lines[0].strip() and not lines[1].strip()


# After these nothing is left to do, and an operator without an account could open no page.
LEAD_NOWHERE = {"measures/mail/verified.txt", "measures/mail/withdrawn.txt"}


@pytest.mark.parametrize("name", sorted(set(MAILS) - LEAD_NOWHERE))
def test_a_mail_leads_to_the_page(name: str) -> None:
    assert "{{ link }}" in source(name)
