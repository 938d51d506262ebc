"""The people of the tests in a new instance: ``python -m tests.journeys.cast ja``.

Runs as a program of its own, so that it writes the instance's real database file. Run again on
the same folder it only changes the language in which everybody reads.
"""

from __future__ import annotations

import os
import sys

import django


def fill(language: str) -> None:
    """Everybody has the same password."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "noroshi.config.settings"
    django.setup()
    from django.contrib.auth.hashers import make_password

    from noroshi.config import serving
    from noroshi.directory.models import Person
    from tests.harness.people import PASSWORD, make_world

    serving.prepare()
    if not Person.objects.exists():
        make_world()
        Person.objects.update(password=make_password(PASSWORD))
    Person.objects.update(language=language)


if __name__ == "__main__":
    fill(sys.argv[1])
